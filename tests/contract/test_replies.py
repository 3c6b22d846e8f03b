"""What customers write back, and what follows from it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    Channel,
    Customer,
    CustomerAnswered,
    CustomerAsked,
    CustomerUpdated,
    Email,
    Meaning,
    Message,
    Notice,
    Notifier,
    NotifierNotOpen,
    OrderCancelled,
    OrderDelivered,
    OrderPaid,
    OrderShipped,
    OrderSourcing,
    Permanent,
    Policy,
    Reply,
    Shop,
    Sms,
    StaffAsked,
    Transient,
    Uncertain,
    WhatsApp,
    default_notices,
)
from proactive_notify.domain.consent import handles_words
from proactive_notify.receipts import TwilioReceipts
from proactive_notify.testing import VirtualClock
from tests.contract.engine_cases import of
from tests.contract.twilio_server import TwilioServer, callback_id
from tests.contract.wires import MONDAY, Stage, Wire, placed

CALLBACK = "https://shop.example/hooks/twilio"
OURS, ADAS, BOBS = "+493012345678", "+4915112345678", "+4915187654321"
ADA = Customer(name="Ada", email="ada@example.org", phone=ADAS, sms_consent=True, time_zone="Europe/Berlin")
#: Half past ten at night in Berlin.
NIGHT = MONDAY.replace(hour=21, minute=30)
#: Words that Twilio does not answer by itself.
STOP, START, HELP = "please stop texting me", "text me again please", "ayuda"


class Paid(Notice[OrderPaid]):
    """A notice that goes by text first."""

    key = "paid"
    channels = ("sms", "email")


class Desk:
    """A shop that texts, its two wires, and what its observers were told."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.sms, self.email = stage, Wire(), Wire()
        self.happened: list[object] = []
        self.shop = Shop(name="Acme", reply_to="help@acme.example")
        self.policy: Policy | None = None
        self._number = 0

    def channels(self) -> list[Channel]:
        return [Sms(self.sms, sender=OURS), Email(self.email, sender="Acme <orders@acme.example>")]

    def notifier(self, **arguments: Any) -> Notifier:
        usual: dict[str, Any] = {"channels": self.channels(), "notices": [*default_notices, Paid]}
        observers = [self.happened.append]
        return self.stage.notifier(shop=self.shop, policy=self.policy, observers=observers, **{**usual, **arguments})

    @asynccontextmanager
    async def open(self, *orders: str, customer: Customer = ADA, **arguments: Any) -> AsyncIterator[Notifier]:
        """The shop at work; each of the orders is placed and paid, and that was told by text."""
        async with self.notifier(**arguments) as notifier:
            for order_id in orders:
                await self.paid(notifier, order_id, customer=customer)
                await notifier.run_until_idle()
            self.sms.taken.clear()
            self.email.taken.clear()
            yield notifier

    async def paid(self, notifier: Notifier, order_id: str, *, customer: Customer = ADA) -> None:
        at = self.stage.clock.now()
        await notifier.record(placed(order_id, customer=customer, at=at), OrderPaid(order_id=order_id, at=at))

    def reply(self, text: str, *, sender: str = ADAS, **fields: Any) -> Reply:
        """A new text of a customer, as Twilio brings it."""
        self._number += 1
        usual = {"id": f"SM{self._number}", "source": "twilio", "channel": "sms", "to": OURS}
        return Reply(text=text, sender=sender, **{**usual, **fields})

    async def wrote(self, notifier: Notifier, text: str, **fields: Any) -> Reply:
        """A customer writes, and all that is due is done."""
        reply = self.reply(text, **fields)
        await notifier.receive_reply(reply)
        await notifier.run_until_idle()
        return reply

    @property
    def texts(self) -> list[str]:
        """What was texted since the orders were told, each as one line."""
        return [" ".join(message.text.split()) for message in self.sms.taken]  # type: ignore[attr-defined]

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Order and subject of every word to the staff."""
        return [(each.word.order_id, each.word.subject) for each in of(StaffAsked, self.happened)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    stage = Stage(tmp_path)
    for part in ("sms.text", "email.subject", "email.text", "email.html"):
        stage.template(f"paid/{part}", "paid")
    return Desk(stage)


def told(messages: list[Message]) -> list[str]:
    return [message.notice for message in messages]


async def facts(notifier: Notifier, kind: type[Any], order_id: str = "A-1") -> list[Any]:
    """The order's events of a type."""
    history = await notifier.why(order_id)
    assert history is not None
    return [each.event for each in history.facts if isinstance(each.event, kind)]


async def suppressed(notifier: Notifier) -> list[tuple[str, str, str]]:
    return [(each.channel, each.address, each.cause) for each in await notifier.suppressions.list()]


async def promises(notifier: Notifier, kind: str, order_id: str = "A-1") -> list[str]:
    """What became of the order's promises of a kind."""
    history = await notifier.why(order_id)
    assert history is not None
    return [each.state.name.lower() for each in history.promises if each.kind == kind]


# STOP


async def test_a_stop_is_recorded_for_each_order_and_suppresses_the_number(desk: Desk) -> None:
    """A STOP takes the consent back for every order that was told on this number, and no text goes there again."""
    async with desk.open("A-1", "A-2") as notifier:
        await desk.paid(notifier, "B-1", customer=ADA.model_copy(update={"phone": BOBS}))
        await notifier.run_until_idle()
        understood = await notifier.receive_reply(desk.reply(STOP))

        assert (Meaning.STOP, ("A-2", "A-1"), True) == (understood.meaning, understood.order_ids, understood.is_new)
        for order_id in ("A-1", "A-2"):
            (fact,) = await facts(notifier, CustomerUpdated, order_id)
            assert (False, "reply", STOP) == (fact.sms_consent, fact.consent_how, fact.consent_text)
        assert [] == await facts(notifier, CustomerUpdated, "B-1")
        assert [("sms", ADAS, "stop")] == await suppressed(notifier)


async def test_a_stop_moves_what_waits_to_email(desk: Desk) -> None:
    """A text that waits for the morning goes by email at once when the customer says STOP: never is it lost."""
    desk.stage.clock = VirtualClock(NIGHT)
    async with desk.open() as notifier:
        await desk.paid(notifier, "A-0")
        await desk.paid(notifier, "A-1")
        await notifier.run_until_idle()
        held = (told(desk.sms.taken), desk.stage.messages("channel, waits_for", "A-1")[-1])
        desk.email.taken.clear()
        await desk.wrote(notifier, STOP)

    assert ([], ("sms", "quiet-hours")) == held
    assert [("A-0", "paid"), ("A-1", "paid")] == sorted(desk.email.told)
    assert ["reply"] == told(desk.sms.taken)
    assert [] == [each for each in desk.asked if each[1] == "undelivered"]


async def test_after_a_stop_everything_goes_by_email(desk: Desk) -> None:
    """What is news after a STOP goes by email, also of an order that the shop places with consent later."""
    async with desk.open("A-1") as notifier:
        await desk.wrote(notifier, STOP)
        desk.sms.taken.clear()
        await desk.paid(notifier, "A-2")
        await notifier.run_until_idle()

    assert [] == desk.sms.taken
    assert [("A-2", "order-received"), ("A-2", "paid")] == sorted(desk.email.told)


async def test_a_stop_of_nobody_we_know_counts(desk: Desk) -> None:
    """A STOP from a number without an order suppresses it; the first order to come is told by email."""
    async with desk.open() as notifier:
        understood = await notifier.receive_reply(desk.reply("STOP"))
        assert (Meaning.STOP, ()) == (understood.meaning, understood.order_ids)
        assert [("sms", ADAS, "stop")] == await suppressed(notifier)
        await desk.paid(notifier, "A-1")
        await notifier.run_until_idle()

    assert ([], []) == (desk.sms.taken, desk.asked)
    assert "paid" in told(desk.email.taken)


async def test_a_stop_is_confirmed_once(desk: Desk) -> None:
    """One text confirms a STOP, although the number is suppressed; a second STOP is not confirmed."""
    async with desk.open("A-1") as notifier:
        await desk.wrote(notifier, STOP)
        await desk.wrote(notifier, "no more texts!!")

    (message,) = desk.sms.taken
    assert (ADAS, OURS, "A-1", "reply") == (message.to, message.sender, message.order_id, message.notice)  # type: ignore[attr-defined]
    assert timedelta(minutes=5) == message.valid_for  # type: ignore[attr-defined]
    assert [
        (
            "Acme: You will get no more texts from us. What there is to tell you about your orders comes by email. "
            "To get texts again, answer START."
        )
    ] == desk.texts


async def test_who_has_no_mailbox_is_promised_no_email(desk: Desk) -> None:
    """The confirmation speaks of email only where there is an address."""
    async with desk.open("A-1", customer=ADA.model_copy(update={"email": None})) as notifier:
        await desk.wrote(notifier, STOP)

    assert ["Acme: You will get no more texts from us. To get texts again, answer START."] == desk.texts


@pytest.mark.parametrize(
    "fields", [{"text": "STOP"}, {"text": " stop "}, {"text": "basta", "opt_out_type": "STOP"}, {"text": "HELP"}]
)
async def test_what_twilio_answered_is_not_answered(desk: Desk, fields: dict[str, str]) -> None:
    """Where Twilio answers by itself we say nothing."""
    async with desk.open("A-1") as notifier:
        await desk.wrote(notifier, **fields)

    assert ([], []) == (desk.sms.tried[1:], desk.asked)


@pytest.mark.parametrize("fields", [{"to": "12345"}, {"source": "other"}])
async def test_where_nobody_else_answers_we_do(desk: Desk, fields: dict[str, str]) -> None:
    """On a short code of one's own, and at another provider, nobody answers a bare STOP but us."""
    async with desk.open("A-1") as notifier:
        await desk.wrote(notifier, "STOP", **fields)

    assert 1 == len(desk.texts)
    assert not handles_words(desk.reply("STOP", **fields))


async def test_a_confirmation_that_comes_late_is_not_sent(desk: Desk) -> None:
    """Where it took more than five minutes to take a STOP in, it is not confirmed any more."""
    async with desk.open("A-1") as notifier:
        store, run = notifier._store, notifier._store.run

        async def slowly(unit: Any, **how: Any) -> Any:
            desk.stage.move(minutes=5, seconds=1)
            return await run(unit, **how)

        store.run = slowly  # type: ignore[method-assign]
        await notifier.receive_reply(desk.reply(STOP))

        assert [("sms", ADAS, "stop")] == await suppressed(notifier)
    assert [] == desk.texts


async def test_the_same_reply_twice_changes_nothing(desk: Desk) -> None:
    """A call that is repeated, at once or later, records nothing, sends nothing and lifts nothing."""
    async with desk.open("A-1") as notifier:
        reply = desk.reply(STOP)
        first, second = await asyncio.gather(notifier.receive_reply(reply), notifier.receive_reply(reply))
        await desk.wrote(notifier, START)
        third = await notifier.receive_reply(reply)

        assert [True, False, False] == [each.is_new for each in (first, second, third)]
        assert first.order_ids == second.order_ids == third.order_ids == ("A-1",)
        assert [False, True] == [each.sms_consent for each in await facts(notifier, CustomerUpdated)]
        assert [] == await suppressed(notifier)
    assert 2 == len(desk.texts)


async def test_a_question_under_a_stop_is_asked(desk: Desk) -> None:
    """Who says STOP and asks something besides waits for a person as well."""
    async with desk.open("A-1") as notifier:
        await desk.wrote(notifier, "STOP! Where is my refund?")
        questions = await facts(notifier, CustomerAsked)

        assert ["question"] == [each.meaning for each in questions]
        assert ["open"] == await promises(notifier, "answer_by")
    assert ("A-1", "question") in desk.asked


async def test_a_stop_wakes_no_order(desk: Desk) -> None:
    """An order that was handed to people stays with them when its customer says STOP."""
    async with desk.open("A-1") as notifier:
        desk.stage.move(days=70)
        for _ in range(80):
            await notifier.run_until_idle()
            desk.stage.move(days=1)
        before = await notifier.order("A-1")
        await desk.wrote(notifier, STOP)
        after = await notifier.order("A-1")

    assert before
    assert after
    assert ("closed", "closed") == (before.state.value, after.state.value)
    assert after.customer.sms_consent is False


# START


async def test_a_start_undoes_a_stop(desk: Desk) -> None:
    """After START texts go to the number again, and that is confirmed."""
    async with desk.open("A-1") as notifier:
        await desk.wrote(notifier, STOP)
        await desk.wrote(notifier, START)
        assert [] == await suppressed(notifier)
        assert [False, True] == [each.sms_consent for each in await facts(notifier, CustomerUpdated)]
        await desk.paid(notifier, "A-2")
        await notifier.run_until_idle()

    assert ["reply", "reply", "paid"] == told(desk.sms.taken)
    assert "Acme: You will get texts about your orders from us again." in desk.texts[1]


@pytest.mark.parametrize(("cause", "stays"), [("refused:30005", True), ("by hand", True), ("refused:21610", False)])
async def test_a_start_lifts_what_a_stop_made(desk: Desk, cause: str, stays: bool) -> None:
    """A number that cannot be reached stays suppressed after a START, and gets no answer."""
    async with desk.open("A-1") as notifier:
        await notifier.suppressions.add("sms", ADAS, cause)
        await desk.wrote(notifier, STOP)
        await desk.wrote(notifier, START)

        assert ([("sms", ADAS, cause)] if stays else []) == await suppressed(notifier)
    assert (0 if stays else 1) == len(desk.texts)


async def test_a_yes_of_somebody_who_is_told_is_no_start(desk: Desk) -> None:
    """ "YES" of a customer who is told by text answers something: a person reads it."""
    async with desk.open("A-1") as notifier:
        understood = await notifier.receive_reply(desk.reply("Yes!"))

        assert (Meaning.QUESTION, ("A-1",)) == (understood.meaning, understood.order_ids)
    assert [("A-1", "question")] == desk.asked


# HELP


@pytest.mark.parametrize("order", [("A-1",), ()])
async def test_help_is_answered(desk: Desk, order: tuple[str, ...]) -> None:
    """HELP says who we are, what for, how to stop and whom to ask, also to somebody we do not know."""
    async with desk.open(*order) as notifier:
        understood = await notifier.receive_reply(desk.reply(HELP))

    assert (Meaning.HELP, ()) == (understood.meaning, understood.order_ids)
    assert [
        (
            "Acme: We text you about your orders with us. Answer STOP for no more texts, STATUS to hear where your "
            "order is. Write to us: help@acme.example"
        )
    ] == desk.texts
    assert [] == desk.asked


async def test_help_after_a_stop_is_answered(desk: Desk) -> None:
    """Who has stopped and asks for help is answered; who cannot be reached is not tried."""
    async with desk.open("A-1") as notifier:
        await desk.wrote(notifier, "STOP")
        await desk.wrote(notifier, HELP)
        await notifier.suppressions.add("sms", BOBS, "refused:30005")
        await desk.wrote(notifier, HELP, sender=BOBS)

    assert [ADAS] == [message.to for message in desk.sms.taken]


async def test_an_answer_is_in_the_customers_language(desk: Desk) -> None:
    """The answer is written in the language of the customer's order."""
    async with desk.open("A-1", customer=ADA.model_copy(update={"locale": "pt-BR"})) as notifier:
        await desk.wrote(notifier, STOP)

    assert "Acme: Voce nao vai mais receber SMS nossos." in desk.texts[0].replace("ê", "e").replace("ã", "a")


async def test_two_machines_do_not_write_to_each_other_for_ever(desk: Desk) -> None:
    """Ten texts of a number are answered in a day, whoever it is; what a STOP does it does all the same."""
    async with desk.open("A-1") as notifier:
        for _ in range(11):
            await desk.wrote(notifier, HELP)
        await desk.wrote(notifier, HELP, sender=BOBS)
        await desk.wrote(notifier, STOP)
        assert [("sms", ADAS, "stop")] == await suppressed(notifier)
        desk.stage.move(days=1)
        await desk.wrote(notifier, HELP)

    assert [*[ADAS] * 10, BOBS, ADAS] == [message.to for message in desk.sms.taken if message.notice == "reply"]


# WhatsApp, and channels without a way back


def whatsapp(wire: Wire) -> WhatsApp:
    return WhatsApp(
        wire, sender=OURS, approved={"paid": "HX1"}, address=lambda customer: customer.extra.get("whatsapp")
    )


class PaidOnWhatsApp(Paid):
    channels = ("whatsapp", "email")


async def test_a_stop_on_whatsapp_moves_to_email(desk: Desk) -> None:
    """A STOP on WhatsApp suppresses the number there and nowhere else; it is not answered there."""
    wire = Wire()
    desk.stage.template("paid/whatsapp.variables", "paid")
    channels = [whatsapp(wire), *desk.channels()]
    ada = ADA.model_copy(update={"extra": {"whatsapp": ADAS}})
    async with desk.open("A-1", customer=ada, channels=channels, notices=[PaidOnWhatsApp]) as notifier:
        await desk.wrote(notifier, "no more messages please", channel="whatsapp")
        (fact,) = await facts(notifier, CustomerUpdated)
        await notifier.record(OrderPaid(order_id="A-1", at=MONDAY + timedelta(minutes=1)))
        await notifier.run_until_idle()

        assert [("whatsapp", ADAS, "stop")] == await suppressed(notifier)
        assert (None, False) == (fact.sms_consent, fact.whatsapp_consent)
    assert (1, [], ["paid"]) == (len(wire.taken), desk.texts, told(desk.email.taken))


async def test_help_that_nobody_answers_is_a_question(desk: Desk) -> None:
    """HELP on a channel on which we cannot answer goes to the staff: nobody is left without an answer."""
    async with desk.open("A-1") as notifier:
        understood = await notifier.receive_reply(desk.reply(HELP, channel="whatsapp"))

    assert Meaning.QUESTION is understood.meaning
    assert [("", "question")] == desk.asked


# Questions


async def test_a_question_goes_to_the_staff_under_the_order_it_is_about(desk: Desk) -> None:
    """A question is about the newest open order, or the one that it names; the staff hear, and a promise runs."""
    async with desk.open("A-1", "A-2") as notifier:
        await desk.wrote(notifier, "Is it blue?")
        await desk.wrote(notifier, "And is A-1 red?")
        asked = {order_id: await facts(notifier, CustomerAsked, order_id) for order_id in ("A-1", "A-2")}

        assert ["And is A-1 red?"] == [each.text for each in asked["A-1"]]
        assert ["Is it blue?"] == [each.text for each in asked["A-2"]]
        assert ["open"] == await promises(notifier, "answer_by", "A-2")
    assert [("A-2", "question"), ("A-1", "question")] == desk.asked
    assert [] == desk.texts


async def test_an_open_order_comes_before_a_newer_one_that_has_ended(desk: Desk) -> None:
    """A question is about the order that is still under way."""
    async with desk.open("A-1", "A-2") as notifier:
        await notifier.record(OrderShipped(order_id="A-2"), OrderDelivered(order_id="A-2"))
        await notifier.run_until_idle()
        understood = await notifier.receive_reply(desk.reply("Is it blue?"))

    assert ("A-1",) == understood.order_ids


async def test_a_question_of_nobody_we_know_reaches_the_staff(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Who asks without an order is told to the staff by the provider's id, without the number and the words."""
    caplog.set_level(logging.DEBUG)
    async with desk.open("A-1") as notifier:
        understood = await notifier.receive_reply(desk.reply("Is it blue?", sender=BOBS, id="SM-blue"))

    assert (Meaning.QUESTION, ()) == (understood.meaning, understood.order_ids)
    assert [("", "question")] == desk.asked
    assert any("no order: somebody" in line and "SM-blue" in line for line in caplog.messages)


async def test_another_shops_orders_are_not_ours(desk: Desk) -> None:
    """A reply to one shop says nothing about the orders that another shop has in the same store."""
    async with desk.open("A-1"):
        pass
    desk.shop = Shop(key="other", name="Other")
    async with desk.open("A-1", customer=ADA.model_copy(update={"phone": BOBS})) as notifier:
        understood = await notifier.receive_reply(desk.reply(STOP))

    assert () == understood.order_ids
    assert [("other",)] == [(row["shop"],) for row in desk.stage.look("select shop from pn_suppression")]


# STATUS


async def test_where_it_is_is_answered_at_once(desk: Desk) -> None:
    """The last fact with its date, what is awaited and when the next word comes; no person has to answer."""
    async with desk.open("A-1") as notifier:
        desk.stage.move(hours=5)
        await notifier.record(OrderSourcing(order_id="A-1", note="we look in our other stores"))
        await notifier.run_until_idle()
        desk.stage.move(hours=1)
        await desk.wrote(notifier, "Where is my order?")
        history = await notifier.why("A-1")
        (answered,) = await facts(notifier, CustomerAnswered)

        assert ["kept"] == await promises(notifier, "answer_by")
    assert history
    (news,) = [each for each in history.promises if each.kind == "news_by" and each.is_open]
    assert f"News by {news.due_at:%a, %-d %b}." in desk.texts[0]
    assert desk.texts[0].startswith(
        "Acme: About your order A-1. The last we know: on Monday, 5 January we began to look for it. "
        "We are still looking for what you ordered."
    )
    assert ("proactive_notify", []) == (answered.by, desk.asked)


async def test_the_promise_of_an_answered_question_never_breaks(desk: Desk) -> None:
    """Days later nobody says that an answer is owed."""
    async with desk.open("A-1") as notifier:
        await desk.wrote(notifier, "STATUS")
        for _ in range(48):
            desk.stage.move(hours=1)
            await notifier.run_until_idle()

    assert [] == desk.stage.look("select 1 from pn_event where data like '%answer_by%'")


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (
            [OrderShipped(order_id="A-1"), OrderDelivered(order_id="A-1")],
            "The carrier reports that your order A-1 arrived on Monday, 5 January.",
        ),
        ([OrderCancelled(order_id="A-1")], "Your order A-1 is cancelled."),
        ([OrderShipped(order_id="A-1")], "it was handed to the carrier on Monday, 5 January."),
        ([], "your payment arrived on Monday, 5 January. We are waiting for your order to be handed to the carrier."),
    ],
)
async def test_the_answer_says_where_the_order_stands(desk: Desk, events: list[Any], said: str) -> None:
    """An order that has ended says how, and one under way says the last fact."""
    async with desk.open("A-1") as notifier:
        await notifier.record(*events)
        await notifier.run_until_idle()
        await desk.wrote(notifier, "STATUS")

    (text,) = desk.texts
    assert said in text


async def test_who_asks_at_night_is_awake(desk: Desk) -> None:
    """The answer goes at night too, though other texts wait for the morning."""
    async with desk.open("A-1") as notifier:
        desk.stage.clock.move_to(NIGHT)
        await desk.wrote(notifier, "STATUS")

    assert ["order-status"] == told(desk.sms.taken)


async def test_who_has_stopped_is_answered_by_email(desk: Desk) -> None:
    """Where is my order, asked by text after a STOP, is answered by email."""
    async with desk.open("A-1") as notifier:
        await desk.wrote(notifier, "STOP")
        await desk.wrote(notifier, "STATUS")

        assert ["kept"] == await promises(notifier, "answer_by")
    assert ([], ["order-status"], []) == (desk.texts, told(desk.email.taken), desk.asked)


async def test_an_answer_that_cannot_leave_is_still_owed(desk: Desk) -> None:
    """While the answer waits the promise of one stays open, so that the staff hear of it in time."""
    async with desk.open("A-1") as notifier:
        desk.sms.refuse(Transient(code="busy"))
        await desk.wrote(notifier, "STATUS")
        waiting = await promises(notifier, "answer_by")
        desk.stage.move(hours=1)
        await notifier.run_until_idle()

        assert (["open"], ["kept"]) == (waiting, await promises(notifier, "answer_by"))
    assert 1 == len(desk.texts)


@pytest.mark.parametrize("order", [("Is it blue?", "STATUS"), ("STATUS", "Is it blue?")])
async def test_what_only_a_person_can_answer_stays_open(desk: Desk, order: tuple[str, str]) -> None:
    """An answer where it is does not count as the answer to another question, whichever came first."""
    async with desk.open("A-1") as notifier:
        for text in order:
            await notifier.receive_reply(desk.reply(text))
        await notifier.run_until_idle()

        assert "open" in await promises(notifier, "answer_by")
    assert ["order-status"] == told(desk.sms.taken)


async def test_what_a_person_answered_is_not_answered_again(desk: Desk) -> None:
    """Where a person was quicker than our answer, ours is not sent any more."""
    async with desk.open("A-1") as notifier:
        await notifier.receive_reply(desk.reply("STATUS"))
        desk.stage.move(minutes=1)
        await notifier.record(CustomerAnswered(order_id="A-1", by="Priya"))
        await notifier.run_until_idle()

    assert [] == desk.sms.taken


async def test_without_the_notice_a_person_answers(desk: Desk) -> None:
    """A shop that leaves the notice out has its staff asked where the order is."""
    async with desk.open("A-1", notices=[Paid]) as notifier:
        await desk.wrote(notifier, "STATUS")

    assert ([], [("A-1", "question")]) == (desk.texts, desk.asked)


async def test_where_it_is_asked_by_mail_is_a_persons_to_answer(desk: Desk) -> None:
    """A question that came by mail is not answered by text."""
    async with desk.open("A-1") as notifier:
        await notifier.record(CustomerAsked(order_id="A-1", channel="email", meaning="status"))  # type: ignore[call-arg]
        await notifier.run_until_idle()

    assert ([], [("A-1", "question")]) == (desk.texts, desk.asked)


# What goes wrong


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (lambda: Transient(code="busy"), "busy"),
        (lambda: Permanent(code="21610"), "21610"),
        (lambda: Uncertain(code=""), "Uncertain"),
        (lambda: RuntimeError(f"{ADAS} is odd"), "RuntimeError"),
    ],
)
@pytest.mark.parametrize("order", [("A-1",), ()])
async def test_an_answer_that_fails_is_told_to_the_staff(
    desk: Desk,
    order: tuple[str, ...],
    failure: Callable[[], Exception],
    code: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The STOP holds, nothing is raised, and the staff hear what could not be sent, without the number."""
    caplog.set_level(logging.DEBUG)
    async with desk.open(*order) as notifier:
        desk.sms.refuse(failure())
        understood = await notifier.receive_reply(desk.reply(STOP))

        assert Meaning.STOP is understood.meaning
        assert [("sms", ADAS, "stop")] == await suppressed(notifier)
    assert [(*order, "undelivered") if order else ("", "undelivered")] == desk.asked
    assert (["undelivered"] if order else []) == desk.stage.staff()
    assert any(f"could not be answered: {code}" in line for line in caplog.messages)


async def test_nothing_that_a_customer_wrote_is_printed(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the number nor the words stand in a log line, in what the staff are told or in what is returned."""
    caplog.set_level(logging.DEBUG)
    said = ["please stop texting me NOW", "text me again please", "Is it blue?", "STATUS", HELP]
    shown = []
    async with desk.open("A-1") as notifier:
        for text in said:
            for sender in (ADAS, BOBS):
                shown.append(repr(await notifier.receive_reply(desk.reply(text, sender=sender))))
                await notifier.run_until_idle()
    shown += [*caplog.messages, *map(repr, desk.happened)]

    assert [] == [line for line in shown for word in (ADAS, BOBS, "texting", "blue", "again please") if word in line]


async def test_any_text_is_taken_in(desk: Desk) -> None:
    """Whatever characters somebody sends are taken in: nothing, zeros, marks, emoji, and a very long text."""
    odd = ["", " ", "\x00stop\x00", "\u202estop", "🛑", "a" * 20_000, "\x1b[31m", "’; drop table pn_order; --"]
    async with desk.open("A-1") as notifier:
        for text in odd:
            assert (await notifier.receive_reply(desk.reply(text))).is_new
        await notifier.run_until_idle()


async def test_a_notifier_that_is_not_open_takes_nothing_in(desk: Desk) -> None:
    """A reply before the notifier is open is refused."""
    with pytest.raises(NotifierNotOpen):
        await desk.notifier().receive_reply(desk.reply(STOP))


# The loop, the worker, the table


class Overheard(str):
    """A text that notes in which thread it was cut."""

    __slots__ = ("threads",)
    threads: list[int]

    def __getitem__(self, key: Any) -> str:
        self.threads.append(threading.get_ident())
        return super().__getitem__(key)


async def test_a_text_is_read_beside_the_loop(desk: Desk) -> None:
    """The words are read in a thread: making their patterns takes longer than a loop may stand still."""
    text = Overheard("Where is my order?")
    text.threads = []
    reply = desk.reply("").model_copy(update={"text": text})
    async with desk.open("A-1") as notifier:
        await notifier.receive_reply(reply)

    assert threading.get_ident() != text.threads[0]


async def test_a_worker_sends_the_answer_at_once(desk: Desk) -> None:
    """A worker that sleeps for an hour is woken by a reply."""
    heard = asyncio.Event()

    async def noted(message: Message) -> None:
        if message.notice == "order-status":
            heard.set()

    async with desk.open("A-1") as notifier, notifier.worker(poll=3600):
        desk.sms.meanwhile = noted
        await notifier.receive_reply(desk.reply("STATUS"))
        await asyncio.wait_for(heard.wait(), 20)


async def test_replies_are_forgotten_in_time(desk: Desk) -> None:
    """After thirty days nobody needs to know a reply again; until then it is known."""
    async with desk.open("A-1") as notifier:
        for _ in range(101):
            await notifier.receive_reply(desk.reply("thanks"))
        desk.stage.move(days=2)
        await notifier.receive_reply(desk.reply("thanks"))
        desk.stage.move(days=28)
        await notifier._janitor.delete_old()
        kept = desk.stage.look("select count(*) as n from pn_reply")[0]["n"]
        desk.stage.move(seconds=1)
        await notifier._janitor.delete_old()

    assert (102, 1) == (kept, desk.stage.look("select count(*) as n from pn_reply")[0]["n"])


def test_the_table_of_replies_holds_no_number_and_no_text(desk: Desk) -> None:
    """What is kept to know a reply again is the provider's id, a digest of the number and a time."""

    async def wrote() -> None:
        async with desk.open("A-1") as notifier:
            await notifier.receive_reply(desk.reply("Is it blue?", id="SM9"))

    asyncio.run(wrote())
    (row,) = desk.stage.look("select * from pn_reply")

    assert {"shop": "shop", "source": "twilio", "id": "SM9"}.items() <= row.items()
    assert {"pk", "shop", "source", "id", "sender", "at"} == row.keys()
    assert ADAS[-6:] not in row["sender"]


async def test_from_twilios_call_to_twilios_api(desk: Desk) -> None:
    """What Twilio posts is read, taken in and confirmed at Twilio; what Twilio says of that later changes nothing."""
    receipts, called = TwilioReceipts("token", url=CALLBACK), f"From=%2B{ADAS[1:]}&To=%2B{OURS[1:]}&SmsStatus=received"
    reply = receipts.parse_reply(f"MessageSid=SM1&{called}&Body=Stop+texting+me".encode())
    assert reply is not None
    async with desk.open("A-1"):
        pass
    async with TwilioServer() as server:
        twilio = Sms(server.transport(status_callback=CALLBACK), sender=OURS)
        async with desk.notifier(channels=[twilio], notices=[Paid]) as notifier:
            understood = await notifier.receive_reply(reply)
            (request,) = server.requests
            url = f"{CALLBACK}?nid={callback_id(request.form)}"
            heard = await notifier.receive(receipts.parse(b"MessageSid=SM2&MessageStatus=delivered", url=url))

    assert (Meaning.STOP, ("A-1",), 0) == (understood.meaning, understood.order_ids, heard)
    assert (ADAS, OURS, "300") == tuple(request.form[name] for name in ("To", "From", "ValidityPeriod"))
    assert request.form["Body"].startswith("Acme: You will get no more texts from us.")
