"""Words of a provider that come late, twice, in any order or too early; what may go again; what the staff must know."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from proactive_notify import (
    Accepted,
    Customer,
    CustomerUpdated,
    Message,
    MessageFailed,
    MessageReopened,
    MessageState,
    Notifier,
    Permanent,
    Receipt,
    ReceiptKind,
    StaffAsked,
    Transient,
    Uncertain,
)
from proactive_notify.receipts import TwilioReceipts
from proactive_notify.receipts.twilio import rank
from tests.contract import test_doubt as doubt
from tests.contract.engine_cases import ListeningInline, of, quiet
from tests.contract.test_receipts import ONLY_PUSH, Parcel, about, notices, recorded, suppressions
from tests.contract.test_sending import LEASE, Paid, die_holding, due_in, pushing, shipped
from tests.contract.test_worker import NEVER, until
from tests.contract.wires import Stage, Wire, everything

QUEUED, UNCERTAIN, SENT, FAILED = (int(MessageState[name]) for name in ("QUEUED", "UNCERTAIN", "SENT", "FAILED"))
LOST, BUSY = Uncertain(code="timeout"), Transient(code="429")
BOUNCED, ACCEPTED, DELIVERED = ReceiptKind.BOUNCED, ReceiptKind.ACCEPTED, ReceiptKind.DELIVERED
UNKNOWN, COMPLAINED = ReceiptKind.UNKNOWN, ReceiptKind.COMPLAINED

UNDER_WAY = ("accepted", "scheduled", "queued", "sending", "sent", "partially_delivered")
STATUSES = (*UNDER_WAY, "delivered", "undelivered", "failed", "canceled", "read")
#: Twilio says one of these at most, and ``read`` of none but the first.
ENDS = {"delivered", "undelivered", "failed", "canceled"}
TWILIO = TwilioReceipts("token", url="https://shop.example/twilio")
SOON = timedelta(minutes=10)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for name in ("paid/push.text", "paid/pager.text", "paid-by-pager/pager.text", "parcel/push.text"):
        stage.template(name, "paid")
    return stage


def called(message_id: str, status: str, *, code: str = "", sid: str = "") -> Receipt:
    """What Twilio calls back."""
    body = f"MessageSid={sid}&MessageStatus={status}" + (f"&ErrorCode={code}" if code else "")
    (receipt,) = TWILIO.parse(body.encode(), url=f"https://shop.example/twilio?nid={message_id}")
    return receipt


def said(stage: Stage, *statuses: str, order_id: str = "A-1", **fields: str) -> list[Receipt]:
    """What Twilio calls back of an order's first message, in this order."""
    return [called(stage.messages("id", order_id)[0], status, **fields) for status in statuses]


async def sent(notifier: Notifier, customer: Customer | None = None) -> None:
    await recorded(notifier, customer=customer)
    await notifier.run_until_idle()


# In any order


def sets() -> list[tuple[str, ...]]:
    """All pairs of statuses, and some sets of three, that do not contradict each other."""
    few = ("queued", "sent", "delivered", "undelivered", "read")
    found = [*itertools.combinations(STATUSES, 2), *itertools.combinations(few, 3)]
    return [
        each for each in found if len(ENDS & {*each}) <= 1 and not ("read" in each and ENDS & {*each} - {"delivered"})
    ]


def seen(stage: Stage, order_id: str) -> tuple[object, ...]:
    first, *_ = stage.messages("state, reference, receipt_rank, early", order_id)
    return first, stage.messages("channel, state", order_id), notices(stage, order_id), stage.staff(order_id)


@pytest.mark.parametrize("state", ["sent", "uncertain", "under way"])
async def test_any_order_ends_like_the_right_one(stage: Stage, state: str) -> None:
    """However Twilio's calls are shuffled and repeated, all ends as if they had come in order and once."""
    chosen = sets()
    orders = [(each, order) for each in chosen for order in itertools.permutations(each)]
    calls: dict[str, Sequence[str]] = {}
    for number, (_, order) in enumerate(orders):
        calls[f"S-{number}"] = (*order, *order[:2], order[-1])
    right = {f"R-{number}": sorted(each, key=lambda status: rank(status) or 0) for number, each in enumerate(chosen)}
    push, pager = Wire(), Wire()

    async def hear(message: Message) -> None:
        await notifier.receive(*(called(message.message_id, each, sid="SM1") for each in everyone[message.order_id]))

    everyone = calls | right
    if state == "under way":
        push.meanwhile = hear
    if state == "uncertain":
        push.answer = lambda _: LOST
    async with pushing(stage, push, pager) as notifier:
        wire_of_twilio(push)
        for order_id in everyone:
            await recorded(notifier, order_id)
        await notifier.run_due()
        if state != "under way":
            for order_id in everyone:
                await notifier.receive(*said(stage, *everyone[order_id], order_id=order_id, sid="SM1"))
        await notifier.run_until_idle()

    ends = {each: seen(stage, f"R-{number}") for number, each in enumerate(chosen)}
    found = {order: seen(stage, f"S-{number}") for number, (_, order) in enumerate(orders)}
    assert {} == {order: (ends[each], found[order]) for each, order in orders if ends[each] != found[order]}
    assert len(everyone) == len(push.tried)


def wire_of_twilio(push: Wire) -> None:
    """It calls every message SM1."""
    usual = push.send

    async def send(message: Message) -> Accepted:
        await usual(message)
        return Accepted(reference="SM1")

    push.send = send  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("delivered", "undelivered"),
        ("delivered", "sent"),
        ("delivered", "failed"),
        ("read", "delivered"),
        ("read", "undelivered"),
        ("sent", "queued"),
        ("sent", "sent"),
        ("undelivered", "delivered"),
        ("undelivered", "undelivered"),
    ],
)
async def test_what_is_no_further_along_changes_nothing(stage: Stage, first: str, then: str) -> None:
    """A word that is no further along than what was known leaves every row as it is."""
    async with pushing(stage, Wire(), Wire()) as notifier:
        await sent(notifier)
        await notifier.receive(said(stage, first))
        before = everything(stage.path)

        assert 1 == await notifier.receive(said(stage, then, code="30005"))

    assert before == everything(stage.path)


async def test_what_is_further_along_moves_the_rank_alone(stage: Stage) -> None:
    """Of a message that was sent, `queued`, `sent`, `delivered` and `read` each move its rank and nothing else."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await sent(notifier)
        columns, ranks = "state, attempts, due_at, settled_at, reference", []
        before = stage.messages(columns), stage.decisions(), stage.staff(), notices(stage)
        for status in ("queued", "sent", "delivered", "read"):
            await notifier.receive(said(stage, status))
            ranks += stage.messages("receipt_rank")

        assert before == (stage.messages(columns), stage.decisions(), stage.staff(), notices(stage))

    assert [1, 3, 4, 5] == ranks


async def test_sent_may_be_the_last_word(stage: Stage) -> None:
    """Where no carrier says *delivered* nothing is ever sent again, by no channel, and nobody is called in."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier:
        await sent(notifier)
        await notifier.receive(said(stage, "queued", "sent"))
        for _ in range(40):
            stage.move(days=1)
            await notifier.run_until_idle()

    assert (1, 0, [SENT]) == (len(push.tried), len(pager.tried), stage.messages())


async def test_a_word_that_nobody_knows_proves_nothing(stage: Stage) -> None:
    """A status that we do not know is noted, and an uncertain message stays uncertain."""
    push = Wire(lambda _: LOST)
    async with pushing(stage, push) as notifier:
        await sent(notifier, ONLY_PUSH)
        await notifier.receive(said(stage, "teleported"))

    assert [(UNCERTAIN, "unknown", None)] == stage.messages("state, receipt, receipt_rank")


async def test_what_proves_a_message_has_its_reference(stage: Stage) -> None:
    """The provider's id of a message that was proven by a call is kept, and another message's id says nothing."""
    push, pager = Wire(lambda _: LOST), Wire()
    async with pushing(stage, push, pager) as notifier:
        await sent(notifier)
        await notifier.receive(said(stage, "queued", sid="SM1"))

        assert [(SENT, "SM1", 1)] == stage.messages("state, reference, receipt_rank")

        await notifier.receive(said(stage, "undelivered", sid="SM2"))
        await notifier.run_until_idle()

    assert ([(SENT, "SM1", 1)], []) == (stage.messages("state, reference, receipt_rank"), pager.tried)


# Too early


@pytest.mark.parametrize("answer", [None, LOST, BUSY], ids=["taken", "lost", "busy"])
async def test_a_call_that_is_faster_than_our_commit_counts(stage: Stage, answer: Exception | None) -> None:
    """A call that comes while we still wait for the answer proves that the message was taken, whatever the answer."""
    push, pager = Wire(), Wire()
    push.refuse(*([answer] if answer else []))

    async def call(_: object) -> None:
        await notifier.receive(said(stage, "sent", "queued", sid="" if answer is None else "SM1"))

    push.meanwhile = call
    async with pushing(stage, push, pager) as notifier:
        await sent(notifier)
        stage.move(hours=2)
        await notifier.run_until_idle()

    assert [(SENT, 3, "SM1" if answer else "wire-1", None)] == stage.messages("state, receipt_rank, reference, early")
    assert ((1, 0), ["told"]) == ((len(push.tried), len(pager.tried)), notices(stage))


async def test_what_came_back_before_our_commit_goes_by_the_next_channel(stage: Stage) -> None:
    """A failure that is faster than our commit does all that a later one does, in the unit that settles the message."""
    heard: list[object] = []
    push, pager = Wire(), Wire()

    async def call(_: object) -> None:
        await notifier.receive(said(stage, "undelivered", "sent", code="30005"))

    push.meanwhile = call
    async with pushing(stage, push, pager, observers=[heard.append]) as notifier:
        await sent(notifier)

    assert ([FAILED, SENT], [("A-1", "paid")]) == (stage.messages(), pager.told)
    assert [("push", "push:A-1", 1)] == suppressions(stage)
    assert ["30005"] == [each.code for each in of(MessageReopened, heard)]


async def test_a_complaint_that_is_faster_than_our_commit_is_heard_once(stage: Stage) -> None:
    """A complaint about a message under way is heard when that is settled, and its repetition is none."""
    push = Wire()

    async def call(_: object) -> None:
        await notifier.receive(about(stage, COMPLAINED), about(stage, COMPLAINED))

    push.meanwhile = call
    async with pushing(stage, push) as notifier:
        await sent(notifier)
        await notifier.receive(about(stage, COMPLAINED))

    assert ([SENT], ["complained"], 1) == (stage.messages(), stage.staff(), len(suppressions(stage)))


@pytest.mark.parametrize("kind", [ACCEPTED, DELIVERED, COMPLAINED])
async def test_what_a_dead_worker_sent_is_not_sent_again(stage: Stage, kind: ReceiptKind) -> None:
    """A call about a message whose sender was killed proves, at its rescue, that it was sent."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier)
        await die_holding(stage)
        await notifier.receive(about(stage, kind, reference="SM1"))
        stage.move(seconds=LEASE.total_seconds() + 1)
        await notifier.run_until_idle()

    assert ([(SENT, "SM1")], ["told"]) == (stage.messages("state, reference"), notices(stage))
    assert ([], [], [("queued", "order.paid"), ("sent", "push")]) == (push.tried, pager.tried, stage.decisions())


async def test_what_a_dead_worker_sent_and_came_back_goes_by_the_next_channel(stage: Stage) -> None:
    """A failure of a message whose sender was killed is heard at its rescue: the next channel has its turn."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier)
        await die_holding(stage)
        await notifier.receive(said(stage, "undelivered", "sent"))
        stage.move(seconds=LEASE.total_seconds() + 1)
        await notifier.run_until_idle()

    assert ([FAILED, SENT], [], 1) == (stage.messages(), push.tried, len(pager.taken))


async def test_a_word_that_nobody_knows_rescues_nothing(stage: Stage) -> None:
    """A status that we do not know is no proof: what a dead worker held goes."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await recorded(notifier)
        await die_holding(stage)
        await notifier.receive(about(stage, UNKNOWN))
        stage.move(seconds=LEASE.total_seconds() + 1)
        await notifier.run_until_idle()

    assert (1, [SENT]) == (len(push.taken), stage.messages())


async def test_a_text_that_was_under_way_when_its_worker_died_is_sent(stage: Stage) -> None:
    """A call about a text whose sender was killed during the call proves it: it is neither looked up nor sent again."""
    pager, push = doubt.Asked(), Wire()
    async with doubt.paging(stage, pager, push) as notifier:
        await doubt.doubted(notifier, pager)
        execute = "update pn_message set state = 2, token = 'dead', lease_until = 0"
        doubt.write(stage.path, execute)
        await notifier.receive(said(stage, "queued", sid="SM1"))
        stage.move(minutes=5)
        await notifier.run_until_idle()

    assert ([(SENT, "SM1")], [], 0) == (stage.messages("state, reference"), pager.asked_for, len(push.tried))


async def test_a_call_during_the_look_up_ends_the_doubt(stage: Stage) -> None:
    """A call that comes while the provider says that it never had the message is believed: no other channel starts."""
    push = Wire()

    class Late(doubt.Asked):
        async def look_up(self, message: Message, *, since: datetime) -> Accepted | None:
            await notifier.receive(called(message.message_id, "sent", sid="SM1"))
            return await super().look_up(message, since=since)

    pager = Late()
    async with doubt.paging(stage, pager, push) as notifier:
        await doubt.doubted(notifier, pager)
        stage.move(minutes=3)
        await notifier.run_until_idle()
        stage.move(hours=3)
        await notifier.run_until_idle()

    assert ([(SENT, "SM1")], 0, ["told"]) == (stage.messages("state, reference"), len(push.tried), notices(stage))


async def test_a_worker_hears_at_once_what_came_early(stage: Stage) -> None:
    """A failure that is faster than our commit wakes the worker for the next channel."""
    push, pager = Wire(), Wire()

    async def call(_: object) -> None:
        await notifier.receive(said(stage, "undelivered"))

    push.meanwhile = call
    async with pushing(stage, push, pager) as notifier, notifier.worker(poll=NEVER):
        await quiet(notifier)
        await recorded(notifier)
        await until(lambda: pager.taken)

    assert [FAILED, SENT] == stage.messages()


async def test_what_is_repeated_early_is_kept_once(stage: Stage) -> None:
    """However often a call is repeated while a message is under way, its row does not grow."""
    async with pushing(stage, Wire()) as notifier:
        await recorded(notifier)
        await die_holding(stage)
        await notifier.receive(said(stage, "sent", "sent", "queued", "sent", "queued"))

    assert [2] == stage.messages("json_array_length(early)")


async def test_nothing_that_belongs_to_a_person_is_kept(stage: Stage) -> None:
    """Of what came early neither the details nor the provider's own word are kept."""
    async with pushing(stage, Wire()) as notifier:
        await recorded(notifier)
        await die_holding(stage)
        await notifier.receive(about(stage, DELIVERED, status="ada", details={"ProfileName": "Ada"}))

    (early,) = stage.messages("early")
    assert "ada" not in early.lower()


async def test_nobody_pays_for_what_seldom_comes_early(stage: Stage) -> None:
    """Where nothing came early, settling asks not one question more."""
    store = ListeningInline(str(stage.path))
    async with pushing(stage, Wire(), store=store) as notifier:
        await sent(notifier)

    (settled,) = [[each.name for each in unit] for unit in store.ear.units if unit[0].name == "message_settle"]
    assert [] == [name for name in settled if name in ("message_find", "message_kept", "message_unkeep")]


# Once more


async def test_what_may_go_again_does(stage: Stage) -> None:
    """A failure that may pass: the same message goes again on the same channel, as often as the code says, then on."""
    heard: list[object] = []
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager, observers=[heard.append]) as notifier:
        await sent(notifier)
        await notifier.receive(said(stage, "undelivered", code="30008", sid="wire-1"))
        await notifier.run_until_idle()

        assert ([QUEUED], SOON, ["open"]) == (stage.messages(), due_in(stage), notices(stage))

        stage.move(minutes=10)
        await notifier.run_until_idle()

        assert ([(SENT, "wire-2", None)], ["told"]) == (
            stage.messages("state, reference, receipt_rank"),
            notices(stage),
        )

        await notifier.receive(said(stage, "undelivered", code="30008", sid="wire-2"))
        await notifier.run_until_idle()

    assert ([FAILED, SENT], 2, 1) == (stage.messages(), len(push.tried), len(pager.taken))
    assert 1 == len({message.message_id for message in push.taken})
    assert [("queued", "again:bounced:30008"), ("sent", "push"), ("queued", "instead-of-push:bounced:30008")] == (
        stage.decisions()[2:5]
    )
    assert ["30008", "30008"] == [each.code for each in of(MessageReopened, heard)]
    assert [] == stage.staff()


async def test_what_is_said_of_an_old_try_says_nothing_of_the_new_one(stage: Stage) -> None:
    """Calls about the try that came back change nothing, before, while and after the message goes again."""
    push, pager = Wire(), Wire()

    async def repeat(_: object) -> None:
        await notifier.receive(said(stage, "undelivered", "read", code="30008", sid="wire-1"))

    async with pushing(stage, push, pager) as notifier:
        await sent(notifier)
        await repeat(None)
        await repeat(None)
        push.meanwhile = repeat
        stage.move(minutes=10)
        await notifier.run_until_idle()
        await repeat(None)
        await notifier.run_until_idle()
        await notifier.receive(said(stage, "queued", sid="wire-2"))

    assert [(SENT, "wire-2", 1)] == stage.messages("state, reference, receipt_rank")
    assert (2, 0) == (len(push.tried), len(pager.tried))


async def test_what_is_said_of_an_old_try_rescues_no_new_one(stage: Stage) -> None:
    """Calls about the try that came back prove nothing of the new one, whose sender has died."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await sent(notifier, ONLY_PUSH)
        await notifier.receive(said(stage, "undelivered", code="30008", sid="wire-1"))
        stage.move(minutes=10)
        await die_holding(stage)
        await notifier.receive(said(stage, "undelivered", "read", code="30008", sid="wire-1"))
        stage.move(seconds=LEASE.total_seconds() + 1)
        await notifier.run_until_idle()

    assert (2, [(SENT, "wire-2")]) == (len(push.taken), stage.messages("state, reference"))


async def test_what_is_said_of_an_old_try_ends_no_doubt_about_the_new_one(stage: Stage) -> None:
    """Calls about the old try prove nothing while nobody knows whether the new one was taken, also at its look-up."""
    push = Wire()

    async def repeat() -> None:
        await notifier.receive(said(stage, "undelivered", "read", code="30008", sid="wire-1"))

    class Repeating(doubt.Asked):
        async def look_up(self, message: Message, *, since: datetime) -> Accepted | None:
            await repeat()
            return await super().look_up(message, since=since)

    pager = Repeating()
    async with doubt.paging(stage, pager, push) as notifier:
        await notifier.record(*doubt.paid())  # type: ignore[arg-type]
        await notifier.run_until_idle()
        await repeat()
        pager.refuse(LOST)
        stage.move(minutes=10)
        await notifier.run_until_idle()
        await repeat()

        assert [UNCERTAIN] == stage.messages()

        stage.move(minutes=10)
        await notifier.run_until_idle()

    assert ([FAILED, SENT], 2, 1) == (stage.messages(), len(pager.tried), len(push.taken))


async def test_what_the_staff_let_go_again_is_a_new_try(stage: Stage) -> None:
    """A message that came back and was queued again by a person is followed anew, and may come back again."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await sent(notifier, ONLY_PUSH)
        await notifier.receive(said(stage, "undelivered", sid="wire-1"))
        await notifier.outbox.requeue(stage.messages("id")[0])
        await notifier.run_until_idle()
        await notifier.receive(said(stage, "undelivered", sid="wire-1"))

        assert [(SENT, "wire-2", None)] == stage.messages("state, reference, receipt_rank")

        await notifier.receive(said(stage, "sent", "undelivered", sid="wire-2"))

    assert ([FAILED], ["undelivered", "undelivered"]) == (stage.messages(), stage.staff())


async def test_an_old_try_is_not_found_for_the_new_one(stage: Stage) -> None:
    """What the provider finds is not the new try if it is the one that came back."""
    pager, push = doubt.Asked(), Wire()
    async with doubt.paging(stage, pager, push, doubt.PaidByPager) as notifier:
        await notifier.record(*doubt.paid())  # type: ignore[arg-type]
        await notifier.run_until_idle()
        await notifier.receive(said(stage, "undelivered", code="30008", sid="wire-1"))
        pager.refuse(LOST)
        pager.has = lambda _: Accepted(reference="wire-1")
        for _ in range(2):
            stage.move(minutes=10)
            await notifier.run_until_idle()

    assert ([(SENT, "wire-2")], 3) == (stage.messages("state, reference"), len(pager.tried))


async def test_what_goes_again_holds_up_nobody(stage: Stage) -> None:
    """What follows in the order's lane does not wait until a telephone is switched on again."""
    push = Wire()
    async with pushing(stage, push, notices=[Paid, Parcel]) as notifier:
        await sent(notifier, ONLY_PUSH)
        await notifier.receive(said(stage, "undelivered", code="30003"))
        await notifier.record(shipped())
        await notifier.run_until_idle()

        assert [QUEUED, SENT] == stage.messages()

        stage.move(hours=4)
        await notifier.run_until_idle()

    assert ([SENT, SENT], 3) == (stage.messages(), len(push.taken))


@pytest.mark.parametrize(
    ("wait", "customer", "expected"),
    [
        (timedelta(hours=4), None, [QUEUED]),
        (timedelta(hours=24), None, [FAILED, SENT]),
        (timedelta(hours=24), ONLY_PUSH, [QUEUED]),
        (timedelta(days=8), ONLY_PUSH, [FAILED]),
    ],
    ids=["hours", "a day", "a day and no other way", "longer than it is of use"],
)
async def test_how_long_a_customer_waits(
    stage: Stage, wait: timedelta, customer: Customer | None, expected: list[int]
) -> None:
    """Hours are waited for; a day only where there is no other channel; what would be of no use by then is not."""
    async with pushing(stage, Wire(), Wire()) as notifier:
        await sent(notifier, customer)
        await notifier.receive(about(stage, BOUNCED, retry_after=wait, tries=2))
        await notifier.run_until_idle()

    assert expected == stage.messages()


async def test_what_goes_again_without_a_number_of_tries_ends(stage: Stage) -> None:
    """A provider that always says *later* and never how often is not asked for ever."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier:
        await sent(notifier)
        for _ in range(20):
            await notifier.receive(about(stage, BOUNCED, retry_after=SOON))
            stage.move(hours=2)
            await notifier.run_until_idle()

    assert (5, 1) == (len(push.tried), len(pager.taken))


async def test_what_goes_again_is_asked_whether_it_is_still_true(stage: Stage) -> None:
    """A customer who has corrected the address meanwhile gets it there, once."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await sent(notifier, ONLY_PUSH)
        await notifier.receive(about(stage, BOUNCED, retry_after=SOON))
        await notifier.record(CustomerUpdated(order_id="A-1", extra={"push": "push:new"}))
        await notifier.run_until_idle()
        stage.move(hours=2)
        await notifier.run_until_idle()

    assert ["push:A-1", "push:new"] == [message.to for message in push.taken]


@pytest.mark.parametrize(
    ("customer", "expected"), [(None, [FAILED, SENT]), (ONLY_PUSH, [QUEUED])], ids=["another way", "no other way"]
)
async def test_a_refusal_that_passes(stage: Stage, customer: Customer | None, expected: list[int]) -> None:
    """A refusal that ends some day goes by the next channel at once; without one the message waits for that day."""
    heard: list[object] = []
    push = Wire()
    push.refuse(Permanent(code="63038", retry_after=timedelta(days=1)))
    async with pushing(stage, push, Wire(), observers=[heard.append]) as notifier:
        await sent(notifier, customer)

        assert expected == stage.messages()

        stage.move(days=1)
        await notifier.run_until_idle()

    assert (SENT, 1 if customer is None else 2) == (stage.messages()[-1], len(push.tried))
    assert ["refused:63038"] == [each.rule for each in of(MessageFailed, heard)]


# What the staff must know


async def test_the_staff_hear_once_of_what_every_message_meets(stage: Stage) -> None:
    """A code on which somebody must act is one word to the staff an hour, and says the code and where to read on."""
    heard: list[object] = []
    push, names = Wire(), [f"A-{number}" for number in range(1, 7)]
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        for name in names:
            await recorded(notifier, name)
        await notifier.run_until_idle()
        for name in names[:3]:
            await notifier.receive(said(stage, "undelivered", order_id=name, code="30034"))
        await notifier.receive(said(stage, "undelivered", order_id=names[3], code="30007"))
        await notifier.receive(said(stage, "undelivered", order_id=names[4], code="30005"))
        stage.move(hours=1)
        await notifier.receive(said(stage, "undelivered", order_id=names[5], code="30034"))

    words = [row["text"] for row in stage.look("select text from pn_staff_word where subject = 'provider' order by pk")]
    assert ["30034", "30007", "30034"] == [text.rpartition("/")[2].rstrip(")") for text in words]
    assert "our number is registered for no 10DLC campaign" in words[0]
    assert words == [each.word.text for each in of(StaffAsked, heard) if each.word.subject == "provider"]


async def test_a_code_without_words_is_named(stage: Stage) -> None:
    """A provider's code that nobody explains is told to the staff all the same, for its channel."""
    async with pushing(stage, Wire(), Wire()) as notifier:
        await sent(notifier)
        await notifier.receive(about(stage, ReceiptKind.REJECTED, code="X1", alerts=True))

    (word,) = stage.look("select text from pn_staff_word where subject = 'provider'")
    assert word["text"].startswith("messages by push do not arrive until somebody acts on X1")
