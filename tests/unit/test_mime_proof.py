"""What goes into a mail comes out of it: random mails, read by the standard library, and beside its own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage as Standard
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proactive_notify import errors
from proactive_notify._content import mime
from proactive_notify.domain.messages import EmailMessage

from .test_mime import contents, mail, recipient

CLEAN = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029")
#: One of each script and direction, combining marks, joiners, the marks that turn a text, and what headers are made of.
PIECES = st.sampled_from(
    """
    Ada João 王小明 Ναταλία Иван محمد דוד สมชาย हिन्दी 한국어 ქართული አማርኛ e\u0301\u0327 👩\u200d👩\u200d👧 🏳️\u200d🌈 🎁
    \u202eevil \u2066x\u2069 \u200f \ufeff \u00ad \u00a0 \U0010ffff =?utf-8?q?x?= =?utf-8?B?eA==?= ?= =?
    " \\ ( ) , ; : < > @ . -- ' %
    """.replace("\n    ", " ").split(" ")
)
HEADER = st.one_of(st.lists(PIECES, max_size=40).map(" ".join), st.lists(PIECES, max_size=40).map("".join)).map(
    lambda text: text.replace("\n", "")
) | st.text(CLEAN, max_size=400)
LINES = st.text(st.one_of(st.characters(codec="utf-8", exclude_characters="\r"), st.sampled_from("\n\n .=-")))
URL = st.text(st.sampled_from("abcXYZ0189-._~%/?&=+,;:@!$'()*#[]"), min_size=1, max_size=900).map(
    lambda rest: f"https://shop.example/{rest}"
)
LOCAL = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\.[a-z0-9]{1,20}){0,2}", fullmatch=True)
DOMAIN = st.sampled_from(["shop.example", "bücher.example", "例え.テスト", "straße.example", "mail.shop.example"])
AT = st.datetimes(datetime(1971, 1, 1), datetime(2999, 1, 1)).flatmap(  # noqa: DTZ001  the zone is added
    lambda at: st.integers(-12 * 60, 14 * 60).map(lambda m: at.replace(tzinfo=timezone(timedelta(minutes=m))))
)


@st.composite
def mails(draw: st.DrawFn) -> EmailMessage:
    """A mail with everything in it that a shop or a customer chooses."""
    headers = {}
    if draw(st.booleans()):
        headers["List-Unsubscribe"] = f"<{draw(URL)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return mail(
        to=f"{draw(LOCAL)}@{draw(DOMAIN)}",
        to_name=draw(HEADER),
        subject=draw(HEADER),
        text=draw(LINES),
        html=draw(LINES),
        at=draw(AT),
        message_id=draw(st.text(max_size=200)),
        order_id=draw(st.text(max_size=50)),
        locale=draw(st.sampled_from(["en", "pt-BR", "pt_BR", "", "klingon (tlh)"])),
        sender=f"{draw(LOCAL)}@{draw(DOMAIN)}",
        reply_to=draw(st.one_of(st.just(""), LOCAL.map(lambda local: f"{local}@shop.example"))),
        headers=headers,
    )


@given(message=mails())
def test_what_goes_in_comes_out(message: EmailMessage) -> None:
    """Names, subject, both parts, date and further headers of any mail read back exactly, and no header comes twice."""
    wire = mime.encode(message)
    read = message_from_bytes(wire, policy=policy.default)
    name, address = recipient(message)

    assert message.subject == read["Subject"]
    assert (message.to_name.strip(), mime.envelope(message).recipient) == (name.strip(), address)
    assert mime.envelope(message).sender == str(read["From"])
    parts = [("text/plain", message.text), ("text/html", message.html)]
    assert [part for part in parts if part[1] or part[0] == "text/plain"] == [
        (kind, text.removesuffix("\n") if not message.html else text)
        for kind, text in contents(read)  # type: ignore[arg-type]
    ]
    assert message.at.replace(microsecond=0) == read["Date"].datetime
    assert dict(message.headers) == {key: read[key] for key in message.headers}
    assert len(read.keys()) == len({key.lower() for key in read})
    assert [] == [defect for part in read.walk() for defect in part.defects]


@given(message=mails())
def test_every_mail_is_clean_on_the_wire(message: EmailMessage) -> None:
    """Every line ends with CRLF and fits (RFC 5322 section 2.1.1), all is ASCII, and no header is empty."""
    wire = mime.encode(message)
    head = wire.partition(b"\r\n\r\n")[0]

    assert wire.isascii()
    assert wire.endswith(b"\r\n")
    assert wire.count(b"\r") == wire.count(b"\n") == wire.count(b"\r\n")
    assert 998 >= max(map(len, wire.split(b"\r\n")))
    assert b"\x00" not in wire
    assert [] == [line for line in head.split(b"\r\n") if not line.strip()]


@given(subject=HEADER, name=HEADER, length=st.integers(1, 46))
@example(subject="👩\u200d👩\u200d👧" * 60, name="e\u0301" * 90, length=46)
@example(subject="x" * 400, name="é" * 400, length=45)
def test_encoded_words_are_short_and_whole(subject: str, name: str, length: int) -> None:
    """No encoded word is longer than 75 octets, no line with one longer than 76, and each is decoded by itself."""
    message = mail(subject=subject, to_name=name, headers={"X" * length: f"{subject}é"})
    wire = mime.encode(message)
    head = wire.partition(b"\r\n\r\n")[0].decode("ascii")

    assert f"{subject}é" == message_from_bytes(wire, policy=policy.default)["X" * length]
    for line in head.split("\r\n"):
        words = re.findall(r"=\?utf-8\?B\?[A-Za-z0-9+/=]*\?=", line)
        assert 75 >= max((len(word) for word in words), default=0)
        assert not words or 76 >= len(line)
        for word in words:
            assert str(make_header(decode_header(word)))  # a cut character would be no UTF-8


@given(
    field=st.sampled_from(
        ["subject", "to_name", "sender", "reply_to", "to", "return_path", "X-Note", "List-Id", "name"]
    ),
    before=st.sampled_from(["", "s3cret", "s3cret é"]),
    control=st.sampled_from(
        ["\r", "\n", "\r\n", "\x00", "\r\n\r\n", "\n ", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\x7f"]
    ),
    after=st.sampled_from(["", "s3cret", "Bcc: s3cret@s3cret.example", " folded s3cret"]),
)
def test_no_control_enters_a_header(field: str, before: str, control: str, after: str) -> None:
    """CR, LF, NUL and their kin are an error wherever they stand in a header, and the error does not repeat it."""
    value = f"{before}{control}{after}"
    fields: dict[str, Any]
    match field:
        case "X-Note" | "List-Id":
            fields = {"headers": {field: value}}
        case "name":
            fields = {"headers": {f"X-{value}": "x"}}
        case "sender" | "reply_to" | "to" | "return_path":
            # Blanks around an address are no part of it.
            fields = {field: f"Eve {value} <eve@shop.example>"}
        case _:
            fields = {field: value}

    with pytest.raises((errors.Permanent, errors.ChannelRefused)) as refused:
        mime.encode(mail(**fields)), mime.envelope(mail(**fields))

    assert "s3cret" not in str(refused.value).replace("'X-s3cret'", "")
    assert (None, None) == (refused.value.__cause__, refused.value.__context__)


@given(url=URL, mailto=st.booleans())
def test_unsubscribing_survives(url: str, mailto: bool) -> None:
    """`List-Unsubscribe` reads back as it was with its address in one piece, and `List-Unsubscribe-Post` too."""
    value = f"<{url}>" + (", <mailto:leave@shop.example>" if mailto else "")
    wire = mime.encode(mail(headers={"List-Unsubscribe": value, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}))

    assert f"<{url}>".encode() in wire
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in wire
    for parser in (policy.default, policy.compat32, policy.SMTP):
        read = message_from_bytes(wire, policy=parser)
        assert value == str(read["List-Unsubscribe"]).replace("\r\n", "")


def standard(message: EmailMessage) -> Standard:
    """The same mail, as the standard library would make it."""
    made = Standard(policy=policy.SMTP.clone(max_line_length=998))
    made["From"] = message.sender
    made["To"] = Address(message.to_name, addr_spec=message.to)
    made["Subject"] = message.subject
    made["Date"] = message.at
    made["Message-ID"] = mime.message_id(message)
    made.set_content(message.text)
    made.add_alternative(message.html, subtype="html")
    return made


@given(
    subject=st.text(CLEAN, max_size=200).map(str.strip),
    name=st.text(
        st.characters(categories=("L", "N", "Zs"), exclude_characters="\u2028\u2029"), min_size=1, max_size=60
    ),
    text=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=500),
    html=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=3000),
)
def test_the_standard_librarys_own_mail_says_the_same(subject: str, name: str, text: str, html: str) -> None:
    """A mail of ours and one that the standard library makes of the same values are the same mail to a reader."""
    name = " ".join(name.split()) or "Ada"
    message = mail(
        subject=subject, to_name=name, text=f"{text}\n", html=f"{html}\n", sender="orders@shop.example", reply_to=""
    )
    ours = message_from_bytes(mime.encode(message), policy=policy.default)
    theirs = message_from_bytes(standard(message).as_bytes(), policy=policy.default)

    assert contents(theirs) == contents(ours)  # type: ignore[arg-type]
    for header in ("From", "Date", "Message-ID"):
        assert str(theirs[header]) == str(ours[header])
    assert [part.get_content_type() for part in theirs.walk()] == [part.get_content_type() for part in ours.walk()]
    assert message.subject == ours["Subject"]
    assert (name, "joao@example.net") == recipient(message)


@pytest.mark.parametrize("local", ["jörg", "用户", "δοκιμή", "\U0001f600"])
def test_local_parts_beyond_ascii_go_as_they_are(local: str) -> None:
    """A local part in any script goes as UTF-8 (RFC 6532), its domain as A-labels, and reads back."""
    message = mail(to=f"{local}@bücher.example")
    wire = mime.encode(message)

    assert f"<{local}@xn--bcher-kva.example>".encode() in wire
    assert mime.needs_smtputf8(message)
    assert f"{local}@xn--bcher-kva.example" == mime.envelope(message).recipient
    read = message_from_bytes(wire, policy=policy.default.clone(utf8=True))
    assert f"{local}@xn--bcher-kva.example" in str(read["To"])


def test_the_bytes_of_a_second_do_not_depend_on_what_went_before() -> None:
    """The same instant in two zones is two headers, and microseconds are none, whichever was written first."""
    at = datetime(2026, 1, 5, 9, 0, 0, 999_999, tzinfo=UTC)
    local = at.astimezone(timezone(timedelta(hours=-3)))

    said = [re.findall(rb"Date: ([^\r]*)", mime.encode(mail(at=each)))[0] for each in (at, local, at, local)]

    assert [b"Mon, 05 Jan 2026 09:00:00 +0000", b"Mon, 05 Jan 2026 06:00:00 -0300"] * 2 == said
