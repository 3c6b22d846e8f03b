"""
A medium: which address a customer has on it, which template parts a message has, and which wire takes it.

To add one: make a :class:`Channel` with a :class:`proactive_notify.Message` of your own, a transport, and a function
that finds a customer's address. Template parts are ``templates/<notice>/<channel>.<part>``.

:class:`Sms` is loaded when it is asked for: it knows the numbers of all countries.
"""

from typing import TYPE_CHECKING

from .._later import later
from .channel import Channel
from .email import Email
from .staff import Staff
from .whatsapp import WhatsApp

if TYPE_CHECKING:
    from .sms import Sms

__all__ = ["Channel", "Email", "Sms", "Staff", "WhatsApp"]


__getattr__ = later(__name__, Sms=".sms")


def __dir__() -> list[str]:
    return sorted([*globals(), "Sms"])
