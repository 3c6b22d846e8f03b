"""
A medium: which address a customer has on it, which template parts a message has, and which wire takes it.

To add one: make a :class:`Channel` with a :class:`proactive_notify.Message` of your own, a transport, and a function
that finds a customer's address. Template parts are ``templates/<notice>/<channel>.<part>``.
"""

from .channel import Channel
from .email import Email

__all__ = ["Channel", "Email"]
