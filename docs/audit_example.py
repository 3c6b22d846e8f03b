"""
Writes the log of a made-up shop's year, which docs/audit.md audits: ``python docs/audit_example.py LOG``.
"""

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SEED, ORDERS = 6, 600
#: Region, how many of the orders go there, and how many days a parcel takes.
REGIONS = (("US NY", 30, 3), ("US CA", 22, 6), ("US TX", 14, 5), ("US FL", 10, 5), ("US IL", 8, 4), ("CA ON", 6, 12))
ZONES = {"NY": "America/New_York", "CA": "America/Los_Angeles", "TX": "America/Chicago", "IL": "America/Chicago"}
BEGIN = datetime(2025, 1, 6, 14, tzinfo=UTC)


def orders(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Most orders go well; some are looked for in another store and forgotten, some leave and never arrive."""
    for number in range(ORDERS):
        at = BEGIN + timedelta(minutes=chance.randrange(360 * 24 * 60))
        (name, _, days), *_ = chance.choices(REGIONS, weights=[share for _, share, _ in REGIONS])
        country, region = name.split()
        order = f"N-{1000 + number}"
        deliver_by = at + timedelta(days=days + 6)
        customer = {"email": f"customer{number}@example.com", "time_zone": ZONES.get(region, "America/New_York")}
        told = {
            "promises": {"deliver_by": f"{deliver_by:%Y-%m-%d}"},
            "destination": {"country": country, "region": region},
        }
        yield event(order, "order.placed", at, customer=customer, **told)
        yield event(order, "order.paid", at + timedelta(minutes=2))
        if chance.random() < 0.02:
            yield event(order, "order.cancelled", at + timedelta(days=chance.randrange(4, 40)), reason="not found")
            continue
        waits = chance.expovariate(1 / 1.5) + (chance.randrange(10, 60) if chance.random() < 0.05 else 0)
        shipped = at + timedelta(days=0.5 + waits)
        yield event(order, "order.shipped", shipped, carrier="UPS")
        if chance.random() > 0.015:
            yield event(order, "order.delivered", shipped + timedelta(days=days * chance.lognormvariate(0, 0.35)))


def event(order: str, kind: str, at: datetime, **data: Any) -> dict[str, Any]:
    """Return an event on the wire."""
    named = {"specversion": "1.0", "id": f"{order}:{kind}", "source": "shop", "type": kind, "subject": order}
    return {**named, "time": at.isoformat(timespec="seconds"), "data": data}


if __name__ == "__main__":
    lines = sorted(orders(random.Random(SEED)), key=lambda each: str(each["time"]))
    Path(sys.argv[1]).write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
