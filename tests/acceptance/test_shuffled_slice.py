"""Thousands of real orders: late, repeated, and with a mail server that is away for five days."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import Event, Shop, Transient, default_notices, event_from_wire
from proactive_notify.testing import RecordingTransport, Simulation
from tests.contract.telling import essence
from tests.outside.arrivals import lines_of
from tests.outside.generated_log import shuffled

#: The outage is played with the orders that were placed in these four months: the whole log takes minutes.
MONTHS = ("2018-01", "2018-02", "2018-03", "2018-04")
#: Five days in the busiest of them.
DOWN_AT = datetime(2018, 3, 12, 10, tzinfo=UTC)
UP_AT = DOWN_AT + timedelta(days=5)
#: What waited has been tried again by then: two tries are an hour apart at most, and a lane may hold two.
SETTLED_AT = UP_AT + timedelta(hours=3)

Batch = tuple[datetime, list[Event]]


def batches(log: Path) -> Iterator[Batch]:
    """The events of a log, those of one instant together. They arrive in the order of the lines."""

    def arriving() -> Iterator[tuple[datetime, Event]]:
        latest = datetime.min.replace(tzinfo=UTC)
        for line in lines_of(log):
            event = event_from_wire(json.loads(line))
            latest = max(latest, event.happened_at)
            yield latest, event

    for at, arrived in groupby(arriving(), key=lambda pair: pair[0]):
        yield at, [event for _, event in arrived]


@dataclass
class Run:
    """What a run of the engine over a log left behind."""

    mails: dict[str, list[Any]]
    orders: dict[str, dict[str, Any]]
    #: Order → what was queued while mail was down and not sent in that time, as notice and occasion, the newest last.
    queued: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    #: Order → what was still to be sent when mail worked again.
    waiting: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


class Player:
    """Plays a log into the engine. The templates only name the notice: what mails say is looked at elsewhere."""

    def __init__(self, log: Path, templates: Path, *, outage: bool = False) -> None:
        self.log, self.outage = log, outage
        self.email: Any = RecordingTransport()
        shop = Shop(key="slice", name="Slice")
        start = next(batches(log))[0]
        self.sim = Simulation(templates=[templates], shop=shop, start=start, email=self.email)
        self.run = Run(mails=defaultdict(list), orders={})

    async def play(self) -> Run:
        moments = [(DOWN_AT, self._down), (UP_AT, self._up)] if self.outage else []
        ids: dict[str, None] = {}
        async with self.sim as sim:
            for at, events in batches(self.log):
                while moments and moments[0][0] <= at:
                    moment, happens = moments.pop(0)
                    await sim.run_until(moment)
                    await happens()
                await sim.record_at(at, *events)
                ids |= dict.fromkeys(event.order_id for event in events)
            for id in ids:
                order = await sim.order(id)
                assert order is not None
                self.run.orders[id] = essence(order)
        for mail in sim.sent:
            self.run.mails[mail.order_id].append(mail)
        return self.run

    async def _down(self) -> None:
        self.email.fail_until_told(Transient("the server is away"))

    async def _up(self) -> None:
        """Note what waits, and let the mail go."""
        for id in {mail.order_id for mail in self.email.refused}:
            found = await self.sim.notifier.why(id)
            assert found is not None
            told = {(line.notice, line.occasion) for line in found.messages if line.state.name == "SENT"}
            queued = [
                (each.notice, each.occasion)
                for each in found.decisions
                if each.decision == "queued" and (each.at >= DOWN_AT or each.notice == "order-received")
            ]
            self.run.queued[id] = [each for each in queued if each not in told]
            self.run.waiting[id] = [
                (line.notice, line.occasion) for line in found.messages if line.state.name == "QUEUED"
            ]
        self.email.recover()


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Templates that say only which notice it is."""
    folder = tmp_path_factory.mktemp("plain")
    for notice in default_notices:
        (folder / notice.key).mkdir()
        for part in ("subject", "text", "html"):
            (folder / notice.key / f"email.{part}").write_text(f"{notice.key} {{{{ order.id }}}}", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def log(shared: Path) -> Path:
    """The log of real orders."""
    return shared / "data" / "olist-5k.jsonl.gz"


@pytest.fixture(scope="module")
def late_log(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same log, its lines shuffled within three days and one in ten repeated."""
    path = tmp_path_factory.mktemp("late") / "shuffled.jsonl"
    shuffled(log, path, seed=11, days=3, repeat=0.1)
    return path


@pytest.fixture(scope="module")
def four_months(late_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shuffled log of the orders that were placed in four months."""
    rows = [(line, json.loads(line)) for line in lines_of(late_log)]
    placed = {row["subject"] for _, row in rows if row["type"] == "order.placed" and row["time"].startswith(MONTHS)}
    path = tmp_path_factory.mktemp("months") / "shuffled.jsonl"
    path.write_text("".join(line for line, row in rows if row["subject"] in placed), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def in_order(log: Path, templates: Path) -> Run:
    return asyncio.run(Player(log, templates).play())


@pytest.fixture(scope="module")
def late(late_log: Path, templates: Path) -> Run:
    return asyncio.run(Player(late_log, templates).play())


@pytest.fixture(scope="module")
def down(four_months: Path, templates: Path) -> Run:
    return asyncio.run(Player(four_months, templates, outage=True).play())


@pytest.fixture(scope="module", params=["late", "down"])
def played(request: pytest.FixtureRequest) -> Run:
    """Each of the two runs that are not in order."""
    found: Run = request.getfixturevalue(request.param)
    return found


def test_the_whole_slice_is_played(in_order: Run, late: Run, down: Run) -> None:
    """No order is left out; those of the outage are more than a thousand."""
    assert 5010 == len(in_order.orders)
    assert in_order.orders.keys() == late.orders.keys()
    assert 1000 < len(down.orders)


def test_the_final_orders_are_the_same(in_order: Run, played: Run) -> None:
    """Parcels, dates, payment, customer and all else that facts add up to are those of the log in order."""
    different = [id for id, order in played.orders.items() if order != in_order.orders[id]]

    assert [] == different


def test_nothing_is_told_twice(played: Run) -> None:
    """No order, notice and occasion is sent twice, and no mail leaves twice."""
    for id, mails in played.mails.items():
        occasions = [(mail.notice, mail.occasion) for mail in mails]
        assert len(set(occasions)) == len(occasions), id
        assert len({mail.message_id for mail in mails}) == len(mails), id


def test_the_confirmation_comes_first(played: Run) -> None:
    """Every order is confirmed, and hears of nothing before that."""
    assert played.orders.keys() == played.mails.keys()
    assert [] == [id for id, mails in played.mails.items() if mails[0].notice != "order-received"]


def test_nobody_is_told_the_state_of_before(in_order: Run, played: Run) -> None:
    """What was delivered is told once and last: no step back, however the facts came."""
    steps = {"shipped": 1, "out-for-delivery": 2, "delivered": 3}
    for id, mails in played.mails.items():
        taken = [steps[mail.notice] for mail in mails if mail.notice in steps]
        assert sorted(taken) == taken, id


def test_the_outage_held_mail_back(down: Run) -> None:
    """Nothing left in those five days, and hundreds of orders had something to be told."""
    sent = [mail for mails in down.mails.values() for mail in mails if DOWN_AT <= mail.at < UP_AT]

    assert [] == sent
    assert 100 < len(down.queued)


def test_after_the_outage_there_is_one_newest_truth(down: Run) -> None:
    """Each order that waited gets its confirmation, if it had none, and one mail more: the newest, and none older."""
    wrong = {}
    for id, queued in down.queued.items():
        confirmed = ("order-received", "placed") not in queued
        news = [each for each in queued if each[0] != "order-received"]
        mails = [mail for mail in down.mails[id] if UP_AT <= mail.at < SETTLED_AT]
        sent = [(mail.notice, mail.occasion) for mail in mails]
        old = [each for each in sent if each in news]
        confirmed_first = confirmed or sent[:1] == [("order-received", "placed")]
        if not confirmed_first or not set(old) <= set(news[-1:]) or len(down.waiting[id]) > 1 + (not confirmed):
            wrong[id] = (queued, down.waiting[id], sent)

    assert {} == wrong


def test_what_was_superseded_is_never_sent(down: Run) -> None:
    """What was queued in the outage and overtaken in it is not told later either."""
    told = {id: {(mail.notice, mail.occasion) for mail in mails} for id, mails in down.mails.items()}
    overtaken = {
        id: stale
        for id, queued in down.queued.items()
        if (stale := [each for each in queued if each not in down.waiting[id] and each in told[id]])
    }

    assert {} == overtaken


def test_whoever_waited_is_told(down: Run) -> None:
    """What was waiting when mail worked again was sent within hours, unless it was no longer true."""
    silent = [
        id
        for id, waiting in down.waiting.items()
        if waiting and not any(UP_AT <= mail.at < SETTLED_AT for mail in down.mails[id])
    ]

    assert [] == silent
