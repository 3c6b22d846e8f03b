"""
What a customer has been through with the shop before: who they are, and whether an order went wrong.
"""

import hashlib

from ..domain.customers import Customer
from ..domain.events import OrderCancelled
from ..domain.orders import Order
from ..domain.promises import PromiseKind, PromiseState
from .cases import Case

_PROMISED = frozenset({PromiseKind.SHIP_BY, PromiseKind.DELIVER_BY, PromiseKind.NEWS_BY})
_MISSED = frozenset({PromiseState.BROKEN, PromiseState.KEPT_LATE})


def customer_digest(customer: Customer, key: str) -> str:
    """
    Return by what a store knows a customer again: a keyed hash of the shop's id of them, else of an address.

    Empty for somebody without either. Without the key nobody finds out an address by trying.
    """
    known = customer.id and f"id:{customer.id}"
    address = customer.mailbox and f"email:{customer.mailbox.casefold()}"
    phone = customer.phone and "phone:" + "".join(each for each in customer.phone if each.isdigit())
    said = known or address or phone
    return hashlib.blake2b(said.encode(), key=key.encode(), digest_size=16).hexdigest() if said else ""


def went_wrong(case: Case) -> bool:
    """Return whether a promise of this order was broken, the customer had to ask, or the shop called it off."""
    order = case.order
    if order.asked_at is not None or (order.cancelled_at is not None and _by_the_shop(case, order)):
        return True
    return any(each.kind in _PROMISED and each.state in _MISSED for each in case.promises)


def _by_the_shop(case: Case, order: Order) -> bool:
    """What nobody claims to have called off, and what the customer called off, is no fault of the shop's."""
    cancelled = (fact.event for fact in case.facts if isinstance(fact.event, OrderCancelled))
    return order.is_cancelled and any(each.by == "shop" for each in cancelled)
