"""
WhatsApp, with templates that WhatsApp has approved.
"""

from collections.abc import Callable, Mapping

from .._policy.pace import Pace
from ..domain.customers import Customer, Shop
from ..domain.messages import Message, WhatsAppMessage
from ..errors import TemplateInvalid
from ..ports import Transport
from .channel import Channel

#: A notice's approved template, or one for each locale (a BCP 47 tag).
Approved = str | Mapping[str, str]


class WhatsApp(Channel):
    """
    WhatsApp on a transport, for example :class:`proactive_notify.transports.TwilioTransport`.

    Unless the customer wrote within the last 24 hours WhatsApp takes approved templates only, so that is all that is
    sent: the words stand in the template, and ``templates/<notice>/whatsapp.variables`` has a line for each of its
    variables (Twilio, error 63016). A notice without an approved template, or whose template has no variables file,
    goes by its next channel.

    ::

        WhatsApp(
            TwilioTransport.from_env(),
            sender="+15005550006",
            approved={"shipped": {"en": "HX…", "pt": "HX…"}, "delivered": "HX…"},
            address=lambda customer: customer.extra.get("whatsapp"),
        )

    Args:
        sender: the number that WhatsApp knows the shop by, in E.164, or a messaging service.
        approved: the key of a notice → its template's SID, or one for each locale.
        address: finds the number of a customer *who agreed to WhatsApp*, which Meta's policy asks for; ``None``: none.
        pace: how fast it may send, all workers together.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        sender: str,
        approved: Mapping[str, Approved],
        address: Callable[[Customer], str | None],
        pace: Pace | None = None,
    ) -> None:
        super().__init__(
            "whatsapp", message=WhatsAppMessage, transport=transport, address=address, pace=pace, is_repeatable=False
        )
        self.sender = sender
        self.approved = dict(approved)

    def compose(
        self, common: Mapping[str, object], parts: Mapping[str, str], *, shop: Shop, customer: Customer
    ) -> Message:
        """
        Make a message.

        Raises:
            TemplateInvalid: the notice has no approved template in this locale.
        """
        content_sid = self._content(str(common["notice"]), str(common["locale"]))
        return super().compose({**common, "content_sid": content_sid}, parts, shop=shop, customer=customer)

    def extra(self, *, shop: Shop, customer: Customer) -> Mapping[str, object]:
        return {"sender": self.sender}

    def _content(self, notice: str, locale: str) -> str:
        """The template in the locale, or else in its language."""
        approved = self.approved.get(notice, {})
        if isinstance(approved, str):
            return approved
        for tag in (locale, locale.partition("-")[0]):
            if tag in approved:
                return approved[tag]
        raise TemplateInvalid(f"the notice {notice} has no template in {locale} that WhatsApp has approved")
