"""
What an audit works on: a SQLite file of its own, so that the lines of a log may stand in any order and a big log needs
no more memory than a small one. It is thrown away afterwards.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from .._store.rows import micros, moment
from ..domain.dates import instant_text
from ..domain.event import Event
from ..domain.wire import event_from_data, event_json, event_to_wire
from ..errors import EventInvalid
from .sent_log import SentLine
from .silences import Lived, Silence

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE event (key BLOB UNIQUE, order_id TEXT, at INTEGER, line INTEGER, head TEXT, data TEXT);
CREATE TABLE sent (order_id TEXT, at INTEGER, line INTEGER, what TEXT);
CREATE TABLE placed (order_id TEXT PRIMARY KEY, customer TEXT) WITHOUT ROWID;
CREATE TABLE silence (order_id TEXT, since INTEGER, until INTEGER, is_ended INTEGER, line TEXT);
CREATE TABLE chosen (order_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE said (order_id TEXT, at INTEGER, notice TEXT, subject TEXT);
"""
#: The longest silence of each order, those that ended and those that did not in turns.
_WORST = """
SELECT order_id, since FROM (
    SELECT order_id, since, is_ended, until - since AS length,
           row_number() OVER (PARTITION BY is_ended ORDER BY until - since DESC, order_id) AS place
    FROM (SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY until - since DESC, since) AS nth FROM silence)
    WHERE nth = 1
) ORDER BY place, length DESC, order_id LIMIT ?
"""
_EVENTS = "SELECT order_id, head, data FROM event ORDER BY order_id"
_SENT = "SELECT order_id, at, what FROM sent ORDER BY order_id, at, line"
#: A customer's orders follow one another, so who is played is played with all of them.
_WITH_THEIR_OTHERS = """
INSERT OR IGNORE INTO chosen SELECT order_id FROM placed WHERE customer <> '' AND customer IN (
    SELECT customer FROM placed JOIN chosen USING (order_id)
)
"""
_PLAYED = "SELECT order_id, head, data FROM event JOIN chosen USING (order_id) ORDER BY at, line"
_SILENCES = """
SELECT silence.*, chosen.order_id FROM silence LEFT JOIN chosen USING (order_id)
ORDER BY until - since DESC, silence.order_id, since
"""
_SAID = "SELECT at, notice, subject FROM said WHERE order_id = ? AND at > ? AND at < ? ORDER BY at, rowid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the library would have said in a silence."""

    at: datetime
    notice: str
    subject: str


class AuditFile:
    """
    The events of a log by order, and what was found out about them.

    Args:
        path: of a file that is not there yet.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, event: Event, line: int) -> bool:
        """
        Keep an event; ``False`` if it is known.

        Raises:
            EventInvalid: its source and id are known with other content.
        """
        head, data = (
            json.dumps([event.type, event.source, event.id, instant_text(event.happened_at)]),
            event_json(event),
        )
        key = hashlib.blake2b(event.key.encode(), digest_size=16).digest()
        row = (key, event.order_id, micros(event.happened_at), line, head, data)
        if self._database.execute("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?)", row).rowcount:
            return True
        known = self._database.execute("SELECT order_id, head, data FROM event WHERE key = ?", (key,)).fetchone()
        if known != (event.order_id, head, data):
            raise EventInvalid("an event with this source and this id is known with other content")
        return False

    def add_sent(self, sent: SentLine) -> None:
        row = (sent.order_id, micros(sent.at), sent.line, sent.what)
        self._database.execute("INSERT INTO sent VALUES (?, ?, ?, ?)", row)

    def orders(self) -> Iterator[tuple[str, list[Event], list[tuple[datetime, str]]]]:
        """Yield each order with its events in any order, and the messages that were sent about it in order of time."""
        self._database.execute("CREATE INDEX event_of_order ON event (order_id)")
        with closing(self._database.cursor()) as messages:
            sent = groupby(messages.execute(_SENT), key=lambda row: str(row[0]))
            about, rows = next(sent, ("", iter(())))
            for order_id, found in groupby(self._database.execute(_EVENTS), key=lambda row: str(row[0])):
                events = [_event(*row) for row in found]
                while about and about < order_id:
                    about, rows = next(sent, ("", iter(())))
                heard = [(moment(at), str(what)) for _, at, what in rows] if about == order_id else []
                yield order_id, events, heard

    def sent_about_unknown(self) -> int:
        """Return how many messages are about orders that the log does not have."""
        query = "SELECT count(*) FROM sent WHERE order_id NOT IN (SELECT order_id FROM event)"
        return int(self._database.execute(query).fetchone()[0])

    def place(self, lived: Lived) -> None:
        self._database.execute("INSERT INTO placed VALUES (?, ?)", (lived.order_id, lived.customer))

    def add_silence(self, order_id: str, silence: Silence, line: Mapping[str, Any]) -> None:
        times = (micros(silence.since), micros(silence.until), bool(silence.ended_by))
        row = (order_id, *times, json.dumps(line, ensure_ascii=False))
        self._database.execute("INSERT INTO silence VALUES (?, ?, ?, ?, ?)", row)

    def worst(self, count: int) -> list[tuple[str, datetime]]:
        """Return the orders with the longest silences and when those began: ended ones and others in turns."""
        return [(order_id, moment(since)) for order_id, since in self._database.execute(_WORST, (count,))]

    def choose(self, orders: Iterable[str]) -> int:
        """Choose orders to be played, and with them all others of their customers; return how many that are."""
        self._database.executemany("INSERT OR IGNORE INTO chosen VALUES (?)", ((each,) for each in orders))
        self._database.execute(_WITH_THEIR_OTHERS)
        return int(self._database.execute("SELECT count(*) FROM chosen").fetchone()[0])

    def write_chosen(self, path: Path) -> int:
        """Write the events of the chosen orders as a log, in order of time; return how many there are."""
        with path.open("w", encoding="utf-8") as file:
            return sum(file.write(_wire(*row)) > 0 for row in self._database.execute(_PLAYED))

    def add_said(self, messages: Iterable[Mapping[str, Any]]) -> None:
        """Keep what the library would have said: lines of a replay's ``messages.jsonl``."""
        rows = (
            (each["order_id"], micros(datetime.fromisoformat(each["at"])), each["notice"], each["subject"])
            for each in messages
        )
        self._database.executemany("INSERT INTO said VALUES (?, ?, ?, ?)", rows)
        self._database.execute("CREATE INDEX said_of_order ON said (order_id, at)")

    def silences(self) -> Iterator[tuple[dict[str, Any], list[Said] | None]]:
        """Yield each silence, the longest first, with what would have been said in it; ``None``: it was not played."""
        with closing(self._database.cursor()) as found:
            for order_id, since, until, _, line, chosen in found.execute(_SILENCES):
                yield json.loads(line), self._said(order_id, since, until) if chosen is not None else None

    def _said(self, order_id: str, since: int, until: int) -> list[Said]:
        rows = self._database.execute(_SAID, (order_id, since, until))
        return [Said(at=moment(at), notice=notice, subject=subject) for at, notice, subject in rows]


def _event(order_id: str, head: str, data: str) -> Event:
    name, source, id, at = json.loads(head)
    return event_from_data(name, {"order_id": order_id, "source": source, "id": id, "at": at}, json.loads(data))


def _wire(order_id: str, head: str, data: str) -> str:
    return json.dumps(event_to_wire(_event(order_id, head, data))) + "\n"
