"""WhatsApp by Twilio: approved templates and their variables, and a channel of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from proactive_notify import Customer, Shop
from proactive_notify.channels import WhatsApp
from proactive_notify.domain.messages import Accepted, WhatsAppMessage
from proactive_notify.errors import TemplateInvalid
from proactive_notify.transports import TwilioTransport
from tests.contract.twilio_cases import NOON, NUMBER, TEMPLATE, outcome, sent_or_refused, sms, whatsapp
from tests.contract.twilio_server import SENDER, SERVICE, TwilioServer, refusal

COMMON = {
    "message_id": "0198c2f0",
    "order_id": "A-1001",
    "notice": "shipped",
    "occasion": "parcel:1",
    "to": NUMBER,
    "locale": "pt-BR",
    "at": NOON,
}


@pytest.fixture
async def server() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as made:
        yield made


@pytest.fixture
async def twilio(server: TwilioServer) -> AsyncIterator[TwilioTransport]:
    made = server.transport()
    yield made
    await made.aclose()


def channel(twilio: TwilioTransport, **options: Any) -> WhatsApp:
    usual: dict[str, Any] = {
        "sender": SENDER,
        "approved": {"shipped": TEMPLATE},
        "address": lambda customer: customer.extra.get("whatsapp"),
    }
    return WhatsApp(twilio, **usual | options)


# On the wire


async def test_a_template_goes_with_its_variables_and_no_text(server: TwilioServer, twilio: TwilioTransport) -> None:
    """The approved template and its variables are posted between WhatsApp addresses, and no text of ours."""
    accepted = await twilio.send(whatsapp())

    form = server.requests[0].form
    assert server.messages[0].sid == accepted.reference
    assert {"1": "João", "2": "A-1001"} == json.loads(form.pop("ContentVariables"))
    assert {"To": f"whatsapp:{NUMBER}", "From": f"whatsapp:{SENDER}", "ContentSid": TEMPLATE} == form


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"to": f"whatsapp:{NUMBER}", "sender": f"whatsapp:{SENDER}"}, {"From": f"whatsapp:{SENDER}"}),
        ({"sender": "+15005550001"}, {"From": "whatsapp:+15005550001"}),
        ({"sender": SERVICE}, {"MessagingServiceSid": SERVICE}),
        ({"valid_for": timedelta(hours=1)}, {"From": f"whatsapp:{SENDER}", "ValidityPeriod": "3600"}),
    ],
)
async def test_addresses_of_whatsapp(
    server: TwilioServer, twilio: TwilioTransport, fields: dict[str, Any], wanted: dict[str, str]
) -> None:
    """Numbers get the prefix that they lack, and only that; a messaging service gets none."""
    await twilio.send(whatsapp(variables={}, **fields))

    assert {"To": f"whatsapp:{NUMBER}", "ContentSid": TEMPLATE, **wanted} == server.requests[0].form


async def test_a_number_without_whatsapp(server: TwilioServer, twilio: TwilioTransport) -> None:
    """Who has no WhatsApp is suppressed there, which is said by an error like any other's."""
    server.answer(refusal(63024), refusal(63016))

    assert ["number", "never"] == [outcome(await sent_or_refused(twilio, whatsapp())) for _ in range(2)]


async def test_a_template_that_was_taken_is_found_by_its_variables(
    server: TwilioServer, twilio: TwilioTransport
) -> None:
    """Twilio shows what WhatsApp made of the template: the message is one that has all the variables in its text."""
    server.has(to=f"whatsapp:{NUMBER}", body="Olá João, o pedido A-1002 saiu.", created=NOON)
    server.has(to=NUMBER, body="Olá João, o pedido A-1001 saiu.", created=NOON - timedelta(hours=1))
    before = await twilio.look_up(whatsapp(), since=NOON)
    taken = server.has(to=f"whatsapp:{NUMBER}", body="Olá João, o pedido A-1001 saiu.", created=NOON)

    assert None is before
    assert Accepted(reference=taken.sid) == await twilio.look_up(whatsapp(), since=NOON)
    assert f"whatsapp:{NUMBER}" == server.requests[0].query["To"]
    assert None is await twilio.look_up(sms(), since=NOON)


# The channel


def test_each_line_of_the_part_is_a_variable(server: TwilioServer) -> None:
    """The lines of the rendered part are numbered; blank ones do not count, since WhatsApp takes no empty variable."""
    parts = {"variables": "João\n\n  A-1001 \nhttps://shop.example/o/1?a=b\n"}
    message = channel(server.transport()).compose(COMMON, parts, shop=Shop(), customer=Customer())

    assert isinstance(message, WhatsAppMessage)
    assert {"1": "João", "2": "A-1001", "3": "https://shop.example/o/1?a=b"} == message.variables
    assert (TEMPLATE, SENDER, NUMBER) == (message.content_sid, message.sender, message.to)


def test_a_message_is_the_same_after_it_was_written_down(server: TwilioServer) -> None:
    """A message that is kept while it is uncertain comes back as it was."""
    message = whatsapp(valid_for=timedelta(hours=2))

    assert message == WhatsAppMessage.model_validate_json(message.model_dump_json())


@pytest.mark.parametrize(
    ("approved", "locale", "wanted"),
    [
        ({"shipped": "HX1"}, "pt-BR", "HX1"),
        ({"shipped": {"pt-BR": "HX1", "pt": "HX2"}}, "pt-BR", "HX1"),
        ({"shipped": {"pt": "HX2", "en": "HX3"}}, "pt-BR", "HX2"),
        ({"shipped": {"en": "HX3"}}, "pt-BR", None),
        ({"delivered": "HX4"}, "en", None),
    ],
)
def test_a_template_is_approved_for_a_locale(
    server: TwilioServer, approved: dict[str, Any], locale: str, wanted: str | None
) -> None:
    """The locale's own template is taken, else its language's; without one the notice cannot go by WhatsApp."""
    made = channel(server.transport(), approved=approved)

    def compose() -> Any:
        return made.compose({**COMMON, "locale": locale}, {"variables": ""}, shop=Shop(), customer=Customer())

    if wanted is None:
        with pytest.raises(TemplateInvalid, match=f"has no template in {locale}"):
            compose()
    else:
        assert wanted == compose().content_sid


def test_only_who_agreed_has_an_address(server: TwilioServer) -> None:
    """The shop says who agreed to WhatsApp: a telephone number alone is no address there."""
    made = channel(server.transport())

    assert None is made.address(Customer(phone=NUMBER))
    assert NUMBER == made.address(Customer(phone=NUMBER, extra={"whatsapp": NUMBER}))
    assert not made.is_repeatable
