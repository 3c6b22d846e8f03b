"""
A hostile mail server against the whole library on a virtual clock: no message is ever lost.

At the end of each test every message is sent, and the server holds it, or it stands as failed with a decision and a
word to the staff. What the server holds twice was uncertain in between, and is under one Message-ID.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import Customer, Email, MessageFailed, MessageState, Notifier
from proactive_notify.notices.placing import OrderReceived
from proactive_notify.transports import SmtpTransport
from tests.contract.certificates import Authority
from tests.contract.smtp_cases import MODES, HandClock
from tests.contract.smtp_server import Act, Answer, Last, SmtpServer
from tests.contract.wires import Stage, placed

ORDERS = [f"A-{number}" for number in range(4)]
OFFERED = ("SIZE 10485760", "8BITMIME", "SMTPUTF8", "DSN", "AUTH PLAIN")


@dataclass
class Siege:
    """A shop and the server that it must get its mails past."""

    stage: Stage
    server: SmtpServer
    notifier: Notifier
    #: The rules by which messages did not leave, in order.
    rules: list[str] = field(default_factory=list)

    async def record(self, *orders: str, **fields: Any) -> None:
        for order_id in orders or ORDERS:
            await self.notifier.record(placed(order_id, **fields))

    async def run(self, *, hours: float = 12) -> None:
        """Let so much time pass, from one moment at which a message is due to the next, or until all have ended."""
        end = self.stage.clock.now() + timedelta(hours=hours)
        while True:
            await self.notifier.run_until_idle()
            (row,) = self.stage.look("select min(due_at) as at from pn_message where state in (0, 3)")
            if row["at"] is None or self.stage.clock.now() >= end:
                return
            due = datetime.fromtimestamp(row["at"] / 1e6, UTC)
            self.stage.clock.move_to(min(end, max(due, self.stage.clock.now() + timedelta(minutes=1))))

    @property
    def ends(self) -> Counter[str]:
        """How many messages are sent and failed; and that none is lost, and none came twice under two names."""
        rows = self.stage.look("select id, state, order_id from pn_message")
        names = {f"<{row['id']}@acme.example>": row for row in rows}
        held = self.server.message_ids
        assert set() == held.keys() - names.keys(), "a mail that is no message of ours"
        for name, row in names.items():
            order_id = row["order_id"]
            match MessageState(row["state"]):
                case MessageState.SENT:
                    assert held[name] >= 1, f"{order_id} is lost"
                case MessageState.FAILED | MessageState.SUPPRESSED:
                    assert held[name] == 0, f"{order_id} was sent and is said to have failed"
                    assert "dropped" in [decision for decision, _ in self.stage.decisions(order_id)]
                    assert "undelivered" in self.stage.staff(order_id)
                case state:
                    raise AssertionError(f"{order_id} is still {state.name}")
        return Counter(MessageState(row["state"]).name.lower() for row in rows)

    @property
    def doubled(self) -> int:
        """How many mails came more than once."""
        return sum(count > 1 for count in self.server.message_ids.values())

    @property
    def suppressed(self) -> int:
        return len(self.stage.look("select address from pn_suppression where strikes >= needed"))


@asynccontextmanager
async def siege(folder: Path, server: SmtpServer, mode: str, **options: Any) -> AsyncIterator[Siege]:
    server.extensions = (*OFFERED, mode.upper())
    limit = timedelta(seconds=0.1)
    usual = {"tls": "none", "clock": HandClock(), "username": "shop", "password": "key"}
    limits = {"connect_timeout": timedelta(seconds=5), "command_timeout": limit, "data_timeout": limit}
    smtp = SmtpTransport("127.0.0.1", server.port, **{**usual, **limits, **options})
    stage = Stage(folder)
    heard: list[str] = []

    def hear(happening: object) -> None:
        if isinstance(happening, MessageFailed):
            heard.append(happening.rule)

    email = Email(smtp, sender="Acme <orders@acme.example>")
    async with stage.notifier(channels=[email], notices=[OrderReceived], observers=[hear]) as notifier:
        yield Siege(stage, server, notifier, heard)
    await smtp.aclose()


@pytest.fixture
async def server() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as server:
        yield server


# (b) Disconnected, or met with silence, at every phase


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("act", [Act.DROP, Act.SILENCE])
@pytest.mark.parametrize(
    "phase_named",
    [
        ("CONNECT", "transient:connect"),
        ("EHLO", "transient:connect"),
        ("AUTH", "transient:connect"),
        ("MAIL", "transient:{}"),
        ("RCPT", "transient:{}"),
        ("DATA", "transient:{}"),
        ("BODY", "uncertain:{}"),
        ("DOT", "uncertain:{}"),
    ],
    ids=lambda named: named[0],
)
async def test_cut_off_at_every_phase(
    tmp_path: Path, server: SmtpServer, phase_named: tuple[str, str], act: Act, mode: str
) -> None:
    """Cut off or left waiting before the mail: it goes again later. After it: again under the same Message-ID."""
    phase, named = phase_named
    limits = {"connect_timeout": timedelta(seconds=0.1)} if act is Act.SILENCE else {}
    async with siege(tmp_path, server, mode, **limits) as at:
        server.answer(phase, act, times=30)
        await at.record()
        await at.run(hours=0.1)
        first = set(at.rules)
        server.usual()
        await at.run()

        assert {"sent": 4} == at.ends
        assert {named.format({Act.DROP: "lost", Act.SILENCE: "timeout"}[act])} == first - {"circuit-open"}
        assert at.doubled <= (4 if phase == "DOT" else 0)


@pytest.mark.parametrize("mode", MODES)
async def test_cut_off_now_and_then(tmp_path: Path, server: SmtpServer, mode: str) -> None:
    """A server that cuts off every third answer of any kind gets every mail all the same."""
    async with siege(tmp_path, server, mode, connections=3) as at:
        for phase in ("MAIL", "RCPT", "DATA", "DOT"):
            usual = {"DATA": "354 go on"}.get(phase, "250 2.0.0 ok")
            server.answer(phase, usual, usual, Act.DROP, times=4)
        await at.record(*[f"B-{number}" for number in range(30)])
        await at.run()

        assert {"sent": 30} == at.ends
        assert at.doubled <= 4


# (a) What it may answer, through the whole library


@dataclass(frozen=True)
class Case:
    phase: str
    reply: Answer
    #: The rule by which the messages wait, or end.
    rule: str
    #: What they come to within four days of that; empty: they still wait after three hours.
    end: str
    #: How many addresses are suppressed by then.
    suppressed: int = 0


CASES = [
    Case("CONNECT", "421 4.3.2 closing", "transient:421 4.3.2", ""),
    Case("CONNECT", "554 5.7.1 you are listed", "paused:554 5.7.1", ""),
    Case("EHLO", "421 4.7.0 slow down", "transient:421 4.7.0", ""),
    Case("AUTH", "535 5.7.8 wrong", "paused:535 5.7.8", ""),
    Case("AUTH", "454 4.7.0 later", "transient:454 4.7.0", ""),
    Case("MAIL", "451 4.3.0 local error", "transient:451 4.3.0", ""),
    Case("MAIL", "452 4.3.1 disk full", "transient:452 4.3.1", ""),
    Case("MAIL", "530 5.7.0 log in", "paused:530 5.7.0", ""),
    Case("MAIL", "550 5.7.1 not you", "paused:550 5.7.1", ""),
    Case("RCPT", "421 4.7.28 slow down", "transient:421 4.7.28", ""),
    Case("RCPT", "450 4.2.0 busy", "transient:450 4.2.0", ""),
    Case("RCPT", "452 4.2.2 full", "transient:452 4.2.2", ""),
    Case("RCPT", "552 5.2.2 full", "transient:552 5.2.2", "failed"),
    Case("RCPT", "550 5.1.1 nobody", "refused:550 5.1.1", "failed", 4),
    Case("RCPT", "550 5.2.1 disabled", "refused:550 5.2.1", "failed", 4),
    Case("RCPT", "550 5.4.1 rejected", "refused:550 5.4.1", "failed", 0),
    Case("RCPT", "550 5.7.1 relaying denied", "refused:550 5.7.1", "failed", 0),
    Case("RCPT", "556 5.1.10 null MX", "refused:556 5.1.10", "failed", 4),
    Case("DATA", "451 4.3.0 not now", "transient:451 4.3.0", ""),
    Case("DATA", "554 5.5.1 nobody", "refused:554 5.5.1", "failed", 0),
    Case("DOT", "421 4.3.2 closing", "transient:421 4.3.2", ""),
    Case("DOT", "451 4.7.1 deferred", "transient:451 4.7.1", ""),
    Case("DOT", "550 5.7.26 unauthenticated", "refused:550 5.7.26", "failed", 0),
    Case("DOT", "554 5.7.1 spam", "refused:554 5.7.1", "failed", 0),
    Case("DOT", "354 what", "uncertain:354", ""),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CASES, ids=[f"{case.phase}-{case.reply}"[:16] for case in CASES])
async def test_refused_for_days(tmp_path: Path, server: SmtpServer, case: Case, mode: str) -> None:
    """However long a server answers so, each message waits or stands as failed; when it is well all that wait go."""
    async with siege(tmp_path, server, mode) as at:
        server.always(case.phase, case.reply)
        await at.record()
        await at.run(hours=96 if case.end else 3)
        rules = set(at.rules)
        still_waiting = len(at.stage.look("select id from pn_message where state in (0, 3)"))
        server.usual()
        await at.run()

        assert case.rule in rules
        assert (0 if case.end else 4) == still_waiting
        assert {case.end or "sent": 4} == at.ends
        assert case.suppressed == at.suppressed


@pytest.mark.parametrize("mode", MODES)
async def test_full_mailbox_is_tried_three_times(tmp_path: Path, server: SmtpServer, mode: str) -> None:
    """552 5.2.2 means a mailbox that is full: three tries, one a day, and then the staff hear of it."""
    async with siege(tmp_path, server, mode) as at:
        server.always("RCPT", "552 5.2.2 full")
        await at.record("A-0")
        await at.run(hours=96)

        assert 3 == server.verbs["RCPT"]
        assert {"failed": 1} == at.ends
        assert 0 == at.suppressed


@pytest.mark.parametrize("mode", MODES)
async def test_rejected_twice_by_microsoft(tmp_path: Path, server: SmtpServer, mode: str) -> None:
    """550 5.4.1 suppresses an address when it was said of it a second time."""
    async with siege(tmp_path, server, mode) as at:
        server.always("RCPT", "550 5.4.1 rejected")
        ada = Customer(name="Ada", email="ada@example.org")
        counts = []
        for order_id in ("A-0", "A-1", "A-2"):
            await at.record(order_id, customer=ada)
            await at.run()
            counts.append((at.suppressed, server.verbs["RCPT"]))

        assert [(0, 1), (1, 2), (1, 2)] == counts


@pytest.mark.parametrize("mode", MODES)
async def test_greylisting(tmp_path: Path, server: SmtpServer, mode: str) -> None:
    """Greylisting that lets through on the third try: each mail arrives, once, and nobody is called."""
    async with siege(tmp_path, server, mode) as at:
        server.greylists = 2
        await at.record()
        await at.run()

        assert {"sent": 4} == at.ends
        assert {"transient:450 4.7.1"} == set(at.rules)
        assert (0, 12) == (at.doubled, server.verbs["RCPT"])
        assert [] == at.stage.staff("A-0")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_421_in_the_middle(tmp_path: Path, server: SmtpServer, phase: str, mode: str) -> None:
    """A server that says 421 in the middle of some mails has them all in the end, each once."""
    async with siege(tmp_path, server, mode, connections=2) as at:
        usual = {"DATA": "354 go on"}.get(phase, "250 2.0.0 ok")
        server.answer(phase, usual, "421 4.3.2 closing", usual, "421 4.3.2 closing")
        await at.record()
        await at.run()

        assert {"sent": 4} == at.ends
        assert 0 == at.doubled
        assert {"transient:421 4.3.2"} >= set(at.rules)


@pytest.mark.parametrize("mode", MODES)
async def test_a_250_that_never_comes(tmp_path: Path, server: SmtpServer, mode: str) -> None:
    """Mails that were taken without a word go again as the same octets under the same Message-ID, until one is said."""
    async with siege(tmp_path, server, mode) as at:
        server.answer("DOT", Act.SILENCE, times=4)
        await at.record("A-0", "A-1")
        await at.run()

        assert {"sent": 2} == at.ends
        assert {"uncertain:timeout"} == set(at.rules)
        for name, count in server.message_ids.items():
            assert count > 1, f"{name} was never in doubt"
            assert 1 == len({got.content for got in server.mails if got.message_id == name})


@pytest.mark.parametrize("mode", MODES)
async def test_one_octet_after_the_other(tmp_path: Path, server: SmtpServer, mode: str) -> None:
    """A server that says one octet at a time is slow and not dead: its mails arrive once."""
    limits = {name: timedelta(seconds=20) for name in ("connect_timeout", "command_timeout", "data_timeout")}
    async with siege(tmp_path, server, mode, **limits) as at:
        server.pause = 0.001
        await at.record()
        await at.run()

        assert {"sent": 4} == at.ends
        assert [] == at.rules
        assert 0 == at.doubled


@pytest.mark.parametrize("spoils", ["refuse", "drop", "swallow", "nonsense"])
async def test_pipelining_that_is_not_meant(tmp_path: Path, server: SmtpServer, spoils: Any) -> None:
    """A server that offers PIPELINING and spoils it gets every mail once, at the first try."""
    async with siege(tmp_path, server, "pipelining", connections=2) as at:
        server.spoils_pipelining = spoils
        await at.record()
        await at.run()

        assert {"sent": 4} == at.ends
        assert [] == at.rules
        assert 0 == at.doubled


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", ["starttls", "implicit"])
async def test_tls_with_a_wrong_name(tmp_path: Path, authority: Authority, way: str, mode: str) -> None:
    """A server that shows another's certificate sees no mail; when it shows its own, all are sent."""
    other, own = authority.serving("mail.other.example"), authority.serving("127.0.0.1")
    async with SmtpServer(tls=other, is_implicit=way == "implicit") as server:
        trusting = authority.trusting()
        async with siege(tmp_path, server, mode, tls=way, tls_context=trusting) as at:
            await at.record()
            await at.run(hours=0.5)
            rules = set(at.rules)

            assert {"transient:tls"} == rules
            assert (0, 0) == (server.verbs["MAIL"], server.verbs["AUTH"])
            await server.show(own)
            await at.run()
            assert {"sent": 4} == at.ends
            assert 0 == at.doubled


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("cause", ["away", "full", "rude"])
async def test_a_server_that_is_away_for_hours(tmp_path: Path, server: SmtpServer, cause: str, mode: str) -> None:
    """After hours in which nothing was taken every message is sent once, and the server was not stormed meanwhile."""
    spoil: dict[str, Callable[[], None]] = {
        "away": lambda: server.always("CONNECT", Act.DROP),
        "full": lambda: server.always("MAIL", "452 4.3.1 disk full"),
        "rude": lambda: server.always("MAIL", Last("250 2.1.0 and goodbye")),
    }
    async with siege(tmp_path, server, mode) as at:
        spoil[cause]()
        await at.record(*[f"B-{number}" for number in range(40)])
        await at.run(hours=3)
        asked = server.connections
        server.usual()
        await at.run()

        assert {"sent": 40} == at.ends
        assert 0 == at.doubled
        # Everybody once, and then one that asks whether it is back, at most every half minute.
        assert asked <= 40 + 3 * 120
