"""Bad input to a replay: each says what happened and what to do, and the rest goes on."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from proactive_notify.domain.events import EVENT_TYPES
from tests.contract.command_line import CommandLine, event, placed, rows, write_log

_KNOWN = ", ".join(sorted(EVENT_TYPES))

BAD_LINES: dict[str, tuple[Any, str]] = {
    "broken": ('{"specversion": "1.0", ', "not JSON: Expecting property name enclosed in double quotes at column 23"),
    "not-an-object": ("[1]", "an event is a JSON object, this is a list"),
    "unknown-type": (event(5, "order.teleported"), f"unknown event type 'order.teleported'; known are {_KNOWN}"),
    "naive-time": (
        placed(5, time="2026-01-05T09:02:00"),
        "time: the time has no time zone; write it with Z or an offset, like 2026-01-31T09:30:00Z",
    ),
    "negative-amount": (
        placed(5, total={"amount": "-5.00", "currency": "EUR"}),
        "total.amount: an amount must be finite and not negative",
    ),
    "no-date": (
        placed(5, promises={"ship_by": "soon"}),
        "promises.0.due: 'soon' is neither a date like 2026-01-31 nor a time",
    ),
    "ten-megabytes": ('{"x": "' + "x" * 10_000_000 + '"}', "the line is longer than 1024 KiB"),
    "not-utf-8": (b'{"x": "\xff"}', "the line is not UTF-8"),
    "nested": ("[" * 100_000, "the JSON is nested too deeply"),
    "nested-data": (placed(5, extra=json.loads("[" * 400 + "]" * 400)), "data is nested too deeply"),
    "surrogate": (placed(5, extra="\ud800"), r"data holds half of a character (a lone surrogate like \ud800)"),
    "missing": ('{"specversion": "1.0"}', "missing: id, source, type, subject, time"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_rejected_and_the_rest_goes_on(name: str, command: CommandLine, tmp_path: Path) -> None:
    """A line that is no event is written down with its number and the reason; the lines around it count; status 0."""
    line, reason = BAD_LINES[name]
    log = write_log(tmp_path / "log.jsonl", placed(1), line, "", placed(3))

    ran = command("replay", log, "--out", tmp_path / "out")

    assert 0 == ran.status
    assert [{"file": str(log), "line": 2, "reason": reason}] == rows(tmp_path / "out" / "rejected.jsonl")
    assert ["O-1", "O-3"] == [each["order_id"] for each in rows(tmp_path / "out" / "messages.jsonl")]
    assert "2  of 2 orders; 1 lines rejected" in ran.out
    assert "rejected.jsonl   1 line was rejected: which, and why" in ran.out


def test_an_order_id_with_a_line_break_is_rejected(command: CommandLine, tmp_path: Path) -> None:
    """An order id with a newline could forge a header or a log line, so its event is rejected."""
    log = write_log(tmp_path / "log.jsonl", placed(1), placed(2, order="O-2\nBcc: eve@evil.example"))

    ran = command("replay", log, "--out", tmp_path / "out", "--json")
    (rejected,) = rows(tmp_path / "out" / "rejected.jsonl")

    assert (0, 1, 1) == (ran.status, ran.json["events"], ran.json["rejected"])
    assert 2 == rejected["line"]
    assert rejected["reason"].startswith("subject: ")
    assert "evil" not in rejected["reason"]


def test_a_known_id_with_other_content_is_rejected(command: CommandLine, tmp_path: Path) -> None:
    """An event that says something else under a known id is rejected; one that says the same is only counted."""
    changed = placed(1, item_count=2)
    log = write_log(tmp_path / "log.jsonl", placed(1), placed(2), placed(1), changed)
    reason = "the event with source 'shop' and id 'e1' is known with other content; a new fact needs a new id"

    ran = command("replay", log, "--out", tmp_path / "out", "--json")

    assert (2, 1, 1) == tuple(ran.json[key] for key in ("events", "repeated", "rejected"))
    assert [{"file": str(log), "line": 4, "reason": reason}] == rows(tmp_path / "out" / "rejected.jsonl")


def test_every_bad_line_is_listed_in_its_order(command: CommandLine, tmp_path: Path) -> None:
    """Many bad lines are all there, in the order of the log; several processes write the same file as one."""
    lines = [line for line, _ in BAD_LINES.values()]
    log = write_log(tmp_path / "log.jsonl", *lines, placed(1), placed(2), placed(3))

    one = command("replay", log, "--out", tmp_path / "one", "--jobs", "1", "--json")
    two = command("replay", log, "--out", tmp_path / "two", "--jobs", "2", "--json")

    assert len(lines) == one.json["rejected"] == two.json["rejected"]
    assert list(range(1, len(lines) + 1)) == [each["line"] for each in rows(tmp_path / "one" / "rejected.jsonl")]
    for name in ("messages.jsonl", "decisions.jsonl", "rejected.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_strict_replay_stops_at_the_first_bad_line(command: CommandLine, tmp_path: Path) -> None:
    """With --strict the first bad line ends the replay with status 2, and the message names file, line and reason."""
    log = write_log(tmp_path / "log.jsonl", placed(1), "[1]", placed(3))

    ran = command("replay", log, "--out", tmp_path / "out", "--strict")

    assert 2 == ran.status
    assert (
        f"proactive-notify: {log}, line 2: an event is a JSON object, this is a list. "
        "Mend the line, or leave --strict out: then the rest goes on\n"
    ) == ran.err
    assert [] == list((tmp_path / "out").iterdir())


def test_a_customer_without_any_address_is_counted_and_told_of(command: CommandLine, tmp_path: Path) -> None:
    """A customer nobody can reach is a decision, a count in the summary and a word to the staff; status 0."""
    log = write_log(tmp_path / "log.jsonl", placed(1), placed(2, email=None))

    ran = command("replay", log, "--out", tmp_path / "out", "--json")
    decided = [each for each in rows(tmp_path / "out" / "decisions.jsonl") if each["order_id"] == "O-2"]

    assert (0, 1, 1) == (ran.status, ran.json["unreachable"], ran.json["staff_words"]["undelivered"])
    assert [("order-received", "dropped", "unreachable")] == [
        (each["notice"], each["decision"], each["rule"]) for each in decided
    ]
    assert ["O-1"] == [each["order_id"] for each in rows(tmp_path / "out" / "messages.jsonl")]


def _packed(path: Path, *, keep: int | None = None, harm: bytes = b"") -> Path:
    """A gzip file, cut short or damaged in its middle."""
    content = gzip.compress(write_log(path.with_suffix(".plain"), *map(placed, range(60))).read_bytes())
    middle = len(content) // 2
    path.write_bytes(content[: middle - len(harm)] + harm + content[middle:] if harm else content[:keep])
    return path


def test_what_is_no_event_log_ends_with_a_sentence(command: CommandLine, tmp_path: Path) -> None:
    """A file that is not there, a folder, an empty file, no valid line, damaged gzip: status 2, and what to do."""
    (tmp_path / "empty.jsonl").touch()
    write_log(tmp_path / "blank.jsonl", "", "  ")
    write_log(tmp_path / "bad.jsonl", "no", "no")
    write_log(tmp_path / "plain.jsonl.gz", placed(1))
    _packed(tmp_path / "cut.jsonl.gz", keep=-30)
    _packed(tmp_path / "harmed.jsonl.gz", harm=b"\0" * 40)
    hint = "give the path of a .jsonl or .jsonl.gz event log"
    one_event = "each line should be one event, a CloudEvent in JSON"
    expected = {
        "away.jsonl": f"there is no file '{tmp_path}/away.jsonl'; {hint}",
        "": f"'{tmp_path}' is a folder; {hint} in it",
        "empty.jsonl": f"{tmp_path}/empty.jsonl is empty; {one_event}",
        "blank.jsonl": f"{tmp_path}/blank.jsonl is empty; {one_event}",
        "bad.jsonl": f"{tmp_path}/bad.jsonl holds no valid event: 2 lines were rejected, "
        f"see {tmp_path}/out/rejected.jsonl. The first is line 1: not JSON: Expecting value at column 1",
        "plain.jsonl.gz": f"'{tmp_path}/plain.jsonl.gz' cannot be read: "
        "it is no gzip file although its name ends in .gz, or it is damaged",
        "cut.jsonl.gz": f"'{tmp_path}/cut.jsonl.gz' cannot be read: "
        "the gzip file is damaged or cut short; fetch or compress it again",
        "harmed.jsonl.gz": f"'{tmp_path}/harmed.jsonl.gz' cannot be read: "
        "the gzip file is damaged or cut short; fetch or compress it again",
    }

    for name, said in expected.items():
        ran = command("replay", tmp_path / name, "--out", tmp_path / "out")
        assert (2, f"proactive-notify: {said}\n") == (ran.status, ran.err)


def test_gzip_is_known_by_what_it_holds(command: CommandLine, tmp_path: Path) -> None:
    """A packed log is read whatever its name is."""
    log = tmp_path / "log.jsonl"
    log.write_bytes(gzip.compress(write_log(tmp_path / "plain", placed(1)).read_bytes()))

    ran = command("replay", log, "--out", tmp_path / "out", "--json")

    assert (0, 1) == (ran.status, ran.json["events"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--until", "tomorrow"], "--until: 'tomorrow' is not a time like 2026-01-31T09:30:00Z"),
        (
            ["--until", "2026-01-05"],
            "--until: the time has no time zone; write it with Z or an offset, like 2026-01-31T09:30:00Z",
        ),
        (["--until", "2020-01-01T00:00:00Z"], "{log} holds no event up to --until; name a later time"),
        (["--policy", "none"], "there is no policy 'none'; there are small-shop, big-retailer, quiet"),
        (["--out", "{log}"], "--out: '{log}' is a file; name a folder"),
        (["--out", "{log}/out"], "--out: '{log}/out' cannot be written to (Not a directory); name another folder"),
        (
            ["--smtp", "localhost"],
            "--smtp: The URL of an SMTP server begins with smtp://, smtp+starttls:// or smtps://.",
        ),
    ],
)
def test_bad_options_end_with_a_sentence(options: list[str], said: str, command: CommandLine, tmp_path: Path) -> None:
    """An option that cannot be followed ends with status 2 and says what is wrong with it."""
    log = write_log(tmp_path / "log.jsonl", placed(1))
    given = [each.format(log=log) for each in options]
    out = [] if "--out" in given else ["--out", str(tmp_path / "out")]

    ran = command("replay", log, *given, *out)

    assert (2, "", f"proactive-notify: {said.format(log=log)}\n") == (ran.status, ran.out, ran.err)


def test_a_replay_does_not_write_over_what_it_reads(command: CommandLine, tmp_path: Path) -> None:
    """A log that has the name of a result, in the folder of the results, is refused and stays as it is."""
    log = write_log(tmp_path / "messages.jsonl", placed(1))
    before = log.read_bytes()

    ran = command("replay", log, "--out", tmp_path)

    assert 2 == ran.status
    assert f"--out: the replay would write over '{log}', which it reads; name another folder" in ran.err
    assert before == log.read_bytes()


def test_usage_errors_have_status_2(command: CommandLine, tmp_path: Path) -> None:
    """No file, an unknown option and an unknown command have status 2."""
    assert 2 == command("replay").status
    assert 2 == command("replay", "--nope").status
    assert 2 == command("nope").status
    assert 2 == command("replay", tmp_path / "log.jsonl", "--jobs", "-1").status
