"""What operators see and do: the outbox, messages that go again, suppressed addresses, and whether all is well."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    AddressSuppressed,
    ChannelRefused,
    Customer,
    CustomerUpdated,
    Health,
    MessageState,
    Notice,
    Notifier,
    NotifierNotOpen,
    OrderCancelled,
    OrderPaid,
    OrderShipped,
    OrderSourcing,
    OutboxMessage,
    Permanent,
    Policy,
    RequeueRefused,
    Retry,
    Shop,
    Transient,
    Uncertain,
    UsageError,
    all_of,
)
from proactive_notify._store.claims import Room
from proactive_notify._store.sending import claim
from proactive_notify._store.sqlite import InlineSqlite
from proactive_notify._store.units import Statement, Unit
from tests.contract.wires import MONDAY, Stage, Wire, everything, placed, short

REFUSED, NO_SUCH_USER, BUSY, LOST = (
    Permanent(code="552"),
    Permanent(code="550", suppress=True),
    Transient(code="451"),
    Uncertain(code="timeout"),
)
RECEIVED = "order-received"
#: The address of the customer of A-1, and words of it that no text may hold.
ADDRESS = "a-1@example.org"
SECRETS = re.compile(r"a-1@|@example|push:A-1|\+4917")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for channel in ("push", "pager"):
        stage.template(f"paid/{channel}.text", "paid")
    return stage


class Paid(Notice[OrderPaid]):
    """Your money is here: by push, else by pager."""

    key = "paid"
    channels = ("push", "pager")
    family = "paid"


class Loud(Paid):
    """The same by push and by pager."""

    channels = all_of("push", "pager")


def pushing(stage: Stage, push: Wire, pager: Wire | None = None, **arguments: Any) -> Notifier:
    channels = [short("push", push), short("pager", pager or Wire())]
    return stage.notifier(**{"channels": channels, "notices": [Paid], **arguments})


PAID = (
    placed(customer=Customer(name="Ada", extra={"push": "push:A-1", "pager": "pager:A-1"})),
    OrderPaid(order_id="A-1", id="paid", source="shop", at=MONDAY),
)


async def first(notifier: Notifier, **filters: Any) -> OutboxMessage:
    return (await notifier.outbox.list(**filters))[-1]


async def refusal(notifier: Notifier, message: OutboxMessage) -> str:
    """Why a message is not requeued; what `show` says of it beforehand is the same."""
    shown = await notifier.outbox.show(message.message_id)
    assert shown is not None
    with pytest.raises(RequeueRefused) as refused:
        await notifier.outbox.requeue(message.message_id)
    assert str(refused.value).endswith(shown.reason_against)
    assert not SECRETS.search(str(refused.value))
    return shown.reason_against


# The outbox


async def test_the_outbox_lists_the_newest_first(stage: Stage) -> None:
    """A listing has each message with its order, notice, address and state, the newest first, and as many as asked."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed("A-1"), placed("A-2"))
        await notifier.run_until_idle()
        stage.move(minutes=1)
        await notifier.record(placed("A-3"))
        found = await notifier.outbox.list()
        newest = await notifier.outbox.list(limit=1)
        of_one = await notifier.outbox.list(order_id="A-2")
        none = await notifier.outbox.list(order_id="A-2", state=MessageState.QUEUED)

    assert [("A-3", "QUEUED"), ("A-2", "SENT"), ("A-1", "SENT")] == [(m.order_id, m.state.name) for m in found]
    assert {(RECEIVED, "email")} == {(m.notice, m.channel) for m in found}
    assert (ADDRESS, 1, "wire-1", MONDAY) == (found[2].address, found[2].attempts, found[2].reference, found[2].due_at)
    assert "Received: your order A-1" == found[2].subject
    assert (found[:1], found[1:2], ()) == (newest, of_one, none)


async def test_each_state_can_be_listed(stage: Stage) -> None:
    """A listing by state has all messages in that state and no other."""
    answers = {"A-2": REFUSED, "A-3": LOST, "A-4": BUSY}
    async with stage.notifier(Wire(lambda message: answers.get(message.order_id))) as notifier:
        await notifier.suppressions.add("email", "a-5@example.org")
        await notifier.record([placed(f"A-{number}") for number in range(1, 6)])
        await notifier.run_until_idle()
        listed = {each: await notifier.outbox.list(state=each) for each in MessageState}

    assert {"QUEUED": "A-4", "UNCERTAIN": "A-3", "SENT": "A-1", "SUPPRESSED": "A-5", "FAILED": "A-2"} == {
        state.name: message.order_id for state, found in listed.items() for message in found
    }


async def test_what_waits_for_a_paused_channel_says_so(stage: Stage) -> None:
    """Why a message waits that nobody tried, because its channel refused us, stands in the order's history."""
    async with stage.notifier(Wire(lambda _: ChannelRefused(code="535"))) as notifier:
        await notifier.record(placed("A-1"))
        await notifier.run_until_idle()
        await notifier.record(placed("A-2"))
        await notifier.run_until_idle()
        found = await notifier.why("A-2")

    assert found is not None
    assert [("paused:535", 0)] == [(each.waits_for, each.attempts) for each in found.messages]


async def test_what_is_under_way_is_listed(stage: Stage) -> None:
    """While a message is at its provider it is listed as claimed, with the end of its lease."""
    seen: list[OutboxMessage] = []

    async def look(_: object) -> None:
        seen.extend(await notifier.outbox.list(state=MessageState.CLAIMED))

    notifier = stage.notifier(Wire(meanwhile=look))
    async with notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()

    assert [("A-1", MONDAY + timedelta(seconds=60))] == [(each.order_id, each.lease_until) for each in seen]


async def test_what_waits_is_listed_by_its_time(stage: Stage) -> None:
    """Among messages that wait the one whose time comes first is listed first."""
    waits = {"A-1": 300, "A-2": 100, "A-3": 200}

    def busy(message: Any) -> Transient:
        return Transient(code="451", retry_after=timedelta(seconds=waits[message.order_id]))

    async with stage.notifier(Wire(busy)) as notifier:
        await notifier.record([placed(order_id) for order_id in waits])
        await notifier.run_until_idle()
        found = await notifier.outbox.list(state=MessageState.QUEUED)

    assert ["A-2", "A-3", "A-1"] == [each.order_id for each in found]
    assert {"transient:451"} == {each.waits_for for each in found}


@pytest.mark.parametrize("limit", [0, -1, 10_001])
async def test_a_limit_that_is_none_is_refused(stage: Stage, limit: int) -> None:
    """A listing asks for something, and not for all that there is."""
    async with stage.notifier() as notifier:
        for listing in (notifier.outbox.list, notifier.suppressions.list):
            with pytest.raises(UsageError, match=r"from 1 to 10,000"):
                await listing(limit=limit)


async def test_a_message_is_found_by_what_one_has_of_its_id(stage: Stage) -> None:
    """The id, its first six characters and a mail's Message-ID name the same message; a shorter text names none."""
    async with stage.notifier() as notifier:
        await notifier.record(placed())
        message = await first(notifier)
        id = message.message_id
        shown = [await notifier.outbox.show(name) for name in (id, id[:6], f"<{id}@acme.example>", f" {id[:9]}\n")]
        unknown = await notifier.outbox.show("ffffff")
        with pytest.raises(UsageError, match=r"too short"):
            await notifier.outbox.show(id[:5])

    assert {message} == {each.message for each in shown if each is not None}
    assert (4, None) == (len([each for each in shown if each]), unknown)


async def test_an_id_that_fits_two_messages_names_none(stage: Stage) -> None:
    """The first characters of two ids are refused; a whole id that another one begins with is that message."""
    async with stage.notifier() as notifier:
        await notifier.record(placed("A-1"), placed("A-2"))
        with closing(sqlite3.connect(stage.path)) as db, db:
            db.execute("update pn_message set id = 'abcdef0' where order_id = 'A-1'")
            db.execute("update pn_message set id = 'abcdef01' where order_id = 'A-2'")
        with pytest.raises(UsageError, match=r"several messages have an id that begins with 'abcdef'"):
            await notifier.outbox.requeue("abcdef")
        whole = await notifier.outbox.show("abcdef0")

    assert whole is not None
    assert "A-1" == whole.message.order_id


async def test_a_message_is_shown_with_what_belongs_to_it(stage: Stage) -> None:
    """`show` has the other tries of the same notice, what was decided about it, and its suppression."""
    async with pushing(stage, Wire(lambda _: NO_SUCH_USER)) as notifier:
        await notifier.record(*PAID)
        await notifier.run_until_idle()
        refused = await first(notifier)
        shown = await notifier.outbox.show(refused.message_id)

    assert shown is not None
    assert [("pager", MessageState.SENT)] == [(each.channel, each.state) for each in shown.siblings]
    assert ["order.paid", "instead-of-push:refused:550", "pager"] == [each.rule for each in shown.decisions]
    assert shown.suppression is not None
    assert ("refused:550", True) == (shown.suppression.cause, shown.suppression.is_in_force)


async def test_what_is_printed_has_no_address(stage: Stage) -> None:
    """A message, a suppression and a history that somebody logs show no address."""
    async with stage.notifier(Wire(lambda _: NO_SUCH_USER)) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        message = await first(notifier)
        shown = await notifier.outbox.show(message.message_id)
        printed = f"{message!r} {shown!r} {await notifier.suppressions.list()!r}"

    assert ADDRESS == message.address
    assert not SECRETS.search(printed)


async def test_another_shop_sees_nothing(stage: Stage) -> None:
    """Shops that share a store see, and change, their own messages and suppressions only."""
    async with stage.notifier(Wire(lambda _: NO_SUCH_USER)) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        id = (await first(notifier)).message_id
    async with stage.notifier(shop=Shop(key="other")) as other:
        with pytest.raises(UsageError, match=r"there is no message .* in the shop 'other'"):
            await other.outbox.requeue(id)
        seen = (*await other.outbox.list(), await other.outbox.show(id), *await other.suppressions.list())
        lifted = await other.suppressions.lift("email", ADDRESS)

    assert ((None,), None) == (seen, lifted)


@pytest.mark.parametrize(
    "ask",
    [
        lambda notifier: notifier.outbox.list(),
        lambda notifier: notifier.outbox.show("abcdef"),
        lambda notifier: notifier.outbox.requeue("abcdef"),
        lambda notifier: notifier.suppressions.list(),
        lambda notifier: notifier.suppressions.add("email", ADDRESS),
        lambda notifier: notifier.suppressions.lift("email", ADDRESS),
        lambda notifier: notifier.health(),
    ],
)
async def test_operators_need_an_open_notifier(stage: Stage, ask: Callable[[Notifier], Awaitable[object]]) -> None:
    """Outside `async with notifier:` each of these says what to do."""
    with pytest.raises(NotifierNotOpen):
        await ask(stage.notifier())


# Messages that go again


async def fail(stage: Stage, notifier: Notifier, wire: Wire) -> None:
    wire.refuse(REFUSED)


async def suppress(stage: Stage, notifier: Notifier, wire: Wire) -> None:
    await notifier.suppressions.add("email", ADDRESS)


async def expire(stage: Stage, notifier: Notifier, wire: Wire) -> None:
    wire.refuse(BUSY, *[BUSY] * 3)


@pytest.mark.parametrize(
    ("end", "state"),
    [(fail, "FAILED"), (suppress, "SUPPRESSED"), (expire, "EXPIRED")],
    ids=["fail", "suppress", "expire"],
)
async def test_what_ended_goes_again(stage: Stage, end: Callable[..., Awaitable[None]], state: str) -> None:
    """A message that failed, was suppressed or expired is requeued: due now, with no tries; it is sent once."""
    wire = Wire()
    async with stage.notifier(wire, policy=Policy(expires={RECEIVED: timedelta(hours=1)})) as notifier:
        await end(stage, notifier, wire)
        await notifier.record(placed())
        for _ in range(4):
            await notifier.run_until_idle()
            stage.move(minutes=30)
        ended = await first(notifier)
        await notifier.suppressions.lift("email", ADDRESS)
        wire.refuse()
        requeued = await notifier.outbox.requeue(ended.message_id)
        decided = stage.decisions()[-1]
        await notifier.run_until_idle()
        sent = await first(notifier)

    assert state == ended.state.name
    assert ("QUEUED", 0, "requeued", stage.clock.now()) == (
        requeued.state.name,
        requeued.attempts,
        requeued.waits_for,
        requeued.due_at,
    )
    assert ("queued", "requeued") == decided
    assert (MessageState.SENT, 1, ended.message_id) == (sent.state, sent.attempts, sent.message_id)
    assert [("A-1", RECEIVED)] == wire.told
    assert ["told"] == [row["state"] for row in stage.look("select state from pn_notice")]


async def test_what_was_cancelled_goes_again_if_it_is_true_again(stage: Stage) -> None:
    """A message that was not true any more is requeued, and the gate is asked again when it is sent."""
    is_true = False

    class Moody(Paid):
        channels = ("push",)

        def still_true(self) -> bool:
            return is_true or self.moment.now == MONDAY

    push = Wire(lambda _: BUSY)
    async with pushing(stage, push, notices=[Moody]) as notifier:
        await notifier.record(*PAID)
        await notifier.run_until_idle()
        stage.move(minutes=5)
        await notifier.run_until_idle()
        cancelled = await first(notifier)
        push.refuse()
        await notifier.outbox.requeue(cancelled.message_id)
        await notifier.run_until_idle()
        still_false = await first(notifier)
        is_true = True
        await notifier.outbox.requeue(cancelled.message_id)
        await notifier.run_until_idle()

    assert ("CANCELLED", "CANCELLED", "no-longer-true") == (
        cancelled.state.name,
        still_false.state.name,
        still_false.waits_for,
    )
    assert [("A-1", "paid")] == push.told


async def test_what_is_no_longer_true_is_not_told(stage: Stage) -> None:
    """A failed word about an order that was cancelled meanwhile is cancelled when it is sent, and told to nobody."""
    wire = Wire()
    wire.refuse(Permanent(code="552"))
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        sourcing = OrderSourcing(order_id="A-1", id="s", source="shop", at=MONDAY, note="looking for it")
        wire.refuse(REFUSED)
        await notifier.record(sourcing)
        await notifier.run_until_idle()
        failed = (await notifier.outbox.list(state=MessageState.FAILED))[0]
        cancelled = OrderCancelled(order_id="A-1", id="c", source="shop", at=MONDAY, notify=False)
        await notifier.record(cancelled)
        await notifier.outbox.requeue(failed.message_id)
        await notifier.run_until_idle()
        after = await notifier.outbox.show(failed.message_id)

    assert ("sourcing", []) == (failed.notice, wire.told)
    assert after is not None
    assert ("CANCELLED", "no-longer-true") == (after.message.state.name, after.message.waits_for)


async def test_what_waits_for_another_try_goes_now(stage: Stage) -> None:
    """A message that waits for its next try is requeued too: the server is back, and nobody waits for the hour."""
    wire = Wire()
    wire.refuse(BUSY)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        requeued = await notifier.outbox.requeue((await first(notifier)).message_id)
        await notifier.run_until_idle()

    assert (MONDAY, 0) == (requeued.due_at, requeued.attempts)
    assert [("A-1", RECEIVED)] == wire.told


async def test_what_expired_is_of_use_for_as_long_again(stage: Stage) -> None:
    """A requeued message that had expired expires again, after the same time."""
    wire = Wire(lambda _: BUSY)
    async with stage.notifier(wire, policy=Policy(expires={RECEIVED: timedelta(hours=2)})) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        stage.move(days=1)
        await notifier.run_until_idle()
        requeued = await notifier.outbox.requeue((await first(notifier)).message_id)

    assert stage.clock.now() + timedelta(hours=2) == requeued.expires_at


async def test_a_notice_for_all_channels_goes_again_on_the_one_that_failed(stage: Stage) -> None:
    """What is told on every channel is told once on each: the one that failed goes again, the one that was sent not."""
    push, pager = Wire(), Wire()
    push.refuse(REFUSED)
    async with pushing(stage, push, pager, notices=[Loud]) as notifier:
        await notifier.record(*PAID)
        await notifier.run_until_idle()
        by_channel = {each.channel: each for each in await notifier.outbox.list()}
        await notifier.outbox.requeue(by_channel["push"].message_id)
        reason = await refusal(notifier, by_channel["pager"])
        await notifier.run_until_idle()

    assert (1, 1) == (len(push.taken), len(pager.taken))
    assert "it was sent, and nobody is told twice" == reason


async def test_somebody_who_was_told_is_not_told_again(stage: Stage) -> None:
    """A message is refused that was sent, and one whose notice was told on another channel; nothing has changed."""
    push, pager = Wire(), Wire()
    push.refuse(REFUSED)
    async with pushing(stage, push, pager) as notifier:
        await notifier.record(*PAID)
        await notifier.run_until_idle()
        before = everything(stage.path)
        by_channel = {each.channel: each for each in await notifier.outbox.list()}
        reasons = [await refusal(notifier, by_channel[channel]) for channel in ("push", "pager")]
        after = everything(stage.path)

    assert [
        "the customer has been told paid by another message, and nobody is told twice",
        "it was sent, and nobody is told twice",
    ] == reasons
    assert before == after


async def test_what_may_still_leave_is_not_requeued_beside_it(stage: Stage) -> None:
    """While the next channel's message may still leave, the one that failed is refused; the text names the other."""
    push, pager = Wire(lambda _: REFUSED), Wire(lambda _: BUSY)
    async with pushing(stage, push, pager) as notifier:
        await notifier.record(*PAID)
        await notifier.run_until_idle()
        waiting, failed = await notifier.outbox.list()
        reason = await refusal(notifier, failed)

    assert f"the message {waiting.message_id} of the same notice, by pager, may still leave" == reason


async def test_what_is_perhaps_handed_over_is_left_alone(stage: Stage) -> None:
    """A message that is uncertain, or under way, is refused: it settles by itself."""
    reasons: list[str] = []

    async def try_it(_: object) -> None:
        reasons.append(await refusal(notifier, await first(notifier)))

    notifier = stage.notifier(Wire(lambda _: LOST, meanwhile=try_it))
    async with notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        reasons.append(await refusal(notifier, await first(notifier)))

    assert [
        "a sender has it under way; look again in a moment",
        "it was perhaps handed over, and goes again by itself when it is due",
    ] == reasons


async def test_what_was_given_up_after_it_was_perhaps_handed_over(stage: Stage) -> None:
    """It goes again as an email, which has the same Message-ID, and on no other channel."""
    once = Policy(retry=Retry(attempts=1))
    async with stage.notifier(Wire(lambda _: LOST), policy=once) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        by_email = await notifier.outbox.requeue((await first(notifier)).message_id)
    async with pushing(stage, Wire(lambda _: LOST), policy=once) as notifier:
        await notifier.record(placed("A-2", customer=Customer(extra={"push": "push:A-2"})))
        await notifier.record(OrderPaid(order_id="A-2", id="paid", source="shop", at=MONDAY))
        await notifier.run_until_idle()
        reason = await refusal(notifier, await first(notifier, order_id="A-2"))

    assert MessageState.QUEUED == by_email.state
    assert "it was perhaps handed over before it was given up, and nobody is told twice; ask the customer" == reason


async def test_what_was_given_up_later_was_perhaps_handed_over_all_the_same(stage: Stage) -> None:
    """A message that was once uncertain and is given up when the server is busy is told on no other way again."""
    push = Wire()
    push.refuse(LOST, BUSY)
    async with pushing(stage, push, policy=Policy(retry=Retry(attempts=2))) as notifier:
        await notifier.record(*PAID)
        await notifier.run_until_idle()
        stage.move(hours=1)
        await notifier.run_until_idle()
        failed = await first(notifier)
        reason = await refusal(notifier, failed)

    assert MessageState.FAILED == failed.state
    assert "perhaps handed over" in reason


async def test_a_suppressed_address_is_lifted_first(stage: Stage) -> None:
    """A message to an address that must not be used is refused until the suppression is lifted."""
    wire = Wire()
    wire.refuse(NO_SUCH_USER)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        failed = await first(notifier)
        reason = await refusal(notifier, failed)
        await notifier.suppressions.lift("email", ADDRESS)
        await notifier.outbox.requeue(failed.message_id)
        await notifier.run_until_idle()

    assert "its address is suppressed on email; lift that first" == reason
    assert [("A-1", RECEIVED)] == wire.told


async def test_a_newer_word_says_it(stage: Stage) -> None:
    """An older word of the same family is refused once a newer one was told or waits; the newer one may go again."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        wire.refuse(REFUSED, REFUSED)
        await notifier.record(OrderSourcing(order_id="A-1", id="s", source="shop", at=MONDAY, note="looking for it"))
        await notifier.run_until_idle()
        await notifier.record(OrderShipped(order_id="A-1", id="h", source="shop", at=MONDAY))
        await notifier.run_until_idle()
        shipped, sourcing, _ = await notifier.outbox.list()
        reasons = [await refusal(notifier, sourcing)]
        await notifier.outbox.requeue(shipped.message_id)
        reasons.append(await refusal(notifier, sourcing))
        await notifier.run_until_idle()
        reasons.append(await refusal(notifier, sourcing))

    assert ["the newer shipped says it"] * 3 == reasons
    assert [("A-1", RECEIVED), ("A-1", "shipped")] == wire.told


async def test_nothing_goes_to_an_address_of_the_past(stage: Stage) -> None:
    """A message to an address that the customer has no more is refused; the text names the one that goes to the new."""
    wire = Wire(lambda _: REFUSED)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        new = CustomerUpdated(order_id="A-1", id="u", source="shop", at=MONDAY, email="ada@example.net")
        await notifier.record(new)
        await notifier.run_until_idle()
        to_new, to_old = await notifier.outbox.list()
        reason = await refusal(notifier, to_old)
        wire.refuse()
        await notifier.outbox.requeue(to_new.message_id)
        await notifier.run_until_idle()

    assert f"the customer has another address on email by now; requeue {to_new.message_id} instead" == reason
    assert ["ada@example.net"] == [message.to for message in wire.taken]


async def test_a_requeued_message_that_fails_again_leaves_nobody_in_silence(stage: Stage) -> None:
    """A message that fails again goes by the next channel, though that had failed before too, or the staff hear."""
    push, pager = Wire(lambda _: REFUSED), Wire()
    pager.refuse(REFUSED)
    async with pushing(stage, push, pager) as notifier:
        await notifier.record(*PAID)
        await notifier.run_until_idle()
        words = len(stage.staff())
        by_push = (await notifier.outbox.list())[-1]
        await notifier.outbox.requeue(by_push.message_id)
        await notifier.run_until_idle()

    assert 2 == len(push.tried)
    assert pager.taken or len(stage.staff()) > words


# Suppressions


async def test_a_suppressed_address_gets_nothing(stage: Stage) -> None:
    """A message that waits when its address is suppressed goes by the next channel, and so does the next notice."""
    push, pager = Wire(), Wire()
    push.refuse(BUSY)
    async with pushing(stage, push, pager) as notifier:
        await notifier.record(*PAID)
        await notifier.run_until_idle()
        added = await notifier.suppressions.add("push", " push:A-1 ", "the telephone was stolen")
        stage.move(minutes=5)
        await notifier.run_until_idle()
        states = stage.messages("state")

    assert ("push", "push:A-1", "the telephone was stolen", MONDAY) == (
        added.channel,
        added.address,
        added.cause,
        added.at,
    )
    assert ([], [("A-1", "paid")]) == (push.told, pager.told)
    assert [int(MessageState.SUPPRESSED), int(MessageState.SENT)] == states


async def test_suppressions_are_listed(stage: Stage) -> None:
    """A listing has each address with its channel, cause and time, by channel and address; one channel if asked."""
    async with stage.notifier() as notifier:
        await notifier.suppressions.add("sms", "+491711234567")
        await notifier.suppressions.add("email", "bob@example.org", "asked us")
        stage.move(days=1)
        await notifier.suppressions.add("email", "ada@example.org")
        found = await notifier.suppressions.list()
        by_sms = await notifier.suppressions.list(channel="sms")
        one = await notifier.suppressions.list(limit=1)

    assert [
        ("email", "ada@example.org", "by hand", MONDAY + timedelta(days=1)),
        ("email", "bob@example.org", "asked us", MONDAY),
        ("sms", "+491711234567", "by hand", MONDAY),
    ] == [(each.channel, each.address, each.cause, each.at) for each in found]
    assert (found[2:], found[:1]) == (by_sms, one)


async def test_a_first_refusal_that_does_not_count_yet_is_not_in_force(stage: Stage) -> None:
    """An address that counts from its second refusal on is listed, and may be used until somebody adds it by hand."""
    wire, told = Wire(), []
    wire.refuse(Permanent(code="550", suppress=True, suppress_after=2))
    async with stage.notifier(wire, observers=[told.append]) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        (before,) = await notifier.suppressions.list()
        failed = await first(notifier)
        shown = await notifier.outbox.show(failed.message_id)
        told.clear()
        after = await notifier.suppressions.add("email", ADDRESS, "asked us")
        again = await notifier.suppressions.add("email", ADDRESS, "asked us again")

    assert shown is not None
    assert (False, "") == (before.is_in_force, shown.reason_against)
    assert (True, "asked us") == (after.is_in_force, after.cause)
    assert after == again
    assert [AddressSuppressed(channel="email", cause="asked us")] == told


async def test_lifting_says_what_was_there(stage: Stage) -> None:
    """Lifting returns the suppression once, and nothing when it is not there any more."""
    async with stage.notifier() as notifier:
        added = await notifier.suppressions.add("sms", "+49 (171) 123-45.67")
        lifted = [await notifier.suppressions.lift("sms", "+491711234567") for _ in range(2)]
        left = await notifier.suppressions.list()

    assert [added, None] == lifted
    assert () == left


@pytest.mark.parametrize(
    ("channel", "address", "said"),
    [
        ("emial", ADDRESS, "there is no channel 'emial'; there are email, push, sms, whatsapp"),
        ("email", "a-1", "this is no email address; write name@domain and nothing around it"),
        ("email", f"Ada <{ADDRESS}>", "this is no email address; write name@domain and nothing around it"),
        ("email", f"{ADDRESS}\n{ADDRESS}", "this is no email address; write name@domain and nothing around it"),
        ("sms", "0171 1234567", "this is no number for sms; write it in E.164: a plus, the country code, the number"),
        (
            "sms",
            "+4917112345678901",
            "this is no number for sms; write it in E.164: a plus, the country code, the number",
        ),
        ("push", " ", "this is no address for push; it is one line of text"),
    ],
)
async def test_what_is_no_address_is_refused(stage: Stage, channel: str, address: str, said: str) -> None:
    """A channel or an address that there cannot be is refused; the text does not repeat the address."""
    async with stage.notifier() as notifier:
        for ask in (notifier.suppressions.add, notifier.suppressions.lift):
            with pytest.raises(UsageError) as refused:
                await ask(channel, address)
            assert said == str(refused.value)
        left = await notifier.suppressions.list()

    assert () == left


@pytest.mark.parametrize("cause", ["", " ", "two\nlines", "c" * 201, f"bounced for {ADDRESS}"])
async def test_a_cause_is_a_few_words_without_the_address(stage: Stage, cause: str) -> None:
    """A cause stands in listings and in the outbox, so it holds no line break and no address."""
    async with stage.notifier() as notifier:
        with pytest.raises(UsageError, match=r"^a cause is a few words on one line") as refused:
            await notifier.suppressions.add("email", ADDRESS, cause)

    assert not SECRETS.search(str(refused.value))


# Health


def seen(worker: str, at: int) -> Unit[None]:
    yield Statement("worker_seen", {"id": worker, "shop": "shop", "now": at})


async def beat(stage: Stage, worker: str = "w") -> None:
    """A worker shows that it lives."""
    store = InlineSqlite(str(stage.path))
    await store.open()
    await store.run(lambda: seen(worker, int(stage.clock.now().timestamp() * 1e6)))
    await store.close()


async def health(stage: Stage, notifier: Notifier, **arguments: Any) -> Health:
    """How all is while a worker lives."""
    await beat(stage)
    return await notifier.health(**arguments)


async def test_all_is_well_while_a_worker_lives_and_nothing_is_late(stage: Stage) -> None:
    """With a living worker, and a message that has just become due, there is nothing to say."""
    async with stage.notifier() as notifier:
        await notifier.record(placed())
        stage.move(minutes=5)
        found = await health(stage, notifier)

    assert (True, ()) == (found.is_well, found.problems)
    assert (stage.clock.now(), 1, 1, MONDAY) == (found.at, found.workers, found.due, found.oldest_due)


async def test_a_worker_counts_while_it_runs(stage: Stage) -> None:
    """A worker is counted from its start to its end."""
    async with stage.notifier() as notifier, stage.notifier() as another:
        async with notifier.worker(), another.worker():
            during = await notifier.health()
        after = await notifier.health()

    assert (2, True) == (during.workers, during.is_well)
    assert (0, None) == (after.workers, after.worker_seen_at)
    assert ("no worker runs: start `proactive-notify worker`, or call `notifier.run_due()`",) == after.problems


async def test_a_worker_that_is_not_seen_for_a_minute_is_dead(stage: Stage) -> None:
    """A heartbeat counts for one minute; then the problem says how long ago it was."""
    async with stage.notifier() as notifier:
        await beat(stage)
        stage.move(seconds=60)
        alive = await notifier.health()
        stage.move(seconds=60)
        dead = await notifier.health()

    assert (1, ()) == (alive.workers, alive.problems)
    assert (0, MONDAY) == (dead.workers, dead.worker_seen_at)
    (problem,) = dead.problems
    assert problem.startswith("no worker runs; the last one was seen 2 minutes ago and did not say goodbye: start")


async def test_a_message_that_could_leave_and_does_not_is_a_problem(stage: Stage) -> None:
    """Longer than five minutes after its time, or than one says, a message that nobody sends is a problem."""
    async with stage.notifier() as notifier:
        await notifier.record(placed("A-1"), placed("A-2"))
        stage.move(minutes=5, seconds=1)
        late = await health(stage, notifier)
        patient = await health(stage, notifier, late=timedelta(minutes=6))

    assert (2, MONDAY, ()) == (late.due, late.oldest_due, patient.problems)
    (problem,) = late.problems
    assert problem.startswith("messages do not leave: 2 due, the oldest for 5 minutes; look at")


async def test_what_waits_behind_a_retry_is_not_late(stage: Stage) -> None:
    """A message that waits for another try, and those of its order behind it, are no problem."""
    wire = Wire()
    wire.refuse(Transient(code="451", retry_after=timedelta(hours=1)))
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        await notifier.record(OrderShipped(order_id="A-1", id="h", source="shop", at=MONDAY))
        stage.move(minutes=50)
        waiting = await health(stage, notifier)
        stage.move(minutes=16)
        late = await health(stage, notifier)

    assert (1, None, ()) == (waiting.due, waiting.oldest_due, waiting.problems)
    assert (2, MONDAY + timedelta(hours=1), 1) == (late.due, late.oldest_due, len(late.problems))


async def test_a_paused_channel_is_a_problem(stage: Stage) -> None:
    """A provider that refused us is named with its code, and what waits for it is not counted as late beside it."""
    async with stage.notifier(Wire(lambda _: ChannelRefused(code="535"))) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        await notifier.record(placed("A-2"))
        stage.move(minutes=2)
        paused = await health(stage, notifier, late=timedelta(minutes=1))
        stage.move(minutes=3)
        over = await health(stage, notifier)

    (pause,) = paused.paused
    assert ("email", "535", MONDAY + timedelta(minutes=5)) == (pause.channel, pause.cause, pause.until)
    said = (
        "the channel email is paused for 3 minutes, because the provider refused us (535): "
        "correct its user name, password or sender; it is then tried by itself"
    )
    assert (said,) == paused.problems
    assert ((), ()) == (over.paused, over.problems)


async def test_promises_that_nobody_watches_are_a_problem(stage: Stage) -> None:
    """A promise whose moment has passed, and that no watchdog looked at, is a problem though nothing is due."""
    async with stage.notifier() as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        stage.move(days=3)
        found = await health(stage, notifier)

    (problem,) = found.problems
    assert (0, 0) == (found.due, found.under_way)
    assert problem.startswith("promises are not watched: one has been due for")


async def test_what_is_under_way_and_what_is_uncertain_are_counted(stage: Stage) -> None:
    """What a sender holds and what was perhaps handed over are counts, and no problem by themselves."""
    async with stage.notifier(Wire(lambda _: LOST)) as notifier:
        await notifier.record(placed("A-1"))
        await notifier.run_until_idle()
        await notifier.record(placed("A-2"))
        store = InlineSqlite(str(stage.path))
        await store.open()
        lease = timedelta(seconds=60)
        rooms, other = {"email": Room(limit=1)}, Room(limit=0)
        await store.run(lambda: claim(now=MONDAY, token="t", lease=lease, rooms=rooms, other=other, shop="shop"))
        await store.close()
        found = await health(stage, notifier)

    assert (1, 1, 0, ()) == (found.under_way, found.uncertain, found.due, found.problems)


async def test_the_health_of_one_shop_is_not_that_of_another(stage: Stage) -> None:
    """A worker, a message and a pause of one shop say nothing of another one in the same store."""
    async with stage.notifier(Wire(lambda _: ChannelRefused(code="535"))) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        await beat(stage)
        stage.move(days=3)
    async with stage.notifier(shop=Shop(key="other")) as other:
        found = await other.health()

    assert (0, None, 0, None, ()) == (found.workers, found.worker_seen_at, found.due, found.oldest_due, found.paused)
    assert 1 == len(found.problems)
