"""
Wires to providers, each one class with one method: ``async def send(message) -> Accepted``. ``Dkim`` signs what goes
over one.

Importing this package loads none of them; each is loaded when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .apprise import AppriseTransport
    from .console import ConsoleTransport
    from .dkim import Dkim
    from .folder import FolderTransport
    from .smtp import SmtpTransport
    from .twilio import TwilioTransport
    from .webhook import WebhookTransport

__all__ = [
    "AppriseTransport",
    "ConsoleTransport",
    "Dkim",
    "FolderTransport",
    "SmtpTransport",
    "TwilioTransport",
    "WebhookTransport",
]


def __getattr__(name: str) -> Any:
    match name:
        case "AppriseTransport":
            module = ".apprise"
        case "ConsoleTransport":
            module = ".console"
        case "Dkim":
            module = ".dkim"
        case "FolderTransport":
            module = ".folder"
        case "SmtpTransport":
            module = ".smtp"
        case "TwilioTransport":
            module = ".twilio"
        case "WebhookTransport":
            module = ".webhook"
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(module, __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
