"""Which promises an order should carry, and when each one wakes the watchdog: the numbers of the default policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from proactive_notify._policy.calendar import Calendar
from proactive_notify._policy.policy import Policy
from proactive_notify._policy.promising import (
    Wanted,
    closing_time,
    kept_at,
    news_promise,
    offers_choice,
    standing_dates,
    wanted_promises,
)
from proactive_notify.domain.events import (
    CustomerAnswered,
    CustomerAsked,
    CustomerDecided,
    OrderCancelled,
    OrderDelayed,
    OrderDelivered,
    OrderEdited,
    OrderPacked,
    OrderPaid,
    OrderReadyForPickup,
    OrderRefunded,
    OrderReturnReceived,
    OrderShipped,
    TrackingUpdated,
)
from proactive_notify.domain.items import Item
from proactive_notify.domain.promises import OpenedPromise, PromiseKind, PromiseState
from proactive_notify.errors import UsageError

from .order_cases import CALENDAR, MONDAY, after, order_of, placed, told

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
FRIDAY, WEDNESDAY = date(2026, 1, 9), date(2026, 1, 14)
MONEY = {"amount": "40.00", "currency": "EUR"}
NEVER = "-"
PART = {"amount": "10.00", "currency": "EUR"}
#: Two things arrived, and one of them came back on the third day.
PART_BACK = [
    told(OrderPaid, 0, amount=MONEY),
    told(OrderEdited, 0, items=["Bag", "Hat"]),
    told(OrderDelivered, 1),
    told(OrderReturnReceived, 3, items=["Hat"]),
]


def clock(moment: datetime | None) -> str:
    """Day of January and time."""
    return moment.strftime("%d %H:%M") if moment else NEVER


def times(wanted: Wanted) -> tuple[str, str, str]:
    """When it is due, when the staff are asked, and when the customer hears."""
    return clock(wanted.due_at), clock(wanted.ask_at), clock(wanted.speak_at)


def wanted(
    *events: Any, now: datetime = MONDAY, promises: list[Any] | None = None, calendar: Calendar = CALENDAR
) -> dict[str, Wanted]:
    found = wanted_promises(order_of(*events), promises or [], calendar, now=now, country="DE")
    return {each.kind.value: each for each in found}


def broken_news(*days: float) -> list[OpenedPromise]:
    """The silence budget came due on these days."""
    return [
        OpenedPromise(
            kind=PromiseKind.NEWS_BY,
            ordinal=number,
            parcel="",
            set_by="",
            due_at=after(day),
            ask_at=None,
            speak_at=after(day),
            state=PromiseState.BROKEN,
        )
        for number, day in enumerate(days, start=1)
    ]


SHIPPED = told(OrderShipped, carrier="ups", tracking_code="1Z9")
SCANNED = told(TrackingUpdated, carrier="ups", tracking_code="1Z9", status="in_transit")
ABROAD = {"destination": {"country": "FR"}}


@pytest.mark.parametrize(
    ("kind", "events", "due", "asked", "hears"),
    [
        pytest.param("ship_by", [placed(ship_by=FRIDAY)], "10 00:00", "09 00:00", "10 09:00", id="ship_by: a day"),
        pytest.param(
            "ship_by",
            [placed(ship_by=after(4, hours=3))],
            "09 12:00",
            "08 12:00",
            "09 16:00",
            id="ship_by: an instant and four hours",
        ),
        pytest.param(
            "deliver_by", [placed(deliver_by=WEDNESDAY)], "15 00:00", NEVER, "15 10:00", id="deliver_by: ten next day"
        ),
        pytest.param(
            "deliver_by",
            [placed(deliver_by=after(9, hours=3))],
            "14 12:00",
            NEVER,
            "15 10:00",
            id="deliver_by: an instant, ten next day",
        ),
        pytest.param(
            "scan_by", [placed(), told(OrderPacked)], "09 09:00", "07 09:00", "09 09:00", id="scan_by: four days"
        ),
        pytest.param(
            "move_by", [placed(), SHIPPED, SCANNED], "08 09:00", NEVER, "08 09:00", id="move_by: three days at home"
        ),
        pytest.param(
            "move_by",
            [placed(**ABROAD), SHIPPED, SCANNED],
            "12 09:00",
            NEVER,
            "12 09:00",
            id="move_by: five days abroad",
        ),
        pytest.param(
            "answer_by",
            [placed(), told(CustomerAsked, 0.25)],
            "06 15:00",
            "06 09:00",
            "06 15:00",
            id="answer_by: one day, half of it over night",
        ),
        pytest.param(
            "refund_by",
            [placed(), told(OrderPaid), told(OrderCancelled)],
            "14 09:00",
            "12 09:00",
            "14 09:00",
            id="refund_by: seven working days",
        ),
        pytest.param(
            "collect_by",
            [placed(), told(OrderReadyForPickup, place="Shop", until=FRIDAY)],
            "10 00:00",
            "09 00:00",
            "10 09:00",
            id="collect_by: the date",
        ),
        pytest.param("known_by", [SCANNED], "06 09:00", NEVER, "06 09:00", id="known_by: a day"),
    ],
)
def test_the_default_policy(kind: str, events: list[Any], due: str, asked: str, hears: str) -> None:
    """What is promised on a Monday at nine: when it is due, when the staff are asked, when the customer hears."""
    assert (due, asked, hears) == times(wanted(*events)[kind])


def test_a_question_of_the_morning_is_asked_of_the_staff() -> None:
    """A question that comes as the office opens is asked of the staff before the customer hears of it."""
    found = wanted(placed(), told(CustomerAsked))["answer_by"]

    assert ("06 09:00", "06 09:00") == (clock(found.due_at), clock(found.speak_at))
    assert found.ask_at is not None
    assert MONDAY < found.ask_at < found.speak_at


@pytest.mark.parametrize(
    ("events", "promises", "since", "due", "asked", "hears"),
    [
        pytest.param([placed()], [], 0, "07 09:00", "06 09:00", "06 17:00", id="no date told: two days"),
        pytest.param(
            [placed(deliver_by=WEDNESDAY)], [], 0, "12 09:00", "07 09:00", "11 17:00", id="a date ahead: five days"
        ),
        pytest.param([placed(), SHIPPED], [], 0, "12 09:00", "07 09:00", "11 17:00", id="all is shipped: five days"),
        pytest.param(
            [placed(deliver_by=WEDNESDAY), told(OrderDelayed)],
            [],
            0,
            "07 09:00",
            "06 09:00",
            "06 17:00",
            id="the date was taken back: two days",
        ),
        pytest.param(
            [placed(ship_by=FRIDAY)], [], 7, "15 09:00", "12 09:01", "14 17:00", id="past its date: three days"
        ),
        pytest.param(
            [placed(ship_by=FRIDAY)],
            broken_news(6),
            7,
            "15 09:00",
            "12 09:01",
            "14 17:00",
            id="past its date: three days a second time",
        ),
        pytest.param(
            [placed(ship_by=FRIDAY)],
            broken_news(6, 7),
            7,
            "19 09:00",
            "12 09:01",
            "18 17:00",
            id="past its date: then five days",
        ),
        pytest.param(
            [placed(ship_by=FRIDAY)],
            broken_news(1, 2, 3),
            7,
            "15 09:00",
            "12 09:01",
            "14 17:00",
            id="past its date: what came due before it does not count",
        ),
    ],
)
def test_the_silence_budget(
    *, events: list[Any], promises: list[Any], since: float, due: str, asked: str, hears: str
) -> None:
    """How long a customer waits for the next word, and that it comes in the last office hour before that."""
    news = news_promise(order_of(*events), promises, CALENDAR, after(since))

    assert (due, asked, hears) == times(news)


def test_a_word_out_of_hours_is_answered_in_time() -> None:
    """The next word wakes before it is due, however late in the evening the last one was."""
    for hour in range(24):
        since = MONDAY.replace(hour=hour)
        news = news_promise(order_of(placed()), [], CALENDAR, since)
        assert since < news.speak_at <= news.due_at
        assert time(9) <= news.speak_at.time() <= time(17)


@pytest.mark.parametrize(
    ("name", "no_date", "ahead", "past"), [("small-shop", 2, 5, 3), ("big-retailer", 1, 3, 2), ("quiet", 5, 10, 5)]
)
def test_policies_by_name(name: str, no_date: int, ahead: int, past: int) -> None:
    """Three policies have names; the budgets are what tells them apart."""
    policy = Policy.named(name)

    assert (no_date, ahead, past) == (policy.news_without_date, policy.news_with_date, policy.news_past_date)


def test_an_unknown_policy_is_refused() -> None:
    """The error names those that there are."""
    with pytest.raises(UsageError, match="small-shop, big-retailer, quiet"):
        Policy.named("loud")


def test_the_law_may_want_the_word_before_the_date() -> None:
    """A shop that has to tell a delay in time speaks in the last office hour before the day ends."""
    calendar = Calendar(Policy(speak_before_ship_by=True), UTC)
    found = wanted(placed(ship_by=FRIDAY), calendar=calendar)["ship_by"]

    assert ("10 00:00", "09 00:00", "09 17:00") == times(found)


@pytest.mark.parametrize(("grace", "hears"), [("PT0S", "09 12:00"), ("PT2H", "09 14:00"), ("PT30H", "11 09:00")])
def test_a_promise_may_have_a_grace_of_its_own(grace: str, hears: str) -> None:
    """The grace that was told with a date wins over the policy's, and the word still comes in office hours."""
    due = {"due": "2026-01-09T12:00:00Z", "grace": grace}
    found = wanted(placed(), told(OrderEdited, promises={"ship_by": due}))["ship_by"]

    assert hears == clock(found.speak_at)


@pytest.mark.parametrize(
    ("day", "zone", "due", "hears"),
    [
        (date(2017, 10, 14), SAO_PAULO, "2017-10-15T03:00", "2017-10-15T12:00"),
        (date(2017, 10, 15), SAO_PAULO, "2017-10-16T02:00", "2017-10-16T12:00"),
        (date(2018, 11, 3), SAO_PAULO, "2018-11-04T03:00", "2018-11-04T12:00"),
        (date(2018, 11, 4), SAO_PAULO, "2018-11-05T02:00", "2018-11-05T12:00"),
        (date(2026, 1, 9), ZoneInfo("Pacific/Kiritimati"), "2026-01-09T10:00", "2026-01-09T20:00"),
    ],
)
def test_a_promised_day_ends_in_the_customers_zone(day: date, zone: ZoneInfo, due: str, hears: str) -> None:
    """A day that ends where the clocks jump ends all the same, and the customer hears at ten of the next one."""
    event = placed(-4000, deliver_by=day)
    (found,) = (
        each
        for each in wanted_promises(order_of(event), [], Calendar(Policy(), zone), now=after(-4000), country=None)
        if each.kind is PromiseKind.DELIVER_BY
    )

    assert (f"{due}:00+00:00", f"{hears}:00+00:00") == (found.due_at.isoformat(), found.speak_at.isoformat())


def test_an_order_without_any_date_has_an_implied_one() -> None:
    """Thirty days after it was placed; a date that was told, even one taken back, leaves none implied."""
    (implied,) = standing_dates(order_of(placed()), CALENDAR)

    assert (date(2026, 2, 4), PromiseKind.DELIVER_BY, True) == (implied.due, implied.kind, implied.implied)
    assert () == standing_dates(order_of(placed(ship_by=FRIDAY), told(OrderDelayed)), CALENDAR)


def test_ship_by_binds_until_all_is_handed_over() -> None:
    """A part that is shipped leaves the date standing for the rest."""
    order = placed(ship_by=FRIDAY, items=["Bag", "Hat"])
    part = told(OrderShipped, 1, items=["Bag"])

    assert "ship_by" in wanted(order, part)
    assert "ship_by" not in wanted(order, told(OrderShipped, 1))


@pytest.mark.parametrize(
    ("events", "closes"),
    [
        ([placed()], "2026-03-07T00:00"),
        ([placed(ship_by=FRIDAY)], "2026-02-09T00:00"),
        ([placed(ship_by=FRIDAY, deliver_by=WEDNESDAY)], "2026-02-14T00:00"),
        ([placed(deliver_by=WEDNESDAY), told(OrderDelayed, 1, deliver_by="2026-02-01")], "2026-03-04T00:00"),
        ([placed(deliver_by=WEDNESDAY), told(OrderDelayed, 1)], "2026-02-14T00:00"),
        ([SHIPPED], None),
    ],
)
def test_silence_ends_thirty_days_after_the_last_date(events: list[Any], closes: str | None) -> None:
    """The last date that was told counts, standing or not; without any the implied one."""
    found = closing_time(order_of(*events), CALENDAR)

    assert (f"{closes}:00+00:00" if closes else None) == (found.isoformat() if found else None)


def test_the_choice_is_offered_after_two_silences() -> None:
    """Past its date and silent twice: the customer is offered to wait or to cancel, and has five business days."""
    order = placed(ship_by=FRIDAY)

    assert not offers_choice(order_of(order), broken_news(6), CALENDAR, after(8))
    assert offers_choice(order_of(order), broken_news(6, 8), CALENDAR, after(8))
    assert "decide_by" not in wanted(order, promises=broken_news(6), now=after(8))
    assert ("20 09:00", NEVER, "20 09:00") == times(
        wanted(order, promises=broken_news(6, 8), now=after(8))["decide_by"]
    )


@pytest.mark.parametrize(
    "made",
    [told(CustomerDecided, 8.5, decision="wait"), told(OrderShipped, 8.5), told(OrderCancelled, 8.5)],
    ids=lambda event: event.type,
)
def test_the_choice_is_over(made: Any) -> None:
    """Once the customer chose, or there is nothing left to choose, no choice is waited for."""
    assert "decide_by" not in wanted(placed(ship_by=FRIDAY), made, promises=broken_news(6, 8), now=after(8.5))


@pytest.mark.parametrize(
    "events",
    [
        [told(OrderDelivered, 1)],
        [told(OrderCancelled, 1)],
        [told(OrderPaid, 0), told(OrderRefunded, 1, amount=MONEY), told(OrderCancelled, 1)],
        [told(CustomerAsked, 0), told(CustomerAnswered, 1), told(OrderDelivered, 1)],
    ],
    ids=["delivered", "cancelled", "refunded", "answered"],
)
def test_an_ended_order_owes_nothing(events: list[Any]) -> None:
    """Where all has come, or nothing is owed, nothing is promised."""
    assert {} == wanted(placed(ship_by=FRIDAY, deliver_by=WEDNESDAY, total=MONEY), *events)


def test_money_and_answers_are_owed_beyond_the_end() -> None:
    """A cancelled order still owes the money, and the answer to a question."""
    found = wanted(placed(ship_by=FRIDAY), told(OrderPaid), told(CustomerAsked), told(OrderCancelled))

    assert {"answer_by", "refund_by"} == found.keys()


def test_each_parcel_has_its_own_promises() -> None:
    """Two parcels of an order are waited for one by one."""
    one = told(OrderPacked, id="one", shipment_id="1")
    two = told(OrderPacked, id="two", shipment_id="2")
    found = wanted_promises(
        order_of(placed(items=[Item(name="Bag")]), one, two), [], CALENDAR, now=MONDAY, country=None
    )

    assert ["1", "2"] == [each.parcel for each in found if each.kind is PromiseKind.SCAN_BY]


def test_a_parcel_that_waits_need_not_move() -> None:
    """At the pickup point the customer is waited for, not the carrier; on the way back nobody is."""
    waits = told(OrderReadyForPickup, 1, place="Shop", until=FRIDAY)
    back = told(TrackingUpdated, 1, carrier="ups", tracking_code="1Z9", status="return_to_sender")

    assert {"deliver_by", "collect_by"} == wanted(placed(), waits).keys()
    assert {"deliver_by"} == wanted(placed(), SHIPPED, back).keys()


PARCEL = {"shipment_id": "S"}


@pytest.mark.parametrize(
    ("kind", "events", "kept"),
    [
        ("ship_by", [], None),
        ("ship_by", [told(OrderShipped, 2)], 2),
        ("ship_by", [told(OrderDelivered, 3)], 3),
        ("deliver_by", [told(OrderShipped, 2)], None),
        ("deliver_by", [told(OrderDelivered, 3)], 3),
        ("scan_by", [told(OrderPacked, 1, **PARCEL)], None),
        ("scan_by", [told(OrderPacked, 1, **PARCEL), told(TrackingUpdated, 2, status="in_transit", **PARCEL)], 2),
        ("move_by", [told(TrackingUpdated, 2, status="in_transit", **PARCEL)], 2),
        ("answer_by", [told(CustomerAsked, 1), told(CustomerAnswered, 2)], 2),
        ("answer_by", [told(CustomerAnswered, 0), told(CustomerAsked, 1)], None),
        ("decide_by", [told(CustomerDecided, 2, decision="wait")], 2),
        ("decide_by", [told(CustomerDecided, 0.5, decision="wait")], None),
        ("refund_by", [told(OrderPaid, 0), told(OrderCancelled, 1)], None),
        ("refund_by", [told(OrderPaid, 0), told(OrderCancelled, 1), told(OrderRefunded, 2, amount=MONEY)], 2),
        ("refund_by", [*PART_BACK, told(OrderRefunded, 2, amount=PART)], None),
        ("refund_by", [*PART_BACK, told(OrderRefunded, 4, amount=PART)], 4),
        ("collect_by", [told(OrderReadyForPickup, 1, place="Shop", **PARCEL)], None),
        ("collect_by", [told(OrderReadyForPickup, 1, place="Shop", **PARCEL), told(OrderDelivered, 4, **PARCEL)], 4),
        ("known_by", [], 0),
        ("news_by", [told(OrderShipped, 2)], None),
    ],
)
def test_what_keeps_a_promise(kind: str, events: list[Any], kept: float | None) -> None:
    """Each kind is kept by its own fact, at the time of that fact; only a word keeps silence away."""
    promise = OpenedPromise(
        kind=PromiseKind(kind),
        ordinal=1,
        parcel="S" if kind in ("scan_by", "move_by", "collect_by") else "",
        set_by=f"offered {after(1).isoformat()}" if kind == "decide_by" else "somebody",
        due_at=after(5),
        ask_at=None,
        speak_at=after(5),
    )
    found = kept_at(promise, order_of(placed(total=MONEY), *events))

    assert (None if kept is None else after(kept)) == found


def test_a_wake_up_is_the_earlier_of_asking_and_speaking() -> None:
    """The watchdog looks when the staff are to be asked, and again when the customer is to hear."""
    (promise,) = broken_news(2)

    assert after(2) == promise.wake_at
    assert after(1) == replace(promise, ask_at=after(1)).wake_at


def test_the_scan_that_set_it_does_not_keep_it() -> None:
    """The next scan is waited for, not the one that was there."""
    scan = told(TrackingUpdated, 2, status="in_transit", **PARCEL)
    set_by = wanted(placed(), scan)["move_by"].set_by
    promise = OpenedPromise(
        kind=PromiseKind.MOVE_BY,
        ordinal=1,
        parcel="S",
        set_by=set_by,
        due_at=after(5),
        ask_at=None,
        speak_at=after(5),
    )

    assert kept_at(promise, order_of(placed(), scan)) is None
    assert after(3) == kept_at(
        promise, order_of(placed(), scan, told(TrackingUpdated, 3, status="in_transit", **PARCEL))
    )
