"""The scenes of the generated log: one function a kind of order, from everyday to absurd."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.outside import days

FIRST = datetime(2017, 9, 1, tzinfo=UTC)
SPAN = timedelta(days=440)  # the last but one is placed in the middle of November 2018,
LAST = datetime(2018, 12, 20, tzinfo=UTC)  # and the last, so that the silence after the others is long
ZONES = (
    "America/Sao_Paulo",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/St_Johns",
    "Asia/Tehran",
    "Pacific/Kiritimati",
    "America/Havana",
    "UTC",
)
COUNTRIES = ("JP", "NP", "IN", "DE")  # each has one zone
STATUSES = (
    "pre_transit in_transit out_for_delivery available_for_pickup attempt_failed action_required delayed exception"
    " damaged lost return_to_sender returned delivered cancelled unknown"
).split()
CARRIERS = ("dhl", "correios", "ups")
MONEY = {"amount": "40.00", "currency": "EUR"}
BAG, HAT = {"name": "Bag", "quantity": 1}, {"name": "Hat", "quantity": 2}


class Story:
    """One order's events, as they come to be told."""

    def __init__(self, order: str, chance: random.Random, number: int) -> None:
        self.order = order
        self.chance = chance
        self.number = number
        self.round = number // len(SCENES)  # each scene's orders differ by their round
        self.dated = chance.random() < 0.5  # its promises are days, not instants
        self.time = FIRST + chance.random() * SPAN if number else LAST
        self.zone = ZONES[(number * 5 + number // len(ZONES)) % len(ZONES)]
        self.events: list[dict[str, Any]] = []

    def happens(self, type: str, *, after: float = 0, at: datetime | None = None, **data: Any) -> Story:
        """The next event: so many hours (and a little chance) later, or at a given time that moves nothing."""
        if at is None:
            self.time += timedelta(hours=after * (0.8 + 0.4 * self.chance.random()))
        time = (at or self.time).replace(microsecond=0)
        event = {
            "specversion": "1.0",
            "id": f"{self.order}:{len(self.events)}",
            "source": "carrier" if type.startswith("tracking") else "shop",
            "type": type,
            "subject": self.order,
            "time": time.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "data": data,
        }
        self.events.append(event)
        return self

    def placed(self, *, ship: float | None = None, deliver: float | None = None, **data: Any) -> Story:
        """The order, with promises so many days ahead: half of them days, half of them instants."""
        promises = {"ship_by": self.ahead(ship), "deliver_by": self.ahead(deliver)}
        order = {"customer": self.customer(), "items": [BAG, HAT], "total": MONEY, "payment": "authorized"}
        order |= {"promises": {name: value for name, value in promises.items() if value}}
        return self.happens("order.placed", **order | data)

    def customer(self) -> dict[str, Any]:
        """Somebody with an address and a zone."""
        name = f"Customer {self.number}"
        email = f"c{self.number}@customers.example"
        return {"name": name, "email": email, "locale": self.chance.choice(["en", "pt-BR"]), "time_zone": self.zone}

    def ahead(self, count: float | None) -> str | None:
        """A date so many days from now, on the wire."""
        if count is None:
            return None
        moment = self.time + timedelta(days=count)
        if self.dated:
            return moment.astimezone(days.zone_of(time_zone=self.zone)).date().isoformat()
        return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")

    def shipped(self, after: float = 30, **data: Any) -> Story:
        """Everything goes in one parcel without a name."""
        return self.happens("order.shipped", after=after, **data)

    def tracked(self, status: str, after: float = 20, **data: Any) -> Story:
        """The carrier says something."""
        return self.happens("tracking.updated", after=after, status=status, **data)

    def parcel(self, place: int) -> dict[str, Any]:
        """The name of a parcel: a shipment's, or a carrier's code."""
        code = f"T{self.number:05}{place}"
        return (
            {"shipment_id": f"S{place}"} if self.round % 3 else {"carrier": CARRIERS[place % 3], "tracking_code": code}
        )


def everyday(story: Story) -> None:
    """Placed, accepted, paid, packed, shipped, scanned, delivered."""
    story.placed(ship=4, deliver=9).happens("order.accepted", after=1)
    story.happens("order.paid", after=3, amount=MONEY, methods=["credit_card"])
    story.happens("order.packed", after=20).shipped(20).tracked("pre_transit", 1).tracked("in_transit", 10)
    story.tracked("out_for_delivery", 40).happens("order.delivered", after=6, place="porch", received_by="neighbour")


def handed_over_and_silent(story: Story) -> None:
    """Shipped, and never heard of again."""
    story.placed(ship=3, deliver=8).happens("order.paid", after=2, amount=MONEY).shipped(24)


def forgotten(story: Story) -> None:
    """Nothing happens, ever."""
    story.placed(ship=3, deliver=10)


def without_a_date(story: Story) -> None:
    """No promise at all: delivered at last, or never."""
    story.placed(item_count=3)
    if story.round % 2:
        story.shipped(24 * 12).happens("order.delivered", after=24 * 6)


def only_a_shipping_date(story: Story) -> None:
    """The shop says when it ships, misses it, and ships."""
    story.placed(ship=2).shipped(24 * 6).tracked("in_transit", 24).tracked("delivered", 24 * 8)


def looked_for(story: Story) -> None:
    """A colleague looks for the bag in another store; the customer asks; a person answers."""
    story.placed(ship=3, deliver=9).happens("order.sourcing", after=20, note="We look in our other stores")
    story.happens("customer.asked", after=50, text="Where is my bag?", channel="email")
    story.happens("customer.answered", after=12, by="Jo").shipped(60).happens("order.delivered", after=60)


def backordered(story: Story) -> None:
    """Out of stock; the customer is asked and waits."""
    story.placed(ship=3, deliver=9)
    story.happens("order.backordered", after=24, items=[BAG], expected_by=story.ahead(12), reason="out of stock")
    story.happens("customer.decided", after=20, decision="wait").shipped(24 * 9).happens("order.delivered", after=70)


def given_up(story: Story) -> None:
    """Delayed with no date; the customer decides to cancel; the money goes back."""
    story.placed(ship=3, deliver=9).happens("order.paid", after=2, amount=MONEY)
    story.happens("order.delayed", after=40, reason="the workshop is closed")
    story.happens("customer.decided", after=30, decision="cancel").happens("order.cancelled", after=5, by="customer")
    story.happens("order.refunded", after=48, amount=MONEY, reason="cancelled")


def delayed_twice(story: Story) -> None:
    """Two new dates, the second kept."""
    story.placed(ship=3, deliver=9)
    story.happens("order.delayed", after=48, reason="stock", ship_by=story.ahead(6), deliver_by=story.ahead(12))
    story.happens("order.delayed", after=90, reason="stock", ship_by=story.ahead(7), deliver_by=story.ahead(13))
    story.shipped(70).happens("order.delivered", after=80)


def delayed_and_missed(story: Story) -> None:
    """A new date, missed like the first."""
    story.placed(ship=3, deliver=9)
    story.happens("order.delayed", after=120, ship_by=story.ahead(5), deliver_by=story.ahead(9))
    story.shipped(24 * 14).happens("order.delivered", after=24 * 5)


def in_two_parcels(story: Story) -> None:
    """The bag first, the hats a week later."""
    first, second = story.parcel(1), story.parcel(2)
    story.placed(ship=5, deliver=14).shipped(40, items=[BAG], **first).tracked("in_transit", 20, **first)
    story.tracked("delivered", 40, **first).shipped(90, **second)
    story.tracked("out_for_delivery", 50, **second).tracked("delivered", 8, **second)


def one_of_two_missing(story: Story) -> None:
    """Two parcels on one day; one arrives, the other does not."""
    first, second = story.parcel(1), story.parcel(2)
    story.placed(ship=5, deliver=8).shipped(40, items=[BAG], **first).shipped(5, items=[HAT], **second)
    story.tracked("delivered", 60, **first).tracked("in_transit", 20, **second)


def part_cancelled(story: Story) -> None:
    """One thing will not come; the rest does."""
    story.placed(ship=4, deliver=9).happens("order.cancelled", after=20, items=[BAG], reason="sold out")
    story.shipped(30, items=[HAT]).happens("order.delivered", after=60)


def not_paid(story: Story) -> None:
    """The payment fails, then succeeds."""
    story.placed(ship=5, deliver=10, payment="pending")
    story.happens("order.payment_failed", after=4, reason="card declined", pay_by=story.ahead(3))
    story.happens("order.paid", after=20, amount=MONEY, statement_name="ACME").shipped(30)
    story.happens("order.delivered", after=50)


def edited(story: Story) -> None:
    """Other dates and another destination, by the shop's own hand."""
    story.placed(ship=5, deliver=10)
    promises = {"ship_by": story.ahead(8), "deliver_by": story.ahead(15)}
    story.happens("order.edited", after=30, promises=promises, destination={"city": "Lyon", "country": "FR"})
    story.shipped(24 * 5).happens("order.delivered", after=24 * 4)


def fetched(story: Story) -> None:
    """Fetched by the customer."""
    story.placed(ship=4, deliver=20).happens("order.packed", after=30)
    story.happens("order.ready_for_pickup", after=10, place="the shop", until=story.ahead(9))
    story.happens("order.picked_up", after=70)


def sent_back(story: Story) -> None:
    """Delivered, sent back, refunded."""
    story.placed(ship=4, deliver=9).shipped(30).happens("order.delivered", after=60)
    story.happens("order.return_requested", after=80, items=[BAG, HAT]).happens("order.return_received", after=120)
    story.happens("order.refunded", after=24, amount=MONEY, reason="returned")


def returned_to_sender(story: Story) -> None:
    """Delivered by mistake; the carrier takes it back."""
    story.placed(ship=4, deliver=9).shipped(30).happens("order.delivered", after=60)
    story.tracked("return_to_sender", 30).tracked("returned", 100)


def lost(story: Story) -> None:
    """Lost or damaged on the way."""
    story.placed(ship=4, deliver=9).shipped(30).tracked("in_transit", 10)
    story.tracked("lost" if story.round % 2 else "damaged", 60, detail="sorting centre")


def hard_to_deliver(story: Story) -> None:
    """Everything a carrier can say before it arrives."""
    story.placed(ship=4, deliver=20).shipped(30).tracked("exception", 20).tracked("delayed", 20)
    story.tracked("unknown", 10).tracked("verzollt", 10).tracked("attempt_failed", 20).tracked("action_required", 20)
    story.tracked("available_for_pickup", 20).tracked("delivered", 40)


def a_new_day_by_the_carrier(story: Story) -> None:
    """The carrier names a day, names another, and misses it."""
    story.placed(ship=4, deliver=14).shipped(40, deliver_by=story.ahead(5), tracking_url="https://track.example/1")
    story.tracked("in_transit", 30, deliver_by=story.ahead(6)).tracked("delivered", 24 * 9)


def delivered_then_on_its_way(story: Story) -> None:
    """A contradiction: delivered, then in transit."""
    story.placed(ship=4, deliver=9).shipped(30).happens("order.delivered", after=60).tracked("in_transit", 10)


def cancelled_under_way(story: Story) -> None:
    """Cancelled while the parcel is under way; it comes back, arrives, or stays away."""
    story.placed(ship=4, deliver=9).shipped(30).happens("order.cancelled", after=20, reason="changed her mind")
    if story.round % 2:
        story.happens("order.delivered", after=70)


def cancelled(story: Story) -> None:
    """Cancelled in time, and then the payment is said to have succeeded in the same second."""
    story.placed(ship=4, deliver=9).happens("order.cancelled", after=20, reason="unavailable", by="shop")
    story.happens("order.paid", at=story.time, amount=MONEY)


def shipped_before_placed(story: Story) -> None:
    """The shop's systems disagree on the hour."""
    story.happens("order.shipped", at=story.time - timedelta(hours=5))
    story.placed(ship=4, deliver=7).happens("order.delivered", after=24 * 9)


def born_past(story: Story) -> None:
    """Placed with dates that have passed."""
    story.placed(ship=-3, deliver=-1).shipped(24 * 4).happens("order.delivered", after=24 * 3)


def told_nobody(story: Story) -> None:
    """Placed by the shop for itself: no confirmation."""
    story.placed(ship=3, deliver=9, notify=False).shipped(40, notify=False).happens("order.delivered", after=70)


def no_address(story: Story) -> None:
    """Nobody to reach; one in two gives an address later."""
    story.placed(ship=6, deliver=12, customer={"name": "Nobody", "time_zone": story.zone})
    if story.round % 2:
        story.happens("customer.updated", after=60, email=story.customer()["email"], phone="+491711234567")
    story.shipped(60).happens("order.delivered", after=60)


def in_a_country(story: Story) -> None:
    """No zone of her own, or one that nobody knows: the destination's, or none."""
    customer = story.customer() | {"time_zone": None if story.round % 2 else "Mars/Olympus_Mons"}
    country = COUNTRIES[story.round // 2 % len(COUNTRIES)]
    story.zone = days.ZONE_OF_COUNTRY[country] if story.round % 3 else "UTC"
    destination = {"city": "somewhere"} | ({"country": country} if story.round % 3 else {})
    story.placed(ship=3, deliver=6, customer={k: v for k, v in customer.items() if v}, destination=destination)
    story.shipped(24 * 6).happens("order.delivered", after=24 * 4)


def moved(story: Story) -> None:
    """The customer moves to another zone and another address before the day."""
    story.placed(ship=4, deliver=9).happens(
        "customer.updated", after=30, time_zone="Asia/Tokyo", email=f"new{story.number}@customers.example"
    )
    story.shipped(60).happens("order.delivered", after=24 * 12)


def no_midnight(story: Story) -> None:
    """The promised day ends in the night in which São Paulo had no midnight."""
    story.zone = "America/Sao_Paulo"
    day = date(2017, 10, 14) if story.round % 2 else date(2018, 11, 3)
    story.time = datetime.combine(day, datetime.min.time(), tzinfo=UTC) - timedelta(days=5, hours=story.round % 20)
    promises = {"ship_by": day.isoformat(), "deliver_by": (day + timedelta(days=story.round // 2 % 2)).isoformat()}
    story.placed(promises=promises).shipped(24 * 9).happens("order.delivered", after=60)


def label_voided(story: Story) -> None:
    """A label is made and cancelled, then the order goes by another parcel."""
    first = story.parcel(1)
    story.placed(ship=9, deliver=14).happens("order.packed", after=30, **first).tracked("pre_transit", 2, **first)
    story.tracked("cancelled", 30, **first).shipped(30, **story.parcel(2)).happens("order.delivered", after=60)


def closed_and_woken(story: Story) -> None:
    """Silent for so long that people take over; then it arrives after all."""
    story.time = FIRST + story.chance.random() * (SPAN - timedelta(days=60))
    story.placed(ship=3, deliver=8).shipped(40).happens("order.delivered", after=24 * 70)


Scene = Callable[[Story], None]
SCENES: tuple[Scene, ...] = (
    everyday,
    handed_over_and_silent,
    forgotten,
    without_a_date,
    only_a_shipping_date,
    looked_for,
    backordered,
    given_up,
    delayed_twice,
    delayed_and_missed,
    in_two_parcels,
    one_of_two_missing,
    part_cancelled,
    not_paid,
    edited,
    fetched,
    sent_back,
    returned_to_sender,
    lost,
    hard_to_deliver,
    a_new_day_by_the_carrier,
    delivered_then_on_its_way,
    cancelled_under_way,
    cancelled,
    shipped_before_placed,
    born_past,
    told_nobody,
    no_address,
    in_a_country,
    moved,
    no_midnight,
    label_voided,
    closed_and_woken,
)
