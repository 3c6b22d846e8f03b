"""
A made-up event log, the same for the same number of orders, for where no real one is at hand.
"""

import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_START = datetime(2026, 1, 5, 9, tzinfo=UTC)
#: Orders come so far apart: a shop with two dozen a day.
_APART = timedelta(hours=1)
_ZONES = (("America/Sao_Paulo", "BR", "pt-BR"), ("Europe/Berlin", "DE", "en"), ("America/New_York", "US", "en"))


def write(path: Path, *, orders: int) -> None:
    """Write a log of so many orders, gzipped, in order of time; about four events each, most of them delivered."""
    chance = random.Random(orders)
    events = [event for number in range(orders) for event in _story(number, chance)]
    events.sort(key=lambda event: (event["time"], event["id"]))
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(event)}\n" for event in events)


def _story(number: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    placed = _START + number * _APART
    order_id = f"M-{number:06}"
    yield _event(order_id, "order.placed", placed, _placed(number, placed, chance))
    fate = chance.random()
    if fate < 0.04:
        yield _event(order_id, "order.cancelled", placed + _days(chance, 0.1, 3), {"reason": "sold out"})
        return
    paid = placed + timedelta(minutes=chance.randint(1, 300))
    yield _event(order_id, "order.paid", paid, {"methods": ["credit_card"]})
    if fate < 0.08:
        return
    shipped = paid + _days(chance, 0.5, 9)
    parcel = {"carrier": "dhl", "tracking_code": f"JD{number:09}"}
    yield _event(order_id, "order.shipped", shipped, parcel)
    if fate < 0.98:
        yield _event(order_id, "order.delivered", shipped + _days(chance, 2, 20), {})


def _placed(number: int, placed: datetime, chance: random.Random) -> dict[str, Any]:
    zone, country, locale = _ZONES[number % len(_ZONES)]
    amount = f"{chance.randint(10, 400)}.{chance.randint(0, 99):02}"
    return {
        "customer": {"name": "Ada", "email": f"c{number}@customers.example", "locale": locale, "time_zone": zone},
        "destination": {"city": "Home", "country": country},
        "items": [{"name": "A bag", "quantity": 1}],
        "total": {"amount": amount, "currency": "EUR"},
        "promises": {
            "ship_by": f"{placed + timedelta(days=6):%Y-%m-%dT%H:%M:%SZ}",
            "deliver_by": f"{placed + timedelta(days=25):%Y-%m-%d}",
        },
    }


def _event(order_id: str, name: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{order_id}:{name}",
        "source": "made-up",
        "type": name,
        "subject": order_id,
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "data": data,
    }


def _days(chance: random.Random, least: float, most: float) -> timedelta:
    return timedelta(days=chance.uniform(least, most))
