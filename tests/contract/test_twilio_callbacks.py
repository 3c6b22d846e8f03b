"""What Twilio calls back: whose word it is, what became of a message, and what a customer wrote."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from proactive_notify._policy.words import read
from proactive_notify.domain.consent import CONFIRM_WITHIN, Consent, consents_of, events_of, has_consent, may_confirm
from proactive_notify.domain.customers import Customer
from proactive_notify.domain.event import Event
from proactive_notify.domain.events import CustomerAsked, CustomerUpdated, OrderEdited, OrderPlaced
from proactive_notify.domain.receipts import Receipt, ReceiptKind
from proactive_notify.domain.replies import Meaning, Reply
from proactive_notify.domain.twilio_codes import CODES, receipt_of
from proactive_notify.domain.wire import event_from_wire, event_to_wire
from proactive_notify.errors import UsageError
from proactive_notify.ports import ReceiptSource
from proactive_notify.receipts import TwilioReceipts
from proactive_notify.receipts.twilio import rank

TOKEN = "12345"
URL = "https://shop.example/hooks/twilio"
ID = "0123456789abcdef0123456789abcdef"
CALLED = f"{URL}?nid={ID}"
NUMBER = "+14155550100"
SID = "SM00112233445566778899aabbccddeeff"
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)

STOP, START, HELP, STATUS, QUESTION = Meaning.STOP, Meaning.START, Meaning.HELP, Meaning.STATUS, Meaning.QUESTION


def form(fields: Mapping[str, str] | list[tuple[str, str]]) -> bytes:
    return urlencode(fields).encode()


def signed(
    url: str, body: bytes, fields: Mapping[str, str] | None = None, *, secret: str = TOKEN, sha: str = "sha1"
) -> dict[str, str]:
    """The headers of a call that Twilio made: the URL with each field's name and value, sorted by name."""
    text = url + "".join(name + value for name, value in sorted((fields or {}).items()))
    signature = base64.b64encode(hmac.new(secret.encode(), text.encode(), sha).digest()).decode()
    return {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}


def verified(url: str, fields: dict[str, str], *, ours: str = URL, called: str | None = None, **signing: Any) -> bool:
    """Whether a call that Twilio signed for ``url`` is believed by a source that stands at ``ours``."""
    body = form(fields)
    return TwilioReceipts(TOKEN, url=ours).verify(signed(url, body, fields, **signing), body, url=called or url)


FIELDS = {"MessageSid": SID, "MessageStatus": "delivered", "To": NUMBER, "From": "+15005550006", "Empty": ""}


# Whose word it is


def test_it_is_a_receipt_source() -> None:
    """It offers what every source of receipts offers."""
    source: ReceiptSource = TwilioReceipts(TOKEN, url=URL)

    assert [] == source.parse(b"")


def test_the_published_example() -> None:
    """The example in Twilio's documentation of its signature is believed, and no other signature for it."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    source = TwilioReceipts("12345", url=url)

    assert source.verify({"X-Twilio-Signature": "GvWf1cFY/Q7PnoempGyD5oXAezc="}, form(fields))
    assert not source.verify({"X-Twilio-Signature": "GvWf1cFY/Q7PnoempGyD5oXAezd="}, form(fields))


@given(
    fields=st.dictionaries(st.text(min_size=1, max_size=10), st.text(max_size=20), max_size=8),
    query=st.text("abc=&%20+", max_size=20),
)
def test_what_twilios_own_library_signs_is_believed(fields: dict[str, str], query: str) -> None:
    """Whatever fields there are, a signature made by Twilio's own library is the right one."""
    url = f"{URL}?{query}" if query else URL
    signature = RequestValidator(TOKEN).compute_signature(url, fields)
    body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields.items()).encode()

    assert TwilioReceipts(TOKEN, url=URL).verify({"x-twilio-signature": signature}, body, url=url)


def test_a_field_that_comes_twice() -> None:
    """A name with several values is signed with each of them once, sorted."""
    pairs = [("MediaUrl", "b"), ("Body", "x"), ("MediaUrl", "a"), ("MediaUrl", "b")]
    text = f"{URL}BodyxMediaUrlaMediaUrlb"
    signature = base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), "sha1").digest()).decode()

    assert TwilioReceipts(TOKEN, url=URL).verify({"X-Twilio-Signature": signature}, form(pairs))


@pytest.mark.parametrize(
    ("signs", "ours"),
    [
        ("https://shop.example/hooks/twilio", "https://shop.example/hooks/twilio"),
        ("https://shop.example:443/hooks/twilio", "https://shop.example/hooks/twilio"),
        ("https://shop.example/hooks/twilio", "https://shop.example:443/hooks/twilio"),
        ("https://shop.example:8443/hooks/twilio", "https://shop.example:8443/hooks/twilio"),
        ("https://shop.example/hooks/twilio", "https://shop.example:8443/hooks/twilio"),
        ("http://shop.example:80/hooks/twilio", "http://shop.example/hooks/twilio"),
        ("https://user:pass@shop.example:443/hooks/twilio", "https://user:pass@shop.example/hooks/twilio"),
        ("https://user:pass@shop.example/hooks/twilio", "https://user:pass@shop.example:443/hooks/twilio"),
        ("https://[2001:db8::1]:443/hooks/twilio", "https://[2001:db8::1]/hooks/twilio"),
    ],
)
def test_with_and_without_a_port(signs: str, ours: str) -> None:
    """Twilio signs now with the port and now without: both are believed, also where there is a user in the URL."""
    assert verified(signs, FIELDS, ours=ours)


@pytest.mark.parametrize(
    "called",
    [
        f"http://10.0.0.7:8000/internal?nid={ID}",
        f"/hooks/twilio?nid={ID}",
        f"?nid={ID}",
        f"{CALLED}#fragment",
        f"http://evil.example/hooks/twilio?nid={ID}",
    ],
)
def test_behind_a_proxy_the_configured_address_counts(called: str) -> None:
    """Of what the server saw only the query counts; the rest is the address that Twilio knows."""
    assert verified(CALLED, FIELDS, called=called)


def test_a_query_of_the_configured_address() -> None:
    """A query that is part of the configured address is signed where the server says nothing of a query."""
    ours = f"{URL}?tenant=1"

    assert verified(ours, FIELDS, ours=ours, called=URL)
    assert verified(f"{ours}&nid={ID}", FIELDS, ours=ours)
    assert not verified(URL, FIELDS, ours=ours, called=URL)


def test_the_query_is_signed_as_it_was_written() -> None:
    """A query is not decoded and encoded again before it is compared."""
    assert verified(f"{URL}?a=%7e%2B+x&b=", FIELDS)


@pytest.mark.parametrize(
    "changed",
    [
        {"MessageStatus": "failed"},
        {"MessageSid": "SM1"},
        {"Extra": "1"},
        {"Empty": " "},
    ],
)
def test_a_forged_field_is_seen(changed: dict[str, str]) -> None:
    """A call of which one field was changed or added, also an empty one or one that we do not know, is not believed."""
    headers = signed(CALLED, form(FIELDS), FIELDS)

    assert not TwilioReceipts(TOKEN, url=URL).verify(headers, form({**FIELDS, **changed}), url=CALLED)


def test_a_forged_message_is_seen() -> None:
    """A call whose URL names another message than the one that was signed is not believed."""
    assert not verified(CALLED, FIELDS, called=f"{URL}?nid={'f' * 32}")
    assert not verified(CALLED, FIELDS, called=f"{CALLED}&nid=1")


@pytest.mark.parametrize("signature", ["", " ", "x", "é", "\udc80", "AAAA" * 1000, "GvWf1cFY/Q7PnoempGyD5oXAezc="])
def test_a_signature_that_is_none(signature: str) -> None:
    """A signature that is missing, too short, too long, or no signature at all is not believed, and is no error."""
    source = TwilioReceipts(TOKEN, url=URL)

    assert not source.verify({"X-Twilio-Signature": signature}, form(FIELDS), url=CALLED)
    assert not source.verify({}, form(FIELDS), url=CALLED)


@pytest.mark.parametrize(
    "body", [b"", b"&&&", b"\xff\xfe", b"%ff=%fe", b"{", b"[" * 100_000, b"a=1&" * 5_000, b"x" * (1024 * 1024 + 1)]
)
@pytest.mark.parametrize("url", ["", "http://[", "?" + "a=1&" * 5_000, "\x00", "\udc80?\udc80"])
def test_nothing_that_is_sent_is_an_error(body: bytes, url: str) -> None:
    """Whatever the body and the URL are, nothing is raised and nothing is believed."""
    source = TwilioReceipts(TOKEN, url=URL)

    assert not source.verify({"X-Twilio-Signature": "x"}, body, url=url)
    assert [] == source.parse(body, url=url)
    assert source.parse_reply(body) is None


def test_bytes_that_are_no_text_are_signed_as_they_came() -> None:
    """A field whose bytes are no valid text is compared byte by byte, and read with replacements."""
    body = b"MessageStatus=delivered&Note=%ff"
    text = CALLED.encode() + b"MessageStatusdeliveredNote\xff"
    signature = base64.b64encode(hmac.new(TOKEN.encode(), text, "sha1").digest()).decode()
    source = TwilioReceipts(TOKEN, url=URL)

    assert source.verify({"X-Twilio-Signature": signature}, body, url=CALLED)
    assert "\ufffd" == source.parse(body, url=CALLED)[0].details["Note"]


# Bodies that are no form


def json_call(body: bytes, *, said: bytes | None = None) -> tuple[dict[str, str], str]:
    """A call with a JSON body: its hash stands in the query, and only the URL is signed."""
    url = f"{CALLED}&bodySHA256={hashlib.sha256(body if said is None else said).hexdigest()}"
    return {**signed(url, b""), "Content-Type": "application/json"}, url


def test_a_json_body_is_covered_by_its_hash() -> None:
    """A JSON body is believed if the signed URL names its hash, to the last blank."""
    body = json.dumps(FIELDS).encode()
    headers, url = json_call(body)
    source = TwilioReceipts(TOKEN, url=URL)

    assert source.verify(headers, body, url=url)
    assert not source.verify(headers, body + b" ", url=url)
    assert not source.verify({**headers, "Content-Type": "application/x-www-form-urlencoded"}, body, url=url)


def test_a_json_body_that_nobody_signed() -> None:
    """A JSON body is not believed because the URL alone was signed."""
    body = json.dumps(FIELDS).encode()
    headers = {**signed(CALLED, b""), "Content-Type": "application/json"}

    assert not TwilioReceipts(TOKEN, url=URL).verify(headers, body, url=CALLED)


def test_a_form_is_never_covered_by_a_hash() -> None:
    """A form is believed by its fields, also where the URL names a hash: a hash of something else says nothing."""
    headers, url = json_call(b"", said=b"")
    body = form(FIELDS)

    assert not TwilioReceipts(TOKEN, url=URL).verify(
        {**headers, "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, body, url=url
    )
    assert verified(f"{CALLED}&bodySHA256=0", FIELDS)


# Shared keys

SHARED = {"webhooks_sharedkey_1": "a secret of this key", "webhooks_sharedkey_2": "of another"}
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"


@pytest.mark.parametrize(
    ("settings", "secret", "sha", "believed"),
    [
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", SHARED["webhooks_sharedkey_1"], "sha256", True),
        (" algorithm = hmac_sha256 , key = webhooks_sharedkey_1 ", SHARED["webhooks_sharedkey_1"], "sha256", True),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", SHARED["webhooks_sharedkey_2"], "sha256", False),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", SHARED["webhooks_sharedkey_1"], "sha1", False),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", TOKEN, "sha256", False),
        ("key=webhooks_sharedkey_9,algorithm=HMAC_SHA256", TOKEN, "sha256", False),
        ("algorithm=HMAC_SHA256", TOKEN, "sha256", False),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA512", SHARED["webhooks_sharedkey_1"], "sha512", False),
        ("algorithm=NONE", TOKEN, "sha1", False),
        ("key=webhooks_sharedkey_1", TOKEN, "sha1", False),
        ("algorithm=HMAC_SHA1", TOKEN, "sha1", True),
        ("", TOKEN, "sha1", True),
        ("nonsense", TOKEN, "sha1", True),
    ],
)
def test_shared_keys(settings: str, secret: str, sha: str, believed: bool) -> None:
    """A key that the call names has to be one of ours and to sign with the hash that it names; no other hash counts."""
    headers = {**signed(CALLED, b"", FIELDS, secret=secret, sha=sha), SETTINGS: settings}
    source = TwilioReceipts(TOKEN, url=URL, shared_keys=SHARED)

    assert believed is source.verify(headers, form(FIELDS), url=CALLED)


def test_without_a_shared_key_a_call_that_names_one_is_not_believed() -> None:
    """Who has no shared key believes no call that is signed with one."""
    headers = {
        **signed(CALLED, b"", FIELDS, secret="", sha="sha256"),
        SETTINGS: "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
    }

    assert not TwilioReceipts(TOKEN, url=URL).verify(headers, form(FIELDS), url=CALLED)


# Making one


@pytest.mark.parametrize(
    "url", ["", "shop.example/twilio", "ftp://shop.example/", "https://", "https:///x", "http://["]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """An address that Twilio cannot call is a UsageError when the source is made."""
    with pytest.raises(UsageError, match="the address that Twilio calls"):
        TwilioReceipts(TOKEN, url=url)


@pytest.mark.parametrize("token", ["", "  "])
def test_an_empty_token_is_refused(token: str) -> None:
    """Without a token nothing could be verified, so it is a UsageError."""
    with pytest.raises(UsageError, match="Auth Token"):
        TwilioReceipts(token, url=URL)


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Token and address can come from the environment; without one of them that is said."""
    headers = signed(CALLED, b"", FIELDS)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    assert TwilioReceipts.from_env(url=URL).verify(headers, form(FIELDS), url=CALLED)

    monkeypatch.setenv("PN_TWILIO_CALLBACK", URL)
    assert TwilioReceipts.from_env().verify(headers, form(FIELDS), url=CALLED)
    assert not TwilioReceipts.from_env(url="https://other.example/").verify(headers, form(FIELDS), url=CALLED)

    for name in ("TWILIO_AUTH_TOKEN", "PN_TWILIO_CALLBACK"):
        with monkeypatch.context() as patched:
            patched.delenv(name)
            with pytest.raises(UsageError, match="PN_TWILIO_CALLBACK"):
                TwilioReceipts.from_env()


def test_no_secret_is_shown() -> None:
    """Neither the token nor a shared key is in what is printed of a source."""
    shown = repr(TwilioReceipts("a-very-secret-token", url=URL, shared_keys=SHARED))

    assert [] == [each for each in ("a-very-secret-token", *SHARED.values()) if each in shown]


# What became of a message


def said(fields: dict[str, str], *, url: str = CALLED) -> list[Receipt]:
    return TwilioReceipts(TOKEN, url=URL).parse(form(fields), url=url)


ACCEPTED, DELIVERED, BOUNCED = ReceiptKind.ACCEPTED, ReceiptKind.DELIVERED, ReceiptKind.BOUNCED
REJECTED, UNKNOWN = ReceiptKind.REJECTED, ReceiptKind.UNKNOWN


@pytest.mark.parametrize(
    ("status", "kind", "place"),
    [
        ("accepted", ACCEPTED, 0),
        ("scheduled", ACCEPTED, 0),
        ("queued", ACCEPTED, 1),
        ("sending", ACCEPTED, 2),
        ("sent", ACCEPTED, 3),
        ("partially_delivered", ACCEPTED, 3),
        ("delivered", DELIVERED, 4),
        ("undelivered", BOUNCED, 4),
        ("failed", REJECTED, 4),
        ("canceled", REJECTED, 4),
        ("read", DELIVERED, 5),
        ("DELIVERED", DELIVERED, 4),
        ("teleported", UNKNOWN, None),
        ("huh", UNKNOWN, None),
    ],
)
def test_the_statuses(status: str, kind: ReceiptKind, place: int | None) -> None:
    """Each status has its kind and its place in the life of a message; one that we do not know is kept as it is."""
    (receipt,) = said({"MessageSid": SID, "MessageStatus": status})

    assert (ID, kind, status.lower(), place) == (receipt.message_id, receipt.kind, receipt.status, receipt.rank)
    assert SID == receipt.reference
    assert place == rank(status)


def test_only_forward() -> None:
    """The ranks grow along a message's life, and all ways in which it can end have the same, so the first holds."""
    life = [rank(status) for status in ("accepted", "queued", "sending", "sent", "delivered", "read")]

    assert list(range(6)) == life
    assert {4} == {rank(status) for status in ("delivered", "undelivered", "failed", "canceled")}


@pytest.mark.parametrize("row", [row for row in CODES if row.where.name != "API"], ids=lambda row: str(row.code))
@pytest.mark.parametrize("status", ["undelivered", "failed"])
def test_each_code_of_the_table(row: Any, status: str) -> None:
    """Each code of a delivery failure is in the receipt with what the table says follows from it."""
    (receipt,) = said({"MessageSid": SID, "MessageStatus": status, "ErrorCode": str(row.code)})
    means = receipt_of(row.code)

    assert str(row.code) == receipt.code
    assert (means.suppress, means.suppress_after) == (receipt.suppress, receipt.suppress_after)
    assert (means.retry_after, means.tries, means.alerts) == (receipt.retry_after, receipt.tries, receipt.alerts)


@pytest.mark.parametrize("code", ["", "98989", "0", "abc", "9" * 50, "-1", "٣٠٠٠٥"])
def test_a_code_that_we_do_not_know_suppresses_nobody(code: str) -> None:
    """A failure with a code that is not in the table, or with none, came back and says nothing about the number."""
    (receipt,) = said({"MessageSid": SID, "MessageStatus": "undelivered", "ErrorCode": code})

    assert (BOUNCED, False) == (receipt.kind, receipt.suppress)


def test_a_code_of_a_message_that_arrived_is_kept_and_means_nothing() -> None:
    """A code beside a status that is no failure suppresses nobody, and is kept."""
    (receipt,) = said({"MessageSid": SID, "MessageStatus": "delivered", "ErrorCode": "30005"})

    assert (DELIVERED, "", False, "30005") == (
        receipt.kind,
        receipt.code,
        receipt.suppress,
        receipt.details["ErrorCode"],
    )


def test_numbers_are_not_kept_and_nothing_is_printed() -> None:
    """A receipt names the message by our id: the numbers are dropped, and what is kept besides is never printed."""
    (receipt,) = said({**FIELDS, "ChannelToAddress": NUMBER, "Body": "Your bag left", "NewField": "x"})

    assert {"MessageSid", "MessageStatus", "Empty", "NewField"} == set(receipt.details)
    assert "NewField" not in repr(receipt)


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        (FIELDS, URL),
        (FIELDS, f"{URL}?nid="),
        (FIELDS, f"{URL}?nid=a%20b"),
        (FIELDS, f"{URL}?nid={'x' * 91}"),
        (FIELDS, ""),
        ({"MessageSid": SID}, CALLED),
        ({"SmsStatus": "received", "MessageSid": SID, "From": NUMBER, "Body": "hi"}, CALLED),
        ({"MessageStatus": ""}, CALLED),
    ],
)
def test_what_is_about_no_message_of_ours(fields: dict[str, str], url: str) -> None:
    """A call that names no message, or is no status, says nothing."""
    assert [] == said(fields, url=url)


def test_the_old_names() -> None:
    """SmsStatus and SmsSid are read where the newer names are missing."""
    (receipt,) = said({"SmsSid": SID, "SmsStatus": "undelivered", "ErrorCode": "30003"})

    assert (BOUNCED, SID, "30003", 3) == (receipt.kind, receipt.reference, receipt.code, receipt.suppress_after)


def test_a_json_status_is_read_like_a_form() -> None:
    """A JSON body with the same names says the same, also where a code is a number."""
    body = json.dumps({"MessageSid": SID, "MessageStatus": "failed", "ErrorCode": 30006, "Note": None}).encode()
    (receipt,) = TwilioReceipts(TOKEN, url=URL).parse(body, url=CALLED)

    assert (REJECTED, "30006", True) == (receipt.kind, receipt.code, receipt.suppress)


@pytest.mark.parametrize("status", ["<script>", "a" * 100, "9", "deliv\u0000ered", "تم"])
def test_a_status_that_is_no_word(status: str) -> None:
    """What cannot be a status is kept as it came, and called unreadable where it could be printed."""
    (receipt,) = said({"MessageSid": SID, "MessageStatus": status})

    assert (UNKNOWN, "unreadable", status) == (receipt.kind, receipt.status, receipt.details["MessageStatus"])


def test_a_body_without_end_is_not_read() -> None:
    """Of a body beyond 1 MiB nothing is read, whatever it begins with."""
    body = form({"MessageSid": SID, "MessageStatus": "delivered", "Note": "x" * 1024 * 1024})

    assert [] == TwilioReceipts(TOKEN, url=URL).parse(body, url=CALLED)


# What a customer wrote


def reply_of(**fields: str) -> Reply | None:
    usual = {"MessageSid": SID, "From": NUMBER, "To": "+15005550006", "Body": "Where is my bag?", "NumMedia": "0"}
    return TwilioReceipts(TOKEN, url=URL).parse_reply(form({**usual, "SmsStatus": "received", **fields}))


def reply(**fields: str) -> Reply:
    found = reply_of(**fields)
    assert found
    return found


def test_a_reply() -> None:
    """A reply has its id, its channel, the customer's number, ours, and the text; what we do not know is kept."""
    found = reply(FromCity="BOSTON", NewField="x")

    assert (SID, "twilio", "sms", NUMBER, "+15005550006", "Where is my bag?") == (
        found.id,
        found.source,
        found.channel,
        found.sender,
        found.to,
        found.text,
    )
    assert {"FromCity": "BOSTON", "NewField": "x"} == {**found.extra}


def test_a_reply_by_whatsapp() -> None:
    """A reply by WhatsApp has its channel and the bare number, and keeps what WhatsApp says besides."""
    extras = {"ProfileName": "Ada", "WaId": "14155550100", "ButtonPayload": "wait"}
    found = reply(From=f"whatsapp:{NUMBER}", OriginalRepliedMessageSid="SM9", Body="", **extras)
    pressed = reply(From=f"whatsapp:{NUMBER}", Body="", ButtonText="I will wait")

    assert ("whatsapp", NUMBER, "SM9", extras) == (found.channel, found.sender, found.in_reply_to, {**found.extra})
    assert "I will wait" == pressed.text


def test_a_picture_without_a_word() -> None:
    """A reply of pictures alone is a reply with an empty text, and says how many there are."""
    found = reply(Body="", NumMedia="2", MediaUrl0="https://api.example/1.jpg")

    assert ("", 2, "https://api.example/1.jpg") == (found.text, found.media, found.extra["MediaUrl0"])


@pytest.mark.parametrize(
    "changed",
    [{"From": ""}, {"MessageSid": ""}, {"MessageSid": "a b"}, {"MessageStatus": "sent"}, {"SmsStatus": "sent"}],
)
def test_what_is_no_reply(changed: dict[str, str]) -> None:
    """A call without a sender or an id, or one that is a status, is no reply."""
    assert reply_of(**changed) is None


def test_nothing_of_a_reply_is_printed() -> None:
    """What is printed of a reply holds neither number nor text."""
    shown = repr(reply(ProfileName="Ada"))

    assert [] == [each for each in (NUMBER, "+15005550006", "bag", "Ada") if each in shown]


# What follows from it


def events(text: str, order_ids: list[str], *, consented: bool = False, **fields: str) -> list[Event]:
    found = reply(Body=text, **fields)
    reading = read(found.text, opt_out_type=found.opt_out_type)
    return events_of(found, reading.meaning, order_ids, asks=reading.asks, consented=consented)


def test_a_stop_takes_the_consent_back_for_each_order() -> None:
    """STOP is a change of each of the customer's orders, with the words that were used; nothing is asked."""
    found = events("Stop texting me", ["A-2", "A-1", "A-2"])

    assert [("A-2", False), ("A-1", False)] == [
        (each.order_id, each.sms_consent) for each in found if isinstance(each, CustomerUpdated)
    ]
    assert [f"{SID}:A-2", f"{SID}:A-1"] == [each.id for each in found]
    assert {"twilio"} == {each.source for each in found}
    assert [Consent(channel="sms", given=False, at=None, how="reply", text="Stop texting me")] * 2 == consents_of(found)


def test_a_start_gives_it_again() -> None:
    """START gives the consent again."""
    (found,) = events("START", ["A-1"])

    assert isinstance(found, CustomerUpdated)
    assert found.sms_consent is True


@pytest.mark.parametrize(("text", "means"), [("STATUS", "status"), ("Is it blue?", "question"), ("", "question")])
def test_a_question_is_asked_once(text: str, means: str) -> None:
    """A question, and the question where it is, are asked about one order, the first, under the reply's own id."""
    (found,) = events(text, ["A-2", "A-1"])

    assert isinstance(found, CustomerAsked)
    assert ("A-2", SID, "twilio", text or None, "sms") == (
        found.order_id,
        found.id,
        found.source,
        found.text,
        found.channel,
    )
    assert {"meaning": means} == found.model_extra


@pytest.mark.parametrize(
    ("text", "order_id"),
    [
        ("where is a-10?", "A-10"),
        ("where is A-10-b?", "A-10-B"),
        ("Is A-1 blue?", "A-1"),
        ("A-100 or A-1000?", "A-2"),
        ("is it #A-10, the blue one?", "A-10"),
    ],
)
def test_a_question_is_about_the_order_that_it_names(text: str, order_id: str) -> None:
    """A question that names one of the customer's orders is about that one."""
    (found,) = events(text, ["A-2", "A-1", "A-10", "A-10-B"])

    assert order_id == found.order_id


def test_a_question_under_a_stop_is_asked() -> None:
    """A text that says stop and asks something does both, under ids of their own."""
    found = events("CANCEL", ["A-2", "A-1"])

    assert ["customer.updated", "customer.updated", "customer.asked"] == [each.type for each in found]
    assert 3 == len({each.id for each in found})


def test_yes_answers_something_if_the_customer_is_told_already() -> None:
    """YES is what starts it again for who had stopped, and a word to the shop for who had not."""
    assert ["customer.updated"] == [each.type for each in events("Yes", ["A-1"])]
    assert ["customer.asked"] == [each.type for each in events("Yes!", ["A-1"], consented=True)]
    assert ["customer.updated"] == [each.type for each in events("START", ["A-1"], consented=True)]


@pytest.mark.parametrize("text", ["HELP", "info"])
def test_help_is_about_no_order(text: str) -> None:
    """HELP says nothing about an order."""
    assert [] == events(text, ["A-1"])


@pytest.mark.parametrize("text", ["STOP", "Is it blue?"])
def test_somebody_without_an_order(text: str) -> None:
    """A reply of somebody who has no order is no event."""
    assert [] == events(text, [])


def test_a_stop_by_whatsapp_leaves_sms_alone() -> None:
    """Consent is per channel: a STOP by WhatsApp says nothing about SMS."""
    found = events("STOP", ["A-1"], From=f"whatsapp:{NUMBER}")

    assert [Consent(channel="whatsapp", given=False, at=None, how="reply", text="STOP")] == consents_of(found)
    assert isinstance(found[0], CustomerUpdated)
    assert found[0].sms_consent is None


@pytest.mark.parametrize("text", ["STOP", "START", "CANCEL", "STATUS", "Is it blue?", "\u0000\ud7ff", "x" * 200_000])
def test_every_event_goes_over_the_wire(text: str) -> None:
    """Whatever was written, the events can be written down and read again, and twice the same reply is the same."""
    found, again = events(text, ["A-1"]), events(text, ["A-1"])

    assert found == again
    recorded = [each.filled(id="", source="", at=AT) for each in found]
    assert recorded == [event_from_wire(event_to_wire(each)) for each in recorded]


def test_an_id_has_room_for_the_longest_order() -> None:
    """The longest id of a reply and the longest id of an order make an id that an event takes."""
    (found,) = events("STOP", ["é" * 200], MessageSid="S" * 90)

    assert 291 == len(found.id)


# Consent


def placed(at: datetime, **customer: Any) -> OrderPlaced:
    extra = {"consent_text": "Text me about my order"} if customer else {}
    return OrderPlaced(order_id="A-1", id=f"p{at:%H%M}", source="shop", at=at, customer=Customer(**customer), **extra)


def test_the_consent_of_the_checkout() -> None:
    """An order that is placed with `sms_consent` says so, with the words that the customer agreed to."""
    assert [Consent(channel="sms", given=True, at=AT, how="checkout", text="Text me about my order")] == consents_of(
        [placed(AT, sms_consent=True)]
    )


def test_without_a_word_there_is_no_consent() -> None:
    """An order that says nothing about consent gives none, and neither does an edit without the customer."""
    nothing = [placed(AT), OrderEdited(order_id="A-1", at=AT), CustomerUpdated(order_id="A-1", at=AT, name="Ada")]

    assert ([], False) == (consents_of(nothing), has_consent(nothing))


def test_the_last_word_holds() -> None:
    """Of what was said about a channel the last word holds, whatever the order in which the events came."""
    told = [placed(AT, sms_consent=True)]
    stop = [each.filled(id="", source="", at=AT + timedelta(hours=1)) for each in events("STOP", ["A-1"])]
    start = [each.filled(id="", source="", at=AT + timedelta(hours=2)) for each in events("START", ["A-1"])]

    assert [True, False, True] == [has_consent(each) for each in (told, told + stop, told + stop + start)]
    assert has_consent([*start, *stop, *told])
    assert not has_consent([*stop, *told])
    assert not has_consent(told, channel="whatsapp")


def test_of_two_words_at_the_same_instant_the_later_recorded_holds() -> None:
    """Two events of one instant are taken in the order in which they are given."""
    yes, no = (CustomerUpdated(order_id="A-1", at=AT, sms_consent=given) for given in (True, False))

    assert [False, True] == [has_consent([yes, no]), has_consent([no, yes])]


def test_what_the_shop_says() -> None:
    """The shop's own word about consent says how it was given, if the shop says so."""
    by_phone = CustomerUpdated.model_validate(
        {"order_id": "A-1", "at": AT, "sms_consent": True, "consent_how": "telephone"}
    )
    plain = CustomerUpdated(order_id="A-1", at=AT, sms_consent=False)

    assert ["telephone", "shop"] == [each.how for each in consents_of([by_phone, plain])]


def test_the_text_of_a_consent_is_not_printed() -> None:
    """What a customer wrote is not in what is printed of a consent."""
    assert "Stop texting me" not in repr(consents_of(events("Stop texting me", ["A-1"])))


# What goes back


@pytest.mark.parametrize(
    ("text", "consented", "age", "said", "confirms"),
    [
        ("Stop texting me", True, timedelta(), "", True),
        ("Stop texting me", True, CONFIRM_WITHIN, "", True),
        ("Stop texting me", True, CONFIRM_WITHIN + timedelta(seconds=1), "", False),
        ("Stop texting me", False, timedelta(), "", False),
        ("STOP", True, timedelta(), "", False),
        (" stop ", True, timedelta(), "", False),
        ("CANCEL", True, timedelta(), "", False),
        ("Arret", True, timedelta(), "STOP", False),
        ("Arret", True, timedelta(), "", True),
        ("please text me again", False, timedelta(), "", True),
        ("START", False, timedelta(), "", False),
        ("HELP", True, timedelta(), "", False),
        ("ayuda", True, timedelta(), "", True),
        ("ayuda", True, timedelta(), "HELP", False),
        ("STATUS", True, timedelta(), "", False),
        ("Is it blue?", True, timedelta(), "", False),
    ],
)
def test_one_confirmation(text: str, consented: bool, age: timedelta, said: str, confirms: bool) -> None:
    """A STOP is confirmed once and at once, and nothing is answered that Twilio answered itself."""
    found = reply(Body=text, OptOutType=said)
    means = read(text, opt_out_type=found.opt_out_type).meaning

    assert confirms is may_confirm(found, means, consented=consented, age=age)


@pytest.mark.parametrize("text", ["STOP", "HELP", "START"])
def test_where_twilio_answers_nothing_we_do(text: str) -> None:
    """On a sender whose words Twilio does not handle, a short code of one's own, we answer them."""
    assert may_confirm(reply(Body=text), read(text).meaning, consented=True, eats_words=False)
    assert not may_confirm(reply(Body=text, OptOutType=text), read(text).meaning, consented=True, eats_words=False)
