"""Notices of made-up orders, in as many shapes as a shop's data comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from proactive_notify._content.checking import WAITING
from proactive_notify.domain.customers import Customer, Place, Shop
from proactive_notify.domain.dates import due_instant
from proactive_notify.domain.event import Event
from proactive_notify.domain.events import (
    CustomerAsked,
    CustomerDecided,
    OrderAccepted,
    OrderBackordered,
    OrderCancelled,
    OrderDelayed,
    OrderDelivered,
    OrderEdited,
    OrderPacked,
    OrderPaid,
    OrderPaymentFailed,
    OrderPickedUp,
    OrderPlaced,
    OrderReadyForPickup,
    OrderRefunded,
    OrderReturnReceived,
    OrderReturnRequested,
    OrderShipped,
    OrderSourcing,
    PromiseBroken,
    TrackingUpdated,
)
from proactive_notify.domain.folding import fold
from proactive_notify.domain.items import Item, Payment
from proactive_notify.domain.money import Money
from proactive_notify.domain.notices import Moment, Notice
from proactive_notify.domain.options import DelayOption, LegalClock, Silence
from proactive_notify.domain.orders import Fact
from proactive_notify.domain.promises import Promise
from proactive_notify.domain.tracking import TrackingStatus
from proactive_notify.notices import default_notices, more_notices
from proactive_notify.notices.waiting import broken_occasion

NOTICES = {each.key: each for each in (*default_notices, *more_notices)}
LOCALES = ("en", "pt-BR")
EMAIL = ("subject", "text", "html")

PLACED_AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
SHOP = Shop(name="Jonathan Adler", reply_to="hello@shop.example", url="https://shop.example", phone="+1 212 555 0100")
NEXT_WORD = date(2026, 3, 10)
PRICE = Money(amount="395.00", currency="USD")

BAG = Item(name="Leather bag", price=Money(amount="350.00", currency="USD"))
STICKS = Item(name="Brass candlestick", quantity=2, price=Money(amount="22.50", currency="USD"))

#: What is known of an order beside its id: everything; nothing; what a marketplace's records hold.
SHAPES: dict[str, dict[str, Any]] = {
    "full": {
        "customer": Customer(name="Ada Lovelace", email="ada@example.org"),
        "items": (BAG, STICKS),
        "total": PRICE,
        "destination": Place(street="1 Main Street", city="Brooklyn", region="NY", postal_code="11201", country="US"),
        "promises": (Promise.ship_by(date(2026, 3, 6)), Promise.deliver_by(date(2026, 3, 11))),
        "order_url": "https://shop.example/orders/A-1001",
    },
    "bare": {},
    "counted": {
        "item_count": 2,
        "total": Money(amount="136.23", currency="BRL"),
        "destination": Place(city="boa vista", region="RR", country="BR"),
        "promises": (Promise.deliver_by(date(2026, 3, 20)),),
    },
}

#: What is known of the money.
PAYMENTS: dict[str, tuple[Payment | None, bool]] = {
    "charged": (None, True),
    "captured": (Payment.CAPTURED, False),
    "authorized": (Payment.AUTHORIZED, False),
    "pending": (Payment.PENDING, False),
    "unknown": (None, False),
}


def placed(shape: str = "full", payment: str = "charged", **data: Any) -> tuple[Event, ...]:
    """An order as it was placed, and paid if it was."""
    state, is_paid = PAYMENTS[payment]
    said = {**SHAPES[shape], "payment": state, **data}
    order = OrderPlaced(order_id="A-1001", id="placed", source="case", at=PLACED_AT, **said)
    paid = event(OrderPaid, 0, amount=said.get("total"), methods=("credit_card",), statement_name="ADLER NYC")
    return (order, paid) if is_paid else (order,)


def event(kind: type[Event], days: float, id: str = "", **data: Any) -> Event:
    at = PLACED_AT + timedelta(days=days, minutes=20)
    return kind(order_id="A-1001", id=id or kind.type, source="case", at=at, **data)


def broken(promise: str, days: float = 4, parcel: str | None = None) -> Event:
    """The promise broke, and was due that many days after placing."""
    due_at = PLACED_AT + timedelta(days=days)
    return event(PromiseBroken, days, id=promise, promise=promise, due_at=due_at, parcel=parcel)


def day_passed(promise: str, day: date) -> Event:
    """The day told for shipping or delivery has passed."""
    due_at = due_instant(day, NEW_YORK)
    days = (due_at - PLACED_AT) / timedelta(days=1)
    return event(PromiseBroken, days + 0.2, id=promise, promise=promise, due_at=due_at)


def notice(key: str, *events: Event, shop: Shop = SHOP, zone: Any = NEW_YORK, **moment: Any) -> Notice[Any]:
    """The notice that the last of these events causes."""
    order = fold("A-1001", [Fact(event=each, recorded_at=each.happened_at) for each in events])
    now = max(each.happened_at for each in events)
    values = {"next_word": NEXT_WORD, **moment}
    return NOTICES[key](events[-1], order, Moment(now=now, shop=shop, zone=zone, **values))


SHIPPED = event(OrderShipped, 2, carrier="ups", tracking_code="1Z9", tracking_url="https://ups.example/1Z9")
SCANNED = event(TrackingUpdated, 3, carrier="ups", tracking_code="1Z9", status="in_transit", location="Louisville, KY")
PART = event(OrderShipped, 2, id="part", shipment_id="one", carrier="DHL", tracking_code="JD1", items=(BAG,))
REST = event(OrderShipped, 4, id="rest", shipment_id="two", carrier="DHL", tracking_code="JD2")
UNTRACKED = event(OrderShipped, 2, id="untracked")


def on(status: TrackingStatus, **data: Any) -> Event:
    return event(TrackingUpdated, 5, id="last", carrier="ups", tracking_code="1Z9", status=status, **data)


def _tails() -> Iterator[tuple[str, str, tuple[Event, ...], dict[str, Any]]]:
    """Notice, a word for the case, what happened after placing, and what else the moment holds."""
    yield "order-received", "", (), {}
    yield "payment-received", "", (event(OrderPaid, 2, id="late", amount=PRICE),), {}
    yield "payment-received", "no-amount", (event(OrderPaid, 2, id="late"),), {}
    yield (
        "payment-failed",
        "told",
        (event(OrderPaymentFailed, 1, reason="the bank declined.", pay_by="2026-03-09"),),
        {},
    )
    yield "payment-failed", "bare", (event(OrderPaymentFailed, 1),), {}
    note = "a colleague is looking for your bag in our other stores."
    yield "sourcing", "dated", (event(OrderSourcing, 1, note=note, expected_by="2026-03-05"),), {}
    yield "sourcing", "undated", (event(OrderSourcing, 1, note=note),), {}
    gone = {"items": ("Leather bag",)}
    yield "backordered", "dated", (event(OrderBackordered, 1, **gone, reason="sold out", expected_by="2026-03-20"),), {}
    yield "backordered", "bare", (event(OrderBackordered, 1, **gone),), {}
    for key in ("delayed", "delayed-again"):
        yield from _delays(key)
        yield from _options(key)
    yield from _parcels()
    yield from _endings()
    yield from _called_off()
    yield from _holdings()
    yield from _stalls()
    yield from _troubles()
    yield from _changes()
    asks = event(CustomerAsked, 6, text="STATUS", channel="sms", meaning="status")
    yield "order-status", "placed", (asks,), {}
    yield "order-status", "sourcing", (event(OrderSourcing, 1, note=note), asks), {}
    yield "order-status", "moving", (SHIPPED, SCANNED, asks), {}
    yield "order-status", "arrived", (SHIPPED, event(OrderDelivered, 5), asks), {"next_word": None}


def _delays(key: str) -> Iterator[tuple[str, str, tuple[Event, ...], dict[str, Any]]]:
    reason = "the bag was not where our list said"
    yield key, "ship", (event(OrderDelayed, 2, reason=reason, ship_by="2026-03-12"),), {}
    yield key, "deliver", (event(OrderDelayed, 2, deliver_by="2026-03-18T17:00:00Z"),), {}
    yield key, "both", (event(OrderDelayed, 2, reason=reason, ship_by="2026-03-12", deliver_by="2027-01-04"),), {}
    yield key, "neither", (event(OrderDelayed, 2, reason="unknown"),), {}
    yield key, "silence", (day_passed("ship_by", date(2026, 3, 6)),), {}
    yield key, "part", (PART, event(OrderDelayed, 3, reason=reason)), {}


def _options(key: str) -> Iterator[tuple[str, str, tuple[Event, ...], dict[str, Any]]]:
    """Delays of which the law says what silence to them means."""
    dated = event(OrderDelayed, 2, reason="the bag was not where our list said", ship_by="2026-03-12")
    undated, passed = event(OrderDelayed, 2), day_passed("ship_by", date(2026, 3, 6))
    for word, cause, silence, day in (
        ("yes", dated, Silence.CONSENT, date(2026, 3, 12)),
        ("no", dated, Silence.CANCELLED, date(2026, 4, 5)),
        ("undated", undated, Silence.CANCELLED, date(2026, 4, 5)),
        ("unrecorded", passed, Silence.CANCELLED, date(2026, 4, 5)),
    ):
        occasion = broken_occasion(cause) if isinstance(cause, PromiseBroken) else cause.key
        option = DelayOption(
            order_id="A-1001",
            notice=key,
            occasion=occasion,
            revised=getattr(cause, "ship_by", None),
            silence=silence,
            until=due_instant(day, NEW_YORK),
        )
        yield key, f"option-{word}", (cause,), {"clock": _clock(options=(option,))}


def _clock(**said: Any) -> LegalClock:
    day = date(2026, 3, 6)
    return LegalClock(ship_by=day, is_implied=False, deadline=due_instant(day, NEW_YORK), **said)


def _called_off() -> Iterator[tuple[str, str, tuple[Event, ...], dict[str, Any]]]:
    """The law calls the order off, in each of its cases."""
    for case, said in (("A", {}), ("B", {}), ("C", {"answer": "wait"}), ("D", {}), ("F", {"answer": "cancel"})):
        at = due_instant(date(2026, 3, 6), NEW_YORK)
        ended = DelayOption(order_id="A-1001", case=case, ended_at=at, refund_by=date(2026, 3, 17), **said)
        cause = event(CustomerDecided, 4, decision="cancel") if case == "F" else day_passed("ship_by", date(2026, 3, 6))
        yield "must-cancel", case, (cause,), {"clock": _clock(must_cancel=ended)}
    cause = day_passed("ship_by", date(2026, 3, 6))
    yield "must-cancel", "part", (PART, cause), {"clock": _clock(must_cancel=ended)}
    free = DelayOption(order_id="A-1001", case="D", ended_at=at)
    yield "must-cancel", "no-day", (cause,), {"clock": _clock(must_cancel=free)}


def _parcels() -> Iterator[tuple[str, str, tuple[Event, ...], dict[str, Any]]]:
    yield "shipped", "all", (SHIPPED,), {}
    yield "shipped", "untracked", (UNTRACKED,), {}
    yield "shipped", "part", (PART,), {}
    yield "shipped", "rest", (PART, REST), {}
    yield "date-changed", "later", (SHIPPED, on(TrackingStatus.IN_TRANSIT, deliver_by="2026-03-23")), {}
    yield "date-changed", "earlier", (event(OrderEdited, 1, promises={"deliver_by": "2026-03-09"}),), {}
    yield "no-movement", "scanned", (SHIPPED, SCANNED, broken("move_by", 8, parcel="ups:1Z9")), {}
    yield "no-movement", "unknown", (SHIPPED, broken("move_by", 8)), {}
    yield "out-for-delivery", "", (SHIPPED, on(TrackingStatus.OUT_FOR_DELIVERY)), {}
    yield "delivered", "all", (SHIPPED, event(OrderDelivered, 5, place="front door", received_by="Byron")), {}
    yield "delivered", "by-scan", (SHIPPED, on(TrackingStatus.DELIVERED)), {}
    yield "delivered", "part", (PART, REST, event(OrderDelivered, 5, shipment_id="one")), {}
    yield "delivered", "unseen", (event(OrderDelivered, 5),), {}
    waiting = event(
        OrderReadyForPickup, 4, carrier="ups", tracking_code="1Z9", place="Main Street 5", until="2026-03-08"
    )
    yield "delivered", "collected", (SHIPPED, waiting, event(OrderPickedUp, 5)), {}
    yield "late", "told", (day_passed("deliver_by", date(2026, 3, 11)),), {}
    yield "late", "shipped", (SHIPPED, SCANNED, day_passed("deliver_by", date(2026, 3, 11))), {}


def _endings() -> Iterator[tuple[str, str, tuple[Event, ...], dict[str, Any]]]:
    quiet = {"next_word": None}
    yield "resolution", "person", (broken("news_by", 40),), quiet
    yield "resolution", "refund", (SHIPPED, broken("news_by", 40)), {"resolution": "refund", **quiet}
    yield "resolution", "replacement", (SHIPPED, broken("news_by", 40)), {"resolution": "replacement", **quiet}
    yield "resolution", "lost", (SHIPPED, on(TrackingStatus.LOST)), quiet
    yield "cancelled", "whole", (event(OrderCancelled, 3, reason="we could not find the bag in any store"),), quiet
    yield "cancelled", "unavailable", (event(OrderCancelled, 3, reason="unavailable", by="customer"),), quiet
    yield "cancelled", "unknown", (event(OrderCancelled, 3, reason="unknown"),), quiet
    yield "cancelled", "part", (event(OrderCancelled, 3, items=(BAG,)),), {}
    yield "cancelled", "under-way", (SHIPPED, event(OrderCancelled, 3)), {}
    yield "refunded", "whole", (event(OrderCancelled, 3), event(OrderRefunded, 4, amount=PRICE)), quiet
    some = Money(amount="22.50", currency="USD")
    yield "refunded", "part", (event(OrderRefunded, 4, amount=some, reason="a scratch"),), {}


def _holdings() -> Iterator[tuple[str, str, tuple[Event, ...], dict[str, Any]]]:
    choice = {"offers_choice": True}
    yield "holding", "shipping", (broken("news_by"),), {}
    yield "holding", "shipping-choice", (broken("news_by"),), choice
    yield "holding", "found", (event(OrderSourcing, 1, note="looking"), broken("news_by")), choice
    yield "holding", "stock", (event(OrderBackordered, 1, items=("Leather bag",)), broken("news_by")), {}
    yield "holding", "delayed", (event(OrderDelayed, 1), broken("news_by")), choice
    yield "holding", "packed", (event(OrderPacked, 1), broken("news_by")), {}
    yield "holding", "arrival", (SHIPPED, SCANNED, broken("news_by", 8)), choice
    yield "holding", "failed", (event(OrderPaymentFailed, 1), broken("news_by")), {}
    yield "holding", "answer", (event(CustomerAsked, 2, text="Where is my bag?"), broken("answer_by")), {}
    yield "holding", "decide", (event(OrderDelayed, 1), broken("decide_by")), choice
    waiting = event(OrderReadyForPickup, 2, place="Main Street 5", until="2026-03-05")
    yield "holding", "collect", (waiting, broken("collect_by")), {}
    yield "holding", "refund", (event(OrderCancelled, 1), broken("refund_by", 10)), {"resolution": "refund"}


def _stalls() -> Iterator[tuple[str, str, tuple[Event, ...], dict[str, Any]]]:
    yield "not-picked-up", "packed", (event(OrderPacked, 1), broken("scan_by")), {}
    yield "tracking-broken", "unseen", (SHIPPED, broken("move_by", 8, parcel="ups:1Z9")), {}
    stood = (SHIPPED, SCANNED, broken("move_by", 12, parcel="ups:1Z9"))
    yield "still-no-movement", "person", stood, {}
    yield "still-no-movement", "refund", stood, {"resolution": "refund"}
    yield "moving-again", "dated", (SHIPPED, on(TrackingStatus.IN_TRANSIT, deliver_by="2026-03-23")), {}
    yield "moving-again", "placed", (SHIPPED, on(TrackingStatus.IN_TRANSIT, location="Louisville, KY")), {}
    yield "tracking-changed", "first", (SHIPPED,), {}
    corrected = (
        event(OrderShipped, n, id=code, shipment_id="S", tracking_code=code) for n, code in ((2, "A"), (3, "B"))
    )
    yield "tracking-changed", "corrected", tuple(corrected), {}
    yield "packed", "", (event(OrderPacked, 1),), {}
    yield "preparing", "", (event(OrderAccepted, 0),), {}
    yield "arriving-tomorrow", "", (SHIPPED, on(TrackingStatus.IN_TRANSIT, deliver_by="2026-03-09")), {}


def _troubles() -> Iterator[tuple[str, str, tuple[Event, ...], dict[str, Any]]]:
    for status in ("damaged", "lost", "return_to_sender", "delayed", "exception"):
        yield "trouble", status, (PART, SHIPPED, on(TrackingStatus(status), detail="fell off the lorry.")), {}
    for offer in ("refund", "replacement"):
        yield "trouble", offer, (SHIPPED, on(TrackingStatus.DAMAGED)), {"resolution": offer}
    nobody, agreed = "nobody was at home.", {"deliver_by": "2026-03-10"}
    yield "attempt-failed", "bare", (SHIPPED, on(TrackingStatus.ATTEMPT_FAILED)), {}
    yield "attempt-failed", "told", (SHIPPED, on(TrackingStatus.ATTEMPT_FAILED, detail=nobody, **agreed)), {}
    yield "action-required", "bare", (SHIPPED, on(TrackingStatus.ACTION_REQUIRED)), {}
    duty = on(TrackingStatus.ACTION_REQUIRED, detail="Customs duty is to be paid.", location="Lisbon")
    yield "action-required", "told", (SHIPPED, duty), {}
    yield "ready-for-pickup", "locker", (SHIPPED, on(TrackingStatus.AVAILABLE_FOR_PICKUP, pickup_code="4711")), {}
    shop = event(OrderReadyForPickup, 4, place="Main Street 5", until="2026-03-20")
    yield "ready-for-pickup", "shop", (shop,), {}


def _changes() -> Iterator[tuple[str, str, tuple[Event, ...], dict[str, Any]]]:
    less, more = (Money(amount=amount, currency="USD") for amount in ("350.00", "440.00"))
    yield "order-changed", "less", (event(OrderEdited, 1, items=(BAG,), total=less),), {}
    yield "order-changed", "more", (event(OrderEdited, 1, items=(BAG, STICKS, BAG), total=more),), {}
    moved = event(OrderEdited, 1, destination=Place(city="Boston", country="US"), promises={"ship_by": "2026-03-09"})
    yield "order-changed", "moved", (moved,), {}
    yield "payment-pending", "", (), {}
    yield "question-received", "open", (event(CustomerAsked, 1, text="Where is it?"),), {}
    yield "question-received", "under-way", (SHIPPED, SCANNED, event(CustomerAsked, 5)), {}
    arrived = (SHIPPED, event(OrderDelivered, 5))
    yield "question-received", "ended", (*arrived, event(CustomerAsked, 6)), {"next_word": None}
    ended = {"next_word": None}
    yield "return", "expected", (*arrived, event(OrderReturnRequested, 6, items=(BAG,))), ended
    yield "return", "received", (*arrived, event(OrderReturnReceived, 9, items=(BAG,))), ended
    yield "return", "whole", (*arrived, event(OrderReturnReceived, 9)), ended
    yield "return", "carrier", (SHIPPED, on(TrackingStatus.RETURNED)), ended


def cases() -> dict[str, Callable[[], Notice[Any]]]:
    """Every notice × what is known of the order × what is known of the money, where it can happen; by a name."""
    found: dict[str, Callable[[], Notice[Any]]] = {}
    for key, word, tail, moment in _tails():
        for shape in SHAPES:
            for payment in PAYMENTS if key in (*WAITING, "payment-pending") else ("charged", "authorized", "unknown"):
                make = _maker(key, (*placed(shape, payment), *tail), moment)
                if make().still_true():
                    found[" ".join(each for each in (key, word, shape, payment) if each)] = make
    found["late implied"] = _maker("late", (*placed("bare", "authorized"), broken("deliver_by", 31)), {})
    return found


def _maker(key: str, events: tuple[Event, ...], moment: dict[str, Any]) -> Callable[[], Notice[Any]]:
    return lambda: notice(key, *events, **moment)
