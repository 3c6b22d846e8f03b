"""The last question before a message leaves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from proactive_notify._policy.cases import QueuedMessage, QueuedNotice, moment_of
from proactive_notify._policy.gate import SEND, GateVerdict, gate
from proactive_notify.domain.customers import Customer
from proactive_notify.domain.events import OrderDelivered, OrderPaid, OrderShipped
from proactive_notify.domain.messages import MessageState
from proactive_notify.domain.notices import NoticeState

from .order_cases import MONDAY, RULES, after, case_of, placed, told

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def message(**said: Any) -> QueuedMessage:
    values = {"row": 1, "notice_row": 1, "id": "m", "channel": "email", "address": "a", "state": MessageState.CLAIMED}
    return QueuedMessage(**{**values, "due_at": MONDAY, **said})


def told_notice(key: str, at: datetime, state: NoticeState = NoticeState.TOLD) -> QueuedNotice:
    return QueuedNotice(row=9, notice=key, occasion="o", state=state, cause="", queued_at=at, told_at=at)


def ask(key: str, *events: Any, now: datetime = MONDAY, before: Any = (), **said: Any) -> GateVerdict:
    """Ask about the notice that the last event caused."""
    case = case_of(*events, notices=list(before))
    moment = moment_of(case, RULES, now, closes_at=None, offers_choice=False)
    notice = RULES.by_key[key](events[-1], case.order, moment)
    suppressed = said.pop("suppressed", False)
    return gate(message(**said), notice, case, now=now, rules=RULES, suppressed=suppressed)


SHIPPED = told(OrderShipped, 1)


def test_what_is_true_and_allowed_is_sent() -> None:
    """Nothing speaks against it."""
    assert SEND == ask("shipped", placed(), SHIPPED)
    assert SEND.state is None


def test_a_notice_whose_class_is_gone_is_dropped() -> None:
    """What nobody can make any more is not sent."""
    verdict = gate(message(), None, case_of(placed()), now=MONDAY, rules=RULES, suppressed=False)

    assert (MessageState.CANCELLED, "unknown-notice") == (verdict.state, verdict.rule)


def test_what_is_no_longer_of_use_expires() -> None:
    """A message is of use until it expires, and not at that moment any more."""
    late = {"expires_at": after(2)}

    assert SEND == ask("shipped", placed(), SHIPPED, now=after(2) - timedelta(seconds=1), **late)
    assert MessageState.EXPIRED is ask("shipped", placed(), SHIPPED, now=after(2), **late).state


def test_what_is_no_longer_true_is_dropped() -> None:
    """The order as it is now is asked, not as it was when the notice was queued."""
    case = case_of(placed(), SHIPPED, told(OrderDelivered, 2))
    moment = moment_of(case, RULES, after(3), closes_at=None, offers_choice=False)
    notice = RULES.by_key["shipped"](SHIPPED, case.order, moment)
    verdict = gate(message(), notice, case, now=after(3), rules=RULES, suppressed=False)

    assert (MessageState.CANCELLED, "no-longer-true") == (verdict.state, verdict.rule)


def test_a_refused_address_is_not_used() -> None:
    """An address that must not be used ends the message."""
    assert MessageState.SUPPRESSED is ask("shipped", placed(), SHIPPED, suppressed=True).state


def test_a_customer_without_address_is_not_reached() -> None:
    """Who has no address on the channel any more, or agrees to it no more, is told by the next one."""
    verdict = ask("shipped", placed(customer=Customer(name="Ada")), SHIPPED)

    assert (MessageState.FAILED, "no-address") == (verdict.state, verdict.rule)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"expires_at": MONDAY, "suppressed": True}, MessageState.EXPIRED),
        ({"suppressed": True}, MessageState.SUPPRESSED),
    ],
)
def test_the_questions_have_an_order(said: dict[str, Any], expected: MessageState) -> None:
    """Expired is said before suppressed, and suppressed before not now."""
    before = [told_notice("holding", MONDAY)]
    found = ask("payment-received", placed(-1), told(OrderPaid), before=before, **said)

    assert expected is found.state


@pytest.mark.parametrize(
    ("before", "held"),
    [
        ([], False),
        ([told_notice("holding", after(-1))], False),
        ([told_notice("holding", MONDAY)], True),
        ([told_notice("holding", MONDAY, NoticeState.OPEN)], False),
        ([told_notice("holding", MONDAY, NoticeState.DROPPED)], False),
        ([told_notice("shipped", MONDAY)], False),
        ([told_notice("no-longer-known", MONDAY)], False),
    ],
)
def test_one_unforced_notice_a_day(before: list[QueuedNotice], held: bool) -> None:
    """A second unforced notice waits until nine the next morning; forced ones, and what was not told, do not count."""
    found = ask("payment-received", placed(-1), told(OrderPaid), now=after(hours=3), before=before)
    expected = GateVerdict(state=MessageState.QUEUED, rule="one-unforced-a-day", until=after(1))

    assert (expected if held else SEND) == found


def test_a_forced_notice_does_not_wait() -> None:
    """A parcel that left is told on the day of another notice."""
    assert SEND == ask("shipped", placed(), SHIPPED, now=after(hours=3), before=[told_notice("holding", MONDAY)])


def test_a_day_is_the_customers() -> None:
    """Two in the morning in UTC is still yesterday in São Paulo, and nine there is noon in UTC."""
    customer = Customer(email="ada@example.org", time_zone="America/Sao_Paulo")
    yesterday = datetime(2026, 1, 6, 1, tzinfo=MONDAY.tzinfo)
    found = ask(
        "payment-received",
        placed(-1, customer=customer),
        told(OrderPaid),
        now=yesterday + timedelta(hours=1),
        before=[told_notice("holding", yesterday)],
    )

    assert datetime(2026, 1, 6, 9, tzinfo=SAO_PAULO) == found.until
