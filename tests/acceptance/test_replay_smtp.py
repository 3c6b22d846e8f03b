"""The replay of real orders into a real SMTP server that counts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.contract.smtp_server import Mail, SmtpServer

TIMEOUT = 600
#: Every so many mails are read by the standard library.
STRIDE = 97
_MESSAGE_ID = re.compile(rb"^Message-ID:\s+<([^>]+)>\r$", re.IGNORECASE | re.MULTILINE)
#: RFC 5322 section 2.1.1: octets in a line, its CRLF left out.
LONGEST_LINE = 998
#: RFC 5322 section 3.6: at most one of each.
ONCE = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject", "Date")


@dataclass(frozen=True)
class Sent:
    """What the replay wrote, and what the server got."""

    #: By message id.
    messages: dict[str, dict[str, Any]] = field(repr=False)
    lines: int
    summary: dict[str, Any]
    mails: list[Mail] = field(repr=False)

    @property
    def sample(self) -> Iterator[tuple[Mail, dict[str, Any]]]:
        """Some mails, each with its line of messages.jsonl."""
        for mail in self.mails[::STRIDE]:
            yield mail, self.messages[mail.message_id.strip("<>").partition("@")[0]]


@pytest.fixture(scope="module")
def sent(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """The real orders, replayed once into a server."""
    out = tmp_path_factory.mktemp("smtp")
    log = shared / "data" / "olist-5k.jsonl.gz"
    command = [sys.executable, "-m", "proactive_notify", "replay", str(log), "--out", str(out), "--jobs", "2"]
    with SmtpServer.in_thread() as server:
        done = subprocess.run(
            [*command, "--smtp", server.url], capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
        mails = list(server.mails)

    assert 0 == done.returncode, done.stderr[-4000:]
    with (out / "messages.jsonl").open(encoding="utf-8") as file:
        messages = [json.loads(line) for line in file]
    by_id = {each["message_id"]: each for each in messages}
    return Sent(by_id, len(messages), json.loads((out / "summary.json").read_text(encoding="utf-8")), mails)


def test_each_message_is_one_mail(sent: Sent) -> None:
    """The server has as many distinct Message-IDs as messages.jsonl has lines, and each of them once."""
    ids = Counter(found.decode() for mail in sent.mails for found in _MESSAGE_ID.findall(mail.content))

    assert sent.lines == len(sent.mails) == len(ids)
    assert {1} == set(ids.values())
    assert sent.messages.keys() == {each.partition("@")[0] for each in ids}
    assert sent.lines == sent.summary["messages"] > 20_000
    assert 0 == sent.summary["refused"]


def test_each_mail_went_to_its_customer(sent: Sent) -> None:
    """Each mail has the one recipient that messages.jsonl names, in its envelope and in its header."""
    assert Counter(each["to"] for each in sent.messages.values()) == Counter(mail.recipient for mail in sent.mails)
    for mail, message in sent.sample:
        assert [message["to"]] == [each.addr_spec for each in mail.parsed["To"].addresses]
        assert message["to"] == mail.recipient


def test_no_line_is_too_long(sent: Sent) -> None:
    """No line of any mail has more than 998 octets, and every line ends with CRLF."""
    lengths = [max(map(len, mail.content.split(b"\r\n"))) for mail in sent.mails]
    bare = [mail.recipient for mail in sent.mails if len(mail.content.splitlines()) != mail.content.count(b"\r\n")]

    assert LONGEST_LINE >= max(lengths)
    assert [] == bare


def test_the_standard_library_reads_both_parts(sent: Sent) -> None:
    """A mail is a text first and a page last, without defects, and says what messages.jsonl says."""
    for mail, message in sent.sample:
        parsed = mail.parsed
        parts = list(parsed.iter_parts())
        assert "multipart/alternative" == parsed.get_content_type()
        assert ["text/plain", "text/html"] == [part.get_content_type() for part in parts]
        assert [] == [*parsed.defects, *parts[0].defects, *parts[1].defects]
        assert message["subject"] == str(parsed["Subject"])
        assert message["text"].split() == parts[0].get_content().split()
        assert "</html>" in parts[1].get_content()


def test_the_headers_are_those_of_the_standards(sent: Sent) -> None:
    """From, one Message-ID at the sender's domain, Auto-Submitted, and one thread for each order."""
    roots: dict[str, set[str]] = {}

    for mail, message in sent.sample:
        parsed = mail.parsed
        root = str(parsed["References"]).split()[0]
        roots.setdefault(message["order_id"], set()).add(root)
        assert [mail.sender] == [each.addr_spec for each in parsed["From"].addresses]
        assert f"<{message['message_id']}@{mail.sender.partition('@')[2]}>" == mail.message_id
        assert "auto-generated" == str(parsed["Auto-Submitted"])
        assert parsed["X-Auto-Response-Suppress"]
        assert root == str(parsed["In-Reply-To"])
        assert [] == [name for name in ONCE if len(parsed.get_all(name, [])) > 1]
        assert [] == parsed.get_all("Bcc", [])
    assert {1} == {len(each) for each in roots.values()}


def test_mails_are_dated_with_the_virtual_time(sent: Sent) -> None:
    """The Date of a mail is the time at which the replay sent it, with an offset."""
    for mail, message in sent.sample:
        date = parsedate_to_datetime(str(mail.parsed["Date"]))
        assert date.tzinfo is not None
        assert message["at"][:19] == f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
