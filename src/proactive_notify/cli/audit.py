"""
``proactive-notify audit``: where customers of the past waited and heard nothing.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from .._policy.policy import Policy
from ..errors import UsageError
from ..simulation.audit_report import ASSUMED, percent, write_audit_report
from ..simulation.audit_stories import SilenceStory, length, stories
from ..simulation.auditing import Audit, AuditPlan
from ..simulation.event_log import EventLog
from ..simulation.silences import Told
from .event_logs import folder_for, jobs_for, stages
from .showing import console, counts, echo_json, listing, text

#: So many of the worst are told in the terminal; the page has them all.
_STORIES = 3
_REGIONS = 5


def audit(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Event logs: .jsonl, .jsonl.gz, or - for stdin.")],
    *,
    sent: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The messages that were really sent: JSON lines, order_id and at."),
    ] = None,
    told: Annotated[
        str, typer.Option(metavar="WHAT", help="Without --sent, what customers heard of: facts or milestones.")
    ] = Told.FACTS.value,
    over: Annotated[int, typer.Option(metavar="DAYS", min=1, max=365, help="Business days that make a silence.")] = 5,
    play: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many of the worst orders the engine plays.")
    ] = AuditPlan.play,
    policy: Annotated[str, typer.Option(metavar="NAME", help="small-shop, big-retailer or quiet.")] = "small-shop",
    jobs: Annotated[int, typer.Option(metavar="N", min=0, max=64, help="Processes; 0: as many as pay off.")] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write; a new temporary folder if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """
    Find the silences that customers lived through, and what this library would have said in them.

    The lines may stand in any order. A line that is no valid event goes to DIR/rejected.jsonl, and the audit goes on.
    Nothing is sent.
    """
    log = EventLog(files)
    Policy.named(policy)
    with folder_for(out) as folder:
        plan = AuditPlan(
            files=tuple(files),
            out=folder,
            sent=sent,
            told=_told(told, sent),
            over=over,
            play=play,
            policy=policy,
            jobs=jobs_for(jobs, log),
        )
        with stages(quiet=as_json) as seen:
            found = Audit(plan, progress=seen).run()
        (folder / "audit.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        write_audit_report(plan, found)
    if as_json:
        echo_json(found)
    else:
        _show(folder, found)


def _told(name: str, sent: str | None) -> Told:
    if sent == "-":
        raise UsageError("--sent: name a file; standard input is for events")
    if name not in (Told.FACTS, Told.MILESTONES):
        raise UsageError(f"--told: there is no {name!r}; there are facts and milestones")
    if sent is not None and name != Told.FACTS:
        raise UsageError("--told is what is assumed without --sent; leave one of them out")
    return Told(name)


# -- what is said afterwards ------------------------------------------------------------------------------------------


def _show(folder: Path, found: Mapping[str, Any]) -> None:
    screen = console()
    screen.print(_summary(found))
    for table in (_phases(found), _regions(found)):
        screen.print()
        screen.print(table)
    for story in stories(found["played"]["worst"][:_STORIES]):
        screen.print()
        screen.print(_story(story), soft_wrap=True)
    screen.print()
    screen.print(text(ASSUMED[found["told"]], "italic"))
    screen.print()
    screen.print(_where(folder, found), soft_wrap=True)


def _summary(found: Mapping[str, Any]) -> Table:
    table = listing("", "", "", title="Audit")
    table.columns[1].justify = "right"
    for row in _rows(found):
        table.add_row(*map(text, row))
    return table


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    played, longest, ended = found["played"], found["longest_silence"], found["longest_silence_that_ended"]
    about = f"{found['first'][:10]} to {found['until'][:10]}; {found['events']:,} events, {_rejected(found)}"
    yield "orders", f"{found['orders']:,}", about
    for over, count in found["orders_over"].items():
        yield f"silent over {over} days", f"{count:,}", f"{percent(count, found)} of the orders; business days"
    yield "late", f"{found['late_orders']:,}", "the promised day passed while the customer waited"
    yield "late, never told", f"{found['late_untold']:,}", "no word from that day until the order ended"
    yield "longest silence", length(longest["hours"]), _about(longest)
    yield "longest that ended", length(ended["hours"]), _about(ended)
    if "sent" in found:
        sent = found["sent"]
        when = f"{sent['first'][:10]} to {sent['last'][:10]}" if sent["first"] else "there is none"
        yield "messages sent", f"{sent['messages']:,}", f"{when}; {sent['about_unknown_orders']:,} about unknown orders"
    which = f"the longest silent of {found['silent_orders']:,}, by the real engine with the policy {played['policy']}"
    yield "played", f"{played['orders']:,}", which
    said = f"in {played['silences_with_words']:,} of {played['silences']:,} silences: {counts(played['by_notice'])}"
    yield "would have been said", f"{played['messages']:,}", said if played["messages"] else ""
    yield "longest, then", length(played["longest_silence"]["hours"]), "until a person takes over; weekends included"
    yield "took", f"{found['wall_seconds']:,} s", ""


def _about(longest: Mapping[str, Any]) -> str:
    return f"{longest['business_days']:,} business days, order {longest['order_id']}" if longest["order_id"] else ""


def _rejected(found: Mapping[str, Any]) -> str:
    count = found["rejected"]
    return f"{count:,} line{'s were' if count != 1 else ' was'} rejected"


def _phases(found: Mapping[str, Any]) -> Table:
    title = f"{found['silences']:,} silences over {found['over']} business days"
    table = listing("waiting", "silences", "longest, business days", title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, each in found["by_phase"].items():
        table.add_row(text(name), text(f"{each['silences']:,}"), text(f"{each['longest_business_days']:,}"))
    return table


def _regions(found: Mapping[str, Any]) -> Table:
    table = listing("region", "silent orders", "of", title="Where")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, each in list(found["by_region"].items())[:_REGIONS]:
        table.add_row(text(name), text(f"{each['silent']:,}"), text(f"{each['orders']:,}"))
    return table


def _story(story: SilenceStory) -> Text:
    said = text(f"{story.length} without a word", "bold").append_text(
        text(f"  {story.phase}, {story.region}, order {story.order_id}", "not bold dim")
    )
    lines = [(story.since, story.before, "")]
    if story.promised:
        lines.append((story.promised, "The promised day passed.", "yellow"))
    lines.append((story.until, story.after, ""))
    if story.said:
        first, last = story.said[0], story.said[-1]
        lines.append(("", f"This library would have written {len(story.said)} times, first on {first.day}:", "green"))
        lines.append(("", f"“{first.subject}”" + (f", last on {last.day}." if last is not first else "."), "green"))
    for day, what, style in lines:
        said.append("\n").append_text(text(f"  {day:<12} ", "not bold")).append_text(text(what, style or "not bold"))
    return said


def _where(folder: Path, found: Mapping[str, Any]) -> Text:
    said = text(folder, "bold")
    lines = [
        ("audit.html", f"open it in a browser: {(folder / 'audit.html').resolve().as_uri()}", ""),
        ("silences.jsonl", f"each of the {found['silences']:,} silences, the longest first", ""),
        ("audit.json", "these numbers", ""),
    ]
    if found["rejected"]:
        lines.append(("rejected.jsonl", f"{_rejected(found)}: which, and why", "yellow"))
    for name, what, style in lines:
        said.append(f"\n  {name:<16} ").append_text(text(what, style))
    return said
