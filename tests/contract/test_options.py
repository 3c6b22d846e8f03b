"""Wait or cancel, in the real engine: what is offered, what is answered, and what silence brings (16 CFR 435)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proactive_notify import (
    ChannelRefused,
    Customer,
    CustomerDecided,
    Event,
    OptionState,
    OrderCancelled,
    OrderDelayed,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    Permanent,
    Place,
    Policy,
    Promise,
    Silence,
    Sms,
    Transient,
)
from proactive_notify.cli.choices import option_line, options_json
from proactive_notify.testing import RecordingTransport, Simulation

from .options_life import (
    BEGINS,
    MONEY,
    NEW_YORK,
    OFFERS,
    SHOP,
    Wire,
    day_after,
    end_of,
    fact,
    give_back,
    on,
    ordered,
    seven_working_days,
    why,
    words,
)

P = 9
US = {
    "customer": Customer(name="Ada", email="ada@example.org"),
    "destination": Place(country="US"),
    "payment": "captured",
}
REASON = "the mill is late"
BOTH = Customer(name="Ada", email="ada@example.org", phone="+12125550123", sms_consent=True)


def delayed(at: Any, *, ship_by: int | None = None) -> Any:
    return fact(OrderDelayed, at, reason=REASON, ship_by=day_after(ship_by) if ship_by is not None else None)


async def lived(
    *events: Event, until: Any, wire: Wire | None = None, texts: RecordingTransport[Any] | None = None, **said: Any
) -> Simulation:
    """The simulation after these events."""
    channels = [Sms(texts, sender="+12125550199")] if texts is not None else []
    sim = Simulation(shop=SHOP, start=BEGINS, email=wire or Wire(), channels=channels, **said)
    await sim.__aenter__()
    for event in events:
        await sim.record_at(event.happened_at, event)
    await sim.run_until(until)
    return sim


def told(sim: Simulation) -> list[str]:
    """What was said beside that there is no news."""
    return [each.notice for each in sim.sent if each.notice not in ("order-received", "holding")]


async def promises(sim: Simulation, kind: str) -> list[tuple[Any, str]]:
    found = [each for each in (await why(sim)).promises if each.kind == kind]
    return [(each.due_at, each.state.name) for each in sorted(found, key=lambda each: each.ordinal)]


# The day is over


async def test_the_offer_goes_out_before_the_day_is_over() -> None:
    """A US order is told of its delay in the last office hour of the day, and the customer decides from then on."""
    sim = await lived(ordered(ship_by=P), until=on(P, 23))
    (option,) = (await why(sim)).options

    assert (["delayed"], on(P, 17)) == (told(sim), option.offered_at)
    assert ("B", Silence.CANCELLED, end_of(day_after(P + 30)), OptionState.OPEN) == (
        option.case, option.silence, option.until, option.state
    )  # fmt: skip
    assert sim.messages("delayed")[0].message_id == option.message
    assert [(end_of(day_after(P + 30)), "OPEN")] == await promises(sim, "decide_by")


async def test_elsewhere_it_is_told_afterwards() -> None:
    """Where no such law holds the shop has its hours of grace, and silence means nothing."""
    sim = await lived(ordered(ship_by=P, destination=Place(country="BR")), until=on(P + 2))
    (mail,) = sim.messages("delayed")
    (option,) = (await why(sim)).options

    assert (on(P + 1, 9), None, "") == (mail.at, option.silence, option.case)
    assert "Your answer costs you nothing" not in mail.text
    assert [] == await promises(sim, "decide_by")


@pytest.mark.parametrize(("credit", "days"), [(False, 30), (True, 50)])
async def test_without_a_stated_day_the_law_has_one(credit: bool, days: int) -> None:
    """Thirty days after the order, or fifty on the shop's own credit, is a day of shipping like one that was told."""
    sim = await lived(ordered(shop_credit=credit), until=on(days, 23))
    (mail,) = sim.messages("delayed")

    assert (end_of(day_after(days)), "BROKEN") == (await promises(sim, "ship_by"))[0]
    assert on(days, 17) == mail.at
    assert "We told you" not in mail.text


async def test_a_day_of_arrival_is_no_day_of_shipping() -> None:
    """Who was only told when it arrives is offered the choice before the law's thirty days are over."""
    arrives = (Promise.deliver_by(day_after(60)),)
    sim = await lived(fact(OrderPlaced, BEGINS, **US, promises=arrives), until=on(31))
    (option,) = (await why(sim)).options

    assert ["delayed"] == told(sim)
    assert ("B", Silence.CANCELLED, OptionState.OPEN) == (option.case, option.silence, option.state)
    assert option.offered_at < end_of(day_after(30))


async def test_nobody_answers_and_the_order_ends() -> None:
    """Staff and customer hear it once, when silence ends; the money has its day, and no date of shipping stands."""
    sim = await lived(ordered(ship_by=P), until=on(P + 60))
    ends, refund_by = end_of(day_after(P + 30)), seven_working_days(day_after(P + 30))
    (mail,) = sim.messages("must-cancel")
    history = await why(sim)

    assert ([ends], ends) == (await words(sim, "must-cancel"), mail.at)
    assert f"{refund_by:%A}, {refund_by.day} {refund_by:%B}" in mail.text
    assert ("B", OptionState.ENDED, refund_by) == (
        history.options[0].case, history.options[0].state, history.options[0].refund_by
    )  # fmt: skip
    assert [(end_of(refund_by), "BROKEN")] == await promises(sim, "refund_by")
    assert [] == [each.kind for each in history.promises if each.is_open and each.kind in ("ship_by", "decide_by")]
    assert ["delayed", "must-cancel"] == told(sim)


async def test_each_word_says_what_silence_means_while_the_choice_is_open() -> None:
    """Who has not answered yet reads in each mail until when, and reads no more of it after the answer."""
    sim = await lived(ordered(ship_by=P), delayed(on(3)), until=on(20))
    await sim.record_at(on(20), fact(CustomerDecided, on(20), decision="wait"))
    await sim.run_until(on(38))
    quiet = [(mail.at > on(20), "agree to wait" in mail.text) for mail in sim.messages("holding") if mail.at > on(3)]

    assert {(False, True), (True, False)} == set(quiet)


async def test_who_paid_nothing_is_owed_nothing() -> None:
    """Without a charge there is no money to give back, and after the one mail nothing more is said."""
    sim = await lived(ordered(ship_by=P, payment="authorized"), until=on(P + 58))
    (mail,) = sim.messages("must-cancel")

    assert "Your card has not been charged, and it will not be." in mail.text
    assert [] == await promises(sim, "refund_by")
    assert [] == [each.at for each in sim.messages("holding") if each.at > mail.at]


async def test_what_ships_all_the_same_is_told_as_shipped() -> None:
    """The customer hears that it comes, the staff that the law had called it off, and the promises fit that."""
    sim = await lived(ordered(ship_by=P), fact(OrderShipped, on(P + 35)), until=on(P + 40))

    assert ["delayed", "must-cancel", "shipped"] == told(sim)
    assert [on(P + 35)] == await words(sim, "contradiction")
    assert ["WITHDRAWN"] == [state for _, state in await promises(sim, "refund_by")]
    assert "KEPT_LATE" in [state for _, state in await promises(sim, "ship_by")]


async def test_a_yes_that_is_too_late_is_the_staffs() -> None:
    """Who wants to wait when the law has called the order off needs a person, not a clock."""
    sim = await lived(ordered(ship_by=P), fact(CustomerDecided, on(P + 33), decision="wait"), until=on(P + 35))

    assert [end_of(day_after(P + 30)), on(P + 33)] == await words(sim, "must-cancel")
    assert OptionState.ENDED == (await why(sim)).options[0].state


async def test_who_cancels_reads_when_the_money_is_back() -> None:
    """Case F: the no counts at once, and the shop's cancellation and refund keep what was promised."""
    sim = await lived(
        ordered(ship_by=P),
        delayed(on(P - 1), ship_by=P + 5),
        fact(CustomerDecided, on(P), decision="cancel"),
        fact(OrderCancelled, on(P + 1)),
        fact(OrderRefunded, on(P + 2), amount=MONEY),
        until=on(P + 60),
    )

    assert ["delayed", "must-cancel", "cancelled", "refunded"] == told(sim)
    assert ([on(P)], []) == (await words(sim, "must-cancel"), await words(sim, "cancel"))
    assert [(end_of(seven_working_days(day_after(P))), "KEPT")] == await promises(sim, "refund_by")


async def test_a_part_that_shipped_leaves_the_money_for_the_rest() -> None:
    """What has not shipped is called off, and a refund of a part is what was owed."""
    sim = await lived(
        ordered(ship_by=P, items=("Lamp", "Vase"), total=MONEY),
        fact(OrderShipped, on(3), items=("Lamp",)),
        fact(OrderRefunded, on(P + 33), amount={"amount": "15.00", "currency": "USD"}),
        until=on(P + 34),
    )

    assert ["shipped", "delayed", "must-cancel", "refunded"] == told(sim)
    assert "what is on its way stays yours" in sim.messages("must-cancel")[0].text
    assert ["KEPT"] == [state for _, state in await promises(sim, "refund_by")][:1]


async def test_a_consent_that_ends_is_asked_for_again() -> None:
    """Before the day that silence agreed to is over the customer is asked again, and that silence is a no."""
    sim = await lived(ordered(ship_by=P), delayed(on(P - 2), ship_by=P + 10), until=on(P + 40))
    first, second = (await why(sim)).options
    ends = end_of(day_after(P + 10))

    assert (OptionState.CONSENTED, OptionState.ENDED) == (first.state, second.state)
    assert (on(P + 10, 17), "C", Silence.CANCELLED, ends) == (
        second.offered_at, second.case, second.silence, second.until
    )  # fmt: skip
    assert ["delayed", "delayed-again", "must-cancel"] == told(sim)
    assert [ends] == await words(sim, "must-cancel")


async def test_a_rule_that_is_turned_off_changes_what_happens() -> None:
    """Without the duty to offer, a US order is told of its delay like any other, and never called off."""
    sim = await lived(ordered(ship_by=P), until=on(P + 40), policy=Policy(without_rules={"us.435.2b1"}))
    (mail,) = sim.messages("delayed")

    assert (on(P + 1, 9), []) == (mail.at, await words(sim, "must-cancel"))
    assert "Your answer costs you nothing" not in mail.text


async def test_nobody_takes_over_while_silence_is_waited_out() -> None:
    """On the shop's credit silence lasts eighty days, longer than an order without a date is waited for elsewhere."""
    sim = await lived(ordered(shop_credit=True), until=on(85))

    assert ["delayed", "must-cancel"] == told(sim)


# The deadline and what comes between


async def test_a_mail_that_bounces_an_hour_before_was_no_offer() -> None:
    """Who has no other address was not asked: the staff hear of the bounce at once, and the order ends with its day."""
    sim, given = await lived(ordered(ship_by=P), until=on(P, 23)), set[str]()
    await give_back(sim, given)
    bounced = await words(sim, "undelivered")
    await sim.run_until(on(P + 2))
    *_, ended = (await why(sim)).options

    assert ([on(P, 23)], [end_of(day_after(P))]) == (bounced, await words(sim, "must-cancel"))
    assert ("D", seven_working_days(day_after(P))) == (ended.case, ended.refund_by)
    assert [] == [state for _, state in await promises(sim, "decide_by") if state != "WITHDRAWN"]


async def test_a_text_is_an_offer_where_the_mail_bounces() -> None:
    """The delay goes by mail and as a text; one that arrives is enough."""
    texts: RecordingTransport[Any] = RecordingTransport()
    sim = await lived(ordered(ship_by=P, customer=BOTH), until=on(P, 23), texts=texts)
    mail = next(each for each in sim.email.sent if each.notice == "delayed")
    sms = next(each for each in texts.sent if each.notice == "delayed")
    texts.sent.remove(sms)
    await give_back(sim, {each.message_id for each in sim.sent if each is not mail})
    await sim.run_until(on(P + 2))

    assert OptionState.OPEN == (await why(sim)).options[0].state
    assert [] == await words(sim, "must-cancel")
    for said in ("within 7 working days", "has not shipped by", "wait", "cancel", "help@acme.example"):
        assert said in sms.text


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(ChannelRefused(code="535"), id="credentials refused"),
        pytest.param(Transient(code="421", is_outage=True, retry_after=timedelta(hours=1)), id="an open breaker"),
        pytest.param(Permanent(code="550"), id="refused"),
    ],
)
async def test_a_mail_that_cannot_leave_leaves_as_a_text(refusal: Any) -> None:
    """Whatever ails the mail server, the text is the offer; without a number the staff hear that there was none."""
    texts: RecordingTransport[Any] = RecordingTransport()
    found = []
    for customer in (BOTH, Customer(name="Ada", email="ada@example.org")):
        wire = Wire()
        wire.refuses = refusal
        sim = await lived(ordered(ship_by=P, customer=customer), until=on(P + 1, 3), wire=wire, texts=texts)
        found.append(([each.case for each in (await why(sim)).options if each.case], await words(sim, "must-cancel")))

    assert [(["B"], []), (["D"], [end_of(day_after(P))])] == found


async def test_a_text_does_not_sleep_past_the_deadline() -> None:
    """Who has only a number and orders at half past nine in the evening of the day hears of the delay that evening."""
    texts: RecordingTransport[Any] = RecordingTransport()
    customer = Customer(name="Ada", phone="+12125550123", sms_consent=True)
    placed = ordered(ship_by=P, customer=customer).model_copy(update={"at": on(P, 21, 30)})
    sim = await lived(placed, until=on(P + 1, 12), texts=texts)

    assert [on(P, 21, 30)] == [each.at for each in texts.sent if each.notice in OFFERS]
    assert OptionState.OPEN == (await why(sim)).options[0].state


@pytest.mark.parametrize(("again_in", "by_text"), [(timedelta(days=2), True), (timedelta(hours=1), False)])
async def test_a_renewed_offer_has_the_old_deadline(again_in: timedelta, by_text: bool) -> None:
    """If the mail could only leave after silence has ended, the text leaves now; if before, the mail is tried again."""
    texts: RecordingTransport[Any] = RecordingTransport()
    wire, at = Wire(), on(P + 29, 15)
    sim = await lived(ordered(ship_by=P, customer=BOTH), until=at - timedelta(hours=1), wire=wire, texts=texts)
    wire.refuses = Transient(code="451", retry_after=again_in)
    await sim.record_at(at, delayed(at, ship_by=P + 40))
    wire.refuses = None
    await sim.run_until(at + timedelta(hours=3))
    (option,) = [each for each in (await why(sim)).options if each.notice == "delayed-again"]

    assert by_text == ("delayed-again" in [each.notice for each in texts.sent])
    assert by_text != ("delayed-again" in [each.notice for each in wire.sent])
    assert ("C", end_of(day_after(P + 30)), OptionState.OPEN) == (option.case, option.until, option.state)


async def test_no_noise_rule_holds_an_offer_back() -> None:
    """It goes out on a day on which the customer has heard of the order before."""
    sim = await lived(
        ordered(ship_by=P), delayed(on(P, 9), ship_by=P + 5), delayed(on(P, 10), ship_by=P + 9), until=on(P)
    )

    assert ["delayed", "delayed-again"] == told(sim)


# What is shown


async def test_each_option_is_a_line_and_json() -> None:
    """One line an option for people, and all of it as JSON."""
    history = await why(await lived(ordered(ship_by=P), delayed(on(P - 1), ship_by=P + 5), until=on(P)))
    (option,) = options_json(history)["options"]

    assert "option (case A); offered" in option_line(history.options[0])
    assert ("A", "consent", "open", day_after(P + 5).isoformat()) == tuple(
        option[name] for name in ("case", "silence", "state", "revised")
    )


# For every order

EXAMPLES = int(os.environ.get("PN_EXAMPLES", "40"))
#: How a delay goes wrong: not at all, the mail comes back after half an hour, it is refused, mail is away for days.
FATES = ("well", "bounces", "refused", "away")


@st.composite
def orders(draw: st.DrawFn) -> tuple[Any, list[Event], str]:
    """A US order with what happens to it, and the fate of its delays."""
    ship_by = draw(st.none() | st.integers(2, 20))
    placed = ordered(ship_by=ship_by, shop_credit=draw(st.booleans()))
    hours, events = st.integers(0, 23), []
    for day in draw(st.lists(st.integers(1, 70), max_size=3, unique=True)):
        new = draw(st.none() | st.integers(day + 1, day + 45))
        events.append(delayed(on(day, draw(hours), 5), ship_by=new))
    for day in draw(st.lists(st.integers(1, 90), max_size=2, unique=True)):
        events.append(
            fact(CustomerDecided, on(day, draw(hours), 25), decision=draw(st.sampled_from(["wait", "cancel"])))
        )
    if draw(st.booleans()):
        events.append(fact(OrderShipped, on(draw(st.integers(1, 95)), draw(hours), 45)))
    return placed, sorted(events, key=lambda event: event.happened_at), draw(st.sampled_from(FATES))


def _wire_of(fate: str) -> Wire:
    wire = Wire()
    wire.refuses = {
        "refused": Permanent(code="550"),
        "away": Transient(code="421", retry_after=timedelta(hours=5)),
    }.get(fate)
    return wire


async def _live(placed: Any, events: Sequence[Event], fate: str) -> tuple[Simulation, set[str]]:
    """The whole life; a mail that bounces does so half an hour after the moment at which it can have left."""
    sim = await lived(placed, until=BEGINS, wire=_wire_of(fate))
    given: set[str] = set()
    moments = {event.happened_at: event for event in events}
    bounces = {at + timedelta(minutes=10) for at in moments} | {on(day, 17, 30) for day in range(120)}
    steps = sorted({*moments, *(bounces if fate == "bounces" else ())})
    for at in steps:
        if at in moments:
            await sim.record_at(at, moments[at])
        else:
            await sim.run_until(at)
            await give_back(sim, given)
    await sim.run_until(on(130))
    return sim, given


def _is_complete(message: Any) -> bool:
    """All that 16 CFR 435.2(b)(1) asks for: the date or that there is none, the choice, its cost, silence."""
    said = message.text
    is_dated = "We now expect to ship it by" in said or "We don’t know the new date yet." in said
    silence = "If we don’t hear from you before it ships" in said or "tell us by then" in said
    choice = "You can wait, or cancel" in said and "reply to this mail" in said
    return is_dated and silence and choice and "refunded promptly and in full" in said and "costs you nothing" in said


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(life=orders())
async def test_every_order_is_asked_in_time_or_called_off(life: tuple[Any, list[Event], str]) -> None:
    """
    Of every US order that is not shipped at its deadline a complete offer was sent in time and did not come back, or it
    is called off at that moment, with the day by which the money is back.
    """
    placed, events, fate = life
    sim, given = await _live(placed, events, fate)
    stated = next((each.due for each in placed.promises), None)
    first = stated or day_after(50 if placed.shop_credit else 30)
    ends = end_of(first)
    shipped = next((event.happened_at for event in events if isinstance(event, OrderShipped)), None)
    offers = [each for each in sim.sent if each.notice in OFFERS and each.message_id not in given]
    in_time = [each for each in offers if each.at <= ends and _is_complete(each)]
    history, called_off = await why(sim), await words(sim, "must-cancel")

    if shipped is not None and shipped <= ends:
        assert [] == called_off
    elif not in_time:
        refund_by = seven_working_days(first)
        assert ends == called_off[0]
        assert shipped is not None or ("D", refund_by) == (history.options[-1].case, history.options[-1].refund_by)
    else:
        assert ends not in called_off
    assert len(sim.messages("must-cancel")) <= 1


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(life=orders())
async def test_in_the_end_somebody_agreed_or_it_is_called_off(life: tuple[Any, list[Event], str]) -> None:
    """Months later an order that never shipped waits by a yes that was said, or is called off with its day."""
    placed, events, fate = life
    sim, _ = await _live(placed, [event for event in events if not isinstance(event, OrderShipped)], fate)
    history = await why(sim)
    last, now = history.options[-1], on(130)
    ended = [each for each in history.options if each.ended_at is not None]
    to_any_delay = any(each.state is OptionState.AGREED and each.revised is None for each in history.options)
    to_a_day = last.state is OptionState.AGREED and last.revised is not None and end_of(last.revised) > now
    is_agreed = not ended and (to_any_delay or to_a_day)
    refunds = [each for each in history.promises if each.kind == "refund_by"]

    assert is_agreed or (1 == len(ended) and ended[0].refund_by == seven_working_days(_day_of(ended[0])))
    assert is_agreed or [end_of(ended[0].refund_by)] == [each.due_at for each in refunds]
    assert [] == [each.kind for each in history.promises if not is_agreed and each.is_open and each.kind == "ship_by"]


def _day_of(ended: Any) -> Any:
    """The local day that ends with a moment, or in which it lies."""
    return (ended.ended_at - timedelta(microseconds=1)).astimezone(NEW_YORK).date()
