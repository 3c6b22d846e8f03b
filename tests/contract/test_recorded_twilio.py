"""Payloads of Twilio that others recorded are read without an error, and nothing of them is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from proactive_notify._policy.words import meaning
from proactive_notify.domain.consent import events_of
from proactive_notify.domain.receipts import Receipt, ReceiptKind
from proactive_notify.domain.replies import Meaning, Reply
from proactive_notify.receipts import TwilioReceipts

URL = "https://shop.example/hooks/twilio"
CALLED = f"{URL}?nid=0123456789abcdef0123456789abcdef"


@pytest.fixture
def source() -> TwilioReceipts:
    return TwilioReceipts("token", url=URL)


@pytest.fixture
def recorded(shared: Path) -> Mapping[str, dict[str, Any]]:
    """Name → what was recorded: the body as it came (`raw`), and its fields (`form`)."""
    folder = shared / "data" / "webhooks" / "twilio"
    if not folder.is_dir():
        pytest.skip("the recorded payloads of Twilio are not in the shared data")
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}

    assert found
    return found


def read(source: TwilioReceipts, payload: dict[str, Any]) -> tuple[list[Receipt], Reply | None]:
    """What a payload says, as the form that came and as JSON; both say the same."""
    form, as_json = payload["raw"].encode(), json.dumps(payload["form"]).encode()
    receipts, reply = source.parse(form, url=CALLED), source.parse_reply(form)

    assert (receipts, reply) == (source.parse(as_json, url=CALLED), source.parse_reply(as_json))
    return receipts, reply


def test_each_is_either_a_receipt_or_a_reply(source: TwilioReceipts, recorded: Mapping[str, dict[str, Any]]) -> None:
    """Each payload is read as exactly one thing: what became of a message, or what a customer wrote."""
    for name, payload in recorded.items():
        receipts, reply = read(source, payload)

        assert (name, "MessageStatus" in payload["form"]) == (name, len(receipts) == 1)
        assert (name, bool(receipts)) == (name, reply is None)


def test_no_field_is_lost(source: TwilioReceipts, recorded: Mapping[str, dict[str, Any]]) -> None:
    """Every field of every payload, also one that we do not know, is kept somewhere; only addresses are dropped."""
    for name, payload in recorded.items():
        receipts, reply = read(source, payload)
        kept = {**receipts[0].details, **receipts[0].model_dump()} if receipts else {}
        kept |= {**reply.extra, **reply.model_dump()} if reply else {}
        values = {str(value) for value in kept.values()}
        said = {
            field: value for field, value in payload["form"].items() if receipts == [] or field not in ("From", "To")
        }
        lost = {
            field: value
            for field, value in said.items()
            if value and value not in values and value.removeprefix("whatsapp:") not in values and field != "SmsStatus"
        }

        assert (name, {}) == (name, lost)


def test_the_fields_are_those_that_came(source: TwilioReceipts, recorded: Mapping[str, dict[str, Any]]) -> None:
    """The recorded fields are the recorded body taken apart, so that both tests above are about the same."""
    for name, payload in recorded.items():
        assert (name, payload["form"]) == (name, dict(parse_qsl(payload["raw"], keep_blank_values=True)))


#: Name → kind, rank, code, and whether the number is suppressed.
STATUSES = {
    "statusValid": (ReceiptKind.DELIVERED, 4, "", False),
    "statusRead": (ReceiptKind.DELIVERED, 5, "", False),
    "statusInvalid": (ReceiptKind.UNKNOWN, None, "", False),
    "statusStop": (ReceiptKind.REJECTED, 4, "21610", True),
    "status-delivered-spoke": (ReceiptKind.DELIVERED, 4, "", False),
    "status-failed-spoke": (ReceiptKind.REJECTED, 4, "98989", False),
}


@pytest.mark.parametrize("name", STATUSES)
def test_what_the_statuses_say(source: TwilioReceipts, recorded: Mapping[str, dict[str, Any]], name: str) -> None:
    """Each recorded status means what it says; one that we do not know is kept and suppresses nobody."""
    (receipt,), _ = read(source, recorded[name])

    assert STATUSES[name] == (receipt.kind, receipt.rank, receipt.code, receipt.suppress)
    assert recorded[name]["form"]["MessageStatus"] == receipt.status
    assert recorded[name]["form"]["MessageSid"] == receipt.reference


def test_what_the_replies_say(source: TwilioReceipts, recorded: Mapping[str, dict[str, Any]]) -> None:
    """Each recorded reply has its id, its channel and its text, and asks the shop about the customer's order."""
    for name, payload in recorded.items():
        _, reply = read(source, payload)
        if reply is None:
            continue
        (event,) = events_of(reply, meaning(reply.text), ["A-1"])
        channel = "whatsapp" if payload["form"]["From"].startswith("whatsapp:") else "sms"

        assert (name, payload["form"]["MessageSid"], channel) == (name, reply.id, reply.channel)
        assert (name, payload["form"].get("Body", "")) == (name, reply.text)
        assert (name, int(payload["form"]["NumMedia"])) == (name, reply.media)
        assert (name, Meaning.QUESTION) == (name, meaning(reply.text))
        assert (name, "customer.asked", reply.id) == (name, event.type, event.id)
