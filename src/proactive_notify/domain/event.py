"""
What every fact about an order has in common.
"""

from datetime import datetime
from functools import cached_property
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from .customers import Optional
from .dates import Instant

_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
#: An order's id: at most 200 characters, no line break or other control character.
OrderId = Annotated[str, Field(min_length=1, max_length=200, pattern=rf"^[^{_CONTROL}]+$")]
#: An event's id: as an order's, with room for what the watchdog adds.
EventId = Annotated[str, Field(min_length=1, max_length=300, pattern=rf"^[^{_CONTROL}]+$")]
#: Who says so: a URI reference, so without blanks.
Source = Annotated[str, Field(min_length=1, max_length=200, pattern=rf"^[^\s{_CONTROL}]+$")]


def _web_address(value: str | None) -> str | None:
    if value is not None and not value.lower().startswith(("https://", "http://")):
        raise ValueError("a link must begin with https:// or http://")
    return value


#: An address on the web; ``javascript:`` and its like are refused.
Link = Annotated[Optional, AfterValidator(_web_address)]


class Event(BaseModel):
    """
    A fact about one order.
    """

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True, hide_input_in_errors=True)

    #: The type on the wire, for example ``order.placed``.
    type: ClassVar[str] = ""
    #: Of two facts at the same time the higher rank is the later.
    rank: ClassVar[int] = 50

    order_id: OrderId
    #: Unique together with :attr:`source`; empty until it is recorded.
    id: EventId = ""
    source: Source = ""
    #: When it happened.
    at: Instant | None = None
    #: ``False``: record it, tell nobody.
    notify: bool = True

    @cached_property
    def key(self) -> str:
        """``source`` and ``id`` as one text: who said it and which of their facts."""
        return f"{self.source} {self.id}"

    @property
    def happened_at(self) -> datetime:
        """When it happened; an event that was recorded always knows."""
        if self.at is None:
            raise ValueError("this event was not recorded yet, so it has no time")
        return self.at

    def filled(self, *, id: str, source: str, at: datetime) -> Self:
        """Return the event with what was left out filled in."""
        missing = {k: v for k, v in {"id": id, "source": source, "at": at}.items() if not getattr(self, k)}
        if not missing:
            return self
        copied = self.model_copy(update=missing)
        copied.__dict__.pop("key", None)  # a key that was asked for before is not this one's
        return copied
