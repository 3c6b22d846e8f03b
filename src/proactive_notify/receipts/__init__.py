"""
What became of a message: a source verifies that a word is a provider's own, and reads it.

To add one: write a class with ``verify()`` and ``parse()``, as :class:`proactive_notify.ports.ReceiptSource` has them.
"""

from .bounces import Bounces

__all__ = ["Bounces"]
