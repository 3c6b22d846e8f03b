"""
What a customer wrote back: a text message to the number that sends for the shop.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from .event import Event, EventId, Source
from .events import CustomerAsked

#: Channels on which people text.
_TEXTED = frozenset({"sms", "whatsapp"})


class Meaning(StrEnum):
    """What a customer's text means for us. Whatever is none of the others is a question to the shop."""

    #: No more on this channel. It moves the order's notices to the next channel; it never silences them.
    STOP = "stop"
    #: Tell me here again.
    START = "start"
    #: Who are you, and how do I stop you? What carriers ask each sender to answer (CTIA).
    HELP = "help"
    #: Where is my order? The engine knows the answer.
    STATUS = "status"
    QUESTION = "question"


class Reply(BaseModel):
    """
    One text of a customer, as the provider handed it to us. Its address and its words are never printed.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    #: The provider's id of this text: the same each time that it is handed to us.
    id: EventId = Field(max_length=90)
    #: The provider, as the source of the events that follow.
    source: Source
    #: ``sms``, ``whatsapp`` …
    channel: str
    #: The customer's address on this channel, for example ``+491711234567``.
    sender: str = Field(min_length=1, repr=False)
    #: The number of ours to which it came.
    to: str = Field(default="", repr=False)
    text: str = Field(default="", repr=False)
    #: ``STOP``, ``START`` or ``HELP`` if the provider took it for that and answered it itself; else empty.
    opt_out_type: str = ""
    #: How many pictures or other files came with it.
    media: int = 0
    #: The provider's id of the message of ours that it answers, where the customer's app says so.
    in_reply_to: str = ""
    #: What else was said, as it came.
    extra: Mapping[str, str] = Field(default={}, repr=False)


def asks_where(event: Event) -> bool:
    """Tell whether an event is the question where the order is, asked by text: the engine answers it by itself."""
    if not isinstance(event, CustomerAsked) or event.channel not in _TEXTED:
        return False
    return (event.model_extra or {}).get("meaning") == Meaning.STATUS
