"""How fast a channel may send: a row that holds for all workers, and a worker that wakes when there is room again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import Channel, Email, Message, MessageState, Notifier, Pace, Permanent, Transient
from proactive_notify._store.sqlite import InlineSqlite, ThreadedSqlite
from tests.contract.engine_cases import ListeningInline, quiet
from tests.contract.test_sending import Paid, paid, reachable, shipped
from tests.contract.test_worker import NEVER, until
from tests.contract.wires import MONDAY, Short, Stage, Wire, placed, short

QUEUED, SENT, CANCELLED = (int(MessageState[name]) for name in ("QUEUED", "SENT", "CANCELLED"))
#: Half a second from one to the next, three at once.
PACE = Pace(per_second=2, burst=3)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for channel in ("push", "pager"):
        stage.template(f"paid/{channel}.text", f"paid by {channel}")
    return stage


class Timed(Wire):
    """A wire that knows when each message was tried."""

    def __init__(self, stage: Stage, answer: Any = lambda _: None) -> None:
        super().__init__(answer)
        self._stage = stage
        self.at: list[datetime] = []

    async def send(self, message: Message) -> Any:
        self.at.append(self._stage.clock.now())
        return await super().send(message)


def paced(wire: Wire, pace: Pace | None = PACE, name: str = "push") -> Channel:
    """A channel of one part that keeps a pace."""
    return Channel(name, message=Short, transport=wire, address=lambda customer: customer.extra.get(name), pace=pace)


def pushing(stage: Stage, push: Wire, pager: Wire | None = None, *, pace: Pace = PACE, **arguments: Any) -> Notifier:
    """A notifier whose first channel keeps a pace."""
    channels = [paced(push, pace), short("pager", pager or Wire())]
    return stage.notifier(**{"channels": channels, "notices": [Paid], **arguments})


async def recorded(notifier: Notifier, count: int, letter: str = "A") -> None:
    """So many orders with one message each that is due."""
    for number in range(count):
        name = f"{letter}-{number}"
        await notifier.record(placed(name, customer=reachable(name)), paid(name))


def most_in_any_window(at: Sequence[datetime], pace: Pace) -> int:
    """By how many messages any window has more than the pace gives it; 0 or less is right."""
    times = sorted(at)
    return max(
        last - first + 1 - pace.burst - (times[last] - times[first]) // pace.interval
        for first in range(len(times))
        for last in range(first, len(times))
    )


# One sender


async def test_a_burst_leaves_and_then_one_each_interval(stage: Stage) -> None:
    """Of ten messages three leave at once and the others every half second; what waits has no try counted."""
    push = Timed(stage)
    async with pushing(stage, push) as notifier:
        await recorded(notifier, 10)
        await notifier.run_until_idle()

        assert 3 == len(push.taken)
        assert [(QUEUED, 0, None, "")] == stage.messages("state, attempts, token, waits_for", "A-9")

        for sent in range(4, 11):
            stage.move(milliseconds=499.999)
            await notifier.run_until_idle()

            assert sent - 1 == len(push.taken)

            stage.move(microseconds=1)
            await notifier.run_until_idle()

            assert sent == len(push.taken)

    assert [f"A-{number}" for number in range(10)] == [order_id for order_id, _ in push.told]


async def test_after_a_rest_there_is_one_burst_and_not_more(stage: Stage) -> None:
    """A night without messages saves up a burst and nothing more."""
    push = Timed(stage)
    async with pushing(stage, push) as notifier:
        await recorded(notifier, 5)
        await notifier.run_until_idle()
        stage.move(hours=9)
        await notifier.run_until_idle()
        await recorded(notifier, 20, "B")
        await notifier.run_until_idle()

    assert 5 + 1 == len(push.taken)


async def test_a_pace_is_kept_by_who_looks_at_odd_times(stage: Stage) -> None:
    """However irregularly a sender looks, no window has more than the pace gives it, and nothing stays behind."""
    chance, push = random.Random(7), Timed(stage)
    async with pushing(stage, push) as notifier:
        await recorded(notifier, 40)
        while len(push.taken) < 40:
            await notifier.run_until_idle()
            stage.move(seconds=chance.expovariate(1.5))

    assert most_in_any_window(push.at, PACE) <= 0


async def test_a_pace_survives_the_process(stage: Stage) -> None:
    """Who starts anew on the file has no new burst."""
    push = Timed(stage)
    for _ in range(4):
        async with pushing(stage, push) as notifier:
            await recorded(notifier, 5)
            await notifier.run_until_idle()

    assert 3 == len(push.taken)


async def test_a_pace_is_one_channels_own(stage: Stage) -> None:
    """A channel without a pace sends all at once, beside one that waits for its time."""
    push, pager = Timed(stage), Wire()
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier, 8)
        for number in range(8):
            customer = {"extra": {"pager": f"pager:B-{number}"}}
            await notifier.record(placed(f"B-{number}", customer=customer), paid(f"B-{number}"))
        await notifier.run_until_idle()

    assert (3, 8) == (len(push.taken), len(pager.taken))


async def test_two_channels_keep_two_paces(stage: Stage) -> None:
    """Each channel has its own burst and its own interval."""
    push, pager = Timed(stage), Timed(stage)
    slow = Pace(per_second=0.1, burst=1)
    channels = [paced(push), paced(pager, slow, "pager")]
    async with stage.notifier(channels=channels, notices=[Paid]) as notifier:
        await recorded(notifier, 6)
        for number in range(3):
            customer = {"extra": {"pager": f"pager:B-{number}"}}
            await notifier.record(placed(f"B-{number}", customer=customer), paid(f"B-{number}"))
        await notifier.run_until_idle()

        assert (3, 1) == (len(push.taken), len(pager.taken))

        stage.move(seconds=5)
        await notifier.run_until_idle()

        assert (6, 1) == (len(push.taken), len(pager.taken))

        stage.move(seconds=5)
        await notifier.run_until_idle()

    assert (6, 2) == (len(push.taken), len(pager.taken))


async def test_tries_that_fail_count_for_the_pace(stage: Stage) -> None:
    """The provider is not asked faster because it refuses."""
    push = Timed(stage, lambda _: Transient(code="451"))
    async with pushing(stage, push) as notifier:
        await recorded(notifier, 10)
        for _ in range(100):
            await notifier.run_until_idle()
            stage.move(seconds=3.3)

    assert len(push.at) > 20
    assert most_in_any_window(push.at, PACE) <= 0


async def test_the_next_channel_is_not_held_up_by_the_first_ones_pace(stage: Stage) -> None:
    """What the paced channel refused for good leaves by the next one at once."""
    push, pager = Timed(stage, lambda _: Permanent(code="gone")), Wire()
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier, 5)
        await notifier.run_until_idle()

    assert (3, 3) == (len(push.tried), len(pager.taken))


async def test_an_orders_messages_keep_their_sequence_at_a_pace(stage: Stage) -> None:
    """The confirmation of each order leaves before its shipping notice, however slowly."""
    wire = Timed(stage)
    email = Email(wire, sender="Acme <orders@acme.example>", pace=Pace(per_second=1, burst=2))
    async with stage.notifier(channels=[email]) as notifier:
        for number in range(4):
            await notifier.record(placed(f"A-{number}"), shipped(f"A-{number}"))
        await notifier.run_until_idle()

        assert 2 == len(wire.taken)

        for _ in range(8):
            stage.move(seconds=1)
            await notifier.run_until_idle()

    for number in range(4):
        assert ["order-received", "shipped"] == [notice for name, notice in wire.told if name == f"A-{number}"]


async def test_email_keeps_a_pace() -> None:
    """`Email(pace=…)` is a channel that keeps it; without one it goes as fast as it can."""
    assert PACE == Email(Wire(), sender="orders@acme.example", pace=PACE).pace
    assert Email(Wire(), sender="orders@acme.example").pace is None


# Several on one file


async def test_two_processes_keep_one_pace(stage: Stage) -> None:
    """Two notifiers on one file share a burst and a rate, whoever looks when."""
    chance, pushes = random.Random(11), [Timed(stage), Timed(stage)]
    one, other = (pushing(stage, push) for push in pushes)
    async with one, other:
        await recorded(one, 40)
        while sum(len(push.taken) for push in pushes) < 40:
            await chance.choice([one, other]).run_until_idle()
            stage.move(seconds=chance.choice([0, 0, 0.1, 0.5, 2.2]))
    together = [*pushes[0].at, *pushes[1].at]

    assert most_in_any_window(together, PACE) <= 0
    assert min(len(push.at) for push in pushes) > 5
    assert 40 == len({message.order_id for push in pushes for message in push.taken})


async def test_two_processes_at_one_moment_have_one_burst(stage: Stage) -> None:
    """Two notifiers with writers of their own that claim at the same moment do not both have the burst."""
    pushes = [Timed(stage), Timed(stage)]
    one, other = (pushing(stage, push, store=ThreadedSqlite(str(stage.path))) for push in pushes)
    async with one, other:
        await recorded(one, 20)
        for _ in range(4):
            await asyncio.gather(*(each.run_due() for each in (one, other, one, other)))

    assert 3 == sum(len(push.taken) for push in pushes)


async def test_two_processes_together_reach_the_rate(stage: Stage) -> None:
    """Two senders that look often send as many as one that looks often: the burst, then one each interval."""
    pushes = [Timed(stage), Timed(stage)]
    one, other = (pushing(stage, push) for push in pushes)
    async with one, other:
        await recorded(one, 23)
        for _ in range(220):
            await one.run_until_idle()
            stage.move(milliseconds=25)
            await other.run_until_idle()
            stage.move(milliseconds=25)
    together = sorted([*pushes[0].at, *pushes[1].at])

    assert MONDAY + timedelta(seconds=10) == together[-1]
    assert [23, 0] == [len(together), max(0, most_in_any_window(together, PACE))]


async def test_two_shops_on_a_file_have_a_pace_each(stage: Stage) -> None:
    """A shop does not wait because another shop on the same file has sent."""
    pushes = [Timed(stage), Timed(stage)]
    shops = [stage.notifier().shop.model_copy(update={"key": key}) for key in ("one", "other")]
    one, other = (pushing(stage, push, shop=shop) for push, shop in zip(pushes, shops, strict=True))
    async with one, other:
        await recorded(one, 5)
        await recorded(other, 5)
        await one.run_until_idle()
        await other.run_until_idle()

    assert [3, 3] == [len(push.taken) for push in pushes]


# A worker


async def test_a_worker_wakes_when_there_is_room_again(stage: Stage) -> None:
    """A worker that would rest for an hour sends the next message when the pace lets it, not when the hour is over."""
    push = Timed(stage)
    async with pushing(stage, push, pace=Pace(per_second=50)) as notifier:
        await recorded(notifier, 6)
        async with notifier.worker(poll=NEVER):
            for sent in range(1, 7):
                await until(lambda sent=sent: sent == len(push.taken))
                await quiet(notifier, turns=5)

                assert sent == len(push.taken)

                stage.move(milliseconds=20)

    assert [MONDAY + timedelta(milliseconds=20) * number for number in range(6)] == push.at


async def test_a_worker_does_not_claim_again_and_again_while_it_waits(stage: Stage) -> None:
    """Between two messages of a slow channel a worker rests; other channels go on meanwhile."""
    push, pager, store = Timed(stage), Wire(), ListeningInline(str(stage.path))
    async with pushing(stage, push, pager, pace=Pace(per_second=0.01), store=store) as notifier:
        await recorded(notifier, 3)
        async with notifier.worker(poll=NEVER):
            await until(lambda: push.taken)
            await quiet(notifier)
            before = store.ear.count("message_channels")
            await quiet(notifier, turns=200)
            looked = store.ear.count("message_channels") - before
            customer = {"extra": {"pager": "pager:B-1"}}
            await notifier.record(placed("B-1", customer=customer), paid("B-1"))
            await until(lambda: pager.taken)

    assert 0 == looked
    assert 1 == len(push.taken)


async def test_a_worker_wakes_for_the_channel_that_has_room_first(stage: Stage) -> None:
    """A slow channel does not make a worker sleep through the times of a faster one."""
    push, pager = Timed(stage), Timed(stage)
    channels = [paced(push, Pace(per_second=0.001)), paced(pager, Pace(per_second=50), "pager")]
    async with stage.notifier(channels=channels, notices=[Paid]) as notifier:
        await recorded(notifier, 2)
        for number in range(3):
            customer = {"extra": {"pager": f"pager:B-{number}"}}
            await notifier.record(placed(f"B-{number}", customer=customer), paid(f"B-{number}"))
        async with notifier.worker(poll=NEVER):
            for sent in (1, 2, 3):
                await until(lambda sent=sent: sent == len(pager.taken))
                stage.move(milliseconds=20)

    assert 1 == len(push.taken)


async def test_workers_of_two_processes_keep_one_pace(stage: Stage) -> None:
    """Two workers with writers of their own never send more than the pace gives, and end at its rate."""
    pushes = [Timed(stage), Timed(stage)]
    one, other = (pushing(stage, push, store=ThreadedSqlite(str(stage.path))) for push in pushes)
    async with one, other, one.worker(poll=0.001), other.worker(poll=0.001):
        await recorded(one, 13)
        for sent in range(3, 14):
            await until(lambda sent=sent: sent <= sum(len(push.taken) for push in pushes))
            await quiet(one, turns=3)
            stage.move(milliseconds=500)
    together = sorted([*pushes[0].at, *pushes[1].at])

    assert MONDAY + timedelta(seconds=5) == together[-1]
    assert most_in_any_window(together, PACE) <= 0


async def test_what_a_paced_channel_remembers_is_one_row(stage: Stage) -> None:
    """However many messages leave, a channel's pace is one instant in the file."""
    async with pushing(stage, Wire(), store=InlineSqlite(str(stage.path))) as notifier:
        await recorded(notifier, 10)
        for _ in range(10):
            await notifier.run_until_idle()
            stage.move(seconds=1)

    (row,) = stage.look("select * from pn_pace")
    free_at = datetime.fromtimestamp(row["free_at"] / 1e6, UTC)
    assert ("shop", "push", True) == (row["shop"], row["channel"], free_at <= stage.clock.now())
