"""What `proactive-notify audit` finds, writes and prints. Monday is 2026-01-05."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.command_line import CommandLine, event, placed, rows, write_log
from tests.contract.test_cli_report import EVIL, Page

AUDIT = ["orders", "orders_over", "late_orders", "late_untold", "longest_silence", "silences", "by_phase", "by_week"]
SILENCE = [
    "order_id",
    "region",
    "time_zone",
    "phase",
    "since",
    "until",
    "hours",
    "business_days",
    "heard",
    "ended_by",
    "promised",
    "would_have_said",
]


def at(day: str, hour: str = "09:00") -> str:
    return f"2026-{day}T{hour}:00Z"


def shop() -> list[dict[str, Any]]:
    """
    Four orders in order of time, and the silences that each had, in business days.

    A-1 shipped after 9 and late, so its customer heard of it after the day; delivered after 1 more. A-2 was never heard
    of again: 20 until the log ends. A-3 arrived, and a question was answered after 6. A-4 ends the log.
    """
    to = {"destination": {"country": "DE", "region": "BE"}}
    lines = [
        placed(1, order="A-1", time=at("01-05"), promises={"deliver_by": "2026-01-14"}, **to),
        event(2, "order.shipped", order="A-1", time=at("01-16", "09:30")),
        event(3, "order.delivered", order="A-1", time=at("01-19", "12:00")),
        placed(4, order="A-2", time=at("01-05"), promises={"deliver_by": "2026-01-08"}, **to),
        placed(5, order="A-3", time=at("01-05")),
        event(6, "order.delivered", order="A-3", time=at("01-06")),
        event(7, "customer.asked", order="A-3", time=at("01-07", "10:00"), text="It is broken"),
        event(8, "customer.answered", order="A-3", time=at("01-15", "10:30")),
        placed(9, order="A-4", time=at("02-02", "09:30")),
    ]
    return sorted(lines, key=lambda line: str(line["time"]))


def audited(command: CommandLine, log: Path, *options: str | Path) -> dict[str, Any]:
    """What an audit prints as JSON."""
    ran = command("audit", log, "--json", *options)

    assert (0, "") == (ran.status, ran.err)
    found: dict[str, Any] = ran.json
    return found


def steady(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "wall_seconds"}


def test_the_figures_are_those_that_a_hand_counts(command: CommandLine, tmp_path: Path) -> None:
    """Totals, phases, weeks and regions of a small log are what its silences add up to."""
    found = audited(command, write_log(tmp_path / "log.jsonl", *shop()), "--out", tmp_path / "out")

    assert 4 == found["orders"]
    assert {"5": 3, "10": 1, "20": 1} == found["orders_over"]
    assert (2, 1) == (found["late_orders"], found["late_untold"])
    assert {"hours": 672.5, "business_days": 20, "order_id": "A-2"} == found["longest_silence"]
    assert {"hours": 264.5, "business_days": 9, "order_id": "A-1"} == found["longest_silence_that_ended"]
    assert (3, 1) == (found["silences"], found["silences_without_end"])
    assert {
        "past the promised day": {"silences": 2, "business_days": 29, "longest_business_days": 20},
        "after a question": {"silences": 1, "business_days": 6, "longest_business_days": 6},
    } == found["by_phase"]
    assert {"2026-01-05": 3} == found["by_week"]
    assert {"DE BE": {"orders": 2, "silent": 2}, "unknown": {"orders": 2, "silent": 1}} == found["by_region"]


def test_the_files_have_the_keys_that_are_promised(command: CommandLine, tmp_path: Path) -> None:
    """audit.json holds what --json prints, and silences.jsonl each silence, the longest first."""
    found = audited(command, write_log(tmp_path / "log.jsonl", *shop()), "--out", tmp_path / "out")
    silences = rows(tmp_path / "out" / "silences.jsonl")

    assert found == json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8"))
    assert set(AUDIT) <= found.keys()
    assert [SILENCE] * 3 == [list(each) for each in silences]
    assert ["A-2", "A-1", "A-3"] == [each["order_id"] for each in silences]
    assert ["", "order.shipped", "customer.answered"] == [each["ended_by"] for each in silences]
    assert {"audit.html", "audit.json", "rejected.jsonl", "silences.jsonl"} == {
        path.name for path in (tmp_path / "out").iterdir()
    }


def test_what_would_have_been_said_is_what_a_replay_says(command: CommandLine, tmp_path: Path) -> None:
    """In each silence stand the messages that the replay of the same log sends in it."""
    log = write_log(tmp_path / "log.jsonl", *shop())
    audited(command, log, "--out", tmp_path / "audit")
    command("replay", log, "--out", tmp_path / "replay")
    messages = rows(tmp_path / "replay" / "messages.jsonl")
    silences = rows(tmp_path / "audit" / "silences.jsonl")

    for silence in silences:
        assert [
            {"at": each["at"], "notice": each["notice"], "subject": each["subject"]}
            for each in messages
            if each["order_id"] == silence["order_id"] and silence["since"] < each["at"] < silence["until"]
        ] == silence["would_have_said"]
    assert {"late", "holding"} <= {each["notice"] for each in silences[0]["would_have_said"]}


def test_only_the_worst_are_played(command: CommandLine, tmp_path: Path) -> None:
    """With --play 1 the order with the longest silence is played and the others are only counted."""
    log = write_log(tmp_path / "log.jsonl", *strangers())
    found = audited(command, log, "--out", tmp_path / "out", "--play", "1")

    assert (3, 1) == (found["silences"], found["played"]["silences"])
    assert [True, False, False] == [
        each["would_have_said"] is not None for each in rows(tmp_path / "out/silences.jsonl")
    ]


def strangers() -> list[dict[str, Any]]:
    """The same orders, each of a customer of its own."""
    lines = shop()
    for number, each in enumerate(lines):
        if each["type"] == "order.placed":
            each["data"]["customer"]["email"] = f"{number}@shop.example"
    return lines


def test_a_customers_orders_are_played_together(command: CommandLine, tmp_path: Path) -> None:
    """One order follows the other in the engine, so the others of the same customer are played with it."""
    found = audited(command, write_log(tmp_path / "log.jsonl", *shop()), "--play", "1", "--out", tmp_path / "out")

    assert (4, 3) == (found["played"]["orders"], found["played"]["silences"])


def test_the_lines_may_stand_in_any_order(command: CommandLine, tmp_path: Path) -> None:
    """The audit goes by the time of the events, so a log from its last line to its first gives the same."""
    lines = [*shop(), event(10, "order.paid", order="A-1", time=at("01-16", "09:30"))]
    forth = audited(command, write_log(tmp_path / "forth.jsonl", *lines), "--out", tmp_path / "forth")
    back = audited(command, write_log(tmp_path / "back.jsonl", *reversed(lines)), "--out", tmp_path / "back")

    assert steady(forth) == steady(back)
    assert rows(tmp_path / "forth" / "silences.jsonl") == rows(tmp_path / "back" / "silences.jsonl")


def test_by_milestones_other_facts_are_no_words(command: CommandLine, tmp_path: Path) -> None:
    """A payment breaks the silence where each fact counts as told, and not where only milestones do."""
    log = write_log(
        tmp_path / "log.jsonl",
        placed(1, order="A-1", time=at("01-05")),
        event(2, "order.paid", order="A-1", time=at("01-09")),
        event(3, "order.shipped", order="A-1", time=at("01-13")),
        event(4, "order.delivered", order="A-1", time=at("01-14")),
    )

    assert 3 == audited(command, log)["longest_silence"]["business_days"]
    assert 5 == audited(command, log, "--told", "milestones")["longest_silence"]["business_days"]


def test_a_fact_that_nobody_was_told_is_no_word(command: CommandLine, tmp_path: Path) -> None:
    """An event with notify=false does not end a silence."""
    quiet = event(2, "order.paid", order="A-1", time=at("01-09"), notify=False)
    log = write_log(
        tmp_path / "log.jsonl",
        placed(1, order="A-1", time=at("01-05")),
        quiet,
        event(3, "order.delivered", order="A-1", time=at("01-14", "10:00")),
    )

    assert 7 == audited(command, log)["longest_silence"]["business_days"]


def test_what_was_sent_is_what_was_heard(command: CommandLine, tmp_path: Path) -> None:
    """With --sent only messages and people's answers are words; a cancelling that nobody told leaves her waiting."""
    events = [
        placed(1, order="A-1", time=at("01-05")),
        event(2, "order.shipped", order="A-1", time=at("01-07")),
        event(3, "order.delivered", order="A-1", time=at("01-20", "10:00")),
        placed(4, order="A-2", time=at("01-05")),
        event(5, "order.cancelled", order="A-2", time=at("01-06")),
        placed(6, order="A-3", time=at("02-02", "10:00")),
    ]
    messages = [
        {"order_id": "A-1", "at": at("01-05")},
        {"order_id": "A-1", "at": at("01-12", "10:00"), "subject": "We are late"},
        {"order_id": "A-2", "at": at("01-05", "09:01"), "notice": "order-received"},
        {"order_id": "A-1", "at": at("01-13"), "message_state": "failed"},
        {"order_id": "X-9", "at": at("01-13")},
        {"order_id": "A-1"},
    ]
    log, sent = write_log(tmp_path / "log.jsonl", *events), write_log(tmp_path / "sent.jsonl", *messages)
    found = audited(command, log, "--sent", sent, "--out", tmp_path / "out")
    silences = {(each["order_id"], each["since"]): each for each in rows(tmp_path / "out" / "silences.jsonl")}

    assert {"messages": 4, "about_unknown_orders": 1} == {
        name: found["sent"][name] for name in ("messages", "about_unknown_orders")
    }
    assert {("A-1", at("01-05")), ("A-1", at("01-12", "10:00")), ("A-2", "2026-01-05T09:01:00Z")} == silences.keys()
    late = silences["A-1", at("01-12", "10:00")]
    assert ("We are late", "order.delivered", "under way") == (late["heard"], late["ended_by"], late["phase"])
    untold = silences["A-2", "2026-01-05T09:01:00Z"]
    assert ("order-received", "", "after cancelling") == (untold["heard"], untold["ended_by"], untold["phase"])
    assert "sent.jsonl" == Path(rows(tmp_path / "out" / "rejected.jsonl")[0]["file"]).name


def test_a_replays_messages_are_a_log_of_sent_ones(command: CommandLine, tmp_path: Path) -> None:
    """Had the library been there, the audit with its messages finds no silence over five business days."""
    log = write_log(tmp_path / "log.jsonl", *shop())
    command("replay", log, "--out", tmp_path / "replay")
    found = audited(command, log, "--sent", tmp_path / "replay" / "messages.jsonl", "--over", "6")

    assert (0, 0) == (found["silences"], found["late_untold"])


def test_money_is_waited_for_only_where_refunds_are_recorded(command: CommandLine, tmp_path: Path) -> None:
    """Who was charged and cancelled waits for the money, if the log says of any order that money went back."""
    cancelled = [
        placed(1, order="A-1", time=at("01-05")),
        event(2, "order.paid", order="A-1", time=at("01-05", "10:00")),
        event(3, "order.cancelled", order="A-1", time=at("01-06")),
        placed(4, order="A-2", time=at("02-02")),
    ]
    refund = {"amount": {"amount": "10.00", "currency": "EUR"}}
    refunded = event(5, "order.refunded", order="A-1", time=at("01-20", "09:01"), **refund)
    without = audited(command, write_log(tmp_path / "without.jsonl", *cancelled))
    found = audited(command, write_log(tmp_path / "with.jsonl", *cancelled, refunded))

    assert {} == without["by_phase"]
    assert {"after cancelling": {"silences": 1, "business_days": 10, "longest_business_days": 10}} == found["by_phase"]


def test_bad_lines_are_counted_and_written(command: CommandLine, tmp_path: Path) -> None:
    """A line that is no valid event or an id with other content is rejected; a line that is repeated is not."""
    lines = shop()
    again = {**lines[0], "time": at("01-06")}
    log = write_log(tmp_path / "log.jsonl", *lines, "no event", lines[1], again)
    found = audited(command, log, "--out", tmp_path / "out")
    rejected = rows(tmp_path / "out" / "rejected.jsonl")

    assert (9, 1, 2) == (found["events"], found["repeated"], found["rejected"])
    assert [10, 12] == [each["line"] for each in rejected]
    assert "known with other content" in rejected[1]["reason"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["nowhere.jsonl"], "there is no file 'nowhere.jsonl'"),
        (["{log}", "--sent", "nowhere.jsonl"], "there is no file 'nowhere.jsonl'"),
        (["{log}", "--sent", "-"], "--sent: name a file"),
        (["{log}", "--told", "everything"], "there are facts and milestones"),
        (["{log}", "--told", "milestones", "--sent", "{log}"], "leave one of them out"),
        (["{log}", "--policy", "loud"], "there is no policy 'loud'"),
        (["{empty}"], "is empty; each line should be one event"),
        (["{bad}"], "holds no valid event. The first is line 1: not JSON"),
        (["{log}", "--out", "{log}"], "is a file; name a folder"),
    ],
)
def test_what_cannot_be_audited_is_said(options: list[str], said: str, command: CommandLine, tmp_path: Path) -> None:
    """Bad input ends with 2 and a sentence that says what to do."""
    names = {
        "log": write_log(tmp_path / "log.jsonl", *shop()),
        "empty": write_log(tmp_path / "empty.jsonl"),
        "bad": write_log(tmp_path / "bad.jsonl", "no event"),
    }
    ran = command("audit", *(each.format(**names) for each in options))

    assert 2 == ran.status
    assert said in " ".join(ran.err.split())


def test_a_person_reads_the_totals_and_the_worst(command: CommandLine, tmp_path: Path) -> None:
    """The terminal says what was assumed, the totals, and the worst silences as stories."""
    ran = command("audit", write_log(tmp_path / "log.jsonl", *shop()), "--out", tmp_path / "out")

    assert 0 == ran.status
    for said in (
        "3 silences over 5 business days",
        "28 days without a word  past the promised day, DE BE, order A-2",
        "8 Jan 2026   The promised day passed.",
        "Here the log ends. Still not a word.",
        "the kindest reading",
    ):
        assert said in ran.out


def test_the_page_needs_nothing_else_and_escapes(command: CommandLine, tmp_path: Path) -> None:
    """The page loads nothing, runs nothing, and shows what comes from outside as text."""
    lines = json.loads(json.dumps(shop()).replace("A-2", EVIL))
    command("audit", write_log(tmp_path / "log.jsonl", *lines), "--out", tmp_path / "out")
    page = Page(tmp_path / "out" / "audit.html")

    assert [] == page.loads
    assert set() == {"script", "link", "img", "iframe"} & set(page.tags)
    assert EVIL not in (tmp_path / "out" / "audit.html").read_text(encoding="utf-8")
    assert EVIL in page.words
    for said in (
        "28 days",
        "1 late, and never told of 2 orders that were late",
        "The promised day, 8 Jan 2026, passed",
    ):
        assert said in page.words


def test_a_log_without_silence_is_said_to_have_none(command: CommandLine, tmp_path: Path) -> None:
    """Where nobody waited long there is no story, and nothing is played."""
    ran = command("audit", write_log(tmp_path / "log.jsonl", placed(1)), "--out", tmp_path / "out")

    assert 0 == ran.status
    assert "0 silences over 5 business days" in ran.out
    assert "There was none." in Page(tmp_path / "out" / "audit.html").words
