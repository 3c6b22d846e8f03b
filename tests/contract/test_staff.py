"""Words to the shop's own people: when they go, what they say, and what follows from an answer or from none."""

from __future__ import annotations

import asyncio
import itertools
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    Accepted,
    ChannelRefused,
    Customer,
    CustomerAnswered,
    CustomerAsked,
    CustomerUpdated,
    OrderCancelled,
    OrderDelayed,
    OrderSourcing,
    Permanent,
    PromiseKind,
    Shop,
    Sms,
    Staff,
    StaffMessage,
    StaffWord,
    Transient,
    UsageError,
)
from proactive_notify._content.rendering import Content
from proactive_notify._policy.cases import Case
from proactive_notify._policy.staffing import lines_of
from proactive_notify._store.staffing import claim
from proactive_notify.domain.promises import OpenedPromise
from proactive_notify.testing import Simulation

from .telling import MONDAY, ORDER, after, fact, heard, january, placed, plain, play, standing, states, when
from .wires import Stage, Wire, rules
from .wires import placed as placed_at_once

TEAM = "team@acme.example"
#: How long a word waits for others to go with.
PATIENCE = timedelta(minutes=2)
NOBODY = Customer(name="Ada")
NEW_YORK = Shop(name="Acme", reply_to="help@acme.example", time_zone="America/New_York")
SOURCING = {"note": "the bag is in our Lyon store", "expected_by": january(9)}
SECRETS = r"team@acme|ada@example|lyon"


class Desk:
    """A transport of the staff that keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[StaffMessage] = []
        #: When each message came, taken or not.
        self.tried: list[datetime] = []
        #: Raised instead.
        self.error: BaseException | None = None
        self.is_closed = False

    async def send(self, message: StaffMessage) -> Accepted:
        self.tried.append(message.at)
        if self.error is not None:
            raise self.error
        self.taken.append(message)
        return Accepted()

    async def aclose(self) -> None:
        self.is_closed = True

    @property
    def told(self) -> list[tuple[datetime, list[tuple[str, str]]]]:
        """When a message was taken, with order and subject of each of its lines."""
        return [(each.at, [(line.order_id, line.subject) for line in each.lines]) for each in self.taken]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def mails(sim: Simulation) -> list[Any]:
    """What went to the staff by mail."""
    return [each for each in sim.email.sent if each.to == TEAM]


# When


async def test_a_word_goes_in_office_hours(desk: Desk) -> None:
    """What happens at night waits until the shop opens, in the shop's own zone."""
    async with Simulation(staff=Staff(desk), shop=NEW_YORK) as sim:
        await play(sim, placed(customer=NOBODY), until=1)

    assert [(datetime(2026, 1, 5, 14, tzinfo=UTC), [(ORDER, "undelivered")])] == desk.told


async def test_after_the_office_has_closed_a_word_waits_for_the_morning(desk: Desk) -> None:
    """What comes at closing time goes the next morning at nine."""
    async with Simulation(staff=Staff(desk)) as sim:
        await play(sim, placed(9 / 24, customer=NOBODY), until=1)

    assert [after(1)] == [at for at, _ in desk.told]


async def test_what_could_not_reach_the_customer_goes_at_once(desk: Desk) -> None:
    """In office hours the staff hear within two minutes of what no channel could tell, and how it looked."""
    async with Simulation(staff=Staff(desk)) as sim:
        sim.email.fail_next(Permanent("There is no such mailbox.", code="550 5.1.1", suppress=True))
        await sim.record(placed())
        await sim.advance(minutes=2)

    assert [(MONDAY + PATIENCE, [(ORDER, "undelivered")])] == desk.told
    (message,) = desk.taken
    assert ("staff-undelivered", "A customer was not told: order A-1") == (message.notice, message.subject)
    said = plain(message)
    assert "A-1: the customer could not be told order-received by email: refused:550 5.1.1." in said
    assert "Promised: the customer hears from us by Wednesday, 7 January." in said
    assert "customer.updated (email or phone)" in said


async def test_an_import_gives_one_list(desk: Desk) -> None:
    """Five hundred old orders, recorded one after the other in some minutes, are one message with a line each."""
    async with Simulation(staff=Staff(desk)) as sim:
        for number in range(500):
            await sim.record(placed(-30, id=f"p{number}", order=f"A-{number}", ship_by=january(2)))
            if number % 100 == 0:
                await sim.advance(seconds=50)
        await sim.advance(minutes=10)

    (message,) = desk.taken
    assert sorted((f"A-{number}", "import") for number in range(500)) == sorted(
        (line.order_id, line.subject) for line in message.lines
    )
    assert "Please look at order A-0 and 499 more" == message.subject
    assert (
        "A-499: an old order was imported and nothing past is told to the customer; these dates have passed: "
        "ship_by 2026-01-02."
    ) in plain(message)


async def test_words_that_keep_coming_do_not_wait_for_ever(desk: Desk) -> None:
    """A word every half minute holds the first one back for ten minutes, no longer."""
    async with Simulation(staff=Staff(desk)) as sim:
        for number in range(30):
            await sim.record(placed(id=f"p{number}", order=f"A-{number}", customer=NOBODY))
            await sim.advance(seconds=30)

    assert [after(minutes=10)] == [at for at, _ in desk.told]


async def test_the_most_urgent_is_first(desk: Desk) -> None:
    """What waited together is sorted: an untold customer, one who asked, an import."""
    asked = fact(CustomerAsked, order="A-2", text="Is it blue?")
    old = placed(-30, id="p1", order="A-1")
    async with Simulation(staff=Staff(desk), shop=NEW_YORK) as sim:
        await sim.record(old, placed(id="p2", order="A-2"), placed(id="p3", order="A-3", customer=NOBODY), asked)
        await sim.advance(hours=6)

    assert [[("A-3", "undelivered"), ("A-2", "question"), ("A-1", "import")]] == [lines for _, lines in desk.told]
    text = plain(desk.taken[0])
    assert text.index("A-3:") < text.index("A-2:") < text.index("A-1:")


async def test_what_is_done_meanwhile_is_not_told(desk: Desk) -> None:
    """A question that was answered, and a promise that was withdrawn, before the office opened are no matter."""
    async with Simulation(staff=Staff(desk), shop=NEW_YORK) as sim:
        await sim.record(placed(), fact(CustomerAsked, text="Is it blue?"))
        await sim.record(placed(id="p2", order="A-2"))
        await play(sim, fact(CustomerAnswered, 0.1), fact(OrderCancelled, 1 + 1 / 24, order="A-2"), until=1.2)

    assert [] == [order for _, lines in desk.told for order, subject in lines if subject == "question"]
    assert "A-2" not in [order for _, lines in desk.told for order, _ in lines]


async def test_what_is_older_than_the_staff_is_only_counted(desk: Desk, stage: Stage) -> None:
    """A shop that names its staff after months gets no flood: what is older than a week is counted, once."""
    async with stage.notifier() as notifier:
        for number in range(3):
            order_id = f"A-{number}"
            await notifier.record(placed_at_once(order_id, customer=NOBODY), OrderCancelled(order_id=order_id))
    stage.move(days=8)
    async with stage.notifier(staff=Staff(desk)) as notifier:
        await notifier.record(placed_at_once("B-1", customer=NOBODY, at=stage.clock.now()))
        stage.move(minutes=2)
        await notifier.run_due()
        waiting = stage.look("select order_id from pn_staff_word where told_at is null")

    assert [[("B-1", "undelivered")]] == [lines for _, lines in desk.told]
    assert "6 older words are not listed here" in plain(desk.taken[0])
    assert [] == waiting


# What it says


async def test_a_quiet_order_is_told_with_all_that_matters() -> None:
    """The mail has the order, what is known, what was promised until when, what to record, and what else happens."""
    async with Simulation(staff=Staff(TEAM)) as sim:
        await play(sim, placed(order_url="https://acme.example/A-1"), until=1.2)

    (mail,) = mails(sim)
    assert ("Going quiet: order A-1", after(1) + PATIENCE) == (mail.subject, mail.at)
    assert ("staff-going-quiet", "", "help@acme.example") == (mail.notice, mail.html, mail.reply_to)
    said = plain(mail)
    assert "A-1: nothing new is recorded. What is the reason, and until when?" in said
    assert "Last recorded: order.placed, Monday, 5 January, 9:00 AM (UTC)." in said
    assert "Promised: the customer hears from us by Wednesday, 7 January." in said
    assert "order.sourcing (note, expected_by)" in said
    assert "order.delayed (reason, ship_by or deliver_by)" in said
    assert "https://acme.example/A-1" in said
    assert "Otherwise the customer is told that there is no news yet: Tuesday, 6 January, 5:00 PM (UTC)." in said


@pytest.mark.parametrize("locale", ["en", "pt-BR"])
@pytest.mark.parametrize("kind", PromiseKind)
def test_every_promise_is_asked_about_in_its_own_words(kind: PromiseKind, locale: str) -> None:
    """Each kind of promise has a question, what was promised, and what to record, in every language."""
    promise = OpenedPromise(
        kind=kind, ordinal=1, parcel="", set_by="", due_at=after(2), ask_at=None, speak_at=after(1), row=1
    )
    word = StaffWord(order_id=ORDER, at=MONDAY, subject="going-quiet", text="", promise=f"{kind}:1")
    (line,) = lines_of([word], {ORDER: Case(order_id=ORDER, promises=[promise])}, rules())
    values = {**line.model_dump(), "about": line.subject, "words": "", "order_url": None, "last_fact": None}
    said = Content().render("staff-going-quiet", "staff", ("words",), locale=locale, values={**values, "now": MONDAY})
    question, _, promised, record, *otherwise = said["words"].splitlines()

    is_told = kind not in ("decide_by", "known_by", "refund_by")
    assert (january(7), bool(line.record), is_told) == (line.until, True, bool(otherwise and otherwise[0]))
    is_default = "nothing new" in question or "nada de novo" in question
    assert is_default == (kind == "news_by")
    assert promised.endswith("7 January." if locale == "en" else "(quarta-feira).")
    assert all(each in record for each in line.record)


async def test_what_is_said_holds(desk: Desk) -> None:
    """The customer hears at exactly the moment that the staff were told."""
    async with Simulation(staff=Staff(desk)) as sim:
        await play(sim, placed(), until=2)

    assert [desk.taken[0].lines[0].speaks_at] == when(sim, "holding")


async def test_the_staff_read_their_own_language() -> None:
    """A shop that speaks Portuguese writes so to its staff too."""
    shop = Shop(name="Acme", locale="pt-BR")
    async with Simulation(staff=Staff(TEAM), shop=shop) as sim:
        await play(sim, placed(), until=1.2)

    (mail,) = mails(sim)
    assert "Sem novidades para o cliente: pedido A-1" == mail.subject
    assert "Prometido: o cliente tem notícias nossas até 7 de janeiro (quarta-feira)." in plain(mail)


async def test_mails_about_one_order_are_a_thread_of_their_own() -> None:
    """Mails to the staff are found together by order, and never among those to the customer."""
    async with Simulation(staff=Staff(TEAM)) as sim:
        await play(sim, placed(), until=4)

    threads = {mail.order_id for mail in mails(sim)}
    assert 1 == len(threads) < len(mails(sim))
    assert ORDER not in threads


# Staff first, and the customer in any case


async def test_a_reason_and_a_date_shape_what_the_customer_hears(desk: Desk) -> None:
    """The staff say where the bag is: the customer hears that, and not that there is no news."""
    async with Simulation(staff=Staff(desk)) as sim:
        await play(sim, placed(), fact(OrderSourcing, 1.1, **SOURCING), until=1.5)

    assert [[(ORDER, "going-quiet")]] == [lines for _, lines in desk.told]
    assert ["order-received", "sourcing"] == heard(sim)
    said = plain(sim.messages("sourcing")[0])
    assert "the bag is in our Lyon store" in said
    assert "Friday, 9 January" in said


async def test_a_delay_that_the_staff_tell_is_told_with_its_date(desk: Desk) -> None:
    """Before a date is missed the staff are asked; their new date and reason reach the customer before the old one."""
    answer = fact(OrderDelayed, 3.1, reason="the leather came late", ship_by=january(14))
    async with Simulation(staff=Staff(desk)) as sim:
        await play(sim, placed(ship_by=january(8)), answer, until=3.3)

    assert "going-quiet" in [subject for _, lines in desk.told for _, subject in lines]
    (told,) = sim.messages("delayed")
    assert after(3.1) == told.at
    assert "the leather came late" in plain(told)
    assert "Wednesday, 14 January" in plain(told)


@pytest.mark.parametrize(
    "error",
    [
        Transient("Away.", code="503"),
        Permanent("Gone.", code="410"),
        ChannelRefused("No.", code="401"),
        ValueError("ada@example.org is no team@acme.example"),
    ],
)
async def test_the_customer_hears_though_the_staff_cannot(
    desk: Desk, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the staff's transport raises, the honest word goes in time, and nothing is logged that names anybody."""
    desk.error = error
    with caplog.at_level(logging.DEBUG):
        async with Simulation(staff=Staff(desk)) as sim:
            await play(sim, placed(), until=2)

    assert desk.tried
    assert [after(1, hours=8)] == when(sim, "holding")
    assert "The last we know" in plain(sim.messages("holding")[0])
    assert "were not taken" in caplog.text
    assert "acme.example" not in caplog.text
    assert "ada@example" not in caplog.text


async def test_a_staff_mail_that_is_refused_stops_no_customers_mail() -> None:
    """By mail too: the server takes nothing for the team, and the customers' mails leave."""
    wire = Wire(lambda message: Permanent("No such user.", code="550", suppress=True) if message.to == TEAM else None)
    async with Simulation(staff=Staff(TEAM), email=wire) as sim:  # type: ignore[arg-type]
        await play(sim, placed(), until=2)

    assert TEAM in {message.to for message in wire.tried}
    assert ["order-received", "holding"] == [message.notice for message in wire.taken]


async def test_a_transport_that_never_answers_holds_up_nobody(stage: Stage) -> None:
    """While the staff's transport hangs the worker goes on sending to customers."""
    hangs, wire, sent = asyncio.Event(), Wire(), asyncio.Event()

    class Hanging(Desk):
        async def send(self, message: StaffMessage) -> Accepted:
            hangs.set()
            await sent.wait()
            return await super().send(message)

    async with stage.notifier(wire, staff=Staff(Hanging())) as notifier:
        await notifier.record(placed_at_once("A-1", customer=NOBODY))
        stage.move(minutes=2)
        async with notifier.worker(poll=0.01):
            await asyncio.wait_for(hangs.wait(), 20)
            wire.meanwhile = lambda _: _set(sent)
            await notifier.record(placed_at_once("A-2", at=stage.clock.now()))
            await asyncio.wait_for(sent.wait(), 20)

    assert [("A-2", "order-received")] == wire.told


async def _set(event: asyncio.Event) -> None:
    event.set()


# The customer's question


async def test_a_question_is_answered_at_once_and_by_a_person(desk: Desk) -> None:
    """The customer hears at once that the question is here, the staff are told, and a person has a business day."""
    async with Simulation(staff=Staff(desk)) as sim:
        await play(sim, placed(ship_by=january(5)), fact(CustomerAsked, 1 / 24, text="Is it blue?"), until=0.1)
        promise = await standing(sim, "answer_by")

    assert [after(1 / 24)] == when(sim, "question-received")
    assert after(1, hours=1) == promise.due_at
    (line,) = [line for message in desk.taken for line in message.lines if line.subject == "question"]
    assert ("answer_by", january(6), ("customer.answered",)) == (line.promise, line.until, line.record)


async def test_a_question_that_nobody_answers_is_a_broken_promise(desk: Desk) -> None:
    """The staff are asked again at half, and at due the customer hears that the answer is still owed."""
    async with Simulation(staff=Staff(desk)) as sim:
        await play(sim, placed(), fact(CustomerAsked, 1 / 24, text="Is it blue?"), until=1.2)
        found = await states(sim, "answer_by")

    asked = [(at, line) for at, lines in desk.told for line in lines]
    assert [(after(1 / 24) + PATIENCE, "question"), (after(1) + PATIENCE, "going-quiet")] == [
        (at, subject) for at, (_, subject) in asked
    ]
    assert ["broken"] == found
    assert [after(1, hours=1)] == when(sim, "holding")
    assert "We still owe you an answer" in plain(sim.messages("holding")[0])


async def test_an_answer_ends_the_question_and_begins_the_silence_anew(desk: Desk) -> None:
    """A person spoke to the customer: nothing is owed, and the next word is due two business days from then."""
    events = (fact(CustomerAsked, 1 / 24, text="Is it blue?"), fact(CustomerAnswered, 0.2, by="Ana"))
    async with Simulation(staff=Staff(desk)) as sim:
        await play(sim, placed(), *events, until=1.9)
        kept, news = await states(sim, "answer_by"), await standing(sim, "news_by")

    assert ["kept"] == kept
    assert after(2.2) == news.due_at
    assert [] == when(sim, "holding")


# Durable, together, and again


async def test_all_workers_together_tell_it_once(desk: Desk, stage: Stage) -> None:
    """Two processes on one file look at the same moment: one of them tells it."""
    staff = Staff(desk)
    async with stage.notifier(staff=staff) as first, stage.notifier(staff=staff) as second:
        await first.record(placed_at_once("A-1", customer=NOBODY))
        stage.move(minutes=2)
        await asyncio.gather(*(each.run_due() for each in (first, second, first, second)))
        await second.run_due()

    assert 1 == len(desk.taken)


async def test_one_batch_is_under_way_at_a_time(stage: Stage) -> None:
    """Whoever looks at the same moment gets nothing, neither what is claimed nor what came since."""
    now = MONDAY + PATIENCE

    async def taken(token: str, **later: float) -> list[str]:
        at = now + timedelta(**later)
        batch = await store.run(lambda: claim(token=token, now=at, since=MONDAY, shop="shop"))
        return [word.order_id for word in batch.words]

    async with stage.notifier() as notifier:
        store = notifier._store
        await notifier.record(placed_at_once("A-1", customer=NOBODY))
        first = await taken("first")
        await notifier.record(placed_at_once("A-2", customer=NOBODY))
        meanwhile = await taken("second", minutes=4)
        afterwards = await taken("third", minutes=5)

    assert (["A-1"], [], ["A-1", "A-2"]) == (first, meanwhile, afterwards)


async def test_a_batch_that_died_is_told_by_somebody_else(desk: Desk, stage: Stage) -> None:
    """Whoever was killed while telling leaves a lease; when it ends the words go, with what came meanwhile."""
    dying = Desk()
    dying.error = asyncio.CancelledError()
    async with stage.notifier(staff=Staff(dying)) as notifier:
        await notifier.record(placed_at_once("A-1", customer=NOBODY))
        stage.move(minutes=2)
        with pytest.raises(asyncio.CancelledError):
            await notifier.run_due()
    async with stage.notifier(staff=Staff(desk)) as notifier:
        await notifier.record(placed_at_once("A-2", customer=NOBODY))
        stage.move(minutes=4)
        await notifier.run_due()
        early = list(desk.told)
        stage.move(minutes=2)
        await notifier.run_due()

    assert [] == early
    assert [[("A-1", "undelivered"), ("A-2", "undelivered")]] == [lines for _, lines in desk.told]


async def test_a_failure_is_tried_again_later_and_later(desk: Desk) -> None:
    """After 1, 4 and 16 minutes, then hourly, in office hours only; what comes meanwhile goes along."""
    desk.error = Transient("Away.", code="503")
    async with Simulation(staff=Staff(desk)) as sim:
        await sim.record(placed(customer=NOBODY))
        await sim.advance(hours=3)
        tried = list(desk.tried)
        await sim.record(placed(3 / 24, id="p2", order="A-2", customer=NOBODY))
        await sim.run_until(after(1) - timedelta(seconds=1))
        by_night = [at for at in desk.tried if not 9 <= at.hour < 18]
        desk.error = None
        await sim.advance(hours=2)

    waits = [(later - sooner) / timedelta(minutes=1) for sooner, later in itertools.pairwise(tried)]
    assert all(whole / 2 <= wait <= whole for wait, whole in zip(waits, [1, 4, 16, 60, 60], strict=False)), waits
    assert 5 <= len(tried) <= 8
    assert [] == by_night
    assert {"A-1", "A-2"} == {order for order, _ in desk.told[0][1]}
    assert after(1) <= desk.taken[0].at < after(1, hours=1)


async def test_a_wait_that_the_provider_asks_for_is_kept(desk: Desk) -> None:
    """`Retry-After` holds, up to an hour."""
    desk.error = Transient("Busy.", code="429", retry_after=timedelta(minutes=30))
    async with Simulation(staff=Staff(desk)) as sim:
        await sim.record(placed(customer=NOBODY))
        await sim.advance(minutes=40)

    assert [MONDAY + PATIENCE, MONDAY + PATIENCE + timedelta(minutes=30)] == desk.tried


async def test_health_says_that_the_staff_are_not_told(desk: Desk) -> None:
    """While the last try has failed that is a problem, with its cause; once the words are told it is none."""
    desk.error = Transient("Away.", code="503")
    async with Simulation(staff=Staff(desk)) as sim:
        await sim.record(placed(customer=NOBODY))
        await sim.advance(minutes=4)
        ill = (await sim.notifier.health()).problems
        desk.error = None
        await sim.advance(minutes=10)
        well = (await sim.notifier.health()).problems

    (said,) = [each for each in ill if "staff" in each]
    assert said.startswith("the staff are not told: 1 word to them, the oldest for 4 minutes")
    assert "transient:503" in said
    assert [] == [each for each in well if "staff" in each]


async def test_templates_that_cannot_be_rendered_are_seen_and_stop_nobody(desk: Desk, stage: Stage) -> None:
    """A shop's own broken words for the staff are a failure of that channel, and of nothing else."""
    stage.template("staff-undelivered/staff.words", "{{ nothing.of.the.kind }}")
    wire = Wire()
    async with stage.notifier(wire, staff=Staff(desk)) as notifier:
        await notifier.record(placed_at_once("A-1", customer=NOBODY), placed_at_once("A-2"))
        stage.move(minutes=2)
        await notifier.run_due()
        problems = (await notifier.health()).problems

    assert [] == desk.tried
    assert [("A-2", "order-received")] == wire.told
    assert any("TemplateInvalid" in each for each in problems)


async def test_without_staff_nothing_is_different(stage: Stage) -> None:
    """A notifier without `staff=` keeps its words for the log, `why()` and the observers, and says of no problem."""
    async with stage.notifier() as notifier:
        await notifier.record(placed_at_once("A-1", customer=NOBODY))
        stage.move(hours=1)
        await notifier.run_due()
        problems = (await notifier.health()).problems

    assert ["undelivered"] == stage.staff()
    assert [] == [each for each in problems if "staff" in each]


# What is given


def test_an_address_that_is_none_is_refused() -> None:
    """What cannot be a mail address is refused, and not repeated."""
    with pytest.raises(UsageError, match=r"Staff\(\) needs a mail address") as refused:
        Staff("team at acme")

    assert "team at acme" not in str(refused.value)


def test_a_mail_address_needs_the_channel_email(stage: Stage) -> None:
    """A shop that only texts gives its staff a transport."""
    texts = Sms(Wire(), sender="+493012345678")
    with pytest.raises(UsageError, match="needs a channel email"):
        stage.notifier(channels=[texts], notices=[], staff=Staff(TEAM))


async def test_the_staffs_transport_is_closed_with_the_notifier(desk: Desk, stage: Stage) -> None:
    """A transport that holds connections is closed like those of the channels."""
    async with stage.notifier(staff=Staff(desk)):
        assert not desk.is_closed

    assert desk.is_closed


async def test_a_corrected_address_ends_the_matter(desk: Desk) -> None:
    """The staff correct the address, and the customer is told what could not be told."""
    corrected = fact(CustomerUpdated, 0.1, email="ada@example.org")
    async with Simulation(staff=Staff(desk)) as sim:
        await play(sim, placed(customer=NOBODY), corrected, until=0.2)

    assert [[(ORDER, "undelivered")]] == [lines for _, lines in desk.told]
    assert ["order-received"] == heard(sim)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)
