"""
United States: the Mail, Internet, or Telephone Order Merchandise Rule, 16 CFR part 435. Days are calendar days.

It is no legal advice. The numbers of the paragraphs are from memory.
"""

from datetime import date, timedelta

from ...domain.options import Silence
from .holidays import us_federal
from .rules import Rule

#: ISO 3166-1: the states, and the territories that have codes of their own (15 U.S.C. 44, "commerce").
COUNTRIES = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})

SHIP_IN_TIME = "us.435.2a1"
CREDIT = "us.435.2a1.credit"
OFFER = "us.435.2b1"
SHORT_DELAY = "us.435.2b1iii"
LONG_DELAY = "us.435.2b1iv"
RENEWAL = "us.435.2b2"
CANCEL = "us.435.2c"
NEVER_ASKED = "us.435.2c5"
PART = "us.435.2c.part"
REFUND = "us.435.1b"

RULES = (
    Rule(
        key=SHIP_IN_TIME,
        demands="The goods are with the carrier by the day that was stated, else 30 days after a complete, paid order.",
        source="16 CFR 435.2(a)(1)",
        effect="without a stated day the 30th is a `ship_by`; without this rule none of the others here counts",
        mark="S",
    ),
    Rule(
        key=CREDIT,
        demands="Where no day was stated and the buyer applied for the seller's own credit it is 20 days more.",
        source="16 CFR 435.2(a)(1)(ii)",
        effect="50 days for `order.placed` with `shop_credit`",
    ),
    Rule(
        key=OFFER,
        demands="Before that day is over the buyer is told of the delay and offered to wait or to cancel.",
        source="16 CFR 435.2(b)(1)",
        effect="`delayed` goes out in the last office hour before the day ends, as an option with all its parts",
    ),
    Rule(
        key=SHORT_DELAY,
        demands="To a first, definite delay of at most 30 days silence is consent, until the new day.",
        source="16 CFR 435.2(b)(1)(iii)",
        effect="case A; without it such a delay is case B",
        mark="S",
    ),
    Rule(
        key=LONG_DELAY,
        demands="To a longer delay or one without a date silence is a no: 30 days after the first day it is cancelled.",
        source="16 CFR 435.2(b)(1)(iv)",
        effect="case B; without it silence means nothing there",
        mark="S",
    ),
    Rule(
        key=RENEWAL,
        demands="Before a new day passes too, a renewed option is sent, and silence to that is never consent.",
        source="16 CFR 435.2(b)(2)",
        effect="case C; without it silence to a renewed option means nothing",
    ),
    Rule(
        key=CANCEL,
        demands="Where nobody agreed, or the buyer cancels before shipment, it is cancelled and refunded unasked.",
        source="16 CFR 435.2(c)",
        effect="staff and customer hear `must-cancel`, and `refund_by` opens; case F is the buyer's no",
    ),
    Rule(
        key=NEVER_ASKED,
        demands="Where the buyer was not asked in time, the order is cancelled and refunded when its day has passed.",
        source="16 CFR 435.2(c)(5)",
        effect="case D",
    ),
    Rule(
        key=PART,
        demands="What a part shipment leaves unshipped is refunded, with its share of shipping and handling.",
        source="FTC business guide on 16 CFR 435, as retold by cliclaw.com",
        effect="an order that was shipped in part can be in must-cancel too",
        mark="S",
    ),
    Rule(
        key=REFUND,
        demands="All of it is back within seven working days, by means as fast as first-class mail; no vouchers.",
        source="16 CFR 435.1(b)",
        effect="`refund_by` of a cancelled order: Monday to Friday without federal holidays, also for the shop's own "
        "credit, to which the rule allows a billing cycle",
        mark="S",
    ),
    Rule(
        key="us.435.2a4",
        demands="Who has no records of the times, notices, answers and refunds is presumed to have violated the rule.",
        source="16 CFR 435.2(a)(4) and (d)",
        effect="`notifier.why()` has them all while the order is kept (`retention`; five years are advised)",
    ),
    Rule(
        key="us.435.3",
        demands="Later issues of subscriptions, seeds and plants, cash on delivery and services are exempt.",
        source="16 CFR 435.3",
    ),
)

_NO_DATE = timedelta(days=30)
_CREDIT = timedelta(days=20)
_SHORT = timedelta(days=30)
_REFUND_WITHIN = 7
_SATURDAY = 5


def applicable_day(complete_on: date, *, on_credit: bool) -> date:
    """Return the day by which an order ships to which no day was told, from the day on which it was complete."""
    return complete_on + _NO_DATE + (_CREDIT if on_credit else timedelta())


def last_day_of_silence(applicable: date) -> date:
    """Return the last day of a first delay to which silence may be consent; a longer one ends with it."""
    return applicable + _SHORT


def first_option(applicable: date, revised: date | None) -> tuple[str, Silence, date]:
    """Return the case of a first option, what silence to it means, and the day with which that ends."""
    latest = last_day_of_silence(applicable)
    if revised is not None and revised <= latest:
        return "A", Silence.CONSENT, revised
    return "B", Silence.CANCELLED, latest


def refund_day(since: date) -> date:
    """Return the seventh working day after ``since``: Monday to Friday without federal holidays."""
    day, left = since, _REFUND_WITHIN
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY and day not in us_federal(day.year)
    return day
