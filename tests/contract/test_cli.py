"""What `proactive-notify replay` writes and prints."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from proactive_notify._content.segments import segments
from tests.contract.command_line import EMAIL, CommandLine, event, placed, rows, write_log

MESSAGE = [
    "message_id",
    "order_id",
    "notice",
    "occasion",
    "channel",
    "to",
    "at",
    "subject",
    "text",
    "message_state",
]
DECISION = ["at", "order_id", "notice", "occasion", "decision", "rule"]
SUMMARY = {
    "events",
    "rejected",
    "orders",
    "messages",
    "by_notice",
    "broken_promises",
    "longest_silence",
    "unreachable",
    "wall_seconds",
}


def silent_order(until: str = "2026-01-20T09:00:00Z") -> list[dict[str, Any]]:
    """An order whose shop falls silent past its date, and another fact so that time goes on."""
    late = {"promises": {"ship_by": "2026-01-07"}}
    return [placed(1, order="A-1", **late), placed(2, order="A-2", time=until)]


def run(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "proactive_notify", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, env={**os.environ, **environment})
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_the_files_have_the_keys_that_are_promised(command: CommandLine, tmp_path: Path) -> None:
    """Messages, decisions and the summary have the documented keys, in order of time."""
    log = write_log(tmp_path / "log.jsonl", *silent_order())

    ran = command("replay", log, "--out", tmp_path / "out", "--json")
    messages, decisions = (rows(tmp_path / "out" / f"{name}.jsonl") for name in ("messages", "decisions"))

    assert [MESSAGE] * len(messages) == [list(each) for each in messages]
    assert [DECISION] * len(decisions) == [list(each) for each in decisions]
    assert SUMMARY <= ran.json.keys()
    assert {"queued", "sent"} == {each["decision"] for each in decisions}
    assert sorted(each["at"] for each in messages) == [each["at"] for each in messages]
    assert sorted(each["at"] for each in decisions) == [each["at"] for each in decisions]


def test_texts_are_counted_in_parts(command: CommandLine, tmp_path: Path) -> None:
    """With --sms who agreed to texts hears by text as well, and the summary has their parts and what they cost."""
    customer = {"email": "ada@example.org", "phone": "+12125550100", "sms_consent": True}
    events = [
        {**placed(1, order="A-1"), "data": {"customer": customer}},
        {**placed(2, order="A-2"), "data": {"customer": {**customer, "sms_consent": False}}},
        *(event(10 + n, "order.delayed", order=f"A-{n}", reason="it is lost", ship_by="2026-01-19") for n in (1, 2)),
        placed(3, order="A-3", time="2026-01-08T18:00:00Z"),
    ]
    log = write_log(tmp_path / "log.jsonl", *events)
    mails = command("replay", log, "--out", tmp_path / "mails", "--json").json
    both = command("replay", log, "--out", tmp_path / "both", "--sms", "--sms-price", "0.0079", "--json").json
    told, heard = rows(tmp_path / "mails" / "messages.jsonl"), rows(tmp_path / "both" / "messages.jsonl")
    texts = [each for each in heard if each["channel"] == "sms"]

    assert [("A-1", "delayed", "", "+12125550100")] == [
        (each["order_id"], each["notice"], each["subject"], each["to"]) for each in texts
    ]
    assert told == [each for each in heard if each["channel"] == "email"]
    assert (0, False) == (mails["sms_parts"], "sms_cost" in mails)
    parts = segments(texts[0]["text"]).parts
    assert (parts, str(parts * Decimal("0.0079"))) == (both["sms_parts"], both["sms_cost"])
    assert 2 <= parts <= 3
    page = (tmp_path / "both" / "report.html").read_text(encoding="utf-8")
    assert f"they cost {both['sms_cost']}" in page
    assert "parts of texts" in command("replay", log, "--out", tmp_path / "both", "--sms").out


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["--sms-price", "0.01"], "add --sms"),
        (["--sms", "--sms-price", "dear"], "write a number"),
        (["--sms", "--sms-price", "-1"], "write a number"),
        (["--sms", "--sms-price", "nan"], "write a number"),
    ],
)
def test_a_price_of_texts_must_be_one(command: CommandLine, tmp_path: Path, said: list[str], why: str) -> None:
    """A price that is none, or of texts that nobody wants, is bad usage."""
    log = write_log(tmp_path / "log.jsonl", placed(1))
    ran = command("replay", log, "--out", tmp_path / "out", *said)

    assert 2 == ran.status
    assert why in ran.err


def test_silence_is_told_and_counted(command: CommandLine, tmp_path: Path) -> None:
    """A shop that falls silent past its date has told its customer so, and the summary counts it."""
    log = write_log(tmp_path / "log.jsonl", *silent_order())

    summary = command("replay", log, "--out", tmp_path / "out", "--json").json
    told = [(each["notice"], each["to"], each["message_state"]) for each in rows(tmp_path / "out" / "messages.jsonl")]

    assert (("order-received", EMAIL, "sent"), ("delayed", EMAIL, "sent")) == tuple(told[:2])
    assert 1 == summary["broken_promises"]
    assert {"ship_by": 1, "news_by": summary["by_notice"]["holding"]} == summary["broken_by_kind"]
    assert "A-1" == summary["longest_silence"]["order_id"]
    assert 5 * 24 > summary["longest_silence"]["hours"] > 24
    assert summary == command("replay", log, "--out", tmp_path / "out", "--json").json | {
        "wall_seconds": summary["wall_seconds"]
    }


def test_silence_ends_with_the_resolution(command: CommandLine, tmp_path: Path) -> None:
    """Time after people have taken over is no silence, nor is it where there is nobody to hear."""
    lost = event(3, "tracking.updated", order="A-1", time="2026-01-06T09:00:00Z", status="lost")
    end = placed(4, order="A-9", time="2026-12-01T09:00:00Z")
    shipped = event(2, "order.shipped", order="A-1")
    log = write_log(
        tmp_path / "log.jsonl", placed(0, order="B-1", email=None), placed(1, order="A-1"), shipped, lost, end
    )

    summary = command("replay", log, "--out", tmp_path / "out", "--json").json

    assert 2 == summary["closed"]
    assert {"hours": 24.0, "order_id": "A-1"} == summary["longest_silence"]


def test_a_short_replay_shows_what_the_customer_heard(command: CommandLine, tmp_path: Path) -> None:
    """A replay with few messages prints all of them in order of time, the summary, and where the files are."""
    log = write_log(tmp_path / "log.jsonl", *silent_order("2026-01-06T08:00:00Z"))

    ran = command("replay", log, "--out", tmp_path / "out")
    printed = [" ".join(line.split()) for line in ran.out.splitlines() if line.strip()]

    assert (0, "") == (ran.status, ran.err)
    assert [
        "What the customer heard",
        "when (UTC) order notice subject",
        "2026-01-05 09:01 A-1 order-received Received: your order A-1",
        "2026-01-06 08:00 A-2 order-received Received: your order A-2",
        "Replay",
    ] == printed[:5]
    assert f"report.html open it in a browser: {(tmp_path / 'out' / 'report.html').as_uri()}" in printed


def test_a_long_replay_shows_numbers_only(command: CommandLine, tmp_path: Path) -> None:
    """A replay with many messages prints the summary and no message."""
    log = write_log(
        tmp_path / "log.jsonl", *(placed(each % 60, order=f"A-{each}") | {"id": str(each)} for each in range(61))
    )

    ran = command("replay", log, "--out", tmp_path / "out")

    assert "What the customer heard" not in ran.out
    assert "messages" in ran.out


def test_what_comes_from_outside_is_no_markup(command: CommandLine, tmp_path: Path) -> None:
    """An order id in brackets is printed as it is, and stands in the report as text."""
    log = write_log(tmp_path / "log.jsonl", placed(1, order="[red]:smile:<b>&[/red]"))

    ran = command("replay", log, "--out", tmp_path / "out")
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    assert "  [red]:smile:<b>&[/red]  order-received" in ran.out
    assert "[red]:smile:&lt;b&gt;&amp;[/red]" in report
    assert "<b>&[/red]" not in report


def test_until_is_inclusive(command: CommandLine, tmp_path: Path) -> None:
    """--until takes what happens at that very time, and leaves out, and counts, what comes later."""
    log = write_log(tmp_path / "log.jsonl", placed(1), placed(2), placed(3))

    for jobs in ("1", "2"):
        until = ("--until", "2026-01-05T10:02:00+01:00", "--jobs", jobs)
        ran = command("replay", log, "--out", tmp_path / "out", *until, "--json")
        assert (2, 1) == (ran.json["events"], ran.json["left_out"])
        assert ["O-1", "O-2"] == [each["order_id"] for each in rows(tmp_path / "out" / "messages.jsonl")]


def test_time_goes_on_to_until(command: CommandLine, tmp_path: Path) -> None:
    """With an end after the last event, what falls due until then is told."""
    log = write_log(tmp_path / "log.jsonl", placed(1))

    command("replay", log, "--out", tmp_path / "out", "--until", "2026-01-08T09:00:00Z")

    assert ["order-received", "holding"] == [each["notice"] for each in rows(tmp_path / "out" / "messages.jsonl")]


def test_a_policy_has_its_own_patience(command: CommandLine, tmp_path: Path) -> None:
    """The policy `quiet` waits longer than `small-shop` before it speaks."""
    log = write_log(tmp_path / "log.jsonl", *silent_order())

    told = {
        name: command("replay", log, "--out", tmp_path / name, "--policy", name, "--json").json["messages"]
        for name in ("big-retailer", "small-shop", "quiet")
    }

    assert told["big-retailer"] > told["small-shop"] > told["quiet"]


def test_several_processes_say_the_same_as_one(command: CommandLine, tmp_path: Path) -> None:
    """--jobs splits the orders over processes, and every file has the same bytes."""
    late = {"promises": {"ship_by": "2026-01-06"}}
    orders = [placed(each, order=f"A-{each}", **late) for each in range(20)]
    log = write_log(tmp_path / "log.jsonl", *orders, placed(59, order="Z", time="2026-03-01T09:00:00Z"))

    one = command("replay", log, "--out", tmp_path / "one", "--jobs", "1", "--json").json
    three = command("replay", log, "--out", tmp_path / "three", "--jobs", "3", "--json").json

    assert {**one, "wall_seconds": 0} == {**three, "wall_seconds": 0}
    for name in ("messages.jsonl", "decisions.jsonl", "rejected.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "three" / name).read_bytes()


def test_mail_writes_each_message_as_a_file(command: CommandLine, tmp_path: Path) -> None:
    """--mail writes as many mails as there are messages, dated with the virtual time; those of an earlier run go."""
    log = write_log(tmp_path / "log.jsonl", *silent_order())
    shorter = write_log(tmp_path / "shorter.jsonl", placed(1, order="A-1"))

    command("replay", log, "--out", tmp_path / "out", "--mail")
    mails = list((tmp_path / "out" / "mail").glob("*.eml"))
    dates = [message_from_bytes(each.read_bytes(), policy=policy.default)["Date"].datetime for each in mails]

    assert len(rows(tmp_path / "out" / "messages.jsonl")) == len(mails)
    assert {2026} == {each.year for each in dates}
    command("replay", shorter, "--out", tmp_path / "out", "--mail")
    assert 1 == len(list((tmp_path / "out" / "mail").glob("*.eml")))


def test_a_failed_replay_leaves_no_older_results(command: CommandLine, tmp_path: Path) -> None:
    """What an earlier replay left in the folder is not mistaken for the results of one that failed."""
    command("replay", write_log(tmp_path / "log.jsonl", placed(1)), "--out", tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")

    ran = command("replay", write_log(tmp_path / "bad.jsonl", "no"), "--out", tmp_path / "out", "--strict")

    assert 2 == ran.status
    assert ["notes.txt"] == [each.name for each in (tmp_path / "out").iterdir()]


def test_a_log_comes_from_several_files_and_from_a_pipe(tmp_path: Path) -> None:
    """Files are read one after the other, `-` is standard input, packed or not, and a pipe has a name of its own."""
    first, second = (write_log(tmp_path / f"{each}.jsonl", placed(each)) for each in (1, 2))
    both = first.read_bytes() + second.read_bytes()

    read = [
        run("replay", first, second, "--out", tmp_path / "1", "--json"),
        run("replay", "-", "--out", tmp_path / "2", "--json", "--jobs", "4", stdin=both),
        run("replay", "-", "--out", tmp_path / "3", "--json", stdin=gzip.compress(both)),
        run("replay", "/dev/stdin", "--out", tmp_path / "4", "--json", stdin=both),
    ]

    assert [0] * 4 == [each.returncode for each in read], read[-1].stderr
    assert 1 == len({(tmp_path / str(each) / "messages.jsonl").read_bytes() for each in (1, 2, 3, 4)})


def test_an_empty_pipe_is_said_to_be_empty() -> None:
    """Nothing on standard input is bad input."""
    ran = run("replay", "-")

    assert 2 == ran.returncode
    assert "standard input is empty; each line should be one event, a CloudEvent in JSON" in ran.stderr


def test_words_to_the_staff_are_counted_and_not_printed(tmp_path: Path) -> None:
    """What the engine warns of is a number in the summary; neither this process nor another prints it line by line."""
    silent = [placed(each, order=f"A-{each}") for each in range(8)]
    log = write_log(tmp_path / "log.jsonl", *silent, placed(9, order="Z", time="2026-01-20T09:00:00Z"))

    for jobs in ("1", "2"):
        ran = run("replay", log, "--out", tmp_path / "out", "--jobs", jobs)
        assert (0, "") == (ran.returncode, ran.stderr)
        assert "going-quiet" in ran.stdout


def test_whoever_stops_reading_stops_nothing(tmp_path: Path) -> None:
    """With a reader that has gone the replay still ends well, and says nothing about it."""
    log = write_log(tmp_path / "log.jsonl", *(placed(each, order=f"A-{each}") for each in range(50)))
    command = [sys.executable, "-m", "proactive_notify", "replay", str(log), "--out", str(tmp_path / "out")]
    reader, writer = os.pipe()
    os.close(reader)

    for more in ([], ["--json"]):
        done = subprocess.run([*command, *more], stdout=writer, stderr=subprocess.PIPE, check=False)
        assert (0, b"") == (done.returncode, done.stderr)
    os.close(writer)
    assert 50 == len(rows(tmp_path / "out" / "messages.jsonl"))


def test_a_terminal_that_knows_no_unicode_gets_something(tmp_path: Path) -> None:
    """Words that the terminal's encoding lacks are printed in another way, and nothing fails."""
    log = write_log(tmp_path / "log.jsonl", placed(1, order="pão-☃"))

    ran = run("replay", log, "--out", tmp_path / "out", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert (0, "") == (ran.returncode, ran.stderr)
    assert r"p\xe3o-\u2603" in ran.stdout


def test_without_a_folder_a_new_one_is_made_and_named(tmp_path: Path) -> None:
    """Without --out the results are in a temporary folder whose name is printed; an empty one does not stay."""
    log = write_log(tmp_path / "log.jsonl", placed(1))
    (tmp_path / "tmp").mkdir()

    bad = run("replay", log, "--smtp", "smtp://127.0.0.1:1", TMPDIR=str(tmp_path / "tmp"))
    nothing = list((tmp_path / "tmp").iterdir())
    good = run("replay", log, TMPDIR=str(tmp_path / "tmp"))
    (folder,) = (tmp_path / "tmp").iterdir()

    assert (2, []) == (bad.returncode, nothing)
    assert 0 == good.returncode
    assert str(folder) in good.stdout.splitlines()
    assert (folder / "summary.json").is_file()


def test_the_mails_are_written_in_the_shops_name(command: CommandLine, tmp_path: Path) -> None:
    """With --shop and --reply-to the mails say who writes, and where a person reads the answer."""
    log = write_log(tmp_path / "log.jsonl", placed(1))

    ran = command("replay", log, "--out", tmp_path / "out", "--shop", "Acme", "--reply-to", "help@acme.example")
    (line,) = (tmp_path / "out" / "messages.jsonl").read_text(encoding="utf-8").splitlines()

    assert 0 == ran.status
    assert "help@acme.example" in json.loads(line)["text"]
    assert "Acme" in json.loads(line)["text"]
