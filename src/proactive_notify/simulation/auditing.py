"""
The audit of a shop's past: where did customers wait and hear nothing, and what would have been said to them.

Every order is listened to in one pass (``silences.py``). What the library would have said is what the real engine says
in a replay of the same events; it plays the orders with the longest silences, as many as are asked for.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..domain.customers import Shop
from ..domain.dates import day_or_instant_text, instant_text
from ..errors import EventInvalid, UsageError
from .audit_file import AuditFile
from .audit_tally import OVER, AuditTally
from .digest import lines
from .event_log import EventLog, Rejected
from .replay import ReplayPlan
from .sent_log import read_sent
from .shard_files import make_room
from .sharded import replay
from .silences import Listening, Lived, Silence, Told

#: What an audit writes.
_WRITTEN = ("audit.json", "silences.jsonl", "rejected.jsonl", "audit.html")

#: Called with what is being done, how much of it is done, and how much there is to do if that is known.
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, kw_only=True)
class AuditPlan:
    """What to audit, and how."""

    files: tuple[str, ...]
    out: Path
    #: A log of the messages that were really sent.
    sent: str | None = None
    #: Without such a log: what we take the customer to have been told.
    told: Told = Told.FACTS
    #: A silence is reported from more than so many business days on.
    over: int = OVER[0]
    #: How many of the orders with the longest silences the engine plays.
    play: int = 200
    policy: str = "small-shop"
    jobs: int = 1

    @property
    def reads(self) -> tuple[str, ...]:
        """Every file that is read."""
        return (*self.files, self.sent) if self.sent else self.files


class Audit:
    """
    One audit.

    Args:
        progress: called as it goes on.
    """

    def __init__(self, plan: AuditPlan, *, progress: Progress | None = None) -> None:
        self.plan = plan
        self.tally = AuditTally()
        self._progress = progress or (lambda *_: None)

    def run(self) -> dict[str, Any]:
        """
        Audit the log into ``plan.out`` and return what ``audit.json`` will hold.

        Raises:
            UsageError: a file cannot be read, there is no valid event in it, or the folder cannot be written to.
        """
        began, plan = time.monotonic(), self.plan
        EventLog(plan.reads)
        with _folder(plan) as work, AuditFile(work / "audit.db") as kept:
            with (plan.out / "rejected.jsonl").open("w", encoding="utf-8") as rejects:
                for each in self._read(kept):
                    self.tally.rejected += 1
                    rejects.write(_json_line({"file": each.file, "line": each.line, "reason": each.reason}))
            if not self.tally.events:
                raise UsageError(self._nothing_valid())
            unknown = kept.sent_about_unknown()
            self._listen(kept)
            played = self._play(kept, work)
            said = self._write_silences(kept)
        found = self.tally.summary(told=self._told, over=plan.over, sent_about_unknown=unknown)
        return {**found, "played": {**played, **said}, "wall_seconds": round(time.monotonic() - began, 2)}

    @property
    def _told(self) -> Told:
        return Told.SENT if self.plan.sent else self.plan.told

    def _nothing_valid(self) -> str:
        name = ", ".join("standard input" if each == "-" else each for each in self.plan.files)
        if not self.tally.rejected:
            return f"{name} is empty; each line should be one event, a CloudEvent in JSON"
        first = next(lines(self.plan.out / "rejected.jsonl"))
        return f"{name} holds no valid event. The first is line {first['line']}: {first['reason']}"

    # -- reading ------------------------------------------------------------------------------------------------------

    def _read(self, kept: AuditFile) -> Iterator[Rejected]:
        """Keep every event and every message; yield the lines that are neither."""
        tally, log = self.tally, EventLog(self.plan.files)
        total = log.count()
        for number, found in enumerate(log.read(), start=1):
            self._progress("reading", number, total)
            if isinstance(found, Rejected):
                yield found
                continue
            try:
                is_new = kept.add(found.event, number)
            except EventInvalid as error:
                yield Rejected(file=found.file, line=found.line, reason=str(error))
                continue
            tally.events += is_new
            tally.repeated += not is_new
            tally.take(found.event)
        for sent in read_sent(self.plan.sent) if self.plan.sent else ():
            if isinstance(sent, Rejected):
                yield sent
                continue
            kept.add_sent(sent)
            tally.take_sent(sent.at)

    # -- listening ----------------------------------------------------------------------------------------------------

    def _listen(self, kept: AuditFile) -> None:
        tally = self.tally
        listening = Listening(told=self._told, shop=Shop(), until=self.tally.until, has_refunds=tally.has_refunds)
        heard = 0
        for order_id, events, sent in kept.orders():
            heard += len(events)
            self._progress("listening", heard, tally.events)
            lived = listening.to(order_id, events, sent)
            if lived.is_placed:
                kept.place(lived)
                tally.count(lived, over=self.plan.over)
                for silence in lived.silences:
                    if silence.business_days >= self.plan.over:
                        kept.add_silence(order_id, silence, silence_line(lived, silence))

    # -- what would have been said ------------------------------------------------------------------------------------

    def _play(self, kept: AuditFile, work: Path) -> dict[str, Any]:
        """Play the orders with the longest silences through the real engine."""
        orders = kept.choose(order_id for order_id, _ in kept.worst(self.plan.play))
        events = kept.write_chosen(work / "played.jsonl")
        if not events:
            return {"orders": 0, "policy": self.plan.policy, "longest_silence": {"hours": 0.0, "order_id": ""}}
        out = work / "played"
        plan = ReplayPlan(files=(str(work / "played.jsonl"),), out=out, policy=self.plan.policy, until=self.tally.until)
        said = replay(plan, jobs=self.plan.jobs, progress=lambda done: self._progress("playing", done, events))
        kept.add_said(lines(out / "messages.jsonl"))
        return {"orders": orders, "policy": self.plan.policy, "longest_silence": said["longest_silence"]}

    def _write_silences(self, kept: AuditFile) -> dict[str, Any]:
        """Write each silence with what would have been said in it, and count that."""
        by_notice: Counter[str] = Counter()
        silences = broken = 0
        worst = {(order_id, instant_text(since)): number for number, (order_id, since) in enumerate(kept.worst(20))}
        stories: dict[int, dict[str, Any]] = {}
        with (self.plan.out / "silences.jsonl").open("w", encoding="utf-8") as file:
            for line, said in kept.silences():
                if said is not None:
                    silences += 1
                    broken += bool(said)
                    by_notice.update(each.notice for each in said)
                    line["would_have_said"] = [
                        {"at": instant_text(each.at), "notice": each.notice, "subject": each.subject} for each in said
                    ]
                file.write(_json_line(line))
                place = worst.get((line["order_id"], line["since"]))
                if place is not None:
                    stories[place] = line
        return {
            "silences": silences,
            "silences_with_words": broken,
            "messages": by_notice.total(),
            "by_notice": dict(by_notice.most_common()),
            "worst": [stories[place] for place in sorted(stories)],
        }


@contextmanager
def _folder(plan: AuditPlan) -> Iterator[Path]:
    """A folder to work in, which is gone afterwards."""
    work = plan.out / ".audit"
    written = [*(plan.out / name for name in _WRITTEN), work / "audit.db"]
    make_room(plan.out, work, written=written, reads=plan.reads, what="audit")
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _json_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def silence_line(lived: Lived, silence: Silence) -> dict[str, Any]:
    """Return a silence as it stands in ``silences.jsonl``; what would have been said in it comes later."""
    return {
        "order_id": lived.order_id,
        "region": lived.region,
        "time_zone": lived.time_zone,
        "phase": silence.phase.value,
        "since": instant_text(silence.since),
        "until": instant_text(silence.until),
        "hours": round(silence.seconds / 3600, 1),
        "business_days": silence.business_days,
        "heard": silence.heard,
        "ended_by": silence.ended_by,
        "promised": day_or_instant_text(silence.promised) if silence.promised else None,
        "would_have_said": None,
    }
