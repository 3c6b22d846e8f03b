"""DKIM: mails that are signed here verify after they went over a real server, and no change goes unseen."""

from __future__ import annotations

import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy

import dkim
import pytest
from dkim.crypto import parse_pem_private_key

from proactive_notify import errors
from proactive_notify._content import mime
from proactive_notify.domain.messages import EmailMessage
from proactive_notify.transports import Dkim, SmtpTransport

from .smtp_server import SmtpServer

#: Made for these tests, and used nowhere else.
KEY = """\
-----BEGIN RSA PRIVATE KEY-----
MIIEoQIBAAKCAQEAtYnJi9cowPZY4lXnkGjEBV3brDXO7ngs84dWBDzYrAfYej7Q
QeHu0wO8B3HGkxPSlJLrMiAZgpBC3xKP5yUBKvJ2Oawxnm2B5Jv4ngu+LDjZBPhk
LZpGdL0dbdNTXhD39vIQP86EoZLPyFvvOZUlQFfKRJ85alLlhDjWjyjj3t8IYXtv
gkrUOavMNWKMW2Jqh/ylUiYE5fMbv3XFhJZibmdyyVAMa/D2ikq/hmyTFgTMj1Uj
24VQMyXJZvIRkA3mwYsJY8bAw39IL01bk0ljnfiLB+fSBx240i3dgBztcC/K57eK
XllWf2CWq81+NDFIuFdQQ7aCSE94NMSpdU7czQIDAQABAoH/CcAc0yX7SmHw5Dc4
+MinvqIL6nP5aVWLFIlwVUnvWU4Skn5NMTyxVyQcNUonID8wUEqT111iAWE+Nj0I
/aE/Ls9XCkH1aEz5bQ3zjImU7UsgXOP6fXiL0DlYG03+bE79AoZ92O9+sC7yehB2
COG53nrYolbq/or1SOTEoWvQ0WeSB9kS/Sqt9cpSZ9rGop+vda/UNxwOShTXIerS
892q0g2gbqt3gMqYXUmVWCa8BdZ/VBIMclLjrmJx3EZbq/9Yj6wrRqqghW0s3Nrq
Fp119XmMd0g/65flIqf8hEzjKPKCQojI3IrgRnjtkU2Y135UWvvSrmJxgP+8iQZB
f6ypAoGBAO1WFCp3NmFIK4o+9GGmdgrqCAm6O0WA3lnQpOiVXc9Kgb6eHeHfWZuO
B2j3uges+0HMm1z+BymhIL70r9s2wOHCceQ2rfF/aheW/UwGBaIczRQilgf/MYnh
9Z93hWXkbtTt2xjrXutXI/zhXVbxSz9edL/QnOu9j5HDVxZUL5Z5AoGBAMPQafjz
+goukkefXNJ1oJXqzqa5pIlr1dU5JXRNbjKUJ9msqGh+eZk/nL8olSZsWEsn3KX3
JB0rLJYtAaJlTLAfVgWNP9m8Gtdt2zEvn+6sQpiUr4UYzwoZKAL1Si/ZThwCXfEP
zBrEqIZtsugOA23o/9Myui2QekLllrNHp/P1AoGBAKe+XyJkf5riV2OueytJa8Tr
BCNb7OiC3KS+Qs/gQh1wm6MOPjCWm87F45bdAC7MpAktg+GF6aoSqAJPDrvxRwJJ
XBXgT7CQTXu+y+gfmXuqv4erqj6cr3a0rdW3tCEAAxWbx28lbEEJpfXlkwMQKA7x
w7KOz1oO8JolZjfx6HCBAoGAUupipUdyXnNf/7IMlRW3/SNjhBfiA0rFTjeXk4ri
GcrAoRzKZwz/IpRcJFnj5lREgvaLKT/ga/WHOMQwB/sLIRzzyQAJxIIxf32GLmqz
N1Z8EK4NMLfTm7wRREdntaE3wQaDjvsYe1FA50N2WWrtqtHZ2i2FxpuCGeesC5hR
Fy0CgYBNxJaR8N3GhUG+LVwLSMmyeolsS7dYutqdyUoyqKR+L1j5KyRHkfZnXx/o
XN0+vPoJfkLGHo6KnD9Yt1zBN78jXt7f0AwbGyGYjecnWZvZD0PIwphgOJ/ot6rA
mpNN6thViSXf8zpXdVSsbZk0qOcRnT8Hr7PFBAIJoSRqx9Odng==
-----END RSA PRIVATE KEY-----
"""
#: The same, of 768 bits.
SHORT_KEY = """\
-----BEGIN RSA PRIVATE KEY-----
MIIBygIBAAJhAMmbgFWJ3XEaU9JsDxNgfVG8Ry5ziIEy6nSYNl7X9dNOpWzJbi+v
7e9Ao8DpUcHGrC/tagzojUUxgh95wE3neTLs8QlC+745ej/Rb7GFYTiZVft7b+YB
WF7WbeppGpkvLQIDAQABAmAiKJa154X9g9hv7p8fSVnyX1QwKqMWQOo4lxGfQDgG
dWzR4c8phUVrJCiapu2TR3XYFt3BqLqlljrY2mh5wJ8oiEFFJcMRJsW6iB0qn5gq
A+n55xd7acSeeSg3cNjrNAECMQDuNN6QgNgA4Qw1hwDx9jcuTyljUKxH+esWtV4T
3Owv9znMqriZ7ORsUih1LxQCb5kCMQDYqsL9XLoZ35MTgpQaz3wW46PtWKsnFPrX
o0TTlq/VFL0QLIjC1ESKi36es2CviLUCMQC989ELgIM/aDbZNHgPex0Tw7KobPuF
RgkvCaAkzMZXlZk02Wrt7BdXPcjfcZROQPkCMB4ILVbpD3KepshBhT3iHJUfoI05
iR+1rL9PBi8958llQn+HbL10prt9cmOVAYXTMQIweooSdxaqjikc/39CPMfwltLf
UxEMxbAB/EW2WZfU3d+e7O1uIUONFi3ADMU6cqRG
-----END RSA PRIVATE KEY-----
"""
ED25519_KEY = """\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIPS9LYKggV7ywoBUlBbC8hg9FnPNmt/tknthiU7w3xM7
-----END PRIVATE KEY-----
"""
LOCKED_KEY = """\
-----BEGIN RSA PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,8FD310EB77947B636699F9ECC1FF7B4B

F8eXcjs47AOvuQ5rPxM7YWtWVYTk9URk2BrF1plWevda5MAm9GJok7uxdmTIbOl2
DxXDkvXuDmqJXtnblCMa117k2MreRiLz8jPfz8qT2c6VR1z5qalrMaNHGAm7Yo0C
GdMbpnrNlJynRu7yZhxeiZEEV+X8CskavxP8XidXl7gkxv4g7UbfpEmgpZbkDz0M
FuejxzqoMnLLkWhqxHm8/QMhruFPfiIoU0w1xAqLtS4K4urpbxoXn2UTh8mcT7gi
daOTcC/A3pTh6OESH8JjkfSWKb1p3/yR8S5aJNYKkWylfbNrW4pq0DHN5+Y5P/69
Ja75Q+S1u+zEeJzyPK8eKzJsKVK5V0XqnA4+pNcgWei4VjA6882GIiyCLarddmBW
18euaBh6wGevpRi41vDC3pmejRpwLdTcyiXCQOrsROLnONcP45w9NQ7zr0nidBV9
5FagVx8qqdSUJKwFg4NVjRqpZRLbZW7dFff7iBvBzRej0r2nOqj7IqBFzj9n8fi4
S45ibFb27DJk7mR+NGx8Ft5oMuAGwlj7BQ5EDWgmtQxt/r8Aa49mEiS6Gbx30Psn
ybULRCXYSuo5bhRgMNl6+Yvl2u1MPK8iGIb1lcul3/WcWNbYo0znHGkKBjq5SodA
DYFcJySn2dBXwait7W1Ah23W2mUo7Ned8+TTGjSqHZzR2vx5FuZSXASr9uBr/8d2
+FOR1VCdso1b6AHBn48FVzjj1XQr3g76YPH+sJ7DSC8u6yxtx+FipgSq9NUXzgfi
hF8yYG5sa3Zr8v2MH09S/zojl76pIN9AesZA0fnR6Diz59P0y34eUqSqwkwMqW8H
-----END RSA PRIVATE KEY-----
"""
AT = datetime(2026, 1, 5, 9, 0, 30, 250_000, tzinfo=UTC)


def der(tag: int, *contents: bytes) -> bytes:
    """One value of ASN.1."""
    content = b"".join(contents)
    length = len(content)
    size = length.to_bytes((length.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (size if length < 128 else bytes([128 + len(size)]) + size) + content


def number(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def pkcs8(key: str) -> str:
    """The key as newer programs write it."""
    inner = b64decode("".join(key.splitlines()[1:-1]))
    rsa = der(0x30, bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("0500"))
    outer = b64encode(der(0x30, number(0), rsa, der(4, inner))).decode()
    lines = "\n".join(outer[start : start + 64] for start in range(0, len(outer), 64))
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n"


def dns(name: bytes, timeout: float = 5) -> bytes:
    """The record that a receiver would find."""
    assert b"s1._domainkey.shop.example." == name
    numbers = parse_pem_private_key(KEY.encode())
    public = der(0x30, number(numbers["modulus"]), number(numbers["publicExponent"]))
    return b"v=DKIM1; k=rsa; p=" + b64encode(public)


def verifies(wire: bytes) -> bool:
    return bool(dkim.verify(wire, dnsfunc=dns))


def signer(**given: object) -> Dkim:
    return Dkim(**{"domain": "shop.example", "selector": "s1", "private_key": KEY, **given})  # type: ignore[arg-type]


def mail(**given: object) -> EmailMessage:
    usual = {
        "message_id": "0198c2f011117222",
        "order_id": "A-1001",
        "notice": "delayed",
        "occasion": "o",
        "to": "ada@example.org",
        "to_name": "João 王小明",
        "locale": "en",
        "at": AT,
        "subject": "Dein Päckchen kommt später",
        "text": ".\n..\nIt is late by 3 days.  \n\n.\n\n\n",
        "html": "<p>It is late by 3 days.</p>\n" * 200,
        "sender": "Shop <orders@shop.example>",
        "reply_to": "help@shop.example",
        "headers": {
            "List-Unsubscribe": f"<https://shop.example/leave/{'a1' * 60}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }
    return EmailMessage.model_validate({**usual, **given})


def tags(wire: bytes) -> dict[str, str]:
    """The tags of the signature."""
    value = message_from_bytes(wire, policy=policy.default.clone(max_line_length=0))["DKIM-Signature"]
    pairs = (each.partition("=") for each in re.sub(r"\s", "", value).rstrip(";").split(";"))
    return {name: said for name, _, said in pairs}


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(mail(), id="whole"),
        pytest.param(mail(html="", headers={}, reply_to="", to_name=""), id="text"),
        pytest.param(mail(to="jörg@bücher.example"), id="smtputf8"),
        pytest.param(mail(subject="x " * 300, headers={"List-Id": "orders <orders.shop.example>"}), id="folded"),
        pytest.param(mail(text="", html="x"), id="empty"),
    ],
)
async def test_a_signed_mail_verifies_after_its_way(message: EmailMessage) -> None:
    """What arrives over a real server carries one signature, on top, and it verifies."""
    async with SmtpServer() as server:
        transport = SmtpTransport.from_url(server.url, dkim=signer())
        await transport.send(message)
        await transport.aclose()
    (arrived,) = (each.content for each in server.mails)

    assert verifies(arrived)
    assert arrived.startswith(b"DKIM-Signature: ")
    assert 1 == arrived.count(b"DKIM-Signature: ")
    assert arrived.endswith(mime.encode(message))
    assert arrived.count(b"\r\n") == arrived.count(b"\n") == arrived.count(b"\r")
    assert 998 >= max(map(len, arrived.split(b"\r\n")))


def a_digit(wire: bytes) -> bytes:
    return wire.replace(b"late by 3 days", b"late by 4 days", 1)


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a digit of the text": a_digit,
    "a letter of the html": lambda wire: wire[:-200] + (b"A" if wire[-200:-199] != b"A" else b"B") + wire[-199:],
    "more below": lambda wire: wire + b"Buy pills\r\n",
    "the subject": lambda wire: wire.replace(b"\r\nSubject: ", b"\r\nSubject: Urgent ", 1),
    "the date": lambda wire: wire.replace(b"\r\nDate: Mon, 05", b"\r\nDate: Mon, 12", 1),
    "where to leave": lambda wire: wire.replace(b"/leave/", b"/evil/", 1),
    "how to leave": lambda wire: wire.replace(b"=One-Click", b"=No-Click", 1),
    "where answers go": lambda wire: wire.replace(b"<help@" if b"<help@" in wire else b"help@", b"evil@", 1),
    "the boundary": lambda wire: wire.replace(b'boundary="=_', b'boundary="=X', 1),
    "the time of signing": lambda wire: re.sub(rb"t=\d", b"t=9", wire, count=1),
    "another From": lambda wire: wire.replace(b"\r\nFrom: ", b"\r\nFrom: evil@evil.example\r\nFrom: ", 1),
    "another Subject": lambda wire: wire.replace(b"\r\nSubject: ", b"\r\nSubject: Urgent\r\nSubject: ", 1),
    "another To": lambda wire: wire.replace(b"\r\nTo: ", b"\r\nTo: eve@example.net\r\nTo: ", 1),
    "another Date": lambda wire: wire.replace(b"\r\nDate: ", b"\r\nDate: Mon, 05 Jan 2026 09:00:31 +0000\r\nDate: ", 1),
    "another Message-ID": lambda wire: wire.replace(b"\r\nMessage-ID: ", b"\r\nMessage-ID: <x@y>\r\nMessage-ID: ", 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_goes_unseen(change: str) -> None:
    """A mail of which one digit is changed, or to which a header is added that is there once, verifies no more."""
    wire = signer().sign(mime.encode(mail()), at=AT)
    changed = CHANGES[change](wire)

    assert verifies(wire)
    assert wire != changed
    assert not verifies(changed)


def test_what_servers_do_on_the_way_does_no_harm() -> None:
    """Headers that are added, spaces that are changed and lines that are folded anew leave the signature valid."""
    wire = signer().sign(mime.encode(mail()), at=AT)
    on_its_way = b"Received: from a by b; Mon, 05 Jan 2026 09:00:31 +0000\r\nX-Spam: no\r\n" + wire
    on_its_way = on_its_way.replace(b"\r\nTo: ", b"\r\nto:  ", 1).replace(b"\r\n boundary", b"\r\n\tboundary", 1)

    assert verifies(on_its_way + b"\r\n\r\n")


def test_the_signature_says_what_it_covers() -> None:
    """The signature is relaxed, over the whole body, and counts the headers that must not come twice once more."""
    said = tags(signer().sign(mime.encode(mail()), at=AT))
    covered = said["h"].split(":")

    assert ("1", "rsa-sha256", "relaxed/relaxed", "shop.example", "s1") == tuple(said[tag] for tag in "vacds")
    assert "l" not in said
    assert str(int(AT.timestamp())) == said["t"]
    assert dict.fromkeys(("from", "to", "subject", "date", "message-id"), 2) == {
        name: covered.count(name) for name in covered if covered.count(name) > 1
    }
    assert {"reply-to", "list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type"} <= {*covered}
    assert not {"list-unsubscribe", "list-unsubscribe-post"} & {
        *tags(signer().sign(mime.encode(mail(headers={})), at=AT))["h"].split(":")
    }


def test_the_same_mail_has_the_same_signature() -> None:
    """A mail that goes again has the same bytes; the time is the instant, whatever its zone, and no clock's."""
    wire = mime.encode(mail())
    elsewhere = AT.astimezone(timezone(timedelta(hours=-3)))

    assert signer().sign(wire, at=AT) == signer().sign(wire, at=AT) == signer().sign(wire, at=elsewhere)
    assert signer().sign(wire, at=AT) != signer().sign(wire, at=AT + timedelta(seconds=1))


@pytest.mark.parametrize(
    "private_key",
    [
        pytest.param(KEY.encode(), id="bytes"),
        pytest.param(pkcs8(KEY), id="pkcs8"),
        pytest.param(KEY.replace("\n", "\r\n"), id="crlf"),
        pytest.param(f"\n  {KEY}\n\n", id="blanks"),
    ],
)
def test_a_key_is_read_as_it_comes(private_key: bytes | str) -> None:
    """A key may be text or bytes, PKCS#1 or PKCS#8, with the line ends of any system."""
    assert verifies(signer(private_key=private_key).sign(mime.encode(mail()), at=AT))


@pytest.mark.parametrize(
    "private_key",
    [
        "",
        "secret",
        KEY[:600],
        KEY[:900] + "AAAA" + KEY[904:],
        KEY.replace("BEGIN", "").replace("--", ""),
        ED25519_KEY,
        LOCKED_KEY,
        SHORT_KEY,
        b"\xff\xfe",
    ],
)
def test_a_key_that_cannot_sign_is_told_at_once(private_key: bytes | str) -> None:
    """A key that is none, broken, locked or too short is an error when the signer is made; nothing of it is shown."""
    with pytest.raises(errors.UsageError, match="`private_key` of Dkim") as refused:
        signer(private_key=private_key)

    assert (None, None) == (refused.value.__cause__, refused.value.__context__)
    assert "MI" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"domain": "shop"},
        {"domain": ""},
        {"domain": "shop.example; l=0"},
        {"domain": "[192.0.2.1]"},
        {"selector": ""},
        {"selector": "s1; l=0"},
        {"selector": "s1."},
        {"selector": "s\r\n1"},
    ],
)
def test_a_domain_or_selector_that_is_none_is_told(wrong: dict[str, str]) -> None:
    """What could add a tag to the signature, or is no name in the DNS, is refused."""
    with pytest.raises(errors.UsageError, match=next(iter(wrong))):
        signer(**wrong)


def test_a_domain_in_any_script_signs_as_a_labels() -> None:
    """The signature names the domain as the DNS has it (RFC 6376 section 3.5)."""
    made = signer(domain="bücher.example")

    assert "xn--bcher-kva.example" == made.domain == tags(made.sign(mime.encode(mail()), at=AT))["d"]


def test_a_mail_without_headers_cannot_be_signed() -> None:
    """What is no mail is our own mistake: the channel pauses, and nothing of the mail is told."""
    with pytest.raises(errors.ChannelRefused, match="DKIM") as refused:
        signer().sign(b"secret without a header", at=AT)

    assert "secret" not in str(refused.value)
    assert refused.value.__context__ is None


def test_the_key_is_not_shown() -> None:
    """What is printed of a signer is its domain and its selector."""
    assert "Dkim(domain='shop.example', selector='s1')" == repr(signer())


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without dkimpy the error says what to install."""
    monkeypatch.setitem(sys.modules, "dkim", None)

    with pytest.raises(errors.MissingExtra, match=r'pip install "proactive-notify\[dkim\]"'):
        signer()
