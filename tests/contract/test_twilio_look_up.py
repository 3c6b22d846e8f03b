"""Whether Twilio took a message of which nobody knows: which of its own is the one, and where nobody can tell."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta, timezone
from typing import Any

import pytest

from proactive_notify.domain.messages import Accepted
from proactive_notify.errors import SendError, Transient
from proactive_notify.transports import TwilioTransport
from tests.contract.twilio_cases import NOON, NUMBER, SECRETS, TEXT, sms
from tests.contract.twilio_server import Act, Reply, TwilioServer, refusal

SHORT = timedelta(seconds=1)


@pytest.fixture
async def server() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as made:
        yield made


@pytest.fixture
async def twilio(server: TwilioServer) -> AsyncIterator[TwilioTransport]:
    made = server.transport()
    yield made
    await made.aclose()


async def test_a_message_that_was_taken_is_found(server: TwilioServer, twilio: TwilioTransport) -> None:
    """A message to this number, with this text, created since the try began, is found by its SID."""
    server.has(to=NUMBER, body="Something else", created=NOON)
    taken = server.has(to=NUMBER, body=TEXT, created=NOON)
    server.has(to="+15005550001", body=TEXT, created=NOON)

    assert Accepted(reference=taken.sid) == await twilio.look_up(sms(), since=NOON)
    assert {"To": NUMBER, "PageSize": "20"} == server.requests[0].query


@pytest.mark.parametrize(
    "fields",
    [
        {"to": NUMBER, "body": "Olá João, o seu pedido A-1002 está a caminho"},
        {"to": "+15005550001"},
        {"direction": "inbound"},
        {"direction": "outbound-reply"},
        {"created": NOON - timedelta(seconds=61)},
        {"date_created": None},
        {"sid": None},
    ],
    ids=lambda fields: next(iter(reversed(fields))),
)
async def test_another_message_is_not_taken_for_it(
    server: TwilioServer, twilio: TwilioTransport, fields: dict[str, Any]
) -> None:
    """Another text, another number, another direction, or an older one is not the message."""
    server.has(**{"to": NUMBER, "body": TEXT, "created": NOON, **fields})

    assert None is await twilio.look_up(sms(), since=NOON)


async def test_a_list_that_nobody_filtered(server: TwilioServer, twilio: TwilioTransport) -> None:
    """The same text to somebody else is not the message, even if Twilio were to list it."""
    other = server.has(to="+15005550001", body=TEXT, created=NOON).resource()
    hidden = {**other, "sid": "SM2", "to": None}
    for listed in ([other], [other, hidden]):
        server.answer(Reply(200, json.dumps({"messages": listed})))

    assert None is await twilio.look_up(sms(), since=NOON)
    assert Accepted(reference="SM2") == await twilio.look_up(sms(), since=NOON)


async def test_nothing_was_ever_sent_to_the_number(twilio: TwilioTransport) -> None:
    """Where Twilio has nothing for the number the answer is that it was not taken."""
    assert None is await twilio.look_up(sms(), since=NOON)


@pytest.mark.parametrize("offset", [-5, 0, 9])
async def test_clocks_may_differ_by_a_minute_and_zones_do_not_count(
    server: TwilioServer, twilio: TwilioTransport, offset: int
) -> None:
    """A message that Twilio's clock dates a minute early is found, in whatever zone the time of the try is given."""
    taken = server.has(to=NUMBER, body=TEXT, created=NOON - timedelta(seconds=60))
    since = NOON.astimezone(tz=timezone(timedelta(hours=offset)))

    assert Accepted(reference=taken.sid) == await twilio.look_up(sms(), since=since)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("It’s “on its way” – today…", 'It\'s "on its way" - today...'),
        ("Line one\r\nline two ", "Line one\nline two"),
        ("R$\u00a0136,23", "R$ 136,23"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
        ("cafe\u0301", "café"),
        ("Your order", "Sent from your Twilio trial account - Your order"),
        ("‚x‘ «y» ´z`", "'x' \"y\" 'z'"),
    ],
)
async def test_what_twilio_does_to_a_text_does_not_hide_it(
    server: TwilioServer, twilio: TwilioTransport, sent: str, shown: str
) -> None:
    """A text is found though quotes, dashes and blanks were replaced by those in GSM's table, or a prefix was added."""
    taken = server.has(to=NUMBER, body=shown, created=NOON)

    assert Accepted(reference=taken.sid) == await twilio.look_up(sms(text=sent), since=NOON)


async def test_the_newest_of_several_is_it(server: TwilioServer, twilio: TwilioTransport) -> None:
    """Of several messages with this text the newest is the one that is named."""
    for seconds in (30, 90, 60):
        server.has(to=NUMBER, body=TEXT, created=NOON + timedelta(seconds=seconds))

    assert Accepted(reference=server.messages[1].sid) == await twilio.look_up(sms(), since=NOON)


@pytest.mark.parametrize(("others", "looks"), [(19, 1), (20, 2), (150, 2)])
async def test_a_number_with_many_messages(
    server: TwilioServer, twilio: TwilioTransport, others: int, looks: int
) -> None:
    """Behind twenty younger messages it is looked for among two hundred, and not farther than needed."""
    taken = server.has(to=NUMBER, body=TEXT, created=NOON)
    for number in range(others):
        server.has(to=NUMBER, body=f"No. {number}", created=NOON + timedelta(seconds=number + 1))

    assert Accepted(reference=taken.sid) == await twilio.look_up(sms(), since=NOON)
    assert ["20", "200"][:looks] == [request.query["PageSize"] for request in server.requests]


async def test_twenty_messages_of_old_are_enough(server: TwilioServer, twilio: TwilioTransport) -> None:
    """Once older messages come into view nobody asks for more."""
    for number in range(50):
        server.has(to=NUMBER, body=f"No. {number}", created=NOON - timedelta(days=1 + number))

    assert None is await twilio.look_up(sms(), since=NOON)
    assert 1 == len(server.requests)


async def test_texts_that_twilio_does_not_show(server: TwilioServer, twilio: TwilioTransport) -> None:
    """Where texts are redacted nobody can tell, so the doubt goes on; old ones and other numbers do not count."""
    server.has(to=NUMBER, body="", created=NOON - timedelta(days=1))
    before = await twilio.look_up(sms(), since=NOON)
    server.has(to=NUMBER, body="", created=NOON)

    assert None is before
    with pytest.raises(Transient) as refused:
        await twilio.look_up(sms(), since=NOON)
    assert ("redacted", False) == (refused.value.code, refused.value.is_outage)


@pytest.mark.parametrize(
    ("answer", "code", "is_outage"),
    [
        (refusal(20003, 401), "401", False),
        (refusal(20404, 404), "404", False),
        (refusal(20429, 429, Retry_After="30"), "429", True),
        (refusal(20503, 503), "503", True),
        (Reply(200, "<html>"), "200", False),
        (Reply(200, "{}"), "200", False),
        (Reply(200, '{"messages": {"body": "x"}}'), "200", False),
        (Act.SILENCE, "timeout", True),
        (Act.RESET, "connection-lost", True),
    ],
    ids=str,
)
async def test_twilio_cannot_be_asked(server: TwilioServer, answer: Any, code: str, is_outage: bool) -> None:
    """Whatever keeps Twilio from answering, the doubt goes on, and nothing of the customer is said."""
    twilio = server.transport(timeout=SHORT if answer is Act.SILENCE else timedelta(seconds=15))
    server.answer_always(answer)
    with pytest.raises(SendError) as caught:
        await twilio.look_up(sms(), since=NOON)
    refused = caught.value
    await twilio.aclose()

    assert (Transient, code, is_outage) == (type(refused), refused.code, refused.is_outage)
    assert [] == [secret for secret in SECRETS if secret in f"{refused!s} {refused!r}"]
    assert refused.__context__ is None
    assert (timedelta(seconds=30) if code == "429" else None) == refused.retry_after
