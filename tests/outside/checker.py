"""
Check a replay from outside: ``python -m tests.outside.checker INPUT DIR``.

Reads the event log and what the replay wrote into its directory, and nothing else. Prints a line for every finding
(order, rule, what was expected and what was found), then the figures as one JSON object; exits 1 if there are findings.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.outside.arrivals import Log, read_log
from tests.outside.days import instant
from tests.outside.output_seen import Case, Finding, Output, cases, read_output
from tests.outside.parcels_seen import ENDED
from tests.outside.rules_dates import closed_late_enough, promised_day_heard
from tests.outside.rules_silence import TOLERANCE, quiet_after_end, silence_budget, stretches
from tests.outside.rules_words import (
    SURVIVES_THE_END,
    first_is_confirmation,
    milestones_told,
    never_untrue,
    news_is_fresh,
    no_double,
    well_formed,
)

Rule = Callable[[Case], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    first_is_confirmation,
    no_double,
    quiet_after_end,
    silence_budget,
    promised_day_heard,
    never_untrue,
    news_is_fresh,
    milestones_told,
    closed_late_enough,
    well_formed,
)
THE_REPLAY = "(replay)"
MOST_MEDIAN, MOST_OF_95 = 6, 10


@dataclass(frozen=True, slots=True)
class Expected:
    """Figures that the caller knows beforehand."""

    events: int | None = None
    rejected: int | None = None
    orders: int | None = None
    noise_from: int | None = None  # the noise rule holds from this many delivered orders on


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and the figures beside it."""

    findings: Sequence[Finding]
    figures: dict[str, Any]

    def about(self, order: str) -> set[str]:
        """The names of the rules that one order broke."""
        return {finding.rule for finding in self.findings if finding.order == order}


def check(log_path: Path, folder: Path, *, until: datetime | None = None, expected: Expected | None = None) -> Report:
    """Check the output in a folder against the log it came from."""
    log, output = read_log(log_path), read_output(folder)
    end = until or log.until
    known = cases(log, output, end)
    loads = sorted(_loads(known))
    findings = [*_counts(log, output, known, expected or Expected()), *_time_order(output)]
    findings += _noise(loads, expected or Expected())
    findings += [finding for case in known for rule in RULES for finding in rule(case)]
    return Report(findings, _figures(log, output, known, loads, findings))


def _counts(log: Log, output: Output, known: Sequence[Case], expected: Expected) -> Iterator[Finding]:
    """The summary counts what the files hold."""
    placed = sum(case.order.placed is not None for case in known)
    told = Counter(message.notice for message in output.messages)
    never = {case.id for case in known if case.order.states and not any(s.reachable for s in case.order.states)}
    ever = {case.id for case in known if any(decision.unreachable for decision in case.decisions)}
    allowed = {
        "events": {log.events},
        "rejected": {log.rejected},
        "orders": {placed, len(log.orders)},
        "messages": {len(output.messages)},
        "unreachable": range(len(never), len(never | ever) + 1),
    }
    for name, values in allowed.items():
        if output.summary.get(name) not in values:
            yield Finding(THE_REPLAY, "counts", f"{name}: expected {values}, found {output.summary.get(name)}")
    by_notice = {notice: count for notice, count in (output.summary.get("by_notice") or {}).items() if count}
    if by_notice != told:
        yield Finding(THE_REPLAY, "counts", f"by_notice: expected {dict(told)}, found {by_notice}")
    for name in ("events", "rejected", "orders"):
        wanted = getattr(expected, name)
        if wanted is not None and wanted != output.summary.get(name):
            yield Finding(THE_REPLAY, "counts", f"{name}: expected {wanted}, found {output.summary.get(name)}")


def _time_order(output: Output) -> Iterator[Finding]:
    """The messages stand in order of time, each under an id of its own."""
    for before, after in pairwise(output.messages):
        if after.at < before.at:
            yield Finding(after.order, "time-order", f"{after.notice} at {after.at} stands after {before.at}")
    for message_id, times in Counter(message.message_id for message in output.messages).items():
        if times > 1:
            orders = [message.order for message in output.messages if message.message_id == message_id]
            yield Finding(orders[0], "no-double", f"{times} messages with the id {message_id}")


def _loads(known: Sequence[Case]) -> Iterator[int]:
    """How many messages each delivered order got."""
    for case in known:
        last = case.order.states[-1].parcels if case.order.states else None
        if last is not None and last.life == ENDED and last.any_delivered:
            yield len(case.messages)


def _noise(loads: Sequence[int], expected: Expected) -> Iterator[Finding]:
    """A delivered order is no flood of mails."""
    if expected.noise_from is None or len(loads) < expected.noise_from:
        return
    for share, most in ((0.5, MOST_MEDIAN), (0.95, MOST_OF_95)):
        found = _share(loads, share)
        if found > most:
            text = f"{share:.0%} of delivered orders: expected at most {most} messages, found {found}"
            yield Finding(THE_REPLAY, "noise", text)


def _share(loads: Sequence[int], share: float) -> int:
    """The smallest number that this share of the sorted numbers does not exceed."""
    return loads[max(0, -(-len(loads) * round(share * 100) // 100) - 1)] if loads else 0


def _figures(
    log: Log, output: Output, known: Sequence[Case], loads: Sequence[int], findings: Sequence[Finding]
) -> dict[str, Any]:
    silences = [stretch for case in known for stretch in stretches(case)]
    longest = max(silences, key=lambda stretch: stretch.hours, default=None)
    placed = {case.id: case.order.placed.arrival for case in known if case.order.placed is not None}
    ends = {case.id: case.order.spans(ENDED, case.until) for case in known}
    return {
        "events": log.events,
        "rejected": log.rejected,
        "orders": len(placed),
        "messages": len(output.messages),
        "delivered_orders": len(loads),
        "messages_median": _share(loads, 0.5),
        "messages_95": _share(loads, 0.95),
        "messages_most": max(loads, default=0),
        "closed": sum(len(case.order.closed) for case in known),
        "open_stretches": len(silences),
        "longest_silence": {"hours": round(longest.hours, 2), "order_id": longest.order} if longest else None,
        "over_the_stricter_budget": sum(stretch.end > stretch.strict + TOLERANCE for stretch in silences),
        "said_after_the_end_by_a_promise": sum(
            message.occasion.startswith(SURVIVES_THE_END) and any(a < message.at < b for a, b in ends[message.order])
            for message in output.messages
        ),
        "findings": dict(Counter(finding.rule for finding in findings)),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Check what the command line names; 0 if nothing was found, else 1."""
    parser = argparse.ArgumentParser(prog="checker", description="Check a replay from outside.")
    parser.add_argument("input", type=Path, help="the event log, .jsonl or .jsonl.gz")
    parser.add_argument("folder", type=Path, help="the directory the replay wrote")
    parser.add_argument("--until", type=instant, help="where the replay ended, if not at its last event")
    for name in ("events", "rejected", "orders", "noise-from"):
        parser.add_argument(f"--{name}", type=int)
    chosen = parser.parse_args(argv)
    expected = Expected(chosen.events, chosen.rejected, chosen.orders, chosen.noise_from)
    report = check(chosen.input, chosen.folder, until=chosen.until, expected=expected)
    lines = [*(finding.line for finding in report.findings), json.dumps(report.figures)]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
