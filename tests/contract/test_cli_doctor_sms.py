"""What the doctor finds of texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from proactive_notify import Pace, Shop, Sms
from proactive_notify.cli.findings import Finding, Grade
from proactive_notify.cli.sms_rules import sms_findings
from tests.contract.command_line import CommandLine
from tests.contract.wires import Wire

NUMBER, NAME = "+4915112345678", "ACME"
PACE = Pace.of_sender("outside-us")
APP = """
from proactive_notify import Email, Notifier, Shop, Sms
from proactive_notify.transports import ConsoleTransport

sms = Sms(ConsoleTransport(), sender="ACME")
email = Email(ConsoleTransport(), sender="Adler Shop <orders@adler-shop.com>")
notifier = Notifier(Shop(name="Adler Shop"), store="sqlite://", channels=[email, sms], notices=())
"""


def found(sender: str = NUMBER, shop: dict[str, str] | None = None, **said: Any) -> dict[str, Finding]:
    """What is found of a channel, by what was looked at."""
    channel = Sms(Wire(), sender=sender, **{"pace": PACE, **said})
    return {each.check: each for each in sms_findings(channel, Shop(**(shop or {})))}


@pytest.mark.parametrize(
    ("sender", "shop", "said", "grade", "says"),
    [
        (NAME, {}, {}, Grade.WARNING, "numbers of all countries"),
        ("MG" + "0" * 32, {}, {}, Grade.WARNING, "numbers of all countries"),
        (NAME, {"country": "de"}, {}, Grade.WELL, "numbers of DE only"),
        (NUMBER, {}, {}, Grade.WELL, "numbers of DE only"),
        (NAME, {}, {"countries": ["at", "DE"]}, Grade.WELL, "numbers of AT, DE only"),
        (NAME, {}, {"countries": []}, Grade.WELL, "numbers of no country only"),
    ],
)
def test_texts_to_all_the_world_are_a_warning(
    sender: str, shop: dict[str, str], said: dict[str, Any], grade: Grade, says: str
) -> None:
    """Where neither the channel nor the shop nor the sender says a country, anybody may make the shop pay."""
    finding = found(sender, shop, **said)["countries"]

    assert (grade, True) == (finding.grade, says in finding.says)
    assert bool(finding.advice) == (grade is Grade.WARNING)


@pytest.mark.parametrize(
    ("sender", "shop", "grade"),
    [
        (NUMBER, {}, Grade.NOTE),
        ("62226", {}, Grade.NOTE),
        ("MG" + "0" * 32, {}, Grade.NOTE),
        (NAME, {}, Grade.WRONG),
        ("Adler 24", {}, Grade.WRONG),
        (NAME, {"reply_to": "hello@shop.example"}, Grade.NOTE),
        (NAME, {"phone": "+49 30 1"}, Grade.NOTE),
    ],
)
def test_there_is_a_way_to_have_no_more(sender: str, shop: dict[str, str], grade: Grade) -> None:
    """Nobody can answer STOP to a name: without a mail address or a phone number of the shop that is wrong."""
    assert grade is found(sender, shop)["opting out"].grade


@pytest.mark.parametrize(
    ("sender", "said", "says"),
    [
        (NAME, {"countries": ["US", "CA", "DE"]}, "A name cannot send to CA and US"),
        (NAME, {"countries": ["DE"]}, None),
        (NUMBER, {"countries": ["US"]}, None),
    ],
)
def test_a_name_cannot_send_everywhere(sender: str, said: dict[str, Any], says: str | None) -> None:
    """The United States and Canada take texts of numbers only."""
    finding = found(sender, {"reply_to": "a@b.example"}, **said).get("sender")

    assert says == (finding.says.partition(":")[0] if finding else None)
    assert finding is None or finding.grade is Grade.WRONG


def test_a_pace_is_advised() -> None:
    """Who names no pace is told how to; who names one hears nothing of it."""
    assert Grade.NOTE is found(pace=None)["pace"].grade
    assert "pace" not in found()


def test_the_doctor_looks_at_texts(command: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds that a name cannot be answered, and ends with 1."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "a_shop_that_texts.py").write_text(APP, encoding="utf-8")
    ran = command("doctor", "--app", "a_shop_that_texts:notifier", "--json")
    texts = {each["check"]: each["grade"] for each in ran.json["findings"] if each["about"] == "Texts of sms"}

    assert (1, {"countries": "warning", "opting out": "wrong", "pace": "note"}) == (ran.status, texts)
