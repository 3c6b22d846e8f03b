"""
What faces the outside survives generated inputs with nothing but our own errors; `make acceptance` tries many more.

A fault is reported with the command that makes it again.
"""

from __future__ import annotations

import functools
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_notify import EventInvalid, Notifier, OrderPaid
from proactive_notify._store.sqlite import InlineSqlite
from tests.fuzz.running import Target, drawn, fuzz
from tests.fuzz.targets import TARGETS

COUNT = 2_000
#: Target → what its inputs must come to, and how often in a thousand at least: else they try nothing.
COMES_TO = {
    "mails": {"written": 250, "Permanent": 100, "ChannelRefused": 100},
    "bounces": {
        "nothing": 400,
        "bounced": 150,
        "complained": 10,
        "deferred": 5,
        "delivered": 5,
        "accepted": 1,
        "unknown": 5,
    },
    "events": {"read": 150, "refused": 400},
    "logs": {"read": 100, "rejected": 400, "unreadable": 30},
}


@pytest.mark.parametrize("name", TARGETS)
def test_it_survives(name: str) -> None:
    """Two thousand generated inputs end in a result or in an error of ours, which quotes no address."""
    outcome = fuzz(TARGETS[name], seed=1, first=0, count=COUNT)

    assert [] == outcome.faults, "\n".join(map(str, outcome.faults))
    assert COUNT == outcome.count
    assert {} == {
        said: outcome.said[said] for said, least in COMES_TO[name].items() if outcome.said[said] < least * COUNT // 1000
    }
    assert COMES_TO[name].keys() == outcome.said.keys()


def test_every_target_is_tried() -> None:
    """The table of what the inputs come to leaves no target out."""
    assert TARGETS.keys() == COMES_TO.keys()


@pytest.mark.parametrize("name", TARGETS)
def test_an_input_can_be_made_again(name: str) -> None:
    """The same target, seed and number give the same input, and another seed another one."""
    target = TARGETS[name]

    assert repr(drawn(target, 7, 3)) == repr(drawn(target, 7, 3))
    assert repr(drawn(target, 7, 3)) != repr(drawn(target, 8, 3))


def test_a_fault_is_found_and_made_small() -> None:
    """A reader that trips over one octet is caught, and what is reported is that octet and how to get it again."""

    def make(chance: Random) -> dict[str, Any]:
        return {"raw": chance.randbytes(600), "other": "x" * 50}

    def judge(made: dict[str, Any]) -> str:
        if b"\x7f" in made.get("raw", b""):
            raise KeyError("a stranger's error")
        return "fine"

    outcome = fuzz(Target("tripping", make, judge), seed=1, first=0, count=200)

    assert 3 == len(outcome.faults)
    assert {"{'raw': b'\\x7f'}"} == {fault.smallest for fault in outcome.faults}
    assert "KeyError" in str(outcome.faults[0])
    assert f"tests.fuzz tripping --seed 1 --first {outcome.faults[0].number} --count 1" in str(outcome.faults[0])


# Where hypothesis looks more closely: it remembers what it found, and goes on from there.

_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
_VALUES = st.recursive(_LEAVES, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=12)
_TYPES = st.sampled_from(["order.placed", "order.shipped", "tracking.updated", "customer.updated", "order.refunded"])


@given(data=_VALUES, name=_TYPES)
def test_any_data_of_an_event(data: Any, name: str) -> None:
    """Any JSON value as the data of an event is read or refused, and what was read can be kept."""
    envelope = {"specversion": "1.0", "id": "1", "source": "s", "subject": "A-1", "time": "2026-01-05T09:00:00Z"}

    assert TARGETS["events"].judge({**envelope, "type": name, "data": data}) in ("read", "refused")


@given(raw=st.binary(max_size=2000), head=st.booleans())
def test_any_octets_as_a_mail(raw: bytes, head: bool) -> None:
    """Any octets, alone and as the content of a report, are read without an error, and are no receipt."""
    start = b"To: x@y.example\nContent-Type: multipart/report; boundary=x\n\n--x\n" if head else b""

    assert "nothing" == TARGETS["bounces"].judge({"raw": start + raw, "_signed": False})


# What a program makes itself


@pytest.mark.parametrize("value", ["\ud800", functools.reduce(lambda inner, _: [inner], range(300), "deep")])
async def test_an_event_made_in_python_can_be_kept(value: Any) -> None:
    """An event with a field of its own that no store could give back is refused when it is recorded."""
    async with Notifier(store=InlineSqlite()) as notifier:
        with pytest.raises(EventInvalid):
            await notifier.record(OrderPaid(order_id="A-1", of_our_own=value))
