"""A replay that sends its mails for real: a server that is away, goes away, or refuses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from proactive_notify.errors import UsageError
from proactive_notify.simulation.replay import ReplayPlan
from proactive_notify.simulation.sharded import replay
from proactive_notify.simulation.wires import Wires
from tests.contract.command_line import CommandLine, placed, rows, write_log
from tests.contract.smtp_server import Act, SmtpServer


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer.in_thread() as server:
        yield server


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three orders, a minute apart."""
    return write_log(tmp_path / "log.jsonl", placed(1), placed(2), placed(3))


def test_each_message_reaches_the_server_once(
    command: CommandLine, server: SmtpServer, log: Path, tmp_path: Path
) -> None:
    """The server gets as many mails as there are lines in messages.jsonl; so do two processes, and the folder."""
    one = command("replay", log, "--out", tmp_path / "one", "--smtp", server.url, "--jobs", "1", "--mail", "--json")
    counted = dict(server.message_ids)
    command("replay", log, "--out", tmp_path / "two", "--smtp", server.url, "--jobs", "2")

    assert (3, 0) == (one.json["messages"], one.json["refused"])
    assert [1, 1, 1] == list(counted.values())
    assert counted.keys() == server.message_ids.keys()
    assert [2, 2, 2] == list(server.message_ids.values())
    assert 3 == len(list((tmp_path / "one" / "mail").glob("*.eml")))


def test_a_server_that_is_away_is_noticed_before_anything_is_done(
    command: CommandLine, log: Path, tmp_path: Path
) -> None:
    """With nobody at the address the replay ends with status 2 before it begins, and says what to do."""
    ran = command("replay", log, "--out", tmp_path / "out", "--smtp", "smtp://127.0.0.1:1")

    assert (2, "") == (ran.status, ran.out)
    assert (
        "proactive-notify: --smtp: 127.0.0.1:1 cannot be reached (ConnectionRefusedError). "
        "Nothing was replayed; start the server, or leave --smtp out.\n"
    ) == ran.err
    assert not (tmp_path / "out").exists()


def test_a_server_that_does_not_want_us_is_noticed_at_the_start(
    command: CommandLine, server: SmtpServer, log: Path, tmp_path: Path
) -> None:
    """A server that refuses the connection is as good as none, and what it answered is said."""
    server.answer("CONNECT", "554 5.7.1 not you")

    ran = command("replay", log, "--out", tmp_path / "out", "--smtp", server.url)

    assert 2 == ran.status
    assert "554" in ran.err
    assert "Nothing was replayed" in ran.err


def test_mails_that_the_server_refuses_are_counted(
    command: CommandLine, server: SmtpServer, log: Path, tmp_path: Path
) -> None:
    """An address that the server does not know is a decision with its code, and a number in the summary."""
    server.answer("RCPT", "550 5.1.1 no such user")

    ran = command("replay", log, "--out", tmp_path / "out", "--smtp", server.url)
    told = [each["order_id"] for each in rows(tmp_path / "out" / "messages.jsonl")]
    dropped = [each for each in rows(tmp_path / "out" / "decisions.jsonl") if each["decision"] == "dropped"]

    assert 0 == ran.status
    assert "O-1" not in told
    assert "O-1" == dropped[0]["order_id"]
    assert "refused:550 5.1.1" == dropped[0]["rule"]
    refused = next(line for line in ran.out.splitlines() if line.startswith("refused"))
    assert "mails that the SMTP server did not take" in refused


def test_what_is_taken_at_a_later_try_is_not_refused(command: CommandLine, server: SmtpServer, tmp_path: Path) -> None:
    """A server that asks for patience gets the mail at a later virtual time, once, and nothing counts as refused."""
    log = write_log(tmp_path / "log.jsonl", placed(1), placed(2, time="2026-01-05T12:00:00Z", order="O-2"))
    server.answer("RCPT", "451 4.7.0 later")

    ran = command("replay", log, "--out", tmp_path / "out", "--smtp", server.url, "--json")
    first = rows(tmp_path / "out" / "messages.jsonl")[0]

    assert (2, 0) == (ran.json["messages"], ran.json["refused"])
    assert "O-1" == first["order_id"]
    assert first["at"] > "2026-01-05T09:01:00Z"
    assert [1, 1] == list(server.message_ids.values())


def plan(log: Path, out: Path) -> ReplayPlan:
    return ReplayPlan(files=(str(log),), out=out)


def test_a_short_absence_is_waited_for(server: SmtpServer, log: Path, tmp_path: Path) -> None:
    """A server that hangs up and answers again gets every mail, in the virtual minute in which it was due."""
    wires = Wires(smtp=server.url, pauses=(0, 0, 0))
    server.answer("MAIL", Act.DROP, "421 4.3.2 closing")

    summary = replay(plan(log, tmp_path / "out"), wires=wires)

    assert (3, 0) == (summary["messages"], summary["refused"])
    assert ["01", "02", "03"] == [each["at"][14:16] for each in rows(tmp_path / "out" / "messages.jsonl")]


def test_a_server_that_goes_away_ends_the_replay(server: SmtpServer, log: Path, tmp_path: Path) -> None:
    """A server that is gone for good ends the replay at once instead of being asked for virtual months."""
    wires = Wires(smtp=server.url, pauses=(0, 0, 0))
    server.answer("MAIL", "250 ok")
    server.answer("MAIL", Act.DROP, times=10)
    began = time.monotonic()

    with pytest.raises(UsageError, match="the replay stopped after 1 mails, and its files are not there: "):
        replay(plan(log, tmp_path / "out"), wires=wires)

    assert time.monotonic() - began < 10
    assert [] == list((tmp_path / "out").iterdir())


def test_a_server_that_refuses_our_sender_ends_the_replay(
    command: CommandLine, server: SmtpServer, log: Path, tmp_path: Path
) -> None:
    """A server that will not take mail from us refuses all of it, so the first refusal ends the replay, status 2."""
    server.answer("MAIL", "550 5.7.1 relaying denied", times=10)

    ran = command("replay", log, "--out", tmp_path / "out", "--smtp", server.url)

    assert 2 == ran.status
    assert ran.err.startswith("proactive-notify: the replay stopped after 0 mails, and its files are not there: ")
    assert "550" in ran.err
    assert 1 == server.verbs["MAIL"]
