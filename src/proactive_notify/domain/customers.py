"""
Who ordered, how to reach them, and the shop that speaks to them.
"""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

#: No line break, no other control character: such a text cannot forge a header or a log line.
PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
PlainText = Annotated[str, Field(pattern=PLAIN, max_length=500)]


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


#: A text that may be left out; blank is the same as left out.
Optional = Annotated[PlainText | None, BeforeValidator(_blank_is_none)]

#: Something on both sides of an @, and nothing that ends an address in a header.
_MAILBOX = re.compile(r"[^\s<>,;\"()]+@[^\s<>,;\"()@]+")


class Customer(BaseModel):
    """
    A customer as the order knows them. Every field may be missing.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True, hide_input_in_errors=True)

    id: Optional = None
    name: Optional = None
    email: Optional = None
    #: In E.164, for example ``+491711234567``.
    phone: Optional = None
    #: A BCP 47 tag, for example ``pt-BR``.
    locale: Optional = None
    #: An IANA name, for example ``America/Sao_Paulo``.
    time_zone: Optional = None
    #: The customer agreed to be told by SMS.
    sms_consent: bool = False
    #: Addresses for channels of your own, for example a push token.
    extra: dict[str, Any] = {}

    @property
    def mailbox(self) -> str | None:
        """The email address, if it can be one at all."""
        email = (self.email or "").strip()
        usable = len(email) <= 254 and _MAILBOX.fullmatch(email)
        return email if usable else None


class Place(BaseModel):
    """A postal address, as far as it is known."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True, hide_input_in_errors=True)

    name: Optional = None
    street: Optional = None
    city: Optional = None
    region: Optional = None
    postal_code: Optional = None
    #: ISO 3166-1 alpha-2, for example ``BR``.
    country: Optional = None


class Shop(BaseModel):
    """
    The shop in whose name the messages go out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)

    #: Leads every row, so several shops can share a store.
    key: str = Field(default="shop", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    name: PlainText = "Your shop"
    #: A person reads this address.
    reply_to: Optional = None
    #: An IANA name. Used where neither customer nor destination says more.
    time_zone: PlainText = "UTC"
    #: ISO 3166-1 alpha-2.
    country: Optional = None
    #: The locale for customers who have none, as a BCP 47 tag.
    locale: PlainText = "en"
    #: The shop's address on the web, https.
    url: Optional = None
    phone: Optional = None
