"""
What became of a message: a source verifies that a word is a provider's own, and reads it.

To add one: write a class with ``verify()`` and ``parse()``, as :class:`proactive_notify.ports.ReceiptSource` has them.
Importing this package loads none of them; each is loaded when it is asked for.
"""

from typing import TYPE_CHECKING

from .._later import later

if TYPE_CHECKING:
    from .bounces import Bounces
    from .twilio import TwilioReceipts

__all__ = ["Bounces", "TwilioReceipts"]


__getattr__ = later(__name__, Bounces=".bounces", TwilioReceipts=".twilio")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
