"""A mail as bytes: what the standard library's parser reads back, what a line may hold, and what is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage as Parsed
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from proactive_notify import errors
from proactive_notify._content import mime
from proactive_notify._content.addresses import AddressInvalid, ascii_domain, parse_address
from proactive_notify._content.mail_headers import tidy
from proactive_notify.domain.messages import EmailMessage

LONG_URL = "https://shop.example/unsubscribe/" + "a1b2" * 100


def mail(**fields: Any) -> EmailMessage:
    """A mail that is as usual but for what is given."""
    usual: dict[str, Any] = {
        "message_id": "0198c2f0-1111-7222-8333-444455556666",
        "order_id": "A-1001",
        "notice": "shipped",
        "occasion": "parcel:1",
        "to": "joao@example.net",
        "to_name": "João Silva",
        "locale": "pt-BR",
        "at": datetime(2026, 1, 5, 9, tzinfo=UTC),
        "subject": "Seu pedido está a caminho",
        "text": "Olá João,\n\nseu pedido está a caminho.\n",
        "html": "<html><body><p>Olá João</p></body></html>\n",
        "sender": "Loja Exemplo <pedidos@loja.example>",
        "reply_to": "ajuda@loja.example",
        "headers": {},
    }
    return EmailMessage(**{**usual, **fields})


def parsed(message: EmailMessage) -> Parsed:
    """The message as the standard library reads its bytes."""
    read = message_from_bytes(mime.encode(message), policy=policy.default)
    assert isinstance(read, Parsed)
    return read


def contents(read: Parsed) -> list[tuple[str, str]]:
    """Type and text of each part."""
    leaves = [part for part in read.walk() if not part.is_multipart()]
    return [(part.get_content_type(), part.get_content().replace("\r\n", "\n")) for part in leaves]


def recipient(message: EmailMessage) -> tuple[str, str]:
    """
    Name and address in `To`.

    Read the older way: the newer one of Python 3.11 leaves a space between two encoded words of a name, which
    RFC 2047 section 6.2 says are joined (mended in 3.12.9 and 3.13.2).
    """
    name, address = parseaddr(str(message_from_bytes(mime.encode(message))["To"]).replace("\r\n", ""))
    return str(make_header(decode_header(name))), address


# What people write: letters of every script, emoji, both directions; no controls, no halves of characters.
SAFE = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029")
SCRIPTS = st.sampled_from(
    [
        "Ada Lovelace",
        "João da Silva",
        "王小明",
        "Ναταλία",
        "Иван Петров",
        "محمد علي",
        "דוד כהן",
        "สมชาย",
        "👩‍🚀🎁",
        "=?utf-8?q?x?=",
    ]
)
HEADER_TEXT = st.one_of(SCRIPTS, st.text(SAFE, max_size=300), st.lists(SCRIPTS, max_size=12).map(" ".join))
BODY = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=3000)


# Reading back


@given(subject=HEADER_TEXT)
@example(subject="a" * 90)
@example(subject="x  " * 60)
@example(subject=f"see {LONG_URL}")
@example(subject="🎁" * 100)
def test_subject_reads_back(subject: str) -> None:
    """A subject in any script, of any length, reads back exactly as it went in."""
    assert subject == parsed(mail(subject=subject))["Subject"]


@given(name=HEADER_TEXT)
@example(name='O"Neill, \\ Ann <x@y>')
@example(name="J. R. (Bob) Smith")
@example(name="Ann, " * 30)
def test_names_read_back(name: str) -> None:
    """A customer's name in any script reads back exactly, and the address beside it stays what it was."""
    assume(name.strip())

    assert (name, "joao@example.net") == recipient(mail(to_name=name))


@given(text=BODY, html=BODY.filter(bool))
@example(text=".\n..\n.hidden\nFrom here\n", html=".")
@example(text="no line break at the end", html="trailing blanks  \n\t\n  ")
@example(text="--=_x\n--\n", html="é" * 3000)
@example(text="", html="x" * 5000)
def test_both_parts_read_back(text: str, html: str) -> None:
    """Both parts read back exactly, the text first and the HTML last, whatever they hold."""
    assert [("text/plain", text), ("text/html", html)] == contents(parsed(mail(text=text, html=html)))


@given(subject=HEADER_TEXT, name=HEADER_TEXT, text=BODY)
def test_the_wire_is_clean(subject: str, name: str, text: str) -> None:
    """Every byte is ASCII, and every line ends with CRLF and has at most 78 octets."""
    wire = mime.encode(mail(subject=subject, to_name=name, text=text))

    assert wire.isascii()
    assert wire.endswith(b"\r\n")
    assert wire.count(b"\r") == wire.count(b"\n") == wire.count(b"\r\n")
    assert 78 >= max(map(len, wire.split(b"\r\n")))


def test_line_breaks_of_any_kind_become_crlf() -> None:
    """Text with the line ends of other systems is read with the same lines."""
    assert ("text/plain", "a\nb\nc\nd") == contents(parsed(mail(text="a\r\nb\rc\nd")))[0]


# Headers


def test_headers_of_a_notice() -> None:
    """The headers are those that mail systems want of an automatic mail, each once."""
    read = parsed(mail())
    thread = mime.thread_id(mail())

    assert {
        "From": "Loja Exemplo <pedidos@loja.example>",
        "To": "João Silva <joao@example.net>",
        "Reply-To": "ajuda@loja.example",
        "Subject": "Seu pedido está a caminho",
        "Date": "Mon, 05 Jan 2026 09:00:00 +0000",
        "Message-ID": "<0198c2f0-1111-7222-8333-444455556666@loja.example>",
        "In-Reply-To": thread,
        "References": thread,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Content-Language": "pt-BR",
        "MIME-Version": "1.0",
    } == {name: str(value) for name, value in read.items() if name != "Content-Type"}
    assert len(list(read)) == len({name.lower() for name in read})
    assert [] == [defect for part in read.walk() for defect in part.defects]


def test_the_same_message_gives_the_same_bytes() -> None:
    """The bytes are a function of the message, also of a copy that was stored and read again."""
    copy = EmailMessage.model_validate_json(mail().model_dump_json())

    assert mime.encode(mail()) == mime.encode(copy)


def test_message_id_depends_on_the_id_and_the_sender_alone() -> None:
    """A mail that is rendered anew keeps its Message-ID; another message has another."""
    again = mail(subject="Changed", text="Changed", html="Changed", at=datetime(2027, 1, 1, tzinfo=UTC))

    assert mime.message_id(mail()) == mime.message_id(again)
    assert mime.message_id(mail()) != mime.message_id(mail(message_id="another"))


@pytest.mark.parametrize("own", ["A 1001", "a@b", "a..b", "", "x" * 500, "é", "<>", "a\r\nBcc: x@y"])
def test_any_message_id_becomes_a_valid_one(own: str) -> None:
    """An id that cannot stand in a Message-ID is replaced by its digest: always the same one."""
    header = mime.message_id(mail(message_id=own))

    assert re.fullmatch(r"<[0-9a-f]{24}@loja\.example>", header)
    assert header == mime.message_id(mail(message_id=own))


def test_mails_of_one_order_form_a_thread() -> None:
    """All mails of an order refer to one id; those of another order to another."""
    first, second, other = mail(), mail(message_id="2", notice="delivered"), mail(order_id="A-1002")

    assert parsed(first)["References"] == parsed(second)["References"] == parsed(second)["In-Reply-To"]
    assert parsed(first)["References"] != parsed(other)["References"]
    assert "A-1001" not in parsed(first)["References"]


@pytest.mark.parametrize(
    ("offset", "shown"),
    [
        (timedelta(0), "+0000"),
        (timedelta(hours=-3), "-0300"),
        (timedelta(hours=5, minutes=30), "+0530"),
        (-timedelta(hours=3, minutes=30), "-0330"),
    ],
)
def test_date_has_its_offset(offset: timedelta, shown: str) -> None:
    """`Date` is the message's own time with its offset from UTC."""
    at = datetime(2026, 12, 31, 23, 5, 9, tzinfo=timezone(offset))

    read = parsed(mail(at=at))["Date"]

    assert f"Thu, 31 Dec 2026 23:05:09 {shown}" == str(read)
    assert at == read.datetime


def test_list_unsubscribe_is_never_broken() -> None:
    """A long address in `List-Unsubscribe` stays in one line, unencoded; two are cut between them."""
    value = f"<{LONG_URL}>, <mailto:leave@shop.example?subject={'y' * 60}>"

    wire = mime.encode(mail(headers={"List-Unsubscribe": value, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}))

    assert f"\r\nList-Unsubscribe: <{LONG_URL}>,\r\n <mailto:".encode() in wire
    assert value == message_from_bytes(wire, policy=policy.default)["List-Unsubscribe"]
    assert 998 >= max(map(len, wire.split(b"\r\n")))


def test_further_headers_may_hold_any_script() -> None:
    """A header of the shop's own may hold text in any script."""
    assert "Grüße 🎁" == parsed(mail(headers={"X-Greeting": "Grüße 🎁"}))["X-Greeting"]


@pytest.mark.parametrize(("locale", "shown"), [("pt_BR", "pt-BR"), ("de", "de"), ("English (US)", None), ("", None)])
def test_content_language_is_a_language_tag(locale: str, shown: str | None) -> None:
    """A locale that is no language tag is left out; it never holds up a mail."""
    assert shown == parsed(mail(locale=locale))["Content-Language"]


def test_without_html_the_text_goes_alone() -> None:
    """A mail without HTML is plain text, not two parts of which the better is empty."""
    read = parsed(mail(html=""))

    assert "text/plain" == read.get_content_type()
    assert mail().text == read.get_content().replace("\r\n", "\n").removesuffix("\n")


def test_short_text_can_be_read_in_the_raw_mail() -> None:
    """A short text with few letters beyond ASCII is quoted-printable: words stay words."""
    assert b"seu pedido est=C3=A1 a caminho." in mime.encode(mail())


# Addresses


@pytest.mark.parametrize(
    ("text", "name", "spec"),
    [
        ("ada@shop.example", "", "ada@shop.example"),
        (" ada@shop.example ", "", "ada@shop.example"),
        ("Ada <ada@shop.example>", "Ada", "ada@shop.example"),
        ('"Ada \\"L\\", Inc." <ada@shop.example>', 'Ada "L", Inc.', "ada@shop.example"),
        ("ada@localhost", "", "ada@localhost"),
        ("ada@[192.0.2.1]", "", "ada@[192.0.2.1]"),
        ("ada+tag/x=1@sub.shop.example", "", "ada+tag/x=1@sub.shop.example"),
        ('"ada lovelace"@shop.example', "", '"ada lovelace"@shop.example'),
        ("two..dots.@mobile.example", "", '"two..dots."@mobile.example'),
        ("ada@bücher.example", "", "ada@xn--bcher-kva.example"),
        ("jörg@shop.example", "", "jörg@shop.example"),
    ],
)
def test_addresses_are_read(text: str, name: str, spec: str) -> None:
    """Addresses as customers and shops write them are read into name and mailbox."""
    address = parse_address(text)

    assert (name, spec) == (address.name, address.spec)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@shop.example",
        "ada@",
        "ada@shop..example",
        "ada@-shop.example",
        "a b@shop.example",
        "a@b@shop.example",
        "ada@shop.example, bob@shop.example",
        "ada@shop.example\r\nRCPT TO:<eve@shop.example>",
        "ada\x00@shop.example",
        "<ada@shop.example> SIZE=1",
        "ada@shop.example>",
        "Ada <ada@shop.example",
        "x" * 65 + "@shop.example",
        "ada@" + "x" * 64 + ".example",
        "ada@" + "x." * 130 + "example",
        "ada@\u2028.example",
        "<" * 100_000,
        " " * 100_000 + "<",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """What cannot be one mailbox is refused, so nothing is slipped into a command; the text does not repeat it."""
    with pytest.raises(AddressInvalid) as refused:
        parse_address(text)

    assert "shop" not in str(refused.value)


@given(text=st.text(st.sampled_from('ab.@<>"\\ ,:;[]()é\r\n\x00ß。-_1')))
@example(text='"a> SIZE=1 <b"@shop.example')
def test_no_address_ends_its_command(text: str) -> None:
    """Whatever is read as an address is one mailbox between the angle brackets of a command, and reads the same."""
    try:
        spec = parse_address(text).spec
    except AddressInvalid:
        return

    assert re.fullmatch(r'(?:"(?:[^"\\]|\\.)*"|[^\s<>@"(),:;\\]+)@(?:[a-zA-Z0-9._-]+|\[[0-9A-Za-z.:]+\])', spec)
    assert spec == parse_address(spec).spec == parse_address(f"Name <{spec}>").spec


@pytest.mark.parametrize(
    ("domain", "ascii_"),
    [
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("STRAẞE.example", "xn--strae-oqa.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_domains_become_ascii(domain: str, ascii_: str) -> None:
    """A domain in any script becomes its A-labels as IDNA 2008 has them, ß and final sigma included."""
    assert ascii_ == ascii_domain(domain)


@pytest.mark.parametrize(
    ("fields", "needed"),
    [
        ({}, False),
        ({"to": "ada@bücher.example"}, False),
        ({"to": "jörg@shop.example"}, True),
        ({"sender": "grüße@shop.example"}, True),
        ({"reply_to": "grüße@shop.example"}, True),
        ({"return_path": "bounce@bücher.example"}, False),
        ({"return_path": "bounce@shop.example", "sender": "grüße@shop.example"}, True),
    ],
)
def test_smtputf8_is_needed_for_the_part_before_the_at(fields: dict[str, str], needed: bool) -> None:
    """Only a part before the @ beyond ASCII needs SMTPUTF8, and only then do the bytes hold more than ASCII."""
    assert needed == mime.needs_smtputf8(mail(**fields))
    assert needed != mime.encode(mail(**fields)).isascii()


def test_customers_address_that_is_none_is_suppressed() -> None:
    """A customer's address that is no address will never work: permanent, and not to be used again."""
    with pytest.raises(errors.Permanent) as refused:
        mime.encode(mail(to="nobody at all"))

    assert refused.value.suppress
    assert "nobody" not in str(refused.value)


@pytest.mark.parametrize("field", ["sender", "reply_to"])
def test_shops_address_that_is_none_pauses_the_channel(field: str) -> None:
    """A sender that is no address is the shop's own mistake: no message is spent on it."""
    with pytest.raises(errors.ChannelRefused):
        mime.encode(mail(**{field: "orders"}))


@pytest.mark.parametrize("field", ["sender", "reply_to"])
def test_the_shops_mistakes_are_told_before_a_messages_own(field: str) -> None:
    """A message that could not be written either is not given up for what is the shop's mistake."""
    with pytest.raises(errors.ChannelRefused):
        mime.encode(mail(**{field: "orders"}, to_name="A\rda", subject="a\nb"))


@pytest.mark.parametrize(
    ("return_path", "sender"),
    [
        ("", "pedidos@loja.example"),
        ("bounce+0af1@loja.example", "bounce+0af1@loja.example"),
        ("Bounces <bounce@bücher.example>", "bounce@xn--bcher-kva.example"),
    ],
)
def test_a_mail_comes_back_to_its_return_path(return_path: str, sender: str) -> None:
    """The return path is the envelope's sender, and without one the sender's address is; no header shows it."""
    message = mail(return_path=return_path)

    assert mime.Envelope(sender, "joao@example.net") == mime.envelope(message)
    assert mime.encode(mail()) == mime.encode(message)


@pytest.mark.parametrize(
    "return_path", ["bounce", "bounce@loja.example> SIZE=1", "a@b.example\r\nRCPT TO:<x@y.example>"]
)
def test_a_return_path_that_is_none_pauses_the_channel(return_path: str) -> None:
    """A return path that is no address is the shop's own mistake, told without repeating it."""
    with pytest.raises(errors.ChannelRefused, match="return_path") as refused:
        mime.envelope(mail(return_path=return_path))

    assert "loja" not in str(refused.value)


# What is refused


@pytest.mark.parametrize(
    "control", ["\r", "\n", "\r\nBcc: eve@example.net", "\x00", "\x1b[2J", "\x7f", "\x85", "\u2028"]
)
@pytest.mark.parametrize("field", ["subject", "to_name", "headers", "sender", "reply_to", "to"])
def test_controls_are_refused(control: str, field: str) -> None:
    """No header can be ended from inside its value; the refusal names the header and holds nothing of the value."""
    value = f"secret{control}"
    values: dict[str, Any] = {"subject": value, "to_name": value, "headers": {"X-Note": value}}

    with pytest.raises((errors.Permanent, errors.ChannelRefused)) as refused:
        mime.encode(mail(**{field: values.get(field, f"{value} <eve@shop.example>")}))

    assert "secret" not in str(refused.value)
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "again"},
        {"message-id": "<x@y>"},
        {"Bcc": "eve@example.net"},
        {"X Note": "x"},
        {"X-Note:": "x"},
        {"X-Nöte": "x"},
        {"": "x"},
        {"X" * 47: "x"},
        {"ada@shop.example": "x"},
        {"List-Unsubscribe": "<https://bücher.example>"},
        {"List-Unsubscribe": f"<https://shop.example/{'x' * 1000}>"},
    ],
)
def test_headers_that_cannot_be_written_are_refused(headers: dict[str, str]) -> None:
    """A header that exists already, has no name, or would have to be broken is refused."""
    with pytest.raises(errors.Permanent):
        mime.encode(mail(headers=headers))


def test_time_without_offset_is_refused() -> None:
    """A time that could be anywhere in the world does not become a `Date`."""
    naive = datetime(2026, 1, 5, 9, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(errors.Permanent):
        mime.encode(mail(at=naive))


@given(text=st.text(max_size=300))
def test_tidy_makes_any_text_fit_for_a_header(text: str) -> None:
    """Whatever a customer calls herself, the tidied name can be written, and reads back."""
    name = tidy(text, limit=60)

    assert 60 >= len(name)
    assert name == recipient(mail(to_name=name))[0]


def test_tidy_takes_what_hides_or_turns() -> None:
    """Line breaks, escapes and marks of direction go; the words stay."""
    assert "Ada Lovelace Bcc: x [31m" == tidy("Ada\u202e  Lovelace\r\nBcc: x\x1b[31m\u2066 ")
