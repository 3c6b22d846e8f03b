"""What comes back: reports and complaints of many mail systems, and all that looks like one and is none."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from proactive_notify.channels import Email
from proactive_notify.domain.customers import Customer, Shop
from proactive_notify.domain.messages import EmailMessage
from proactive_notify.domain.receipts import Receipt, ReceiptKind
from proactive_notify.domain.return_path import ReturnPath
from proactive_notify.errors import UsageError
from proactive_notify.ports import ReceiptSource
from proactive_notify.receipts import Bounces
from proactive_notify.transports import ConsoleTransport
from tests.contract import bounce_mails as mails

PATH = ReturnPath(secret=b"a secret of a shop, long enough", domain="bounces.shop.example")
ID = "00112233445566778899aabbccddeeff"
HERE = PATH.address(ID)
#: An address of ours as somebody would guess it who does not know the secret.
FORGED = f"bounce+{ID}{'0' * 20}@bounces.shop.example"
ELSEWHERE = "staff@shop.example"

BOUNCED, DEFERRED, DELIVERED = ReceiptKind.BOUNCED, ReceiptKind.DEFERRED, ReceiptKind.DELIVERED
ACCEPTED, COMPLAINED, UNKNOWN = ReceiptKind.ACCEPTED, ReceiptKind.COMPLAINED, ReceiptKind.UNKNOWN


def read(raw: bytes) -> list[tuple[ReceiptKind, str, bool]]:
    """Kind, code and whether the address is suppressed, of what is said about our message."""
    receipts = Bounces(PATH).read(raw)

    assert [] == [each for each in receipts if each.message_id != ID or each.at is not None]
    return [(each.kind, each.code, each.suppress) for each in receipts]


def group(**fields: str) -> str:
    """The fields of one recipient."""
    shown = {"Final-Recipient": f"rfc822; {mails.CUSTOMER}", **fields}
    return "\n".join(f"{name.replace('_', '-')}: {value}" for name, value in shown.items())


def said(**fields: str) -> list[tuple[ReceiptKind, str, bool]]:
    """What a report with these fields of one recipient says."""
    return read(mails.report(HERE, "Reporting-MTA: dns; mx.example", group(**fields)))


# Mail systems


@pytest.mark.parametrize(
    ("raw", "receipt"),
    [
        pytest.param(mails.postfix(HERE), (BOUNCED, "5.1.1", True), id="postfix"),
        pytest.param(
            mails.postfix(ELSEWHERE, envelope_id=PATH.token(ID)), (BOUNCED, "5.1.1", True), id="postfix-envid"
        ),
        pytest.param(
            mails.postfix(
                HERE, action="delayed", status="4.4.1", diagnostic="X-Postfix; connect: Connection timed out"
            ),
            (DEFERRED, "4.4.1", False),
            id="postfix-delayed",
        ),
        pytest.param(
            mails.postfix(HERE, status="5.4.4", diagnostic="X-Postfix; Host or domain name not found"),
            (BOUNCED, "5.4.4", True),
            id="postfix-no-host",
        ),
        pytest.param(
            mails.postfix(HERE, status="4.4.7", diagnostic="X-Postfix; delivery temporarily suspended"),
            (BOUNCED, "4.4.7", False),
            id="postfix-gave-up",
        ),
        pytest.param(mails.exchange(HERE), (BOUNCED, "5.1.10", True), id="exchange"),
        pytest.param(mails.exchange(HERE, status="5.7.1"), (BOUNCED, "5.7.1", False), id="exchange-policy"),
        pytest.param(mails.exim(HERE), (BOUNCED, "5.1.1", True), id="exim"),
        pytest.param(
            mails.exim(HERE, diagnostic="smtp; 550-Verification failed for\n 550 no such user"),
            (BOUNCED, "550", False),
            id="exim-vague",
        ),
        pytest.param(mails.exim_of_old(HERE), (BOUNCED, "", False), id="exim-of-old"),
        pytest.param(mails.gmail(HERE), (BOUNCED, "5.2.1", True), id="gmail"),
        pytest.param(
            mails.gmail(HERE, action="delayed", status="4.4.1", reply="450-4.4.1"),
            (DEFERRED, "4.4.1", False),
            id="gmail-delayed",
        ),
        pytest.param(
            mails.gmail(HERE, status="5.7.26", reply="550-5.7.26"), (BOUNCED, "5.7.26", False), id="gmail-policy"
        ),
        pytest.param(mails.amazon(HERE), (BOUNCED, "5.1.1", True), id="amazon"),
        pytest.param(mails.amazon(HERE, status="5.3.0", reply="554"), (BOUNCED, "5.3.0", False), id="amazon-system"),
        pytest.param(mails.complaint(HERE), (COMPLAINED, "abuse", True), id="complaint-to-us"),
        pytest.param(mails.complaint(ELSEWHERE, return_path=HERE), (COMPLAINED, "abuse", True), id="yahoo"),
        pytest.param(mails.complaint(ELSEWHERE, mail_from=HERE), (COMPLAINED, "abuse", True), id="aol"),
        pytest.param(
            mails.complaint(ELSEWHERE, kind="Fraud", envelope_id=PATH.token(ID)),
            (COMPLAINED, "fraud", True),
            id="fraud",
        ),
    ],
)
@pytest.mark.parametrize("lines", ["crlf", "lf", "mbox"])
def test_reports_of_many_systems(raw: bytes, receipt: tuple[ReceiptKind, str, bool], lines: str) -> None:
    """A report of each system says the same, as it came over the wire, with Unix's line ends, and out of an mbox."""
    shaped = {
        "crlf": raw,
        "lf": raw.replace(b"\r\n", b"\n"),
        "mbox": b"From MAILER-DAEMON Mon Jan  5 09:00:00 2026\n" + raw.replace(b"\r\n", b"\n"),
    }

    assert [receipt] == read(shaped[lines])


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(mails.vacation(HERE), id="vacation"),
        pytest.param(mails.challenge(HERE), id="challenge"),
        pytest.param(mails.read_receipt(HERE), id="read-receipt"),
        pytest.param(mails.answer(HERE), id="a-report-attached-to-an-answer"),
        pytest.param(mails.exim_warning_of_old(HERE), id="exim-warning-of-old"),
        pytest.param(mails.complaint(HERE, kind="not-spam"), id="not-spam"),
        pytest.param(mails.complaint(HERE, kind="auth-failure"), id="auth-failure"),
        pytest.param(mails.complaint(HERE, kind=""), id="complaint-of-nothing"),
        pytest.param(mails.report(HERE, "Reporting-MTA: dns; mx.example"), id="no-recipient"),
        pytest.param(mails.report(HERE), id="no-fields"),
        pytest.param(mails.crlf(f"To: {HERE}\nSubject: Delivery failed\n\nStatus: 5.1.1\n"), id="ordinary"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\r\n\r\n", id="blank"),
    ],
)
def test_other_mails_say_nothing(raw: bytes) -> None:
    """Vacation replies, challenges, notes that a mail was read, answers and ordinary mails give no receipt."""
    assert [] == read(raw)


# Whose word it is


@pytest.mark.parametrize(
    "make",
    [mails.postfix, mails.exchange, mails.exim, mails.exim_of_old, mails.gmail, mails.amazon, mails.complaint],
)
@pytest.mark.parametrize("to", [FORGED, ELSEWHERE, f"bounce+{ID}@bounces.shop.example"])
def test_who_does_not_know_the_secret_is_not_believed(make: Callable[[str], bytes], to: str) -> None:
    """A report to a forged address, or one that names the message by its Message-ID alone, says nothing."""
    message_id = f"<{ID}@shop.example>".encode()
    raw = make(to).replace(b"<0123456789abcdef0123456789abcdef@shop.example>", message_id)

    assert [] == read(raw)


def test_a_forged_envelope_id_does_not_hide_a_true_address() -> None:
    """A token that is not ours is passed over; one that is ours and comes later counts."""
    assert [(BOUNCED, "5.1.1", True)] == read(mails.postfix(HERE, envelope_id=ID + "0" * 20))


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"])
def test_where_the_address_is_written(name: str) -> None:
    """A mailbox that several addresses lead to writes the address of the envelope into a header of its own."""
    raw = f"{name}: {HERE}\r\n".encode() + mails.amazon("undisclosed-recipients:;")

    assert [(BOUNCED, "5.1.1", True)] == read(raw)


def test_the_returned_mail_names_the_message() -> None:
    """A report that goes somewhere else is read by the Return-Path of the mail that it brings back."""
    fields = group(Action="failed", Status="5.1.1")

    assert [(BOUNCED, "5.1.1", True)] == read(mails.report(ELSEWHERE, fields, returned=f"Return-Path: <{HERE}>"))
    assert [] == read(mails.report(ELSEWHERE, fields, returned=f"From: <{HERE}>\nX-Note: {HERE}"))


def test_capitals_are_the_same_address() -> None:
    """A server that writes addresses in capitals is understood."""
    assert [(BOUNCED, "5.1.1", True)] == read(mails.postfix(HERE.upper()))


# What it says


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("failed", BOUNCED),
        ("Failed", BOUNCED),
        ("failed (mailbox gone)", BOUNCED),
        ("delayed", DEFERRED),
        ("DELAYED", DEFERRED),
        ("delivered", DELIVERED),
        ("expanded", DELIVERED),
        ("relayed", ACCEPTED),
    ],
)
def test_actions(action: str, kind: ReceiptKind) -> None:
    """Each action of RFC 3464 section 2.3.3 is what it is, whatever the status beside it."""
    assert [(kind, "5.7.1", False)] == said(Action=action, Status="5.7.1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("5.7.1", BOUNCED),
        ("4.4.7", BOUNCED),
        ("4.2.2", DEFERRED),
        ("2.1.5", DELIVERED),
    ],
)
@pytest.mark.parametrize("action", [{}, {"Action": "exploded"}])
def test_a_report_without_a_known_action(status: str, kind: ReceiptKind, action: dict[str, str]) -> None:
    """Without an action, or with one that there is not, the status decides; what has expired has failed."""
    assert [(kind, status, False)] == said(Status=status, **action)


def test_a_report_without_any_word() -> None:
    """A group that has neither action nor status is about nobody; an action that nobody knows says nothing."""
    assert [] == said(Diagnostic_Code="smtp; 550 5.1.1 no such user")
    assert [(UNKNOWN, "", False)] == said(Action="exploded")


@pytest.mark.parametrize(
    ("status", "needed"),
    [
        *((code, 1) for code in ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")),
        *((code, 2) for code in ("5.4.1", "5.4.4")),
        ("5.2.2", 3),
    ],
)
def test_what_suppresses_an_address(status: str, needed: int) -> None:
    """Only codes that are about the address suppress it: some at once, some when they come again."""
    (receipt,) = Bounces(PATH).read(mails.report(HERE, group(Action="failed", Status=status)))

    assert Receipt(message_id=ID, kind=BOUNCED, code=status, suppress=True, suppress_after=needed) == receipt


@pytest.mark.parametrize(
    "groups",
    [
        [group(Action="failed", Status="5.1.1", Diagnostic_Code="smtp; 550 5.2.2 full")],
        [group(Action="failed", Status="5.2.2"), group(Action="failed", Status="5.1.1")],
    ],
)
def test_the_more_patient_of_two_codes_counts(groups: list[str]) -> None:
    """Of two codes that both suppress the address, the one that wants more bounces decides."""
    (receipt,) = Bounces(PATH).read(mails.report(HERE, *groups))

    assert (True, 3) == (receipt.suppress, receipt.suppress_after)


@pytest.mark.parametrize(
    "status",
    "5.0.0 5.1.0 5.1.4 5.1.7 5.1.8 5.2.0 5.2.3 5.3.0 5.3.4 5.4.0 5.4.6 5.5.0 5.6.0 5.7.1 5.7.26 5.7.509 "
    "5.1.11 5.11.1 4.1.1 4.2.1 2.1.1".split(),
)
def test_what_never_suppresses_an_address(status: str) -> None:
    """The system, the content, the policy, what is vague and what may pass never suppress an address."""
    assert [(BOUNCED, status, False)] == said(Action="failed", Status=status)


@pytest.mark.parametrize("status", ["5.1.1", "5.2.1"])
@pytest.mark.parametrize("action", ["delayed", "delivered", "expanded", "relayed"])
def test_only_what_failed_suppresses(status: str, action: str) -> None:
    """Whatever the status, an address is suppressed only when the mail has failed."""
    assert [False] == [suppress for _, _, suppress in said(Action=action, Status=status)]


@pytest.mark.parametrize(
    ("status", "diagnostic", "code", "suppress"),
    [
        ("5.0.0", "smtp; 550 5.1.1 no such user", "5.1.1", True),
        ("5.0.0", "smtp; 550-5.1.1 The email account does not exist", "5.1.1", True),
        ("5.0.0", "smtp;550 #5.1.0 Address rejected", "5.1.0", False),
        ("5.0.0", "smtp; 554 (#5.1.1)", "5.1.1", True),
        ("5.0.0", "x-postfix; host mx.example[192.0.2.25] said: 550 5.1.1 unknown (in reply to RCPT)", "5.1.1", True),
        ("5.5.0", "smtp;550 5.5.0 Requested action not taken: mailbox unavailable", "5.5.0", False),
        ("5.0.0", "smtp; 550 no such user", "550", False),
        ("5.0.0", "smtp; 553 5.7.1 sender is a spammer", "5.7.1", False),
        ("5.0.0", "smtp; 550 4.1.1 the classes disagree", "550", False),
        ("5.0.0", "X-Unix; 67", "5.0.0", False),
        ("5.0.0", "", "5.0.0", False),
        ("", "smtp; 550 5.1.1 no such user", "5.1.1", True),
        ("", "", "", False),
        # An address of a machine, a version and a time are no codes.
        ("5.0.0", "smtp; 550 5.1.1.30 is on a list", "550", False),
        ("5.0.0", "smtp; 550 blocked 192.5.1.1", "550", False),
        ("5.0.0", "dns; 203.0.113.7 version 5.1.1", "5.0.0", False),
        ("5.0.0", "smtp; 5500 5.1.1", "5.0.0", False),
        # Two codes that are not of one mind.
        ("5.1.1", "smtp; 550 5.7.1 blocked", "5.1.1", False),
        ("5.1.1", "smtp; 451 4.7.1 try again later", "5.1.1", False),
        ("5.1.1", "smtp; 450 busy", "5.1.1", False),
        ("5.1.1", "smtp; 550 5.1.10 not found", "5.1.1", True),
        ("5.1.1", "smtp; 550 user unknown", "5.1.1", True),
        ("5.1.1 (bad mailbox)", "", "5.1.1", True),
        ("5.1.1.1", "", "", False),
        ("5.1.1234", "", "", False),
        ("nonsense", "", "", False),
        ("٥.١.١", "", "", False),
    ],
)
def test_codes(status: str, diagnostic: str, code: str, suppress: bool) -> None:
    """The status is read; where it is vague the diagnosis is; and an address is suppressed only if no code objects."""
    assert [(BOUNCED, code, suppress)] == said(Action="failed", Status=status, Diagnostic_Code=diagnostic)


@pytest.mark.parametrize(
    ("groups", "receipt"),
    [
        (["failed 5.1.1", "failed 5.1.1"], (BOUNCED, "5.1.1", True)),
        (["failed 5.1.1", "failed 5.7.1"], (BOUNCED, "5.1.1", False)),
        (["delayed 4.2.2", "failed 5.1.1"], (BOUNCED, "5.1.1", False)),
        (["delivered 2.1.5", "failed 5.1.1"], (BOUNCED, "5.1.1", False)),
        (["delivered 2.1.5", "delayed 4.4.1"], (DEFERRED, "4.4.1", False)),
        (["delivered 2.1.5", "relayed 2.1.9"], (ACCEPTED, "2.1.9", False)),
        (["delivered 2.1.5", "delivered 2.1.5"], (DELIVERED, "2.1.5", False)),
    ],
)
def test_a_mail_that_its_recipient_forwards(groups: list[str], receipt: tuple[ReceiptKind, str, bool]) -> None:
    """Several recipients are where one customer's mail was forwarded to: the worst counts, and no half-dead address."""
    fields = [group(Action=text.split()[0], Status=text.split()[1]) for text in groups]

    assert [receipt] == read(mails.report(HERE, "Reporting-MTA: dns; mx.example", *fields))


# Shapes


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("message/delivery-status", "; report-type=delivery-status"),
        ("Message/Delivery-Status", '; Report-Type="Delivery-Status"'),
        ("message/delivery-status; charset=us-ascii", "; report-type=delivery-status; charset=us-ascii"),
        ("message/global-delivery-status", "; report-type=delivery-status"),
        ("message/delivery-status", ""),
    ],
)
def test_shapes_of_a_report(kind: str, about: str) -> None:
    """The form for addresses beyond ASCII (RFC 6533), capitals and a type that is not said are understood."""
    raw = mails.report(HERE, group(Action="failed", Status="5.1.1"), kind=kind, about=about)

    assert [(BOUNCED, "5.1.1", True)] == read(raw)


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("message/delivery-status", "; report-type=disposition-notification"),
        ("message/delivery-status", "; report-type=feedback-report"),
        ("message/feedback-report", "; report-type=delivery-status"),
        ("message/disposition-notification", ""),
        ("text/plain", "; report-type=delivery-status"),
    ],
)
def test_what_is_no_report_about_delivery(kind: str, about: str) -> None:
    """A type of report that is another than that of its part, and a part of another type, say nothing."""
    raw = mails.report(HERE, group(Action="failed", Status="5.1.1"), kind=kind, about=about)

    assert [] == read(raw)


def test_groups_may_be_parted_by_blanks() -> None:
    """A line that holds only blanks parts two groups of fields, as an empty one does."""
    fields = f"{group(Action='failed', Status='5.1.1')}\n \t\n{group(Action='failed', Status='5.7.1')}"

    assert [(BOUNCED, "5.1.1", False)] == read(mails.report(HERE, fields))


def test_what_follows_the_report_is_not_part_of_it() -> None:
    """Behind the line that ends the last part nothing counts (RFC 2046 section 5.1.1)."""
    behind = f"--x\nContent-Type: message/delivery-status\n\n{group(Action='failed', Status='5.1.1')}\n--x--\n"

    assert [] == read(mails.report(HERE, kind="text/plain") + mails.crlf(behind))


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "7bit", "8bit", "nonsense"])
def test_encoded_fields(encoding: str) -> None:
    """Fields that a server has encoded, as it should not, are read all the same."""
    text = f"Reporting-MTA: dns; mx.example\n\n{group(Action='failed', Status='5.1.1')}\n".encode()
    encoded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)(text)

    assert [(BOUNCED, "5.1.1", True)] == read(mails.report(HERE, encoded.decode(), encoding=encoding))


def test_fields_that_are_not_base64() -> None:
    """Fields that only say that they are encoded are read as they are."""
    assert [(BOUNCED, "5.1.1", True)] == read(
        mails.report(HERE, group(Action="failed", Status="5.1.1"), encoding="base64")
    )


def test_a_report_that_returns_a_large_mail() -> None:
    """What a program reads stands before the mail that came back: a report of any length is read, its beginning is."""
    raw = mails.postfix(HERE) + b"x" * 20_000_000

    assert [(BOUNCED, "5.1.1", True)] == read(raw)
    assert [] == read(b"X-Long: " + b"x" * 1024 * 1024 + b"\r\n" + mails.postfix(HERE))


def test_a_report_about_a_report_is_not_about_the_inner_one() -> None:
    """A report whose returned mail is a report says nothing about the mail that the inner one was about."""
    inner = mails.postfix(HERE).decode().replace("\r\n", "\n")
    outer = mails.report(ELSEWHERE, group(Action="failed", Status="5.1.1"), returned=f"Return-Path: <>\n{inner}")

    assert [] == read(outer)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(mails.postfix(HERE).replace(b"boundary=", b"bound="), id="no-boundary"),
        pytest.param(mails.postfix(HERE).replace(b"--0A1B", b"--9999"), id="other-boundary"),
        pytest.param(mails.postfix(HERE)[:1400], id="cut-short"),
        pytest.param(mails.postfix(HERE).replace(b"message/delivery-status", b"message"), id="half-a-type"),
        pytest.param(mails.postfix(HERE).replace(b"multipart/report", b"multipart/mixed"), id="mixed"),
        pytest.param(mails.postfix(HERE).replace(b"\r\n\r\n", b"\r\n"), id="no-blank-lines"),
        pytest.param(mails.postfix(HERE).replace(b": ", b"\0"), id="nul"),
        pytest.param(mails.postfix(HERE).decode().encode("utf-16"), id="utf-16"),
    ],
)
def test_broken_reports_say_nothing(raw: bytes) -> None:
    """A report that cannot be taken apart is no word, and no error."""
    assert [] == read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(mails.postfix(HERE).replace(b"Notification", b"\xff\xfe\x00"), id="octets"),
        pytest.param(mails.postfix(HERE).replace(b"charset=utf-8", b"charset=klingon"), id="charset"),
        pytest.param(mails.postfix(HERE).replace(b"Subject: ", b"Subject: =?x?q?=?=\r\n\tY"), id="encoded-word"),
        pytest.param(mails.postfix(HERE)[:2040], id="cut-in-the-returned-mail"),
        pytest.param(mails.postfix(HERE, returned="\n" + "x\n" * 1000), id="no-header-returned"),
    ],
)
def test_what_is_broken_elsewhere_does_no_harm(raw: bytes) -> None:
    """What is broken in parts that nobody reads changes nothing."""
    assert [(BOUNCED, "5.1.1", True)] == read(raw)


# As a source of receipts, and the way there


def test_bounces_are_a_source_of_receipts() -> None:
    """Where mails arrive by a call to the website, the source is verified and parsed like any other."""
    source: ReceiptSource = Bounces(PATH)

    assert source.verify({}, mails.postfix(FORGED))
    assert Bounces(PATH).read(mails.postfix(HERE)) == source.parse(mails.postfix(HERE))
    assert [] == source.parse(mails.postfix(FORGED))


def composed(channel: Email, message_id: str = ID) -> EmailMessage:
    common = {
        "message_id": message_id,
        "order_id": "A-1",
        "notice": "shipped",
        "occasion": "parcel:1",
        "to": mails.CUSTOMER,
        "locale": "en",
        "at": datetime(2026, 1, 5, 9, tzinfo=UTC),
    }
    parts = {"subject": "On its way", "text": "Hello", "html": "<p>Hello</p>"}
    message = channel.compose(common, parts, shop=Shop(), customer=Customer(email=mails.CUSTOMER))
    assert isinstance(message, EmailMessage)
    return message


def test_every_mail_has_an_address_to_come_back_to() -> None:
    """A channel with a return path gives each message an envelope sender and an id that only it has."""
    message = composed(Email(ConsoleTransport(), sender="orders@shop.example", return_path=PATH))

    assert (HERE, PATH.token(ID), "orders@shop.example") == (message.return_path, message.envelope_id, message.sender)
    assert ("", "") == (
        (without := composed(Email(ConsoleTransport(), sender="orders@shop.example"))).return_path,
        without.envelope_id,
    )


def test_only_our_own_messages_come_back() -> None:
    """A message whose id is none of ours cannot be given an address to come back to."""
    with pytest.raises(UsageError, match="32 hexadecimal digits"):
        composed(Email(ConsoleTransport(), sender="orders@shop.example", return_path=PATH), "preview")
