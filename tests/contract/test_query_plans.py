"""No query without its index: how SQLite would run every statement, on tables as full as a real shop's."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from proactive_notify._store.catalogue import migrations, statements
from proactive_notify._store.sqlite import connect

STATEMENTS = statements("sqlite")
ORDERS = 4_000
#: One order in so many is still under way; the others have ended, as most rows of a shop have.
UNDER_WAY = 10

#: Statement → why it may read a whole table, or all that one shop has in it.
MAY_SCAN: dict[str, str] = {
    "worker_gone": "pn_worker has one row a worker",
    "order_lock": "pn_key has one row",
    "worker_last": "the last row of the index answers it",
    "message_renew": "only rows that are leased now are in the index",
    "message_leases": "only rows that are leased now are in the index",
    "message_make_due": "what is to leave, when the clock was set back",
    "notice_make_due": "what is to leave, when the clock was set back",
    "message_reap": "only rows that are leased now are in the index",
    "promise_next": "the first row of the index answers it",
    "promise_open": "the first hundred rows of the index, in order",
    "message_queued": "what is still to leave, once, when a simulation is stuck",
    "message_channels": "one step a channel, each to the first row of the next",
    "message_next": "one step a channel, each to the first row of the next",
    "message_forbidden": "the pauses of a shop: at most one a channel",
    "message_waiting": "it counts at most a thousand rows of a subquery",
    "decision_all": "all that a replay decided, once, when it ends",
    "promise_broken": "a count over all, once, when a replay ends",
    "staff_count": "a count over all, once, when a replay ends",
    "outbox_newest": "the last rows of the table, until there are enough",
    "outbox_sent": "the last rows of the table, until there are enough; most rows were sent",
    "outbox_waiting": "what waits, when somebody asks",
    "outbox_under_way": "only rows that are leased now are in the index",
    "suppression_list": "the first rows of the key, in order",
    "message_free_since": "a channel after the other, each by its first rows",
    "message_uncertain_count": "it counts at most a thousand rows of a subquery",
    "message_under_way_count": "only rows that are leased now are in the index",
    "pause_list": "pn_pause has one row a channel",
    "staff_waits": "only words that wait are in the index",
    "staff_claim": "only words that wait are in the index",
    "staff_told": "only words that wait are in the index",
    "staff_again": "only words that wait are in the index",
    "staff_failing": "only words that wait are in the index",
    "reply_count": "it counts at most eleven rows of a subquery",
}
#: Statement → why it may sort what it found.
MAY_SORT: dict[str, str] = {
    "message_queued": "what is still to leave, once, when a simulation is stuck",
    "event_load": "one order's events, or a batch's",
    "event_history": "one order's events",
    "promise_load": "one order's promises, or a batch's",
    "notice_load": "one order's notices, or a batch's",
    "message_load": "the messages of some orders that are still to leave",
    "message_tried": "the messages of some notices",
    "message_list": "one order's messages",
    "decision_load": "one order's decisions, or a batch's",
    "decision_answer": "what was decided in some recordings",
    "staff_load": "one order's words to the staff",
    "decision_all": "all that a replay decided, once, when it ends",
    "promise_broken": "a count over all, once, when a replay ends",
    "staff_count": "a count over all, once, when a replay ends",
    "outbox_of_order": "one order's messages",
    "reply_orders": "one customer's orders",
    "parcel_orders": "the orders of one tracking code",
    "outbox_waiting": "what waits, when somebody asks; the best are kept",
}
#: Statements that every poll, claim, record or settle runs → the index that they must use.
HOT: dict[str, str] = {
    "message_channels": "pn_message_due (shop=? AND channel=? AND due_at<?)",
    "message_next": "pn_message_due (shop=? AND channel=? AND due_at>?)",
    "message_waiting": "pn_message_due (shop=? AND channel=? AND due_at<?)",
    "message_reap": "pn_message_lease (shop=?",
    "message_leases": "pn_message_lease (shop=?",
    "message_renew": "pn_message_lease (shop=?",
    "message_load": "pn_message_lane (shop=? AND order_id=?)",
    "message_tried": "pn_message_notice (notice_pk=?)",
    "message_cancel_of": "pn_message_notice (notice_pk=?)",
    "promise_due": "pn_promise_wake (shop=? AND wake_at<?)",
    "promise_next": "pn_promise_wake (shop=?)",
    "promise_open": "pn_promise_wake (shop=?)",
    "promise_waking": "pn_promise_wake (shop=? AND wake_at>?)",
    "promise_load": "sqlite_autoindex_pn_promise_1 (shop=? AND order_id=?)",
    "order_before": "pn_order_customer (shop=? AND customer=? AND placed_at<?)",
    "notice_load": "sqlite_autoindex_pn_notice_1 (shop=? AND order_id=?)",
    "event_load": "pn_event_order (shop=? AND order_id=?)",
    "decision_load": "pn_decision_order (shop=? AND order_id=?)",
    "ended_orders": "pn_order_ended (shop=? AND touched_at<?)",
    "outbox_waiting": "pn_message_due (shop=?)",
    "outbox_under_way": "pn_message_lease (shop=?)",
    "outbox_ended": "pn_message_ended (shop=? AND state=?)",
    "outbox_of_order": "pn_message_notice (notice_pk=?)",
    "outbox_find": "sqlite_autoindex_pn_message_1 (id>? AND id<?)",
    "message_free_since": "pn_message_due (shop=? AND channel=? AND due_at<?)",
    "message_uncertain_count": "pn_message_due (shop=?)",
    "message_under_way_count": "pn_message_lease (shop=?)",
    "reply_orders": "pn_message_address (shop=? AND channel=? AND address=?)",
    "reply_count": "pn_reply_sender (shop=? AND sender=? AND at>?)",
    "reply_forget": "pn_reply_old (shop=? AND at<?)",
    "staff_waits": "pn_staff_word_waiting (shop=?)",
    "staff_claim": "pn_staff_word_waiting (shop=?)",
    "staff_told": "pn_staff_word_waiting (shop=?)",
    "staff_again": "pn_staff_word_waiting (shop=?)",
    "staff_old_count": "pn_staff_word_waiting (shop=? AND at<?)",
    "staff_old_told": "pn_staff_word_waiting (shop=? AND at<?)",
    "worker_alive": "pn_worker_seen (shop=? AND seen_at>?)",
    "cap_number": "pn_message_number (shop=? AND channel=? AND address=? AND counted_at>?)",
    "cap_prefix": "pn_message_prefix (shop=? AND channel=? AND prefix=? AND counted_at>?)",
    "cap_channel": "pn_message_counted (shop=? AND channel=? AND counted_at>?)",
    "message_introduced": "pn_message_number (shop=? AND channel=? AND address=? AND counted_at>?)",
}


@pytest.fixture(scope="module")
def full() -> Iterator[sqlite3.Connection]:
    """A database with some thousand orders and all that belongs to them. Nobody ever ran ANALYZE on it."""
    db = connect(":memory:", durable=False)
    with db:
        db.execute("begin")
        fill(db)
    yield db
    db.close()


def fill(db: sqlite3.Connection) -> None:
    for number in range(ORDERS):
        order: dict[str, Any] = {"shop": "shop", "order_id": f"A-{number}"}
        under_way = number % UNDER_WAY == 0
        insert(db, "pn_order", **order, is_open=int(under_way), touched_at=number)
        insert(db, "pn_parcel", **order, carrier="dhl", code=f"JD{number}")
        for name in ("placed", "shipped", "delivered"):
            insert(db, "pn_event", **order, source="shop", id=f"{number}:{name}", type=f"order.{name}", at=number)
        for kind in ("news_by", "deliver_by"):
            insert(db, "pn_promise", **order, kind=kind, wake_at=number, state=0 if under_way else 4)
        for nth, notice in enumerate(("order-received", "shipped", "delivered")):
            pk, told = 3 * number + nth + 1, nth < 2 or not under_way
            insert(db, "pn_notice", **order, pk=pk, notice=notice, occasion="once", state="told" if told else "open")
            row = {"id": f"{number}:{notice}", "notice_pk": pk, "channel": "email", "due_at": number}
            insert(db, "pn_message", **order, **row, state=4 if told else 0)
        insert(db, "pn_decision", **order, decision="queued")
        insert(db, "pn_staff_word", **order, subject="undelivered")
        insert(db, "pn_reply", shop="shop", source="twilio", id=f"SM{number}", sender=f"{number}", at=number)
        insert(db, "pn_suppression", shop="shop", channel="email", address=f"{number}@example.org")


def insert(db: sqlite3.Connection, table: str, **values: Any) -> None:
    """Insert a row; columns that must be there and are not given hold a one."""
    row = dict.fromkeys(needed(db, table), 1) | values
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    db.execute(f"insert into {table} ({names}) values ({marks})", row)


@cache
def needed(db: sqlite3.Connection, table: str) -> list[str]:
    found = db.execute(f"pragma table_info({table})").fetchall()
    return [name for _, name, _, not_null, default, _ in found if not_null and default is None]


def plan_of(db: sqlite3.Connection, name: str) -> list[str]:
    """The steps of a statement, as SQLite explains them."""
    text = STATEMENTS[name]
    values: dict[str, Any] = dict.fromkeys(re.findall(r":(\w+)", text))
    return [row[3] for row in db.execute(f"explain query plan {text}", values)]


def scans(steps: list[str]) -> list[str]:
    """The steps that read all of a table, or of a shop; a list that came as a parameter is no table."""
    whole = [step for step in steps if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
    return whole + [step for step in steps if step.endswith("(shop=?)")]


def sorts(steps: list[str]) -> list[str]:
    return [step for step in steps if "TEMP B-TREE" in step]


def test_nobody_analyzed(full: sqlite3.Connection) -> None:
    """The plans are those of a shop that never ran ANALYZE."""
    assert [] == full.execute("select name from sqlite_master where name like 'sqlite_stat%'").fetchall()


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_reads_a_whole_table(full: sqlite3.Connection, name: str) -> None:
    """No statement reads all of a table, or all that a shop has in it, but those that say why they may."""
    found = scans(plan_of(full, name))

    assert not found or name in MAY_SCAN, found


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_sorts_much(full: sqlite3.Connection, name: str) -> None:
    """No statement sorts what it found, but those that find little and say so."""
    found = sorts(plan_of(full, name))

    assert not found or name in MAY_SORT, found


@pytest.mark.parametrize(("name", "index"), HOT.items())
def test_hot_statements_use_their_index(full: sqlite3.Connection, name: str, index: str) -> None:
    """What runs at every poll and every record searches the index that was made for it."""
    steps = plan_of(full, name)

    assert any(f"USING INDEX {index}" in step or f"USING COVERING INDEX {index}" in step for step in steps), steps


def test_a_claim_walks_the_due_messages_in_order(full: sqlite3.Connection) -> None:
    """A claim takes due messages as they stand in their index, looks each one's lane up, and sorts nothing."""
    steps = plan_of(full, "message_claim")

    assert [] == sorts(steps)
    assert [] == scans(steps)
    assert any("SEARCH m USING INDEX pn_message_due (shop=? AND channel=? AND due_at<?)" in step for step in steps), (
        steps
    )
    assert any(
        "SEARCH o USING INDEX pn_message_lane (shop=? AND order_id=? AND notice_pk<?)" in step for step in steps
    ), steps


def test_known_events_are_found_by_their_key(full: sqlite3.Connection) -> None:
    """What came before is found by source and id, however many events there are."""
    assert any("(shop=? AND source=? AND id=?)" in step for step in plan_of(full, "event_known"))


def test_settling_finds_its_rows_by_key(full: sqlite3.Connection) -> None:
    """Settling goes over the list of outcomes once and searches each message by its key."""
    assert any("SEARCH pn_message USING INTEGER PRIMARY KEY" in step for step in plan_of(full, "message_settle"))


def test_the_exceptions_are_statements() -> None:
    """What may scan or sort, and what is hot, are statements that there are."""
    named = {*MAY_SCAN, *MAY_SORT, *HOT}

    assert set() == named - STATEMENTS.keys()


def test_every_foreign_key_has_its_index(full: sqlite3.Connection) -> None:
    """Deleting a row searches what points to it, so a deletion reads no whole table either."""
    missing = []
    for (table,) in full.execute("select name from sqlite_master where type = 'table' and name like 'pn_%'").fetchall():
        for key in full.execute(f"pragma foreign_key_list({table})").fetchall():
            indexes = full.execute(f"pragma index_list({table})").fetchall()
            leading = {full.execute(f"pragma index_info({index[1]})").fetchone()[2] for index in indexes}
            missing += [f"{table}.{key[3]}"] * (key[3] not in leading)

    assert [] == missing


def test_a_plan_is_looked_at_on_full_tables(full: sqlite3.Connection) -> None:
    """The tables that the plans are made for hold thousands of rows."""
    few = ("pn_meta", "pn_key", "pn_pace", "pn_pause", "pn_worker")
    tables = [name for (name,) in full.execute("select name from sqlite_master where type = 'table'").fetchall()]
    counts = {name: full.execute(f"select count(*) from {name}").fetchone()[0] for name in tables if name not in few}

    assert min(counts.values()) >= ORDERS, counts


def test_the_steps_of_the_schema_count_from_one() -> None:
    """The schema's numbered files have no gap."""
    numbers = list(migrations("sqlite"))

    assert list(range(1, len(numbers) + 1)) == numbers
