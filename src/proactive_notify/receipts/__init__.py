"""
What became of a message: a source verifies that a word is a provider's own, and reads it.

To add one: write a class with ``verify()`` and ``parse()``, as :class:`proactive_notify.ports.ReceiptSource` has them.
Importing this package loads none of them; each is loaded when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bounces import Bounces
    from .twilio import TwilioReceipts

__all__ = ["Bounces", "TwilioReceipts"]


def __getattr__(name: str) -> Any:
    match name:
        case "Bounces":
            module = ".bounces"
        case "TwilioReceipts":
            module = ".twilio"
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(module, __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
