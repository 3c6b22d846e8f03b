"""The rule of leaks.py: a test fails whose log lines or errors say who a customer is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.smtp_server import Act, SmtpServer
from tests.leaks import addresses_in, numbers_in

HERE = Path(__file__).parent
HEAD = """
import logging
import pytest
from proactive_notify import Customer, EmailMessage, Email, Shop, Transient, UsageError
from datetime import UTC, datetime

log = logging.getLogger("proactive_notify.something")
"""


@pytest.fixture
def checkout(pytester: pytest.Pytester) -> Path:
    """A checkout with our conftest.py and what it needs, and nothing else."""
    tests = pytester.mkdir("checkout") / "tests"
    tests.mkdir()
    for name in ("conftest.py", "leaks.py"):
        (tests / name).write_text((HERE / name).read_text(encoding="utf-8"), encoding="utf-8")
    return tests.parent


def run(pytester: pytest.Pytester, checkout: Path, source: str, *arguments: str) -> pytest.RunResult:
    (checkout / "tests" / "test_it.py").write_text(f"{HEAD}\n{source}\n", encoding="utf-8")
    options = ("-p", "no:proactive_notify", "-o", f"pythonpath={checkout}")
    return pytester.runpytest_subprocess(*options, *arguments, str(checkout / "tests"))


LEAKS = """
def test_log(): log.warning("told %s", "ada@example.org")

def test_quiet_log(): log.debug("told ada@example.org")

def test_number(): log.error("told +4915112345678")

def test_asyncio(): logging.getLogger("asyncio").error("never retrieved: ada@example.org")

def test_error(): UsageError("no such customer: ada@example.org")

def test_send_error(): Transient("451 ada@example.org", code="451")

def test_note():
    with pytest.raises(UsageError):
        error = UsageError("no such customer")
        error.add_note("it was ada@example.org")
        raise error

def test_cause():
    with pytest.raises(Transient):
        raise Transient("no") from ValueError("ada@example.org")

def test_context():
    with pytest.raises(Transient):
        try:
            raise ValueError("550 <ada@example.org>")
        except ValueError:
            raise Transient("no") from None

def test_caught():
    try:
        try:
            raise ValueError("550 <ada@example.org>")
        except ValueError:
            raise Transient("no") from None
    except Transient:
        pass

def test_foreign():
    with pytest.raises(ValueError):
        raise ValueError("ada@example.org")

def test_logged_error():
    try:
        raise ValueError("ada@example.org")
    except ValueError:
        log.exception("it failed")

def test_body():
    common = dict(message_id="1", order_id="A-1", notice="shipped", occasion="1", to="ada@example.org", locale="en")
    parts = dict(subject="Hello", text="Hello Ada,\\nyour bag has left our store.", html="<p>")
    channel = Email(None, sender="a@shop.example")
    message = channel.compose({**common, "at": datetime.now(UTC)}, parts, shop=Shop(), customer=Customer())
    log.warning("could not send %r", message.text)

@pytest.mark.says_too_much
def test_meant_without_a_reason(): log.warning("told ada@example.org")
"""

INNOCENT = """
@pytest.mark.says_too_much(reason="planted")
def test_meant_with_a_reason(): log.warning("told ada@example.org")

def test_what_is_no_customers():
    log.warning("order A-1 of a***@e***.org at 2026-01-05T09:30:00+01:00 by orders@shop.example took +12.5 s")
    UsageError("smtp://127.0.0.1:2525 cannot be reached")

def test_next(): pass
"""


def test_a_leak_fails_its_test(pytester: pytest.Pytester, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address, a number or a line of a message in a log line or an error fails its own test, and no other."""
    monkeypatch.setenv("COLUMNS", "200")
    leaks = re.findall(r"^def (test_\w+)", LEAKS, re.MULTILINE)

    result = run(pytester, checkout, LEAKS + INNOCENT, "-rE")

    assert pytest.ExitCode.TESTS_FAILED == result.ret
    result.assert_outcomes(passed=len(leaks) + 3, errors=len(leaks))
    said = re.findall(r"^ERROR .*::(test_\w+) - Failed: a customer could be known", result.stdout.str(), re.MULTILINE)
    assert leaks == said


def test_a_leak_is_seen_through_worker_processes(pytester: pytest.Pytester, checkout: Path) -> None:
    """The rule also holds when the tests are spread over processes."""
    result = run(pytester, checkout, "def test_log(): log.warning('told ada@example.org')", "-n", "1")

    result.assert_outcomes(passed=1, errors=1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RCPT TO:<ada@example.org>", ["ada@example.org"]),
        ("jörg+x@bücher.example.net.", ["jörg+x@bücher.example.net"]),
        ("<0b1c@acme.example> and orders@mail.acme.example", []),
        ("ada@notshop.example", ["ada@notshop.example"]),
        ("a***@e***.org", []),
        ("@pytest.mark", []),
    ],
)
def test_addresses_are_found(text: str, found: list[str]) -> None:
    """An address of somebody who is not a shop is found in a text."""
    assert found == [each.rstrip(".") for each in addresses_in(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("to +4915112345678.", ["+4915112345678"]),
        ("+1 212 555 0100", ["+1 212 555 0100"]),
        ("2026-01-05T09:30:00+01:00", []),
        ("1.5e+10", []),
        ("21610+12345678", []),
    ],
)
def test_numbers_are_found(text: str, found: list[str]) -> None:
    """A telephone number is found in a text, and what only looks like one is not."""
    assert found == numbers_in(text)


def test_a_replay_into_a_server_that_talks_names_nobody(tmp_path: Path) -> None:
    """What a command writes holds no customer's address, even if the mail server's answers do."""
    log = HERE.parent / "examples" / "jonathan_adler.jsonl"
    command = [sys.executable, "-m", "proactive_notify", "replay", str(log), "--out", str(tmp_path)]
    with SmtpServer.in_thread() as server:
        server.answer("RCPT", "451 4.7.1 <nora@example.com> wait", "550 5.1.1 <nora@example.com> is not known here")
        server.answer("DOT", "554 5.7.1 <nora@example.com> says it is spam", Act.DROP)
        done = subprocess.run(
            [*command, "--smtp", server.url], capture_output=True, text=True, timeout=120, check=False
        )
        refused = server.verbs["RCPT"]

    said = done.stdout + done.stderr
    assert (0, True) == (done.returncode, refused > 0), said
    assert [] == [*addresses_in(said), *numbers_in(said)]
