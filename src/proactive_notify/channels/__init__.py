"""
A medium: which address a customer has on it, which template parts a message has, and which wire takes it.

To add one: make a :class:`Channel` with a :class:`proactive_notify.Message` of your own, a transport, and a function
that finds a customer's address. Template parts are ``templates/<notice>/<channel>.<part>``.

:class:`Sms` is loaded when it is asked for: it knows the numbers of all countries.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .channel import Channel
from .email import Email
from .staff import Staff
from .whatsapp import WhatsApp

if TYPE_CHECKING:
    from .sms import Sms

__all__ = ["Channel", "Email", "Sms", "Staff", "WhatsApp"]


def __getattr__(name: str) -> Any:
    if name == "Sms":
        return import_module(".sms", __name__).Sms
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), "Sms"])
