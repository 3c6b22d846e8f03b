"""
Messages on the terminal: for the first steps, and for looking at what would be sent.
"""

import os
import re
import sys
from typing import TextIO

from ..domain.messages import Accepted, EmailMessage, Message
from ..errors import Transient

_WIDTH = 78
_BOLD, _FAINT, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
#: Controls (a message must not steer the terminal) and halves of characters; line breaks and tabs may stay.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: Parts that are meant for machines.
_NOT_SHOWN = frozenset({"html"})


class ConsoleTransport:
    """
    Prints each message as a block that a person can read. Every message is taken, whatever its channel.

    Args:
        file: where to; None: standard output, as it is when a message is sent.
    """

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file

    async def send(self, message: Message) -> Accepted:
        """
        Print ``message``.

        Raises:
            Transient: it could not be written, for example into a pipe that nobody reads any more.
        """
        file = self._file or sys.stdout
        encoding = getattr(file, "encoding", None) or "utf-8"
        try:
            block = _block(message, is_coloured=_is_coloured(file))
            file.write(block.encode(encoding, "replace").decode(encoding))
            file.flush()
        except (OSError, ValueError) as error:
            failure = type(error).__name__
        else:
            return Accepted()
        raise Transient(f"The message could not be printed ({failure}).")


def _block(message: Message, *, is_coloured: bool) -> str:
    bold, faint, plain = (_BOLD, _FAINT, _PLAIN) if is_coloured else ("", "", "")
    at = f"{message.at:%Y-%m-%d %H:%M %Z}".rstrip()
    title = _one_line(f"{message.notice} · order {message.order_id} · {at}")
    rule = "-" * max(_WIDTH - len(title) - 4, 2)
    lines = [f"{faint}--{plain} {bold}{title}{plain} {faint}{rule}{plain}"]
    lines += [f"{name + ':':<9}{_one_line(value)}" for name, value in _fields(message)]
    if text := _UNSAFE.sub("", str(getattr(message, "text", ""))).strip("\n"):
        lines += ["", text]
    return "\n".join(lines) + "\n\n"


def _fields(message: Message) -> list[tuple[str, str]]:
    """The address and every short part, in the order of the class."""
    to = message.to
    if isinstance(message, EmailMessage) and message.to_name:
        to = f"{message.to_name} <{message.to}>"
    parts = [part for part in message.parts if part != "text" and part not in _NOT_SHOWN]
    return [("To", to), *((part.capitalize(), str(getattr(message, part, ""))) for part in parts)]


def _one_line(text: str) -> str:
    return _UNSAFE.sub("", " ".join(text.split()))


def _is_coloured(file: TextIO) -> bool:
    return file.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
