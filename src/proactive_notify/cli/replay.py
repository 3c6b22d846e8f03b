"""
``proactive-notify replay``: the real engine over an event log, in virtual time.
"""

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.text import Text

from .._policy.policy import Policy
from ..domain.customers import Shop
from ..domain.dates import parse_instant
from ..errors import UsageError
from ..simulation.event_log import EventLog
from ..simulation.replay import ReplayPlan
from ..simulation.report import write_report
from ..simulation.sharded import replay as run_replay
from ..simulation.wires import Wires
from .event_logs import folder_for, jobs_for, progress_over
from .showing import console, echo_json, replay_summary, text, timeline

#: A replay with at most so many messages shows them all.
_SHORT = 60


def replay(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Event logs: .jsonl, .jsonl.gz, or - for stdin.")],
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write; a new temporary folder if left out.")
    ] = None,
    smtp: Annotated[str | None, typer.Option(metavar="URL", help="Send the mails for real: smtp://host:port.")] = None,
    mail: Annotated[bool, typer.Option("--mail", help="Write each mail to DIR/mail/*.eml.")] = False,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop here, inclusive; default: the last event.")
    ] = None,
    policy: Annotated[str, typer.Option(metavar="NAME", help="small-shop, big-retailer or quiet.")] = "small-shop",
    jobs: Annotated[int, typer.Option(metavar="N", min=0, max=64, help="Processes; 0: as many as pay off.")] = 0,
    shop: Annotated[str | None, typer.Option(metavar="NAME", help="In whose name the mails are written.")] = None,
    reply_to: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where a person reads answers.")] = None,
    sms: Annotated[bool, typer.Option("--sms", help="Text too, whoever agreed to it; nothing is really sent.")] = False,
    sms_price: Annotated[
        str | None, typer.Option(metavar="PRICE", help="With --sms: what a part of a text costs, like 0.0079.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first invalid line.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """
    Run the real engine over an event log in virtual time, and write down what each customer would have received.

    A line that is no valid event goes to DIR/rejected.jsonl with its number and the reason, and the replay goes on.
    Nothing is sent unless --smtp says where to.
    """
    log, end, price = EventLog(files), _instant(until), _price(sms_price, sms=sms)
    Policy.named(policy)
    with folder_for(out) as folder:
        plan = ReplayPlan(
            files=tuple(files),
            out=folder,
            policy=policy,
            until=end,
            strict=strict,
            shop=_shop(shop, reply_to),
            sms=sms,
            sms_price=price,
        )
        wires = Wires(smtp=smtp, folder=folder / "mail" if mail else None)
        with progress_over(log, quiet=as_json) as seen:
            summary = run_replay(plan, jobs=jobs_for(jobs, log), wires=wires, progress=seen)
        if not summary["events"]:
            raise UsageError(_nothing_valid(plan, summary))
        write_report(plan, summary, log=log)
    _show(folder, summary, mail=mail, as_json=as_json)


def _shop(name: str | None, reply_to: str | None) -> Shop:
    given = {"name": name, "reply_to": reply_to}
    try:
        return Shop(key="replay", **{key: value for key, value in given.items() if value})
    except ValidationError:
        raise UsageError("--shop and --reply-to are one line each, without control characters") from None


def _instant(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        return parse_instant(written)
    except ValueError as error:
        raise UsageError(f"--until: {error}") from None


def _price(written: str | None, *, sms: bool) -> Decimal | None:
    if written is None:
        return None
    if not sms:
        raise UsageError("--sms-price is the price of a text's part; add --sms")
    try:
        price = Decimal(written)
    except InvalidOperation:
        price = Decimal(-1)
    if not (price.is_finite() and price >= 0):
        raise UsageError("--sms-price: write a number, like 0.0079")
    return price


# -- what is said afterwards ------------------------------------------------------------------------------------------


def _show(folder: Path, summary: dict[str, Any], *, mail: bool, as_json: bool) -> None:
    if as_json:
        echo_json(summary)
        return
    screen = console()
    if summary["messages"] <= _SHORT:
        screen.print(timeline(_lines(folder / "messages.jsonl")))
        screen.print()
    screen.print(replay_summary(summary))
    screen.print()
    screen.print(_where(folder, summary, mail=mail), soft_wrap=True)


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _nothing_valid(plan: ReplayPlan, summary: dict[str, Any]) -> str:
    name = ", ".join("standard input" if each == "-" else each for each in plan.files)
    if summary["left_out"]:
        return f"{name} holds no event up to --until; name a later time"
    if summary["rejected"]:
        path = plan.out / "rejected.jsonl"
        first = _lines(path)[0]
        said = f"{name} holds no valid event: {_rejected(summary)}, see {path}"
        return f"{said}. The first is line {first['line']}: {first['reason']}"
    return f"{name} is empty; each line should be one event, a CloudEvent in JSON"


def _rejected(summary: dict[str, Any]) -> str:
    count = summary["rejected"]
    return f"{count:,} line{'s were' if count > 1 else ' was'} rejected"


def _where(folder: Path, summary: dict[str, Any], *, mail: bool) -> Text:
    said = text(folder, "bold")
    lines = [("messages.jsonl", "decisions.jsonl   summary.json", "")]
    lines.append(("report.html", f"open it in a browser: {(folder / 'report.html').resolve().as_uri()}", ""))
    if mail:
        lines.append(("mail/", f"{summary['messages']:,} mails as .eml files", ""))
    if summary["rejected"]:
        lines.append(("rejected.jsonl", f"{_rejected(summary)}: which, and why", "yellow"))
    for name, what, style in lines:
        said.append(f"\n  {name:<16} ").append_text(text(what, style))
    return said
