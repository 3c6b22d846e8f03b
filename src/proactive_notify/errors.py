"""
Every error of the library, as one tree.

::

    ProactiveNotifyError
    ├── UsageError                what the calling program got wrong
    │   ├── NotifierNotOpen       used before ``async with notifier``
    │   ├── NoticeInvalid         a notice class that could not work
    │   ├── TemplateInvalid       a template part that is missing or cannot be rendered
    │   ├── StoreUnusable         the store's URL, file, version or schema
    │   └── MissingExtra          an optional package that is not installed
    ├── EventInvalid              a malformed event, or a known id with other content
    ├── RequeueRefused            a message that must not go again
    ├── SimulationStuck           more than 10,000 steps at one instant
    └── SendError                 a transport's answer, by what to do next
        ├── Transient             surely not handed over: try again later
        ├── Permanent             surely not handed over: never try this again
        ├── Uncertain             perhaps handed over: nobody knows
        └── ChannelRefused        our own credentials or set-up: pause the channel

The docstring is the default message, and it says what to do.
"""

from datetime import timedelta
from inspect import cleandoc


class ProactiveNotifyError(Exception):
    """Something went wrong in proactive_notify."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or cleandoc(type(self).__doc__ or "").partition("\n\n")[0])


class UsageError(ProactiveNotifyError):
    """The calling program asked for something that cannot work."""


class NotifierNotOpen(UsageError):
    """The notifier is not open. Use it inside `async with notifier:`."""


class NoticeInvalid(UsageError):
    """A notice class cannot work as it is declared."""


class TemplateInvalid(UsageError):
    """A template part is missing or cannot be rendered. Run `proactive-notify check`."""


class StoreUnusable(UsageError):
    """The store cannot be used."""


class MissingExtra(UsageError):
    """An optional package is missing. Install it with `pip install "proactive-notify[…]"`."""


class EventInvalid(ProactiveNotifyError):
    """The event is malformed, or its source and id are known with other content."""


class RequeueRefused(ProactiveNotifyError):
    """The message must not go again: somebody would be told twice, or what is no longer so."""


class SimulationStuck(ProactiveNotifyError):
    """More than 10,000 steps were taken at one instant: something re-arms itself without end."""


class SendError(ProactiveNotifyError):
    """
    A transport could not hand a message over.

    Args:
        code: what the provider answered, for example ``550`` or ``21610``.
        retry_after: do not try again before this time has passed.
        is_outage: the provider itself is away or overloaded, so other messages fare no better; the circuit breaker
            counts it. What is wrong with one message or one address is no outage.
    """

    def __init__(
        self, message: str = "", *, code: str = "", retry_after: timedelta | None = None, is_outage: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after
        self.is_outage = is_outage


class Transient(SendError):
    """
    The message was not taken now. It goes again later.

    Args:
        tries: give up after so many tries of this message; ``None``: as the policy says.
    """

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        retry_after: timedelta | None = None,
        is_outage: bool = False,
        tries: int | None = None,
    ) -> None:
        super().__init__(message, code=code, retry_after=retry_after, is_outage=is_outage)
        self.tries = tries


class Permanent(SendError):
    """
    The message will never be taken like this. It goes by the next channel.

    Args:
        suppress: the *address* was refused, so it is not used again on this channel.
        suppress_after: suppress only when the address was refused so many times.
    """

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        retry_after: timedelta | None = None,
        suppress: bool = False,
        suppress_after: int = 1,
    ) -> None:
        super().__init__(message, code=code, retry_after=retry_after)
        self.suppress = suppress
        self.suppress_after = suppress_after


class Uncertain(SendError):
    """The message was perhaps taken. Email goes again under the same Message-ID; SMS waits for a receipt."""


class ChannelRefused(SendError):
    """The provider refused *us* (credentials, sender). The channel pauses and nothing is lost."""
