"""
United Kingdom: a few hard numbers of the Consumer Rights Act 2015 and of the Consumer Contracts Regulations 2013.

The clock counts delivery, not shipment. It is no legal advice.
"""

from .rules import Rule

COUNTRIES = frozenset({"GB"})

DELIVERY = "uk.cra.28-3"
REFUND = "uk.ccr.34"
DELIVERY_DAYS, REFUND_DAYS = 30, 14

RULES = (
    Rule(
        key=DELIVERY,
        demands="Unless agreed otherwise the goods are delivered within 30 days after the day of the contract.",
        source="Consumer Rights Act 2015, section 28(3)",
        effect="an order without a date has a `deliver_by` after `Policy.implied_days`, and after 30 days at most",
        mark="S",
    ),
    Rule(
        key="uk.cra.28-7",
        demands="Who is not delivered to may set an appropriate period, and end the contract when that passes too.",
        source="Consumer Rights Act 2015, section 28(6) to (9)",
        effect="silence is never consent: no option here says what it means",
        mark="S",
    ),
    Rule(
        key=REFUND,
        demands="What was paid is back without undue delay, after a cancellation within 14 days.",
        source="Consumer Contracts Regulations 2013, regulation 34; Consumer Rights Act 2015, section 28(9)",
        effect="`refund_by` is after `Policy.refund_within`, and after 14 days at most",
    ),
    Rule(
        key="uk.ccr.16",
        demands="The contract is confirmed on a durable medium, at the latest with the goods; a mail is one.",
        source="Consumer Contracts Regulations 2013, regulation 16",
        effect="`order-received` is a mail; what the contract says beyond it is the shop's to send",
    ),
)
