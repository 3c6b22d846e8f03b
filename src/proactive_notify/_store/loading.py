"""
Load whole cases: four statements for any number of orders.
"""

from collections.abc import Collection

from .._policy.cases import Case
from ..domain.notices import NoticeState
from . import rows
from .units import Statement, Unit


def load(shop: str, orders: Collection[str], *, sending: bool = False) -> Unit[dict[str, Case]]:
    """
    Return the case of each order.

    Left out is what no decision needs: that the staff were asked once, and the messages of told notices. Those that
    are still to leave (a notice that is told on every channel) are there when ``sending``.
    """
    cases = {order_id: Case(order_id=order_id) for order_id in orders}
    which = {"shop": shop, "orders": rows.as_json(list(cases))}
    for row in (yield Statement("event_load", which)):
        cases[row[2]].facts.append(rows.fact(row))
    for order_id, is_watched, *rest in (yield Statement("promise_load", which)):
        cases[order_id].is_watched = bool(is_watched)
        cases[order_id].promises.append(rows.promise(tuple(rest)))
    untold = []
    for order_id, *rest in (yield Statement("notice_load", which)):
        notice = rows.notice(tuple(rest))
        cases[order_id].notices.append(notice)
        if notice.state is NoticeState.OPEN:
            untold.append(notice.row)
    if untold or sending:
        for order_id, *rest in (yield Statement("message_load", which)):
            cases[order_id].messages.append(rows.message(tuple(rest)))
    if untold:
        for order_id, *rest in (yield Statement("message_tried", {"notices": rows.as_json(untold)})):
            cases[order_id].messages.append(rows.message(tuple(rest)))
    return cases
