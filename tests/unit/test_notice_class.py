"""The base class of notices: what it reads from a class, and what it refuses."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from proactive_notify.domain.customers import Shop
from proactive_notify.domain.event import Event
from proactive_notify.domain.events import OrderDelivered, OrderPlaced, OrderShipped, PromiseBroken, TrackingUpdated
from proactive_notify.domain.folding import fold
from proactive_notify.domain.notices import Moment, Notice, NoticeState, Telling, all_of, parcel_of
from proactive_notify.domain.orders import Fact
from proactive_notify.errors import NoticeInvalid
from proactive_notify.notices import default_notices, more_notices

from .order_cases import MONDAY, after, order_of, placed, told

SHIPPED = (
    "order-received payment-pending payment-received payment-failed order-changed sourcing backordered delayed "
    "delayed-again not-picked-up shipped tracking-changed tracking-broken date-changed no-movement still-no-movement "
    "moving-again out-for-delivery attempt-failed action-required ready-for-pickup delivered late trouble must-cancel "
    "resolution holding cancelled refunded return order-status question-received"
).split()


class Arrival(Notice[OrderDelivered | TrackingUpdated]):
    key = "arrival"


def moment(**said: Any) -> Moment:
    return Moment(now=MONDAY, shop=Shop(), zone=UTC, **said)


def test_the_shipped_notices() -> None:
    """The keys are what everybody greps; none is missing and none is twice."""
    assert sorted(SHIPPED) == sorted(each.key for each in default_notices)
    assert ["preparing", "packed", "arriving-tomorrow"] == [each.key for each in more_notices]


def test_the_causes_are_read_from_the_brackets() -> None:
    """`Notice[A | B]` is caused by A and by B, and a subclass by what its base is."""

    class Again(Arrival):
        key = "again"

    assert (OrderDelivered, TrackingUpdated) == Arrival.events
    assert Arrival.events == Again.events


def test_a_plain_notice_needs_only_a_key() -> None:
    """Told by email at once, for every such event, once an event, for seven days."""
    order = order_of(placed())
    notice = Arrival(told(OrderDelivered, id="d"), order, moment())

    assert (("email",), True, False, 50, timedelta(days=7)) == (
        Arrival.channels,
        Arrival.forced,
        Arrival.legal,
        Arrival.severity,
        Arrival.expires,
    )
    assert (True, "shop d", True, {}, timedelta()) == (
        notice.applies(),
        notice.occasion(),
        notice.still_true(),
        notice.context(),
        notice.patience(),
    )


def make(body: dict[str, Any]) -> Any:
    """A notice class of which this is declared; ``...`` leaves out what it would have."""
    namespace = {"key": "bag-found", "__orig_bases__": (Notice[OrderPlaced],), **body}
    return type("BagFound", (Notice,), {name: value for name, value in namespace.items() if value is not ...})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"key": ...}, 'BagFound has no key; write key = "bag-found"'),
        ({"key": "Bag found"}, "lower case words joined by hyphens"),
        ({"key": 7}, "lower case words joined by hyphens"),
        ({"__orig_bases__": ()}, r"does not say which event causes it; write class BagFound\(Notice"),
        ({"channels": "email"}, 'must be names in a tuple, like \\("email",\\)'),
        ({"channels": ()}, "must be names in a tuple"),
        ({"severity": 101}, "a number from 0 to 100"),
        ({"severity": "high"}, "a number from 0 to 100"),
        ({"expires": timedelta()}, "a positive timedelta, or None for never"),
        ({"expires": 7}, "a positive timedelta, or None for never"),
        ({"still_tru": lambda _: False}, "BagFound.still_tru looks like still_true"),
        ({"occassion": lambda _: ""}, "BagFound.occassion looks like occasion"),
    ],
)
def test_a_class_that_cannot_work_is_refused_when_it_is_made(body: dict[str, Any], words: str) -> None:
    """The error says what to write instead."""
    with pytest.raises(NoticeInvalid, match=words):
        make(body)


@pytest.mark.parametrize("own", ["helper", "told_before", "reason"])
def test_names_of_ones_own_are_welcome(own: str) -> None:
    """A notice may have any attribute that is not nearly one of ours."""
    assert "bag-found" == make({own: "anything"}).key


def test_all_of_is_every_channel() -> None:
    """`all_of` reads as the channels' names, and is told from a plain tuple."""
    channels = all_of("email", "sms")

    assert ("email", "sms") == channels
    assert isinstance(channels, all_of)


def test_a_moment_knows_what_was_told() -> None:
    """What was dropped was not told, and what waits is no word yet."""
    tellings = tuple(
        Telling(notice=notice, occasion="o", state=state, at=after(days))
        for notice, state, days in (
            ("delayed", NoticeState.TOLD, 1),
            ("late", NoticeState.DROPPED, 2),
            ("holding", NoticeState.OPEN, 3),
        )
    )
    known = moment(tellings=tellings)

    assert ["delayed", "holding"] == [each.notice for each in known.told("delayed", "late", "holding")]
    assert after(1) == known.last_word_at
    assert moment().last_word_at is None


def parcel_key(event: Event, *events: Event) -> str | None:
    parcel = parcel_of(event, fold("A-1", [Fact(each, each.happened_at) for each in (*events, event)]))
    return parcel.key if parcel else None


def test_a_notice_finds_its_parcel() -> None:
    """By the fact that moved it, by name, by code, or because there is only one."""
    one, two = told(OrderShipped, 1, shipment_id="S1", carrier="ups", tracking_code="1"), told(OrderShipped, 2)
    scan = told(TrackingUpdated, 3, status="in_transit", tracking_code="1")
    broken = told(PromiseBroken, 9, promise="move_by", due_at=after(9))

    assert "S1" == parcel_key(scan, placed(), one, two)
    assert "" == parcel_key(two, placed(), one)
    assert "S1" == parcel_key(broken.model_copy(update={"parcel": "S1"}), placed(), one, two)
    assert "S1" == parcel_key(broken, placed(), one)
    assert parcel_key(broken, placed(), one, told(OrderShipped, 2, shipment_id="S2")) is None


@pytest.mark.parametrize("kind", default_notices, ids=lambda kind: kind.key)
def test_every_sample_causes_its_notice(kind: Any) -> None:
    """The made-up order of a preview ends with an event of a type that causes the notice."""
    sample = kind.sample()

    assert type(sample[-1]) in kind.events
    assert 1 == len({event.order_id for event in sample})
