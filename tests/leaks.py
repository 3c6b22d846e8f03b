"""
No log line and no error may hold a customer's address, her number or a line of what she was sent.

``Leaks`` is a plugin of the whole test run (conftest.py registers it). While a test runs it reads every record that is
logged by us, by asyncio and by the mail client, with the errors that hang on it; every error of ours that is made; and
every error, whoever made it, that a test expects with ``pytest.raises``; each with what it was made from. A test in
which one of them says too much fails when it ends, unless it says why that is right::

    @pytest.mark.says_too_much(reason="…")

``addresses_in`` and ``numbers_in`` do the same for a text, for example for what a process wrote.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Iterator
from functools import wraps
from typing import Any

import pytest

from proactive_notify import Channel, Message, ProactiveNotifyError

#: Where only shops and their servers have addresses. Whoever else has one is a customer.
OURS = ("shop.example", "acme.example", "loja.example", "mail.example")
LOGGERS = ("proactive_notify", "asyncio", "aiosmtplib")
#: A line of a message that is shorter may stand in a log line by chance.
_LONG_ENOUGH = 25
#: So many lines of messages are remembered in one test.
_MOST_LINES = 2_000
#: So many errors wait to be looked at again: what an error was made from is known when it is raised.
_MOST_ERRORS = 32

_ADDRESS = re.compile(r"[\w.+%-]+@((?:[\w-]+\.)+[\w-]+)")
#: E.164 with or without gaps; no offset from UTC and no number in a calculation.
_NUMBER = re.compile(r"(?<![\w.+-])\+[1-9](?:[ -]?\d){7,14}(?!\d)")


def addresses_in(text: str) -> list[str]:
    """The addresses of customers in a text."""
    return [found[0] for found in _ADDRESS.finditer(text) if not is_ours(found[1])]


def is_ours(domain: str) -> bool:
    return any(f".{domain}".endswith(f".{ours}") for ours in OURS)


def numbers_in(text: str) -> list[str]:
    """The telephone numbers in a text."""
    return _NUMBER.findall(text)


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """An error, what it was made from, and what was being handled when it was raised, even if that is not shown."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            waiting += [each.__cause__, each.__context__]
            yield each


class Leaks:
    """What was said in the test that runs, and what of it is too much."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._lines: set[str] = set()
        self._errors: deque[ProactiveNotifyError] = deque()

    # -- what is looked at --------------------------------------------------------------------------------------------

    def look_at(self, what: str, text: str) -> None:
        """Remember what a text says too much."""
        told = [*addresses_in(text), *numbers_in(text)]
        told += [line for line in self._lines if line in text] if len(text) >= _LONG_ENOUGH else []
        if told:
            self.found.append(f"{what} holds {told[0]!r}: {text}")

    def look_at_chain(self, what: str, error: BaseException) -> None:
        for each in chain_of(error):
            self.look_at(f"{what} ({type(each).__name__})", f"{each}")
            for note in getattr(each, "__notes__", ()):
                self.look_at(f"a note of {what}", note)

    def remember(self, error: ProactiveNotifyError) -> None:
        """Look at an error at once, and once more when it has been raised."""
        self.look_at(f"an error ({type(error).__name__})", str(error))
        self._errors.append(error)
        if len(self._errors) > _MOST_ERRORS:
            self.look_at_chain("what an error was made from", self._errors.popleft())

    def remember_message(self, message: Message) -> None:
        """Know the lines of a message when they are seen again."""
        for part in set(message.parts) - {"subject", "html"}:
            lines = {line.strip() for line in str(getattr(message, part)).splitlines()}
            if len(self._lines) < _MOST_LINES:
                self._lines |= {line for line in lines if len(line) >= _LONG_ENOUGH}

    # -- the plugin ---------------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Begin. Nothing is ever taken back: it lasts as long as the process."""
        handler = Listener(self)
        for name in LOGGERS:
            logging.getLogger(name).addHandler(handler)
        logging.getLogger("proactive_notify").setLevel(logging.DEBUG)  # what nobody would read may not say it either
        make_error, compose, expects = ProactiveNotifyError.__init__, Channel.compose, pytest.RaisesExc.matches

        @wraps(make_error)
        def make_error_and_look(error: ProactiveNotifyError, *values: Any, **named: Any) -> None:
            make_error(error, *values, **named)
            self.remember(error)

        @wraps(compose)
        def compose_and_look(channel: Channel, *values: Any, **named: Any) -> Message:
            message = compose(channel, *values, **named)
            self.remember_message(message)
            return message

        @wraps(expects)
        def expects_and_look(expected: Any, error: BaseException | None) -> bool:
            if error is not None:
                self.look_at_chain("an error that was expected", error)
            return expects(expected, error)

        ProactiveNotifyError.__init__ = make_error_and_look  # type: ignore[method-assign]
        Channel.compose = compose_and_look  # type: ignore[method-assign]
        pytest.RaisesExc.matches = expects_and_look  # type: ignore[method-assign,assignment]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        try:
            return (yield)
        finally:
            found = self._taken()
            allowed = item.get_closest_marker("says_too_much")
            if found and not (allowed and allowed.kwargs.get("reason")):
                pytest.fail("\n".join(["a customer could be known from:", *found]), pytrace=False)

    def _taken(self) -> list[str]:
        """What was found, and a clean sheet."""
        while self._errors:
            self.look_at_chain("what an error was made from", self._errors.popleft())
        found, self.found = list(dict.fromkeys(self.found)), []
        self._lines.clear()
        return found


class Listener(logging.Handler):
    """Reads every record, with the errors that hang on it but without the lines of source that they passed."""

    def __init__(self, leaks: Leaks) -> None:
        super().__init__(logging.NOTSET)
        self._leaks = leaks

    def emit(self, record: logging.LogRecord) -> None:
        self._leaks.look_at(f"a log line ({record.name})", record.getMessage())
        if record.exc_info and record.exc_info[1] is not None:
            self._leaks.look_at_chain(f"an error in the log ({record.name})", record.exc_info[1])
