"""
What goes to the shop's own people: everything that waits for them, as one message.
"""

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from .messages import Message


class StaffLine(BaseModel):
    """One word to the staff, with what is known of its order when it is told."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    #: Empty where it is about none.
    order_id: str
    #: As in :class:`proactive_notify.StaffWord`.
    subject: str
    text: str
    at: datetime
    #: What the customer was promised, and the day on which it ends; empty where nothing is open.
    promise: str = ""
    until: date | None = None
    #: When the customer hears something if nobody records anything; ``None``: the customer does not.
    speaks_at: datetime | None = None
    #: Types of events that answer it, each with the fields that matter.
    record: tuple[str, ...] = ()


class StaffMessage(Message):
    """
    What transports of the staff get: a text to read, and the same as lines, the most urgent first.

    It is about as many orders as its lines: its own ``order_id`` is empty.
    """

    parts: ClassVar[tuple[str, ...]] = ("subject", "text")

    subject: str
    text: str
    lines: tuple[StaffLine, ...] = ()
