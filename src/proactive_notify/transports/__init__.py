"""
Wires to providers, each one class with one method: ``async def send(message) -> Accepted``. ``Dkim`` signs what goes
over one.

Importing this package loads none of them; each is loaded when it is asked for.
"""

from typing import TYPE_CHECKING

from .._later import later

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


__getattr__ = later(
    __name__,
    AppriseTransport=".apprise",
    ConsoleTransport=".console",
    Dkim=".dkim",
    FolderTransport=".folder",
    SmtpTransport=".smtp",
    TwilioTransport=".twilio",
    WebhookTransport=".webhook",
)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
