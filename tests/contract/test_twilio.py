"""Text messages by Twilio, over loopback: what is sent, what the answers mean, and what happens where none comes."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from proactive_notify.domain.messages import Accepted
from proactive_notify.domain.twilio_codes import CODES, Where
from proactive_notify.errors import UsageError
from proactive_notify.ports import Closable, Findable
from proactive_notify.testing import TransportContract
from proactive_notify.transports import ConsoleTransport, TwilioTransport
from tests.contract.certificates import Authority
from tests.contract.smtp_cases import mail
from tests.contract.twilio_cases import NOON, NUMBER, SECRETS, TEXT, outcome, sent_or_refused, sms
from tests.contract.twilio_server import (
    ACCOUNT,
    KEY,
    SECRET,
    SENDER,
    SERVICE,
    TOKEN,
    Act,
    Reply,
    Take,
    TwilioServer,
    callback_id,
    refusal,
)

#: Long enough for an answer on a machine with much to do.
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


class TestTwilioTransport(TransportContract):
    """What every transport must hold to, over loopback."""

    @pytest.fixture(autouse=True)
    async def a_server(self, server: TwilioServer) -> AsyncIterator[None]:
        self.server, self.made = server, [server.transport(), server.transport()]
        yield
        for each in self.made:
            await each.aclose()

    def transport(self) -> TwilioTransport:
        return self.made[0]

    def refusing_transport(self) -> TwilioTransport:
        self.server.answer_always(refusal(21211))
        return self.made[1]

    def message(self) -> Any:
        return sms()


# What is sent


async def test_a_message_is_taken_and_named_by_its_sid(server: TwilioServer, twilio: TwilioTransport) -> None:
    """The number, the text as it is and the sender are posted, and the answer's SID comes back as the reference."""
    accepted = await twilio.send(sms())

    assert [accepted.reference] == [each.sid for each in server.messages]
    assert {"To": NUMBER, "From": SENDER, "Body": TEXT} == server.requests[0].form
    assert f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json" == server.requests[0].target
    assert (ACCOUNT, TOKEN) == server.requests[0].log_in


@pytest.mark.parametrize("text", ["a", "€ [é] {ñ} ~", "😀 👩‍👩‍👧 שלום", "zwei\nZeilen & mehr = 100 % +1", " am Rand "])
async def test_a_text_arrives_as_it_is(server: TwilioServer, twilio: TwilioTransport, text: str) -> None:
    """No character of a text is changed, whatever it is."""
    await twilio.send(sms(text=text))

    assert text == server.requests[0].form["Body"]


@pytest.mark.parametrize(
    ("options", "sender", "wanted"),
    [
        ({}, "", {"From": SENDER}),
        ({}, "Acme", {"From": "Acme"}),
        ({}, "12345", {"From": "12345"}),
        ({}, SERVICE, {"MessagingServiceSid": SERVICE}),
        ({"messaging_service_sid": SERVICE}, "", {"From": SENDER, "MessagingServiceSid": SERVICE}),
        ({"messaging_service_sid": SERVICE, "sender": None}, "", {"MessagingServiceSid": SERVICE}),
        ({"messaging_service_sid": SERVICE, "sender": None}, "+15005550001", {"From": "+15005550001"}),
    ],
)
async def test_a_message_goes_from_its_sender(
    server: TwilioServer, options: dict[str, Any], sender: str, wanted: dict[str, str]
) -> None:
    """The message's own sender wins over the transport's; `MG…` is a messaging service, anything else a number."""
    twilio = server.transport(**options)
    await twilio.send(sms(sender=sender))
    await twilio.aclose()

    form = server.requests[0].form
    assert wanted == {name: form[name] for name in ("From", "MessagingServiceSid") if name in form}


async def test_without_a_sender_the_channel_is_refused(server: TwilioServer) -> None:
    """A shop that says nowhere who sends is told so, and nothing is posted."""
    said = await sent_or_refused(server.transport(sender=None))

    assert "ours" == outcome(said)
    assert [] == server.requests


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://shop.example/sms", "https://shop.example/sms?nid=0198%2Fc2%26f0"),
        ("https://shop.example/sms?shop=a%20b", "https://shop.example/sms?shop=a%20b&nid=0198%2Fc2%26f0"),
        ("https://u:p@shop.example/#rc=2&rp=all", "https://u:p@shop.example/?nid=0198%2Fc2%26f0#rc=2&rp=all"),
    ],
)
async def test_a_callback_brings_our_own_id_back(server: TwilioServer, url: str, wanted: str) -> None:
    """The status callback of each message carries its id in the query, before what Twilio reads behind a `#`."""
    twilio = server.transport(status_callback=url)
    await twilio.send(sms(message_id="0198/c2&f0"))
    await twilio.aclose()

    assert wanted == server.requests[0].form["StatusCallback"]
    assert "0198/c2&f0" == callback_id(server.requests[0].form)


@pytest.mark.parametrize(
    ("valid_for", "seconds"),
    [
        (timedelta(hours=2), "7200"),
        (timedelta(seconds=90.9), "90"),
        (timedelta(days=2), "36000"),
        (timedelta(), "1"),
        (timedelta(minutes=-5), "1"),
    ],
)
async def test_a_message_dies_in_the_queue_when_it_is_of_no_use(
    server: TwilioServer, twilio: TwilioTransport, valid_for: timedelta, seconds: str
) -> None:
    """How long a text is of use becomes Twilio's validity period, from 1 to 36,000 seconds."""
    await twilio.send(sms(valid_for=valid_for))

    assert seconds == server.requests[0].form["ValidityPeriod"]


async def test_a_key_logs_in_for_the_account(server: TwilioServer) -> None:
    """With an API key its SID and secret log in, and the account stays in the path."""
    twilio = TwilioTransport(ACCOUNT, api_key=(KEY, SECRET), base_url=server.url, sender=SENDER)
    await twilio.send(sms())
    await twilio.aclose()

    assert (KEY, SECRET) == server.requests[0].log_in
    assert ACCOUNT in server.requests[0].path


async def test_a_mail_is_no_text_message(twilio: TwilioTransport) -> None:
    """What is no text message is the program's mistake and not the provider's."""
    with pytest.raises(UsageError, match="not EmailMessage"):
        await twilio.send(mail())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="not EmailMessage"):
        await twilio.look_up(mail(), since=NOON)  # type: ignore[arg-type]


def test_it_can_be_asked_and_closed(server: TwilioServer) -> None:
    """The engine finds by their protocols that it can be closed and asked; a console can be neither."""
    assert isinstance(server.transport(), Findable)
    assert isinstance(server.transport(), Closable)
    assert not isinstance(ConsoleTransport(), Findable)


# What the answers mean


@pytest.mark.parametrize("row", [row for row in CODES if row.where is not Where.DLR], ids=lambda row: str(row.code))
async def test_each_code_at_create(server: TwilioServer, twilio: TwilioTransport, row: Any) -> None:
    """Each code that the create call answers with becomes the error that the table says, and takes nothing with it."""
    server.answer(refusal(row.code, 500 if row.verdict.value == "perhaps taken" else 400))
    said = await sent_or_refused(twilio)

    wanted = {"again later": "again!", "perhaps taken": "uncertain!", "not from us": "ours"}
    never = "number" if row.suppress_after else "never"
    assert wanted.get(row.verdict.value, never) == outcome(said)
    assert str(row.code) == said.code  # type: ignore[union-attr]
    assert "sent" == outcome(await sent_or_refused(twilio))


@pytest.mark.parametrize(
    ("reply", "wanted", "code"),
    [
        (refusal(99_999), "never", "99999"),
        (refusal(99_999, 401), "ours", "99999"),
        (Reply(400, "<html>the number +15005550009</html>"), "never", "400"),
        (Reply(404, ""), "ours", "404"),
        (Reply(400, json.dumps({"code": NUMBER})), "never", "400"),
        (Reply(400, "[" * 100_000), "never", "400"),
        (Reply(302, "", (("Location", "https://elsewhere.example/"),)), "ours", "302"),
        (Reply(429, "slow down"), "again!", "429"),
        (Reply(500, ""), "uncertain!", "500"),
        (Reply(502, "<html>"), "uncertain!", "502"),
        (refusal(20503, 503), "uncertain!", "20503"),
        (refusal(21211, 503), "number", "21211"),
        (refusal(20429, 503), "again!", "20429"),
        (Reply(200, "<html>please log in</html>"), "uncertain", "unreadable"),
        (Reply(201, ""), "uncertain", "unreadable"),
        (Reply(201, "[]"), "uncertain", "unreadable"),
        (Reply(201, '{"sid": null, "code": 21211}'), "uncertain", "unreadable"),
        (Reply(201, '{"sid": "SM\\n+15005550009"}'), "uncertain", "unreadable"),
        (Reply(201, '{"sid": "SM1", "date_created": "Mon, 99 Jan 2026 99:99:99 +0000"}'), "uncertain", "unreadable"),
    ],
)
async def test_any_other_answer(
    server: TwilioServer, twilio: TwilioTransport, reply: Reply, wanted: str, code: str
) -> None:
    """An answer that is not Twilio's usual one suppresses no number, and is uncertain where it was perhaps taken."""
    server.answer(reply)
    said = await sent_or_refused(twilio)

    assert (wanted, code) == (outcome(said), said.code)  # type: ignore[union-attr]
    assert 1 == len(server.requests)


async def test_an_answer_in_the_newer_form(server: TwilioServer, twilio: TwilioTransport) -> None:
    """A refusal in the form of RFC 9457 is read by its code like any other."""
    said = {"type": "https://www.twilio.com/docs/errors/21211", "title": NUMBER, "status": 400, "code": 21211}
    server.answer(Reply(400, json.dumps({**said, "detail": TEXT})))

    assert "number" == outcome(await sent_or_refused(twilio))


async def test_a_message_that_failed_at_once(server: TwilioServer, twilio: TwilioTransport) -> None:
    """A message that is created and says that it has failed is refused by its code: no callback would come."""
    shown = {"sid": "SM1", "status": "failed", "error_code": 30006}
    server.answer(Reply(201, json.dumps(shown)), Reply(201, json.dumps({**shown, "error_code": None})))

    assert ["number", "never"] == [outcome(await sent_or_refused(twilio)) for _ in range(2)]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("30", timedelta(seconds=30)),
        ("Mon, 05 Jan 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 05 Jan 2026 11:05:00 GMT", timedelta(minutes=1)),
        ("99999999999999999999", timedelta(days=1)),
        ("0", timedelta(minutes=1)),
        ("-5", timedelta(minutes=1)),
        ("soon", timedelta(minutes=1)),
        ("", timedelta(minutes=1)),
    ],
)
async def test_too_many_calls_are_waited_out(server: TwilioServer, header: str, wanted: timedelta) -> None:
    """After a 429 the time of `Retry-After` passes, in seconds or by the clock, at most a day; else a minute."""
    twilio = server.transport(clock=At())
    server.answer(refusal(20429, 429, Retry_After=header))
    said = await sent_or_refused(twilio)
    await twilio.aclose()

    assert ("again!", wanted) == (outcome(said), said.retry_after)  # type: ignore[union-attr]
    assert [] == server.messages


class At:
    """A clock that stands at noon."""

    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")


async def test_a_503_after_the_message_was_taken(server: TwilioServer, twilio: TwilioTransport) -> None:
    """A 5xx is uncertain, is not tried again, and asking finds the message that was taken all the same."""
    server.now = NOON
    server.answer(refusal(20503, 503, takes=True))
    said = await sent_or_refused(twilio)

    assert "uncertain!" == outcome(said)
    assert 1 == len(server.messages)
    assert Accepted(reference=server.messages[0].sid) == await twilio.look_up(sms(), since=NOON)


# Where no answer comes


@pytest.mark.parametrize("answer", [Act.SILENCE, Take(Act.SILENCE)])
async def test_an_answer_that_never_comes(server: TwilioServer, answer: Act | Take) -> None:
    """After the time limit a message that was posted is uncertain, and the next one gets a connection of its own."""
    twilio = server.transport(timeout=SHORT)
    server.answer(answer)
    said = await sent_or_refused(twilio)

    assert ("uncertain!", "timeout") == (outcome(said), said.code)  # type: ignore[union-attr]
    assert "sent" == outcome(await sent_or_refused(twilio))
    await twilio.aclose()


@pytest.mark.parametrize("answer", [Act.RESET, Act.HANG_UP, Act.CUT, Take(Act.RESET), Take(Act.HANG_UP)], ids=str)
async def test_a_connection_that_breaks(server: TwilioServer, twilio: TwilioTransport, answer: Act | Take) -> None:
    """A connection that breaks after the request, or in the middle of the answer, leaves it uncertain, once."""
    server.answer(answer)
    said = await sent_or_refused(twilio)

    assert ("uncertain!", "connection-lost") == (outcome(said), said.code)  # type: ignore[union-attr]
    assert 1 == len(server.requests)
    assert "sent" == outcome(await sent_or_refused(twilio))


async def test_a_connection_that_breaks_when_it_is_used_again(server: TwilioServer, twilio: TwilioTransport) -> None:
    """A request on a connection that was used before is not repeated either when it breaks."""
    await twilio.send(sms())
    server.answer(Take(Act.RESET))
    said = await sent_or_refused(twilio)

    assert "uncertain!" == outcome(said)
    assert (2, 1) == (len(server.requests), server.connections)


async def test_nobody_listens(server: TwilioServer, twilio: TwilioTransport) -> None:
    """A refused connection means that nothing was sent: it goes again, and the breaker counts."""
    await server.stop()
    said = await sent_or_refused(twilio)

    assert ("again!", "connect") == (outcome(said), said.code)  # type: ignore[union-attr]


async def test_a_name_that_cannot_be_found(server: TwilioServer) -> None:
    """A name without an address means that nothing was sent."""
    twilio = server.transport(base_url="http://nobody.invalid")
    said = await sent_or_refused(twilio)
    await twilio.aclose()

    assert ("again!", "connect") == (outcome(said), said.code)  # type: ignore[union-attr]


@pytest.mark.parametrize("has_tls", [False, True])
async def test_a_tls_that_fails(authority: Authority, has_tls: bool) -> None:
    """A server without TLS, or with a certificate of nobody that we trust, was sent nothing: not the log-in either."""
    seen: list[bytes] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 no TLS here\r\n\r\n")
        seen.append(await reader.read())
        writer.close()

    tls = authority.serving("127.0.0.1") if has_tls else None
    async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls) as listening:
        port = listening.sockets[0].getsockname()[1]
        twilio = TwilioTransport(ACCOUNT, TOKEN, sender=SENDER, base_url=f"https://127.0.0.1:{port}")
        said = await sent_or_refused(twilio)
        await twilio.aclose()

    assert ("again!", "connect") == (outcome(said), said.code)  # type: ignore[union-attr]
    assert b"Authorization" not in b"".join(seen)


async def test_a_connection_that_is_never_accepted() -> None:
    """A time limit that ends before there is a connection means that nothing was sent."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        others = [_knock(port) for _ in range(4)]
        twilio = TwilioTransport(ACCOUNT, TOKEN, sender=SENDER, base_url=f"http://127.0.0.1:{port}", timeout=SHORT)
        said = await sent_or_refused(twilio)
        await twilio.aclose()
        for each in others:
            each.close()

    assert ("again!", "connect") == (outcome(said), said.code)  # type: ignore[union-attr]


def _knock(port: int) -> socket.socket:
    made = socket.socket()
    made.setblocking(False)
    made.connect_ex(("127.0.0.1", port))
    return made


async def test_a_text_that_cannot_be_written(server: TwilioServer, twilio: TwilioTransport) -> None:
    """Half a character cannot be posted by anybody: the message goes by the next channel, and nothing was sent."""
    said = await sent_or_refused(twilio, sms(text="João \ud83d"))

    assert ("never", "unwritable") == (outcome(said), said.code)  # type: ignore[union-attr]
    assert [] == server.requests


# Many at a time


async def test_answers_that_come_in_another_order(server: TwilioServer, twilio: TwilioTransport) -> None:
    """Of two messages that are sent at a time each gets its own SID, also if the second is answered first."""
    server.answer(Act.HOLD, Act.HOLD)
    sending = [asyncio.create_task(twilio.send(sms(to=f"+1500555000{number}"))) for number in (1, 2)]
    await server.requested(2)
    server.release(1)
    await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
    server.release(0)
    found = [(await each).reference for each in sending]

    assert [each.sid for each in sorted(server.messages, key=lambda each: each.form["To"])] == found


async def test_many_messages_at_a_time(server: TwilioServer, twilio: TwilioTransport) -> None:
    """Two hundred concurrent sends get two hundred SIDs, each of its own message, over at most 100 connections."""
    sent = await asyncio.gather(*(twilio.send(sms(text=f"No. {number}")) for number in range(200)))
    bodies = {each.sid: each.form["Body"] for each in server.messages}

    assert [f"No. {number}" for number in range(200)] == [bodies[each.reference] for each in sent]
    assert server.connections <= 100


async def test_connections_are_used_again(server: TwilioServer, twilio: TwilioTransport) -> None:
    """Messages that follow one another share one connection."""
    for _ in range(5):
        await twilio.send(sms())

    assert 1 == server.connections


# Closing


async def test_closing_lets_a_call_end(server: TwilioServer, twilio: TwilioTransport) -> None:
    """A call that is under way when the transport is closed gets its answer, and then the connection is closed."""
    server.answer(Act.HOLD)
    sending = asyncio.create_task(twilio.send(sms()))
    await server.requested(1)
    closing = asyncio.create_task(twilio.aclose())
    await asyncio.sleep(0)
    is_waiting = not closing.done()
    server.release(0)

    assert server.messages == []
    assert "SM" == (await sending).reference[:2]
    await closing
    assert is_waiting


async def test_closing_ends_with_the_time_limit(server: TwilioServer) -> None:
    """A call that is never answered keeps nobody from closing for longer than its time limit."""
    twilio = server.transport(timeout=SHORT)
    server.answer(Act.SILENCE)
    sending = asyncio.create_task(sent_or_refused(twilio))
    await server.requested(1)
    await twilio.aclose()

    assert "uncertain!" == outcome(await sending)


async def test_closing_that_is_cancelled_hangs_up_at_once(server: TwilioServer, twilio: TwilioTransport) -> None:
    """Whoever cannot wait cancels the closing: then what is under way is broken off and uncertain."""
    server.answer(Act.SILENCE)
    sending = asyncio.create_task(sent_or_refused(twilio))
    await server.requested(1)
    closing = asyncio.create_task(twilio.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing

    assert "uncertain!" == outcome(await sending)


async def test_a_closed_transport_may_be_used_again(server: TwilioServer, twilio: TwilioTransport) -> None:
    """Closing twice does no harm, and the next message opens a new connection."""
    await twilio.send(sms())
    await twilio.aclose()
    await twilio.aclose()
    await twilio.send(sms())

    assert 2 == server.connections


async def test_a_call_that_is_cancelled_breaks_nothing(server: TwilioServer, twilio: TwilioTransport) -> None:
    """A cancelled call is cancelled, not swallowed, and the transport goes on."""
    server.answer(Act.SILENCE)
    sending = asyncio.create_task(twilio.send(sms()))
    await server.requested(1)
    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending
    assert "sent" == outcome(await sent_or_refused(twilio))


def test_a_transport_lives_through_several_loops() -> None:
    """A transport that is closed at the end of each `asyncio.run()` works in the next one."""
    with TwilioServer.in_thread() as server:
        twilio = server.transport()

        async def once() -> str:
            accepted = await twilio.send(sms())
            await twilio.aclose()
            return accepted.reference

        found = [asyncio.run(once()) for _ in range(3)]

    assert [each.sid for each in server.messages] == found


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_transport_that_nobody_closed_works_in_the_next_loop() -> None:
    """A loop that ended without closing the transport leaves nothing behind that the next one would trip over."""
    with TwilioServer.in_thread() as server:
        twilio = server.transport()
        found = [asyncio.run(twilio.send(sms())).reference for _ in range(2)]
        asyncio.run(twilio.aclose())
        gc.collect()  # what the loops left is reported here, where it is expected

    assert [each.sid for each in server.messages] == found


# What is said


async def test_nothing_is_logged_of_a_customer(
    server: TwilioServer, twilio: TwilioTransport, caplog: pytest.LogCaptureFixture
) -> None:
    """With every logger at its most talkative no line holds a number, a text or a password."""
    caplog.set_level(logging.DEBUG)
    server.now = NOON
    server.answer(*(refusal(code) for code in (21211, 21408, 20003)))
    for _ in range(4):
        await sent_or_refused(twilio)
    await twilio.look_up(sms(), since=NOON)

    said = "\n".join(f"{record.name} {record.getMessage()} {record.exc_info}" for record in caplog.records)
    assert [] == [secret for secret in SECRETS if secret in said]
    assert "Twilio answered 400 (21408): sending to this country is switched off." in said


async def test_what_the_shop_must_act_on_is_logged(
    server: TwilioServer, twilio: TwilioTransport, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal that is the shop's to mend is an error in the log, but who pauses the channel says that himself."""
    codes = (21211, 21610, 21611, 20003, 77_777)
    server.answer(*(refusal(code) for code in codes))
    for _ in codes:
        await sent_or_refused(twilio)

    assert [21611, 77_777] == [code for code in codes if str(code) in caplog.text]
    assert {"ERROR"} == {record.levelname for record in caplog.records if record.name == "proactive_notify"}


def test_a_transport_does_not_show_its_password(server: TwilioServer) -> None:
    """Neither the account, the password nor a sender stands in its repr."""
    shown = repr(server.transport(api_key=(KEY, SECRET)))

    assert f"TwilioTransport('AC…cdef', base_url='{server.url}')" == shown


# How it is made


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"account_sid": "AC123"}, "account_sid"),
        ({"account_sid": TOKEN}, "account_sid"),
        ({"auth_token": ""}, "auth_token"),
        ({"api_key": ("SK1", SECRET)}, "api_key"),
        ({"api_key": (KEY, "")}, "api_key"),
        ({"messaging_service_sid": "PN123"}, "messaging_service_sid"),
        ({"timeout": timedelta()}, "timeout"),
        ({"base_url": "api.twilio.com"}, "base_url"),
        ({"base_url": "https://api.twilio.com:99999"}, "base_url"),
        ({"base_url": "https://user:word@api.twilio.com"}, "base_url"),
        ({"status_callback": "shop.example/sms"}, "status_callback"),
        ({"status_callback": "https://my_shop.example/sms"}, "status_callback"),
        ({"status_callback": "https://[shop.example/sms"}, "status_callback"),
        ({"status_callback": "https://shop.example/s m s"}, "status_callback"),
    ],
)
def test_an_argument_that_cannot_be(options: dict[str, Any], says: str) -> None:
    """An argument that cannot work is refused when the transport is made, by its name and without its value."""
    with pytest.raises(UsageError, match=f"`{says}`") as refused:
        TwilioTransport(**{"account_sid": ACCOUNT, "auth_token": TOKEN, **options})

    assert [] == [value for value in (TOKEN, SECRET, "word", "my_shop") if value in str(refused.value)]


ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_API_KEY": None,
    "TWILIO_API_SECRET": None,
    "TWILIO_MESSAGING_SERVICE_SID": None,
    "TWILIO_FROM": SENDER,
    "TWILIO_REGION": None,
    "TWILIO_EDGE": None,
    "PN_TWILIO_CALLBACK": "https://shop.example/sms",
}


def set_environment(monkeypatch: pytest.MonkeyPatch, **values: str | None) -> None:
    for name, value in {**ENVIRONMENT, **values}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


async def test_the_environment_says_it_all(server: TwilioServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Account, token, sender and callback come from the environment, and an argument wins over it."""
    set_environment(monkeypatch)
    twilio = TwilioTransport.from_env(base_url=server.url)
    await twilio.send(sms())
    await twilio.aclose()

    form = server.requests[0].form
    assert (ACCOUNT, TOKEN) == server.requests[0].log_in
    assert SENDER == form["From"]
    assert form["StatusCallback"].startswith("https://shop.example/sms?nid=")


async def test_the_environment_may_have_a_key(server: TwilioServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key in the environment it logs in, and neither an edge nor a region bends an address that was given."""
    set_environment(
        monkeypatch, TWILIO_AUTH_TOKEN=None, TWILIO_API_KEY=KEY, TWILIO_API_SECRET=SECRET, TWILIO_EDGE="ashburn"
    )
    twilio = TwilioTransport.from_env(base_url=server.url)
    await twilio.send(sms())
    await twilio.aclose()

    assert (KEY, SECRET) == server.requests[0].log_in


@pytest.mark.parametrize(
    ("region", "edge", "host"),
    [
        (None, None, "api.twilio.com"),
        ("ie1", None, "api.ie1.twilio.com"),
        ("ie1", "dublin", "api.dublin.ie1.twilio.com"),
        (None, "ashburn", "api.ashburn.us1.twilio.com"),
    ],
)
def test_the_environment_may_have_a_region(
    monkeypatch: pytest.MonkeyPatch, region: str | None, edge: str | None, host: str
) -> None:
    """Region and edge become the address, as Twilio's own clients read them."""
    set_environment(monkeypatch, TWILIO_REGION=region, TWILIO_EDGE=edge)

    assert f"base_url='https://{host}'" in repr(TwilioTransport.from_env())


@pytest.mark.parametrize("missing", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
def test_an_environment_that_says_too_little(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """What is missing is said by its name."""
    set_environment(monkeypatch, **{missing: None})

    with pytest.raises(UsageError, match=missing):
        TwilioTransport.from_env()
