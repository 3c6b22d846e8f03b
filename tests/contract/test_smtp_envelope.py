"""What a server is told beside the mail: where it comes back to, how long it is, what to report, and a signature."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_notify._content.mime import encode
from proactive_notify.errors import ChannelRefused
from proactive_notify.transports import SmtpTransport
from proactive_notify.transports.smtp_mail import Mail, xtext
from tests.contract.smtp_cases import MODES, HandClock, mail, outcome, sent_or_refused
from tests.contract.smtp_server import SmtpServer


@pytest.fixture(params=MODES)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[SmtpServer]:
    async with SmtpServer(extensions=("SIZE 10485760", "8BITMIME", "SMTPUTF8", "DSN", request.param.upper())) as server:
        yield server


def transport(server: SmtpServer, **options: Any) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", server.port, **{"tls": "none", "clock": HandClock(), **options})


def said(server: SmtpServer, verb: str) -> list[str]:
    return [command for command in server.commands if command.startswith(verb)]


async def test_a_mail_comes_back_to_its_return_path(server: SmtpServer) -> None:
    """MAIL FROM names the return path of the mail; the From header still names the shop."""
    await transport(server).send(mail(return_path="bounce+abc@bounces.loja.example"))

    assert "bounce+abc@bounces.loja.example" == server.mails[0].sender
    assert "Loja Exemplo <pedidos@loja.example>" == str(server.mails[0].parsed["From"])


async def test_a_report_is_asked_for(server: SmtpServer) -> None:
    """With an envelope id, and where DSN is offered, failures and delays are reported, with headers only (RFC 3461)."""
    wire = encode(mail(envelope_id="a1+b=2"))
    await transport(server).send(mail(envelope_id="a1+b=2"))

    assert [f"MAIL FROM:<pedidos@loja.example> SIZE={len(wire)} RET=HDRS ENVID=a1+2Bb+3D2"] == said(server, "MAIL")
    assert ["RCPT TO:<joao@example.net> NOTIFY=FAILURE,DELAY"] == said(server, "RCPT")


async def test_no_report_is_asked_for(server: SmtpServer) -> None:
    """Without an envelope id, or where DSN is not offered, nothing is said of reports."""
    await transport(server).send(mail())
    server.extensions = ("PIPELINING",)
    await transport(server).send(mail(envelope_id="a1"))

    assert ["RCPT TO:<joao@example.net>"] * 2 == said(server, "RCPT")
    assert [True, False] == ["SIZE" in line for line in said(server, "MAIL")]
    assert [False, False] == ["RET=" in line for line in said(server, "MAIL")]


async def test_an_id_that_is_too_long_is_left_out(server: SmtpServer) -> None:
    """An envelope id of more than 100 octets is not allowed (RFC 3461 section 4.4); the report is asked for without."""
    await transport(server).send(mail(envelope_id="x" * 101))

    assert said(server, "MAIL")[0].endswith(" RET=HDRS")


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("MAIL", "555 5.5.4 unsupported option"),
        ("MAIL", "455 4.5.4 not these options"),
        ("MAIL", "501 5.5.4 syntax: SIZE?"),
        ("RCPT", "555 unsupported option"),
    ],
)
async def test_a_mail_refused_for_its_options_goes_without(server: SmtpServer, verb: str, reply: str) -> None:
    """455, 555 and 5.5.4 are about options: the mail goes at once without, on the same connection, as do others."""
    smtp = transport(server)
    server.answer(verb, reply)
    await smtp.send(mail(envelope_id="a1"))
    await smtp.send(mail(envelope_id="a2", message_id="2"))
    await smtp.aclose()

    assert 2 == len(server.message_ids) == len(server.mails)
    assert 1 == server.connections
    plain = ["MAIL FROM:<pedidos@loja.example>", "RCPT TO:<joao@example.net>"]
    assert plain * 2 == [said(server, "MAIL")[1], said(server, "RCPT")[-2], *plain]
    assert [plain[0]] * 2 == said(server, "MAIL")[1:]


@pytest.mark.parametrize("reply", ["550 5.6.7 no such letters", "555 5.5.4 no such option", "555 no such option"])
async def test_options_that_cannot_be_left_out(server: SmtpServer, reply: str) -> None:
    """An address beyond ASCII cannot be told without SMTPUTF8: who refuses the option refuses that mail, no other."""
    smtp = transport(server)
    server.always("MAIL", reply)
    became = outcome(await sent_or_refused(smtp, mail(to="jörg@example.org")))

    assert "never" == became
    assert not [line for line in server.commands if "SIZE" in line and "SMTPUTF8" not in line]


async def test_too_many_recipients_end_the_connection(server: SmtpServer) -> None:
    """After 4.5.3 the next mail goes over a new connection: this one has had its share."""
    smtp = transport(server)
    server.answer("RCPT", "452 4.5.3 too many recipients")
    became = outcome(await sent_or_refused(smtp))
    await smtp.send(mail(message_id="2"))
    await smtp.aclose()

    assert "again+1m" == became
    assert (2, 1) == (server.connections, len(server.mails))


# A signature


class Signs:
    """Puts a line before each mail, and can be told to fail."""

    def __init__(self) -> None:
        self.asked: list[datetime] = []
        self.failure: Exception | None = None

    def sign(self, wire: bytes, *, at: datetime) -> bytes:
        self.asked.append(at)
        if self.failure is not None:
            raise self.failure
        return b"DKIM-Signature: v=1; b=abc\r\n" + wire


async def test_the_signed_bytes_go_out(server: SmtpServer) -> None:
    """What the signer returns is what goes out, and how long that is, is what is said; the time is the mail's own."""
    signer = Signs()
    await transport(server, dkim=signer).send(mail())

    signed = b"DKIM-Signature: v=1; b=abc\r\n" + encode(mail())
    assert [signed] == [got.content for got in server.mails]
    assert f"SIZE={len(signed)}" in said(server, "MAIL")[0]
    assert [mail().at] == signer.asked


async def test_a_mail_that_cannot_be_signed_is_not_sent(server: SmtpServer) -> None:
    """If the key is refused the error is the signer's, no connection is spent on it, and the next mail can go."""
    signer = Signs()
    signer.failure = ChannelRefused("The key cannot be read.", code="dkim")
    smtp = transport(server, dkim=signer)

    assert "ours" == outcome(await sent_or_refused(smtp))
    assert 0 == server.connections
    signer.failure = None
    await smtp.send(mail())
    assert 1 == len(server.mails)


# The bytes


@given(st.text(max_size=60))
def test_xtext_can_be_read_back(text: str) -> None:
    """Whatever is written as xtext is one word of plain ASCII, and reads back as it was."""
    try:
        octets = text.encode()
    except UnicodeEncodeError:
        return
    written = xtext(text)
    parts = written.split(b"+")
    read = parts[0] + b"".join(bytes.fromhex(part[:2].decode()) + part[2:] for part in parts[1:])

    assert octets == read
    assert all(33 <= octet <= 126 and octet != ord("=") for octet in written)


@given(st.lists(st.sampled_from([b".", b"..", b"", b".x", b"x.", b"\r\n", b"x\r\n.", b"end"]), max_size=12))
def test_dots_are_doubled_and_read_back(pieces: list[bytes]) -> None:
    """Whatever the mail is, one final dot ends it and no other, and a server that undoes the dots has the mail."""
    wire = b"\r\n".join(pieces) + b"\r\n"
    body = Mail(b"a@b.example", b"c@d.example", wire).body

    # As a server reads: from the line end before the mail to the first lone dot, each line without its first dot.
    read, end, rest = (b"\r\n" + body).partition(b"\r\n.\r\n")
    assert (b"\r\n.\r\n", b"") == (end, rest)
    assert b"\r\n" + wire == read.replace(b"\r\n.", b"\r\n") + b"\r\n"


@pytest.mark.parametrize("address", [b"a@b.example>\r\nRCPT TO:<x@y.example", b"a\n@b.example"])
async def test_a_line_break_in_an_address_is_never_said(address: bytes) -> None:
    """An address cannot smuggle a command, whoever checked it before."""
    with pytest.raises(Exception, match="line break"):
        Mail(b"a@b.example", address, b"x\r\n").commands({}, is_plain=False)
