"""What every transport promises, and what each does with its wire: a real SMTP server, a real folder, a real stream."""

from __future__ import annotations

import asyncio
import io
import json
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope

from proactive_notify._content.mime import encode
from proactive_notify.domain.messages import Accepted, EmailMessage, SmsMessage
from proactive_notify.errors import ChannelRefused, Permanent, SendError, Transient, Uncertain, UsageError
from proactive_notify.ports import Closable
from proactive_notify.transports import ConsoleTransport, FolderTransport, SmtpTransport
from tests.contract.smtp_cases import HandClock, mail, outcome, sent_or_refused
from tests.contract.smtp_server import Act, SmtpServer


def sms() -> SmsMessage:
    return SmsMessage(
        message_id="0198c2f0-aaaa-7222-8333-444455556666",
        order_id="A-1001",
        notice="shipped",
        occasion="parcel:1",
        to="+5511999990000",
        locale="pt-BR",
        at=datetime(2026, 1, 5, 9, tzinfo=UTC),
        text="Seu pedido está a caminho",
    )


@pytest.fixture(params=["stepping", "pipelining"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[SmtpServer]:
    """A server that takes one command at a time, and one that offers PIPELINING."""
    async with SmtpServer() as server:
        if request.param == "pipelining":
            server.extensions += ("PIPELINING",)
        yield server


@pytest.fixture
async def smtp(server: SmtpServer) -> AsyncIterator[SmtpTransport]:
    transport = SmtpTransport.from_url(server.url, clock=HandClock())
    yield transport
    await transport.aclose()


async def failure(transport: SmtpTransport, message: EmailMessage | None = None) -> SendError:
    """The error that a message meets."""
    error = await sent_or_refused(transport, message)
    assert error is not None, "it was sent"
    return error


# Every transport


@dataclass
class Wire:
    """A transport, and a way to look at what came out at its other end."""

    transport: ConsoleTransport | FolderTransport | SmtpTransport
    received: Callable[[], str]


@pytest.fixture(params=["console", "folder", "smtp"])
async def wire(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Wire]:
    match request.param:
        case "console":
            stream = io.StringIO()
            yield Wire(ConsoleTransport(stream), stream.getvalue)
        case "folder":
            yield Wire(FolderTransport(tmp_path), lambda: "".join(p.read_text() for p in sorted(tmp_path.iterdir())))
        case _:
            async with SmtpServer() as server:
                transport = SmtpTransport.from_url(server.url)
                yield Wire(transport, lambda: "".join(mail.content.decode() for mail in server.mails))
                await transport.aclose()


async def test_a_message_is_accepted(wire: Wire) -> None:
    """A transport that took a message answers with `Accepted`, and the message is at the other end."""
    accepted = await wire.transport.send(mail())

    assert isinstance(accepted, Accepted)
    assert "joao@example.net" in wire.received()
    assert "a caminho." in wire.received()


async def test_the_same_message_twice_is_the_same_twice(wire: Wire) -> None:
    """What is sent again after an uncertain end is exactly what was sent before."""
    await wire.transport.send(mail())
    once = wire.received()
    await wire.transport.send(mail())

    assert wire.received() in (once, once * 2)


async def test_many_at_once_all_arrive(wire: Wire) -> None:
    """Messages that are sent at the same time do not disturb each other."""
    names = [f"Nr-{number:03d}" for number in range(40)]
    await asyncio.gather(*(wire.transport.send(mail(message_id=name, order_id=name, to_name=name)) for name in names))

    received = wire.received()
    assert names == [name for name in names if f"{name} <joao@example.net>" in received]


async def test_a_transport_can_be_closed_twice(wire: Wire) -> None:
    """What holds connections can be closed, closed again, and used again."""
    await wire.transport.send(mail())
    if isinstance(wire.transport, Closable):
        await wire.transport.aclose()
        await wire.transport.aclose()
    await wire.transport.send(mail(message_id="2"))


def test_importing_transports_loads_no_client() -> None:
    """Importing the package, and the light transports, loads no client library."""
    code = (
        "import sys; from proactive_notify.transports import ConsoleTransport, FolderTransport;"
        "print([name for name in ('aiosmtplib', 'smtplib', 'twilio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()


def test_unknown_transport_is_no_attribute() -> None:
    """A transport that does not exist is missed as any other name."""
    with pytest.raises(ImportError):
        from proactive_notify.transports import PigeonTransport  # noqa: F401


# SMTP: what arrives


async def test_mail_arrives_byte_for_byte(server: SmtpServer, smtp: SmtpTransport) -> None:
    """What the server gets is what was encoded, lines that begin with dots included, under the right envelope."""
    await smtp.send(mail())

    (got,) = server.mails
    assert encode(mail()) == got.content
    assert ("pedidos@loja.example", "joao@example.net") == (got.sender, got.recipient)
    assert 998 >= max(map(len, got.content.split(b"\r\n")))
    assert ["text/plain", "text/html"] == [part.get_content_type() for part in got.parsed.iter_parts()]
    assert mail().text == next(got.parsed.iter_parts()).get_content().replace("\r\n", "\n")


class Inbox:
    """What aiosmtpd hands its mails to."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        self.got.append(envelope)
        return "250 ok"


async def test_a_server_that_is_not_ours_takes_it() -> None:
    """aiosmtpd takes the mails, ASCII and beyond, as they were encoded."""
    inbox = Inbox()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: SMTP(inbox, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    smtp = SmtpTransport.from_url(f"smtp://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
    messages = [mail(), mail(message_id="2", to="jörg@example.org")]
    for message in messages:
        await smtp.send(message)
    await smtp.aclose()
    listener.close()
    await listener.wait_closed()

    assert [encode(message) for message in messages] == [envelope.original_content for envelope in inbox.got]
    assert [["joao@example.net"], ["jörg@example.org"]] == [envelope.rcpt_tos for envelope in inbox.got]


async def test_server_says_its_own_id(smtp: SmtpTransport) -> None:
    """The server's queue id comes back as the reference, so that the shop can find the mail in the server's log."""
    assert Accepted(reference="Q000001") == await smtp.send(mail())


async def test_connections_are_kept_and_shared(server: SmtpServer) -> None:
    """A hundred mails go over a few connections, never more at a time than allowed, and all arrive once."""
    smtp = SmtpTransport.from_url(server.url, connections=4)
    await asyncio.gather(*(smtp.send(mail(message_id=f"m{number}")) for number in range(100)))
    await smtp.aclose()

    assert 100 == len(server.message_ids) == len(server.mails)
    assert 4 == server.connections == server.most_at_once
    assert 4 == server.verbs["QUIT"]


async def test_one_after_another_needs_one_connection(server: SmtpServer, smtp: SmtpTransport) -> None:
    """The connection used last is used next."""
    for number in range(10):
        await smtp.send(mail(message_id=f"m{number}"))

    assert 1 == server.connections


async def test_a_connection_is_used_up(server: SmtpServer) -> None:
    """After so many messages a connection is closed politely and another opened."""
    smtp = SmtpTransport.from_url(server.url, messages_per_connection=3)
    for number in range(7):
        await smtp.send(mail(message_id=f"m{number}"))
    await smtp.aclose()

    assert (3, 3) == (server.connections, server.verbs["QUIT"])


@pytest.mark.parametrize(
    ("idle", "noops", "connections"), [(1, 0, 1), (60, 1, 1), (400, 0, 2)], ids=["fresh", "idle", "old"]
)
async def test_idle_connection_is_asked(server: SmtpServer, idle: float, noops: int, connections: int) -> None:
    """A connection that was idle is asked before it is trusted, and replaced when it is old."""
    clock = HandClock()
    smtp = SmtpTransport.from_url(server.url, clock=clock)
    await smtp.send(mail())
    clock.seconds += idle
    await smtp.send(mail(message_id="2"))
    await smtp.aclose()

    assert (noops, connections, 2) == (server.verbs["NOOP"], server.connections, len(server.mails))


async def test_idle_connection_that_is_dead_is_replaced(server: SmtpServer) -> None:
    """If the answer to NOOP is no, the mail goes over a new connection."""
    clock = HandClock()
    smtp = SmtpTransport.from_url(server.url, clock=clock)
    await smtp.send(mail())
    clock.seconds += 60
    server.answer("NOOP", "421 4.4.2 idle for too long")
    await smtp.send(mail(message_id="2"))
    await smtp.aclose()

    assert (2, 2) == (server.connections, len(server.mails))


@pytest.mark.parametrize("answer", [Act.DROP, "421 4.4.2 idle for too long"])
async def test_server_that_hung_up_unnoticed_costs_nothing(server: SmtpServer, answer: Act | str) -> None:
    """A kept connection that turns out to be closed at MAIL is replaced at once: nothing was handed over yet."""
    smtp = SmtpTransport.from_url(server.url)
    await smtp.send(mail())
    server.answer("MAIL", answer)
    await smtp.send(mail(message_id="2"))
    await smtp.aclose()

    assert (2, 2) == (server.connections, len(server.mails))


async def test_server_that_hangs_up_between_mails(server: SmtpServer, smtp: SmtpTransport) -> None:
    """A server that closes idle connections is simply connected to again."""
    await smtp.send(mail())
    server.hang_up()
    await smtp.send(mail(message_id="2"))

    assert (2, 2) == (server.connections, len(server.mails))


async def test_international_address_goes_where_it_is_understood(server: SmtpServer, smtp: SmtpTransport) -> None:
    """A part before the @ beyond ASCII is sent with SMTPUTF8, a domain beyond ASCII as its A-label."""
    await smtp.send(mail(to="jörg@bücher.example"))

    assert "jörg@xn--bcher-kva.example" == server.mails[0].recipient
    assert [True] == ["BODY=8BITMIME SMTPUTF8" in line for line in server.commands if line.startswith("MAIL")]


async def test_international_address_without_smtputf8_is_refused() -> None:
    """Without SMTPUTF8 such an address is no use on this channel, but there is nothing wrong with it."""
    async with SmtpServer(extensions=("8BITMIME",)) as server:
        smtp = SmtpTransport.from_url(server.url)
        error = await failure(smtp, mail(to="jörg@example.org"))
        await smtp.send(mail())
        await smtp.aclose()

    assert isinstance(error, Permanent)
    assert not error.suppress
    assert 1 == len(server.mails) == server.connections


async def test_other_messages_are_a_mistake(smtp: SmtpTransport) -> None:
    """A text message does not go by SMTP: the program is wired wrongly."""
    with pytest.raises(UsageError):
        await smtp.send(sms())  # type: ignore[arg-type]


# SMTP: refusals


@pytest.mark.parametrize(
    ("phase", "reply", "named"),
    [
        ("RCPT", "550-5.1.1 no such user\n550 5.1.1 <joao@example.net>", "address"),
        ("RCPT", "nonsense joao@example.net", "outage"),
        ("RCPT", "", "outage"),
        ("DATA", "250 2.0.0 what", "again"),
        ("DOT", "250-incomplete", "uncertain"),
        ("DOT", "251 2.1.5 what", "uncertain"),
        ("DOT", "354 go on", "uncertain"),
        ("DOT", "nonsense joao@example.net", "uncertain"),
        ("DOT", "550-5.7.1 spam\n550-5.7.1 really\n550 5.7.1 joao@example.net", "never"),
    ],
)
async def test_odd_replies(server: SmtpServer, phase: str, reply: str, named: str) -> None:
    """Replies of many lines, without an end or without sense have an outcome too; the table is in test_smtp_replies."""
    smtp = SmtpTransport.from_url(server.url, data_timeout=timedelta(milliseconds=200))
    server.always(phase, reply or "\r\n\r\n")
    became = outcome(await sent_or_refused(smtp))
    server.usual()
    await smtp.send(mail(message_id="next"))
    await smtp.aclose()

    assert named == became
    assert 1 == server.message_ids["<next@loja.example>"]


async def test_refusal_says_code_and_meaning(server: SmtpServer, smtp: SmtpTransport) -> None:
    """The error's text and code say what the server answered, in our words."""
    server.answer("RCPT", "550 5.1.1 <joao@example.net> no such user")

    error = await failure(smtp)

    assert "550 5.1.1" == error.code
    assert "The server answered 550 5.1.1 to RCPT TO: there is no such address." == str(error)


async def test_refused_recipient_keeps_the_connection(server: SmtpServer, smtp: SmtpTransport) -> None:
    """After a refusal the envelope is reset and the next mail goes over the same connection."""
    server.answer("RCPT", "550 5.1.1 no such user")
    await failure(smtp)
    await smtp.send(mail(message_id="2"))

    assert (1, 1) == (server.connections, server.verbs["RSET"])
    assert {"<2@loja.example>": 1} == server.message_ids


# SMTP: breaks


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_drop_before_the_mail_is_transient(server: SmtpServer, smtp: SmtpTransport, phase: str) -> None:
    """If the server hangs up before it asked for the mail, the mail was surely not handed over."""
    server.answer(phase, Act.DROP, times=3)

    assert type(await failure(smtp)) is Transient
    assert not server.mails


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_silence_before_the_mail_is_transient(server: SmtpServer, phase: str) -> None:
    """If the server falls silent before it asked for the mail, the mail was surely not handed over."""
    limit = timedelta(milliseconds=100)
    smtp = SmtpTransport.from_url(server.url, connect_timeout=limit, command_timeout=limit, clock=HandClock())
    server.answer(phase, Act.SILENCE, times=3)

    assert type(await failure(smtp)) is Transient
    assert not server.mails


@pytest.mark.parametrize("act", [Act.DROP, Act.SILENCE])
async def test_no_answer_after_the_dot_is_uncertain(server: SmtpServer, act: Act) -> None:
    """If no answer comes after the final dot nobody knows, and the same mail goes again under the same Message-ID."""
    smtp = SmtpTransport.from_url(server.url, data_timeout=timedelta(milliseconds=100))
    server.answer("DOT", act)
    error = await failure(smtp)
    await smtp.send(mail())
    await smtp.aclose()

    assert isinstance(error, Uncertain)
    assert [encode(mail())] * 2 == [got.content for got in server.mails]
    assert [2] == list(server.message_ids.values())


async def test_drop_while_the_mail_is_written_is_uncertain(server: SmtpServer, smtp: SmtpTransport) -> None:
    """If the connection breaks while the mail is on its way, nobody can say how much of it arrived."""
    server.answer("BODY", Act.DROP)

    assert isinstance(await failure(smtp), Uncertain)


async def test_nobody_listens() -> None:
    """A server that is not there is a matter of time; the error names the server, which is the shop's own."""
    clock = HandClock()
    async with SmtpServer() as server:
        smtp = SmtpTransport.from_url(server.url, clock=clock)
    error = await failure(smtp)

    assert isinstance(error, Transient)
    assert f"127.0.0.1:{server.port} cannot be reached (ConnectionRefusedError)." == str(error)


async def test_cancelled_send_leaves_no_broken_connection(server: SmtpServer, smtp: SmtpTransport) -> None:
    """A send that is cancelled in the middle takes its connection with it; the next mail has its own."""
    server.answer("RCPT", Act.SILENCE)
    sending = asyncio.create_task(smtp.send(mail()))
    await server.hears("RCPT")
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await smtp.send(mail(message_id="2"))

    assert {"<2@loja.example>": 1} == server.message_ids
    assert 2 == server.connections


# SMTP: TLS, log-in, settings


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key in one file."""
    if which("openssl") is None:
        pytest.skip("the openssl command is needed to make a certificate")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run([*command.split(), "-keyout", path, "-out", path], check=True, capture_output=True)
    return path


@pytest.fixture
def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


@pytest.mark.parametrize("way", ["starttls", "implicit"])
async def test_tls_with_a_verified_certificate(serving: ssl.SSLContext, trusting: ssl.SSLContext, way: Any) -> None:
    """Mails go encrypted, by STARTTLS or from the first octet, with one context for all connections."""
    async with SmtpServer(tls=serving, is_implicit=way == "implicit", extensions=("AUTH PLAIN",)) as server:
        smtp = SmtpTransport(
            "127.0.0.1", server.port, tls=way, tls_context=trusting, username="shop", password="key", connections=2
        )
        await asyncio.gather(*(smtp.send(mail(message_id=f"m{number}")) for number in range(6)))
        await smtp.aclose()

    assert 6 == len(server.message_ids)
    assert {"starttls": 2, "implicit": 0}[way] == server.verbs["STARTTLS"]
    assert 2 == server.connections


@pytest.mark.parametrize("way", ["starttls", "implicit"])
async def test_tls_with_an_unknown_certificate(serving: ssl.SSLContext, way: Any) -> None:
    """A server whose certificate nobody vouches for gets no mail."""
    async with SmtpServer(tls=serving, is_implicit=way == "implicit") as server:
        error = await failure(SmtpTransport("127.0.0.1", server.port, tls=way))

    assert (Transient, "tls") == (type(error), error.code)
    assert not server.verbs["MAIL"]


async def test_opportunistic_tls_takes_any_certificate(serving: ssl.SSLContext) -> None:
    """`smtp://` without a password encrypts where it can, for the alternative is plain text."""
    async with SmtpServer(tls=serving) as server:
        smtp = SmtpTransport.from_url(server.url)
        await smtp.send(mail())
        await smtp.aclose()

    assert (1, 1) == (server.verbs["STARTTLS"], len(server.mails))


async def test_starttls_that_is_insisted_on(server: SmtpServer) -> None:
    """A server that offers no STARTTLS where it is insisted on pauses the channel, and sees no mail."""
    error = await failure(SmtpTransport("127.0.0.1", server.port))

    assert isinstance(error, ChannelRefused)
    assert not server.verbs["MAIL"]


@pytest.mark.parametrize("ways", ["PLAIN", "LOGIN", "CRAM-MD5 PLAIN LOGIN"])
async def test_right_password(ways: str) -> None:
    """The transport logs in once a connection, by a way that the server offers."""
    async with SmtpServer(extensions=(f"AUTH {ways}",), password="öl@/key") as server:
        server.answer("AUTH", "504 5.5.4 not really") if "CRAM" in ways else None
        smtp = SmtpTransport.from_url(f"smtp://sh%40p:%C3%B6l%40%2Fkey@127.0.0.1:{server.port}")
        await smtp.send(mail())
        await smtp.send(mail(message_id="2"))
        await smtp.aclose()

    assert (1, 2) == (server.connections, len(server.mails))


async def test_wrong_password_pauses_the_channel() -> None:
    """Refused credentials are the shop's matter: no message is spent on them, and they are not shown."""
    async with SmtpServer(extensions=("AUTH PLAIN LOGIN",), password="right") as server:
        smtp = SmtpTransport("127.0.0.1", server.port, username="shop", password="wrong-key", tls="none")
        error = await failure(smtp)

    assert (ChannelRefused, "535 5.7.8") == (type(error), error.code)
    assert "wrong-key" not in f"{error} {smtp!r}"


async def test_wrong_password_at_a_server_that_hangs_up() -> None:
    """A server that hangs up after the first wrong password has refused us all the same."""
    async with SmtpServer(extensions=("AUTH PLAIN LOGIN",)) as server:
        server.answer("AUTH", "535 5.7.8 no", Act.DROP)
        error = await failure(SmtpTransport("127.0.0.1", server.port, username="u", password="p", tls="none"))

    assert isinstance(error, ChannelRefused)


async def test_log_in_that_is_down_for_now() -> None:
    """A temporary failure of the log-in is a matter of time."""
    async with SmtpServer(extensions=("AUTH PLAIN",)) as server:
        server.answer("AUTH", "454 4.7.0 temporary failure")
        error = await failure(SmtpTransport("127.0.0.1", server.port, username="u", password="p", tls="none"))

    assert (Transient, "454 4.7.0") == (type(error), error.code)


async def test_log_in_where_none_is_offered(server: SmtpServer) -> None:
    """Credentials for a server that takes none are a mistake in the set-up."""
    smtp = SmtpTransport("127.0.0.1", server.port, username="u", password="p", tls="none")

    assert isinstance(await failure(smtp), ChannelRefused)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("smtp://127.0.0.1", "SmtpTransport('127.0.0.1', 25, tls='auto')"),
        ("smtp://shop:key@mail.example", "SmtpTransport('mail.example', 587, tls='auto')"),
        ("smtp+starttls://mail.example", "SmtpTransport('mail.example', 587, tls='starttls')"),
        ("smtps://shop:key@mail.example/", "SmtpTransport('mail.example', 465, tls='implicit')"),
        ("smtp://[::1]:2525", "SmtpTransport('::1', 2525, tls='auto')"),
    ],
)
def test_urls(url: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL says host, port and TLS; the environment's variable is read the same way."""
    monkeypatch.setenv("PN_SMTP_URL", url)

    assert shown == repr(SmtpTransport.from_url(url)) == repr(SmtpTransport.from_env())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://shop:key@mail.example",
        "smtp://",
        "smtp://shop:ke/y@mail.example",
        "smtp://shop:ke#y@mail.example",
        "smtp://shop:key@mail.example:99999",
        "smtp://shop:key@mail.example?tls=no",
        "smtp://shop:key@[mail.example",
        "smtp://shop:key@mail..example",
    ],
)
def test_urls_that_cannot_be_read(url: str) -> None:
    """A URL that cannot be read is a mistake of the program; the error does not show the password."""
    with pytest.raises(UsageError) as refused:
        SmtpTransport.from_url(url)

    assert "key" not in str(refused.value)
    assert refused.value.__context__ is None


def test_environment_without_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its variable `from_env` says which one to set."""
    monkeypatch.delenv("PN_SMTP_URL", raising=False)

    with pytest.raises(UsageError, match="PN_SMTP_URL"):
        SmtpTransport.from_env()


def test_server_in_a_thread() -> None:
    """The server can serve a client that has a loop of its own."""

    async def send(url: str) -> None:
        smtp = SmtpTransport.from_url(url)
        await smtp.send(mail())
        await smtp.aclose()

    with SmtpServer.in_thread() as server:
        asyncio.run(send(server.url))

    assert 1 == len(server.message_ids)


# Folder


async def test_folder_holds_the_exact_mail(tmp_path: Path) -> None:
    """The file is the mail, byte for byte, under a name that says what it is."""
    accepted = await FolderTransport(tmp_path / "out" / "mail").send(mail())

    (path,) = (tmp_path / "out" / "mail").iterdir()
    assert accepted.reference == path.name
    assert path.name.startswith("20260105T090000Z-A-1001-shipped-")
    assert path.name.endswith(".eml")
    assert encode(mail()) == path.read_bytes()
    assert mail().subject == message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]


async def test_folder_holds_other_messages_as_json(tmp_path: Path) -> None:
    """A message that is no mail is written with all its fields."""
    await FolderTransport(tmp_path).send(sms())

    (path,) = tmp_path.glob("*.json")
    assert sms() == SmsMessage.model_validate(json.loads(path.read_text()))


@pytest.mark.parametrize(
    "order_id",
    ["../../etc/passwd", "/etc/passwd", "..", "", "a\x00b", "a\nb", "CON", "x" * 500, "заказ-7", "~", "a\\b"],
)
async def test_folder_cannot_be_left(tmp_path: Path, order_id: str) -> None:
    """Whatever the order is called, its file is one plain name inside the folder."""
    await FolderTransport(tmp_path / "mail").send(mail(order_id=order_id))

    (path,) = (tmp_path / "mail").iterdir()
    assert [tmp_path / "mail"] == list(tmp_path.iterdir())
    assert path.name.isascii()
    assert 200 > len(path.name)
    assert not set(path.name) & set('/\\:*?"<>| \n\x00')


async def test_folder_keeps_alike_messages_apart(tmp_path: Path) -> None:
    """Two messages of one order, notice and instant, and of orders whose names look alike, are two files."""
    folder = FolderTransport(tmp_path)
    for number, order_id in enumerate(["A/1", "A:1", "A/1"]):
        await folder.send(mail(message_id=f"0198c2f0-{number}", order_id=order_id))

    assert 3 == len(list(tmp_path.iterdir()))


async def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is a file is the shop's matter; the error names no order."""
    (tmp_path / "mail").write_text("")

    with pytest.raises(ChannelRefused) as refused:
        await FolderTransport(tmp_path / "mail").send(mail())

    assert "A-1001" not in str(refused.value)
    assert refused.value.__context__ is None


# Console


async def test_console_shows_a_mail_as_a_person_reads_it() -> None:
    """A mail is printed with address, subject and text; its HTML is not."""
    stream = io.StringIO()
    await ConsoleTransport(stream).send(mail(text="Olá João,\n\nestá a caminho.\n"))

    assert (
        "-- shipped · order A-1001 · 2026-01-05 09:00 UTC -----------------------------\n"
        "To:      João Silva <joao@example.net>\n"
        "Subject: Seu pedido está a caminho\n"
        "\n"
        "Olá João,\n"
        "\n"
        "está a caminho.\n"
        "\n"
    ) == stream.getvalue()


async def test_console_shows_any_message(capsys: pytest.CaptureFixture[str]) -> None:
    """A message of any channel is printed with its parts, on standard output if no other is given."""
    await ConsoleTransport().send(sms())

    assert "To:      +5511999990000\n\nSeu pedido está a caminho\n" in capsys.readouterr().out


async def test_console_that_knows_only_ascii() -> None:
    """A terminal without Unicode shows question marks instead of failing."""
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    await ConsoleTransport(terminal).send(mail())

    terminal.seek(0)
    assert "To:      Jo?o Silva <joao@example.net>\n" in terminal.readlines()


async def test_console_cannot_be_steered_by_a_message() -> None:
    """Escape sequences in what a customer or a shop wrote do not reach the terminal."""
    stream = io.StringIO()
    await ConsoleTransport(stream).send(mail(order_id="a\x1b[2J\nb", to_name="\x1b]0;x\x07", text="\x1b[31mred\x9b"))

    assert not set("\x1b\x07\x9b") & set(stream.getvalue())


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_color", "is_coloured"), [("", False), (None, True)])
async def test_console_is_coloured_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, no_color: str | None, is_coloured: bool
) -> None:
    """Colour is for terminals, and only if nobody said NO_COLOR."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    terminal = Terminal()
    await ConsoleTransport(terminal).send(mail())

    assert is_coloured == ("\x1b[" in terminal.getvalue())


async def test_console_that_is_gone() -> None:
    """A stream that was closed is a matter of time, not the end of the program."""
    stream = io.StringIO()
    stream.close()

    with pytest.raises(Transient):
        await ConsoleTransport(stream).send(mail())
