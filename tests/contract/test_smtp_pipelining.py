"""The envelope in one breath: what is said, what it keeps of its meaning, and servers that do not mean their offer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from proactive_notify._content.mime import encode
from proactive_notify.errors import Transient
from proactive_notify.transports import SmtpTransport
from proactive_notify.transports.smtp_mail import Mail
from proactive_notify.transports.smtp_pipeline import PipeliningConnection
from proactive_notify.transports.smtp_places import Places
from proactive_notify.transports.smtp_server import Server
from tests.contract.certificates import Authority
from tests.contract.smtp_cases import HandClock, mail, outcome, sent_or_refused
from tests.contract.smtp_server import Act, Last, SmtpServer

SOME_SERVER = Server(
    host="127.0.0.1",
    port=25,
    username=None,
    password=None,
    tls="none",
    tls_context=None,
    local_hostname=None,
    connect_timeout=timedelta(minutes=1),
    command_timeout=timedelta(minutes=5),
    data_timeout=timedelta(minutes=10),
)
SMALL = Mail(b"a@b.example", b"c@d.example", b"Subject: x\r\n\r\ny\r\n")
OFFERED = ("SIZE 10485760", "8BITMIME", "SMTPUTF8", "DSN", "PIPELINING")


@pytest.fixture
async def server() -> AsyncIterator[SmtpServer]:
    async with SmtpServer(extensions=OFFERED) as server:
        yield server


def transport(server: SmtpServer, **options: Any) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", server.port, **{"tls": "none", "clock": HandClock(), **options})


async def test_the_envelope_goes_in_one_breath(server: SmtpServer) -> None:
    """MAIL, RCPT and DATA come together, the mail after the answers to them, and it arrives byte for byte."""
    smtp = transport(server)
    await smtp.send(mail())
    await smtp.send(mail(message_id="2"))
    await smtp.aclose()

    assert ["MAIL", "RCPT"] * 2 == server.early
    assert [encode(mail()), encode(mail(message_id="2"))] == [got.content for got in server.mails]
    assert ["pedidos@loja.example", "joao@example.net"] == [server.mails[0].sender, server.mails[0].recipient]
    assert 1 == server.connections


async def test_it_can_be_switched_off(server: SmtpServer) -> None:
    """With ``pipelining=False`` every command waits for the answer to the one before."""
    smtp = transport(server, pipelining=False)
    await smtp.send(mail())
    await smtp.aclose()

    assert [] == server.early
    assert 1 == len(server.mails)


async def test_it_is_only_done_where_it_is_offered() -> None:
    """A server that does not offer it is spoken to one command at a time."""
    async with SmtpServer(extensions=("8BITMIME",)) as server:
        smtp = transport(server)
        await smtp.send(mail())
        await smtp.aclose()

    assert [] == server.early


async def test_it_is_done_within_tls(authority: Authority) -> None:
    """After STARTTLS and the log-in it goes on within TLS."""
    async with SmtpServer(extensions=(*OFFERED, "AUTH PLAIN"), tls=authority.serving("127.0.0.1")) as server:
        smtp = transport(server, tls="starttls", tls_context=authority.trusting(), username="shop", password="key")
        for number in range(3):
            await smtp.send(mail(message_id=f"m{number}"))
        await smtp.aclose()

    assert (3, 1, 1) == (len(server.message_ids), server.verbs["STARTTLS"], server.connections)
    assert ["MAIL", "RCPT"] * 3 == server.early


# A refused envelope to which the server says 354 all the same (RFC 2920 section 3.1)


@pytest.mark.parametrize(
    ("verb", "reply", "named"),
    [
        ("MAIL", "550 5.7.1 not you", "ours"),
        ("RCPT", "550 5.1.1 nobody", "address"),
        ("RCPT", "450 4.2.0 no", "again+5m"),
    ],
)
async def test_a_lone_dot_ends_what_was_not_wanted(server: SmtpServer, verb: str, reply: str, named: str) -> None:
    """A server that asks for a mail whose envelope it refused gets a lone dot; the refusal counts, and it goes on."""
    server.asks_anyway = True
    server.answer(verb, reply)
    smtp = transport(server)
    became = outcome(await sent_or_refused(smtp))
    await smtp.send(mail(message_id="2"))
    await smtp.aclose()

    assert named == became
    assert {"<2@loja.example>": 1} == server.message_ids
    assert 1 == server.connections


async def test_no_empty_mail_is_sent(server: SmtpServer) -> None:
    """If the sender was refused and the recipient taken, a lone dot would send an empty mail: we hang up instead."""
    server.answer("MAIL", "550 5.7.1 not you")
    server.always("RCPT", "250 2.1.5 whoever")
    smtp = transport(server)
    became = outcome(await sent_or_refused(smtp))
    server.usual()
    await smtp.send(mail(message_id="2"))
    await smtp.aclose()

    assert "ours" == became
    assert {"<2@loja.example>": 1} == server.message_ids
    assert 2 == server.connections


# 421, and other ends in the middle


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("lingers", [True, False])
async def test_421_in_the_middle(server: SmtpServer, verb: str, lingers: bool) -> None:
    """421 is an outage whatever it answers, at once and without waiting for the replies that will not come."""
    server.answer(verb, "421-4.3.2 I\n421-am\n421 closing")
    server.lingers = lingers
    smtp = transport(server)
    async with asyncio.timeout(30):
        became = outcome(await sent_or_refused(smtp))
    await smtp.send(mail(message_id="2"))
    await smtp.aclose()

    assert "outage+1m" == became
    assert {"<2@loja.example>": 1} == server.message_ids


async def test_a_refusal_counts_although_the_rest_was_never_answered(server: SmtpServer) -> None:
    """If the recipient is refused and then the connection is lost, the recipient was refused."""
    server.answer("RCPT", Last("550 5.1.1 nobody"))

    assert "address" == outcome(await sent_or_refused(transport(server)))


class FakeTransport(asyncio.Transport):
    """Keeps what is written, and is closed when it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.is_gone = False
        self.protocol: Any = None

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def is_closing(self) -> bool:
        return self.is_gone

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def abort(self) -> None:
        self.is_gone = True


def connected(wire: FakeTransport) -> PipeliningConnection:
    opening = SimpleNamespace(extensions={}, smtp=SimpleNamespace(transport=wire))
    return PipeliningConnection(opening, SOME_SERVER, Places(1), now=0)  # type: ignore[arg-type]


@pytest.mark.parametrize("is_proven", [True, False])
async def test_lost_after_354_is_no_doubt(is_proven: bool) -> None:
    """If the connection is lost between 354 and the first octet of the mail, it was surely not handed over."""
    wire = FakeTransport()
    connection = connected(wire)
    connection.is_proven = is_proven
    sending = asyncio.create_task(connection.transact(SMALL))
    await asyncio.sleep(0)
    wire.protocol.data_received(b"250 ok\r\n250 ok\r\n354 go ahead\r\n")
    wire.protocol.connection_lost(None)

    with pytest.raises(Transient):
        await sending
    assert [b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"] == wire.written
    assert is_proven is not connection.is_garbled


@pytest.mark.parametrize("octets", [b"250 " + b"x" * 9_000, b"250-more\r\n" * 600])
async def test_a_reply_that_does_not_end(octets: bytes) -> None:
    """A reply that does not end is not gathered for ever: the connection is given up."""
    wire = FakeTransport()
    sending = asyncio.create_task(connected(wire).transact(SMALL))
    await asyncio.sleep(0)
    wire.protocol.data_received(octets)

    assert wire.is_gone
    with pytest.raises(Transient):
        await sending


async def test_a_reply_octet_by_octet() -> None:
    """However the answers are cut into pieces, they are read as they were meant."""
    wire = FakeTransport()
    sending = asyncio.create_task(connected(wire).transact(SMALL))
    await asyncio.sleep(0)
    for octet in b"250-2.1.0 well\r\n250 2.1.0 fine\r\n250 2.1.5 ok\r\n354 go ahead\r\n":
        wire.protocol.data_received(bytes((octet,)))
    for _ in range(3):
        await asyncio.sleep(0)
    for octet in b"250-2.0.0 one\r\n250-two\r\n250 three\r\n":
        wire.protocol.data_received(bytes((octet,)))

    assert "2.0.0 one\ntwo\nthree" == await sending
    assert SMALL.body == wire.written[1]


@pytest.mark.parametrize("says", ["250 2.0.0 hello again", "421 4.4.2 idle for too long", "garbage"])
async def test_words_that_nobody_asked_for(server: SmtpServer, says: str) -> None:
    """A connection on which something came unasked is not used again: the next reply could be taken for another."""
    smtp = transport(server)
    await smtp.send(mail())
    await server.says(says)
    await smtp.send(mail(message_id="2"))
    await smtp.aclose()

    assert (2, 2) == (server.connections, len(server.mails))


async def test_a_reply_too_many(server: SmtpServer) -> None:
    """A server that answers more than it was asked is not handed the mail over that connection."""
    server.answer("RCPT", "250 2.1.5 ok\r\n250 2.1.5 ok")
    smtp = transport(server)
    await smtp.send(mail())
    await smtp.aclose()

    assert {"<0198c2f0-1111-7222-8333-444455556666@loja.example>": 1} == server.message_ids
    assert 2 == server.connections


# Offered and not meant


@pytest.mark.parametrize("spoils", ["refuse", "drop", "swallow", "nonsense"])
async def test_a_server_that_offers_it_and_does_not_mean_it(server: SmtpServer, spoils: Any) -> None:
    """The mail goes at once over a new connection, one command at a time, and so do the next ones, for an hour."""
    server.spoils_pipelining = spoils
    clock = HandClock()
    smtp = transport(server, clock=clock, command_timeout=timedelta(milliseconds=300), connections=1)
    await smtp.send(mail(message_id="1"))
    await smtp.send(mail(message_id="2"))
    tried, connections = len(server.early), server.connections
    clock.seconds += 3601
    await smtp.send(mail(message_id="3"))
    await smtp.aclose()

    assert {f"<{number}@loja.example>": 1 for number in "123"} == server.message_ids
    assert tried > 0
    assert (2, 2 * tried) == (connections, len(server.early))


async def test_a_refusal_that_has_nothing_to_do_with_it(server: SmtpServer) -> None:
    """A refusal that may be about PIPELINING is asked for again without, and then counts."""
    server.always("RCPT", "503 5.5.1 not you")
    smtp = transport(server)

    assert "never" == outcome(await sent_or_refused(smtp))
    assert 2 == server.connections
    assert [] == server.mails


@pytest.mark.parametrize("reply", ["550 5.5.0 mailbox unavailable", "503 5.5.1 not now", "500 what"])
async def test_where_it_has_worked_a_refusal_is_just_that(server: SmtpServer, reply: str) -> None:
    """Some servers refuse unknown people with codes of the protocol: where it has worked it goes on."""
    smtp = transport(server)
    await smtp.send(mail(message_id="1"))
    server.answer("RCPT", reply)
    became = outcome(await sent_or_refused(smtp, mail(message_id="2")))
    await smtp.send(mail(message_id="3"))
    await smtp.aclose()

    assert "never" == became
    assert (1, 6) == (server.connections, len(server.early))


async def test_a_stale_connection_does_not_cost_it(server: SmtpServer) -> None:
    """A kept connection that was closed unnoticed is replaced, and says nothing about PIPELINING."""
    server.answer("RCPT", "550 5.1.1 nobody", "250 2.1.5 ok")
    smtp = transport(server)
    await sent_or_refused(smtp, mail(message_id="1"))
    server.answer("MAIL", Act.DROP)
    await smtp.send(mail(message_id="2"))
    await smtp.send(mail(message_id="3"))
    await smtp.aclose()

    assert 2 == server.connections == len(server.mails)
    assert ["MAIL", "RCPT"] == server.early[-2:]


@pytest.mark.parametrize("first", ["250 2.1.5 ok", "550 5.1.1 nobody"])
async def test_a_lost_connection_does_not_cost_it(server: SmtpServer, first: str) -> None:
    """Where it has worked, if only for a refusal, a connection that is lost in the middle is just that."""
    smtp = transport(server)
    server.answer("RCPT", first, Act.DROP)
    await sent_or_refused(smtp, mail(message_id="1"))
    became = outcome(await sent_or_refused(smtp, mail(message_id="2")))
    await smtp.send(mail(message_id="3"))
    await smtp.aclose()

    assert "outage" == became
    assert ["MAIL", "RCPT"] * 3 == [*server.early[:2], *server.early[-2:], "MAIL", "RCPT"]
    assert {"<1@loja.example>", "<3@loja.example>"} >= server.message_ids.keys() >= {"<3@loja.example>"}


async def test_many_at_once(server: SmtpServer) -> None:
    """Two hundred mails over four connections, a refusal now and then: each has its own outcome, none comes twice."""
    smtp = transport(server, connections=4)
    server.answer("RCPT", *["250 2.1.5 ok", "550 5.1.1 nobody", "250 2.1.5 ok"] * 30)
    became = await asyncio.gather(
        *(sent_or_refused(smtp, mail(message_id=f"m{number}")) for number in range(200)),
    )
    await smtp.aclose()

    sent = [f"<m{number}@loja.example>" for number, error in enumerate(became) if error is None]
    assert 30 == [outcome(error) for error in became].count("address")
    assert sorted(sent) == sorted(server.message_ids)
    assert {1} == set(server.message_ids.values())
    assert 4 == server.connections
