"""Where mails come back to: what stands for a message in an address, and who can make it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_notify.domain.return_path import ReturnPath
from proactive_notify.errors import UsageError

SECRET = b"a secret of a shop, long enough"
PATH = ReturnPath(secret=SECRET, domain="bounces.shop.example")
ID = "0123456789abcdef0123456789abcdef"
IDS = st.binary(max_size=8).map(lambda seed: hashlib.sha256(seed).hexdigest()[:32])


@given(id=IDS)
def test_a_token_and_an_address_read_back(id: str) -> None:
    """The token of a message, its address, and either within other words, stand for that message."""
    texts = [PATH.token(id), PATH.address(id), f"<{PATH.address(id)}>", f"rfc822; {PATH.address(id).upper()} (x)"]

    assert [id] * 4 == [PATH.message_id(text) for text in texts]


def test_an_address_is_one_that_every_server_takes() -> None:
    """The part before the @ has at most 64 octets (RFC 5321 section 4.5.3.1.1), also with the longest mailbox."""
    longest = ReturnPath(secret=SECRET, domain="d" * 63 + ".example", mailbox="m" * 10)
    local, _, domain = longest.address(ID).rpartition("@")

    assert ("m" * 10 + "+" + ID, 63) == (local[:-20], len(local))
    assert "d" * 63 + ".example" == domain
    assert longest.address(ID).isascii()


def test_an_envelope_id_is_one_that_every_server_takes() -> None:
    """A token is at most 100 characters that need no encoding (RFC 3461 section 4.4)."""
    token = PATH.token(ID)

    assert 52 == len(token)
    assert set() == set(token) - set("0123456789abcdef")


@given(id=IDS, other=IDS, place=st.integers(0, 51), digit=st.sampled_from("0123456789abcdef"))
def test_a_forged_token_stands_for_nothing(id: str, other: str, place: int, digit: str) -> None:
    """A changed digit, another message's signature and another secret's are no token."""
    token = PATH.token(id)
    changed = token[:place] + digit + token[place + 1 :]
    stranger = ReturnPath(secret=b"another secret, long enough", domain="bounces.shop.example")

    assert (id if changed == token else None) == PATH.message_id(changed)
    assert (id if other == id else None) == PATH.message_id(other + token[32:])
    assert PATH.message_id(stranger.address(id)) is None


@pytest.mark.parametrize(
    "text",
    ["", ID, f"<{ID}@shop.example>", f"bounce+{ID}@bounces.shop.example", ID + "0" * 20, "é" * 52, "\x00", "٣" * 52],
)
def test_what_is_not_signed_stands_for_nothing(text: str) -> None:
    """A bare id, as a Message-ID shows it, and any other text name no message."""
    assert PATH.message_id(text) is None


def test_a_token_stands_alone() -> None:
    """More hexadecimal digits around a token make it another word; a true one behind a false one is found."""
    token = PATH.token(ID)

    assert [None, None] == [PATH.message_id(f"a{token}"), PATH.message_id(f"{token}0")]
    assert PATH.message_id(f"{ID}{'0' * 20} {token}") == ID


def test_a_signature_is_for_this_purpose_only() -> None:
    """The same secret used elsewhere, as a plain HMAC over the id, signs no return path."""
    elsewhere = hmac.digest(SECRET, ID.encode(), "sha256").hex()[:20]

    assert PATH.message_id(ID + elsewhere) is None


@pytest.mark.parametrize("id", ["", "A-1", ID.upper(), ID + "0", ID[:-1], ID[:-1] + "\n", "é" * 32])
def test_only_our_own_ids_are_signed(id: str) -> None:
    """What is no message's id can neither be signed nor become a part of an address."""
    with pytest.raises(UsageError, match="32 hexadecimal digits"):
        PATH.address(id)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"secret": b"short"}, "at least 16 octets"),
        ({"secret": "a text and not octets"}, "at least 16 octets"),
        ({"mailbox": ""}, "mailbox"),
        ({"mailbox": "elevenchars"}, "mailbox"),
        ({"mailbox": "a..b"}, "mailbox"),
        ({"mailbox": ".a"}, "mailbox"),
        ({"mailbox": "a+b"}, "mailbox"),
        ({"mailbox": "a\n"}, "mailbox"),
        ({"domain": ""}, "domain"),
        ({"domain": "localhost"}, "domain"),
        ({"domain": "shop.example>"}, "domain"),
        ({"domain": "shop.example\r\nRCPT TO:<x@y.example>"}, "domain"),
        ({"domain": "bücher.example"}, "domain"),
        ({"domain": "-a.example"}, "domain"),
        ({"domain": "a.example\n"}, "domain"),
        ({"domain": ".".join(["d" * 60] * 4)}, "domain"),
    ],
)
def test_what_cannot_work_is_refused(fields: dict[str, str], words: str) -> None:
    """A short secret, and a mailbox or domain that could not stand in an address, are refused at once."""
    with pytest.raises(UsageError, match=words):
        ReturnPath(**{"secret": SECRET, "domain": "shop.example", **fields})  # type: ignore[arg-type]  # on purpose


def test_the_secret_is_not_shown() -> None:
    """The representation, which may stand in a log, does not hold the secret."""
    assert "secret" not in repr(PATH)
