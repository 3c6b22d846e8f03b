"""
Words to the staff by whatever Apprise reaches: Slack, Teams, Telegram, ntfy, Matrix and some hundred others.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from ..domain.messages import Accepted
from ..domain.staffing import StaffMessage
from ..errors import MissingExtra, Transient, UsageError


class AppriseTransport:
    """
    Hands a message to every URL. If one of them does not take it, it goes again to all.

    Apprise's own log lines hold addresses, so they are not written while this calls it.

    Args:
        urls: as Apprise has them, for example ``slack://token/channel``.

    Raises:
        MissingExtra: ``apprise`` is not installed.
        UsageError: there is no URL, or Apprise cannot read one. The text does not repeat it.
    """

    def __init__(self, *urls: str) -> None:
        self._apprise = _apprise()
        if not urls:
            raise UsageError("AppriseTransport needs a URL, like ntfys://ntfy.example/topic.")
        with _silence():
            bad = [number for number, url in enumerate(urls, 1) if not self._apprise.add(url)]
        if bad:
            raise UsageError(f"Apprise cannot read the URL number {bad[0]} of AppriseTransport.")

    @classmethod
    def from_env(cls, *urls: str) -> Self:
        """
        Make a transport from ``PN_STAFF_APPRISE_URLS``, URLs with blanks between them; ``urls`` win.

        Raises:
            UsageError: there is no URL, or Apprise cannot read one.
        """
        return cls(*(urls or os.environ.get("PN_STAFF_APPRISE_URLS", "").split()))

    def __repr__(self) -> str:
        return "AppriseTransport(…)"

    async def send(self, message: StaffMessage) -> Accepted:
        failure = "apprise"
        try:
            with _silence():
                is_taken = await self._apprise.async_notify(
                    body=message.text, title=message.subject, body_format="text"
                )
        except (TypeError, ValueError, OSError, RuntimeError) as error:
            is_taken, failure = False, type(error).__name__
        if is_taken:
            return Accepted()
        raise Transient("Apprise could not hand it over.", code=failure)


@contextmanager
def _silence() -> Iterator[None]:
    log = logging.getLogger("apprise")

    def is_let_through(_: logging.LogRecord) -> bool:
        return False

    log.addFilter(is_let_through)
    try:
        yield
    finally:
        log.removeFilter(is_let_through)


def _apprise() -> Any:
    try:
        import apprise
    except ImportError:
        raise MissingExtra('AppriseTransport needs apprise: pip install "proactive-notify[apprise]"') from None
    with _silence():
        return apprise.Apprise()
