"""Every reply of the table at every phase, and what becomes of the mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from proactive_notify.transports import SmtpTransport
from proactive_notify.transports.smtp_replies import REPLIES, Phase, enhanced_code, find_row
from tests.contract.certificates import Authority
from tests.contract.smtp_cases import MODES, HandClock, mail, outcome, sent_or_refused
from tests.contract.smtp_server import SmtpServer

#: The names of the outcomes are explained in smtp_cases.outcome. EHLO stands apart, below.
TABLE = """
reply      | CONNECT    STARTTLS   AUTH       | MAIL        | RCPT       DATA       DOT
421        | outage+1m  outage+1m  outage+1m  | outage+1m   | outage+1m  outage+1m  outage+1m
421 4.3.2  | outage+1m  outage+1m  outage+1m  | outage+1m   | outage+1m  outage+1m  outage+1m
421 4.7.0  | outage+1m  outage+1m  outage+1m  | outage+1m   | outage+1m  outage+1m  outage+1m
421 4.7.28 | outage+1m  outage+1m  outage+1m  | outage+1m   | outage+1m  outage+1m  outage+1m
432 4.7.12 | outage     outage     outage     | outage      | again      again      again
432 4.3.2  | outage+1m  outage+1m  outage+1m  | outage+1m   | outage+1m  outage+1m  outage+1m
454 4.7.0  | outage     outage     outage     | outage      | again      again      again
450        | outage+5m  outage+5m  outage+5m  | outage+5m   | again+5m   again+5m   again+5m
450 4.2.0  | outage+5m  outage+5m  outage+5m  | outage+5m   | again+5m   again+5m   again+5m
450 4.2.1  | outage+5m  outage+5m  outage+5m  | outage+5m   | again+5m   again+5m   again+5m
450 4.7.1  | outage+5m  outage+5m  outage+5m  | outage+5m   | again+5m   again+5m   again+5m
451        | outage     outage     outage     | outage      | again      again      again
451 4.3.0  | outage     outage     outage     | outage      | again      again      again
451 4.4.3  | outage     outage     outage     | outage      | again      again      again
451 4.4.5  | outage+1m  outage+1m  outage+1m  | outage+1m   | outage+1m  outage+1m  outage+1m
451 4.7.1  | outage+5m  outage+5m  outage+5m  | outage+5m   | again+5m   again+5m   again+5m
452 4.2.2  | again+60m  again+60m  again+60m  | again+60m   | again+60m  again+60m  again+60m
452 4.3.1  | outage+60m outage+60m outage+60m | outage+60m  | outage+60m outage+60m outage+60m
452 4.5.3  | again+1m   again+1m   again+1m   | again+1m    | again+1m   again+1m   again+1m
455        | again      again      again      | again       | again      again      again
499        | outage     outage     outage     | outage      | again      again      again
500 5.5.2  | ours       ours       ours       | ours        | never      never      never
501 5.5.4  | ours       ours       ours       | ours        | never      never      never
501 5.1.7  | ours       ours       ours       | ours        | ours       ours       ours
502 5.5.1  | ours       ours       ours       | ours        | never      never      never
503 5.5.1  | ours       ours       ours       | ours        | never      never      never
504        | ours       ours       ours       | ours        | never      never      never
521        | ours       ours       ours       | ours        | address    address    address
525 5.7.13 | ours       ours       ours       | ours        | never      never      never
530 5.7.0  | ours       ours       ours       | ours        | ours       ours       ours
534 5.7.9  | ours       ours       ours       | ours        | ours       ours       ours
535 5.7.8  | ours       ours       ours       | ours        | ours       ours       ours
538 5.7.11 | ours       ours       ours       | ours        | ours       ours       ours
550        | ours       ours       ours       | ours        | never      never      never
550 5.1.1  | ours       ours       ours       | ours        | address    address    address
550 5.1.2  | ours       ours       ours       | ours        | address    address    address
550 5.1.3  | ours       ours       ours       | ours        | address    address    address
550 5.1.6  | ours       ours       ours       | ours        | address    address    address
550 5.1.10 | ours       ours       ours       | ours        | address    address    address
550 5.1.8  | ours       ours       ours       | ours        | ours       ours       ours
550 5.2.1  | ours       ours       ours       | ours        | address    address    address
550 5.4.1  | ours       ours       ours       | ours        | address-2  address-2  address-2
550 5.4.4  | ours       ours       ours       | ours        | address-2  address-2  address-2
550 5.6.7  | never      never      never      | never       | never      never      never
550 5.7.1  | ours       ours       ours       | ours        | never      never      never
550 5.7.9  | ours       ours       ours       | ours        | never      never      never
550 5.7.26 | ours       ours       ours       | ours        | never      never      never
550 5.7.509| ours       ours       ours       | ours        | never      never      never
550 5.7.515| ours       ours       ours       | ours        | never      never      never
550 4.1.1  | ours       ours       ours       | ours        | never      never      never
551        | ours       ours       ours       | ours        | never      never      never
551 5.1.6  | ours       ours       ours       | ours        | address    address    address
552        | ours       ours       ours       | never       | never      never      never
552 5.2.2  | ours       ours       ours       | never       | again+1440m/3 again+1440m/3 again+1440m/3
552 5.3.4  | never      never      never      | never       | never      never      never
552 5.2.3  | never      never      never      | never       | never      never      never
553        | ours       ours       ours       | ours        | address    never      never
553 5.1.3  | ours       ours       ours       | ours        | address    address    address
553 5.1.8  | ours       ours       ours       | ours        | ours       ours       ours
553 5.7.1  | ours       ours       ours       | ours        | never      never      never
554        | ours       ours       ours       | ours        | never      never      never
554 5.3.0  | ours       ours       ours       | ours        | never      never      never
554 5.7.1  | ours       ours       ours       | ours        | never      never      never
555        | ours       ours       ours       | ours        | never      never      never
556        | ours       ours       ours       | ours        | address    address    address
556 5.1.10 | ours       ours       ours       | ours        | address    address    address
599        | ours       ours       ours       | ours        | never      never      never
299        | outage     outage     outage     | outage      | again      again      uncertain
399        | outage     outage     outage     | outage      | again      again      uncertain
999        | outage     outage     outage     | outage      | again      again      uncertain
"""


def rows() -> dict[str, dict[str, str]]:
    """Reply → phase → outcome."""
    head, *lines = [[part.strip() for part in line.split("|")] for line in TABLE.strip().splitlines()]
    phases = " ".join(head[1:]).split()
    return {reply: dict(zip(phases, " ".join(groups).split(), strict=True)) for reply, *groups in lines}


async def became(server: SmtpServer, phase: str, reply: str, **options: Any) -> str:
    """What became of a mail at a server that always answers so; the next mail, answered as usual, is sent."""
    smtp = SmtpTransport("127.0.0.1", server.port, clock=HandClock(), **options)
    server.mails.clear()
    server.always(phase, f"{reply} <joao@example.net> said the server")
    named = outcome(await sent_or_refused(smtp, mail(envelope_id="A")))
    assert (1 if named in ("sent", "uncertain") else 0) == len(server.mails)
    server.usual()
    await smtp.send(mail(message_id="next"))
    await smtp.aclose()
    assert 1 == server.message_ids["<next@loja.example>"]
    return named


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("reply", "wanted"), rows().items(), ids=list(rows()))
async def test_every_reply_at_every_phase(authority: Authority, mode: str, reply: str, wanted: dict[str, str]) -> None:
    """Each reply has its outcome, the same with and without PIPELINING, and the next mail is not disturbed by it."""
    offered = ("SIZE 10485760", "8BITMIME", "SMTPUTF8", "DSN", "AUTH PLAIN LOGIN", mode.upper())
    options = {"username": "shop", "password": "key", "data_timeout": timedelta(seconds=5)}
    async with (
        SmtpServer(extensions=offered) as plain,
        SmtpServer(extensions=offered, tls=authority.serving("127.0.0.1")) as encrypted,
    ):
        found = {
            phase: await became(encrypted, phase, reply, tls="auto", **options)
            if phase == "STARTTLS"
            else await became(plain, phase, reply, tls="none", **options)
            for phase in wanted
        }

    assert wanted == found


@pytest.mark.parametrize(
    ("reply", "named"),
    [
        ("421 4.3.2", "outage+1m"),
        ("451 4.3.0", "outage"),
        ("500 5.5.1", "sent"),
        ("502", "sent"),
        ("550 5.7.1", "sent"),
    ],
)
async def test_every_reply_to_ehlo(reply: str, named: str) -> None:
    """A server that does not know EHLO is greeted with HELO (RFC 5321 section 4.1.4) and gets its mail."""
    async with SmtpServer() as server:
        found = await became(server, "EHLO", reply, tls="none")

    assert named == found
    assert (1 if named == "sent" else 0) == server.verbs["HELO"]


def test_every_row_is_tried() -> None:
    """The table of this test reaches every row of the library's, so that none is there for nothing."""
    by_name = {"STARTTLS": Phase.TLS, **{phase.name: phase for phase in Phase}}
    reached = {
        find_row(by_name[phase], int(reply[:3]), enhanced_code(int(reply[:3]), reply[4:]))
        for reply, wanted in rows().items()
        for phase in wanted
    }

    assert [] == [row for row in REPLIES if row not in reached]
