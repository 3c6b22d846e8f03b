"""
European Union: a few hard numbers of the consumer rights directive, 2011/83/EU, and what words must not say.

The clock counts delivery, not shipment. It is no legal advice; what is cited is from memory.
"""

from .rules import Rule

#: ISO 3166-1. Iceland, Liechtenstein and Norway keep the directive as members of the EEA.
COUNTRIES = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO".split()
)

DELIVERY = "eu.2011-83.18-1"
REFUND = "eu.2011-83.13-1"
#: The longest that an order without a date may take, and that money may stay.
DELIVERY_DAYS, REFUND_DAYS = 30, 14

RULES = (
    Rule(
        key=DELIVERY,
        demands="Unless agreed otherwise the goods are delivered within 30 days of the contract.",
        source="2011/83/EU, article 18(1)",
        effect="an order without a date has a `deliver_by` after `Policy.implied_days`, and after 30 days at most",
    ),
    Rule(
        key="eu.2011-83.18-2",
        demands="Who is not delivered to sets an additional period, and may end the contract when that passes too.",
        source="2011/83/EU, article 18(2)",
        effect="silence is never consent: no option here says what it means",
    ),
    Rule(
        key=REFUND,
        demands="What was paid is back without delay, after a withdrawal within 14 days.",
        source="2011/83/EU, articles 13(1) and 18(3)",
        effect="`refund_by` is after `Policy.refund_within`, and after 14 days at most",
    ),
    Rule(
        key="eu.2000-31.11-1",
        demands="The order is acknowledged without delay and by electronic means.",
        source="2000/31/EC, article 11(1)",
        effect="`order-received` goes at once, and no timing rule holds it back",
    ),
    Rule(
        key="eu.2011-83.8-7",
        demands="The contract is confirmed on a durable medium, at the latest with the goods; a mail is one.",
        source="2011/83/EU, article 8(7)",
        effect="`order-received` is a mail; what the contract says beyond it is the shop's to send",
    ),
    Rule(
        key="eu.2023-2673.11a",
        demands="Who withdraws by the function for it gets an acknowledgement with day and time, on a durable medium.",
        source="2011/83/EU, article 11a, as of 2023/2673",
        mark="S",
    ),
    Rule(
        key="de.312i",
        demands="A receipt is not an acceptance: it must not read as if the shop had accepted the order.",
        source="BGB, sections 312i(1) no. 3 and 145",
        effect="`order-received` says that the order has reached the shop, and no more",
    ),
)
