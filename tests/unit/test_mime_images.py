"""Pictures inside a mail: where they stand, what is read back, and that a stored mail keeps them."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from proactive_notify import errors
from proactive_notify._content import mime
from proactive_notify.domain.messages import EmailMessage, InlineImage

from .test_mime import mail

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
LOGO = InlineImage(content_id="logo", media_type="image/png", data=PNG)
PAGE = '<html><body><img src="cid:logo" alt="Loja"></body></html>\n'

IMAGES = st.lists(
    st.builds(
        InlineImage,
        content_id=st.from_regex(r"[A-Za-z0-9_-]{1,20}(\.[a-z]{1,5})?(@shop\.example)?", fullmatch=True),
        media_type=st.sampled_from(["image/png", "image/jpeg", "image/gif", "image/svg+xml", "image/x-icon"]),
        data=st.binary(min_size=1, max_size=9_000),
    ),
    max_size=4,
    unique_by=lambda image: image.content_id,
).map(tuple)


def parsed(message: EmailMessage) -> Parsed:
    read = message_from_bytes(mime.encode(message), policy=policy.default)
    assert isinstance(read, Parsed)
    return read


def images_of(read: Parsed) -> list[InlineImage]:
    """The pictures of a mail as the standard library reads them."""
    return [
        InlineImage(
            content_id=part["Content-ID"].strip("<>"),
            media_type=part.get_content_type(),
            data=part.get_payload(decode=True),
        )
        for part in read.walk()
        if part.get_content_maintype() == "image"
    ]


@given(images=IMAGES, text=st.text(st.characters(codec="utf-8", exclude_characters="\r")))
@example(images=(LOGO,), text="--=_x\n--=_.x--\n")
def test_pictures_read_back(images: tuple[InlineImage, ...], text: str) -> None:
    """Each picture reads back with its name, its type and every byte, beside the two parts as they were."""
    message = mail(images=images, text=text, html=PAGE)
    read = parsed(message)
    plain, page = read.get_body(("plain",)), read.get_body(("html",))

    assert list(images) == images_of(read)
    assert plain is not None
    assert page is not None
    assert (text, PAGE) == tuple(each.get_content().replace("\r\n", "\n") for each in (plain, page))
    assert [] == [defect for part in read.walk() for defect in part.defects]


def test_pictures_stand_beside_the_html() -> None:
    """Text or HTML is the choice, and the pictures belong to the HTML (RFC 2387); they are no attachments."""
    read = parsed(
        mail(html=PAGE, images=(LOGO, LOGO.model_copy(update={"content_id": "b", "media_type": "image/gif"})))
    )

    assert [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/gif",
    ] == [part.get_content_type() for part in read.walk()]
    related = list(read.walk())[2]
    assert "text/html" == related.get_param("type")
    assert [] == list(read.iter_attachments())
    assert ["inline", "inline"] == [part.get_content_disposition() for part in related.walk() if part["Content-ID"]]


@given(images=IMAGES)
def test_a_mail_with_pictures_is_clean_on_the_wire(images: tuple[InlineImage, ...]) -> None:
    """Pictures are lines of at most 78 octets of ASCII that end with CRLF."""
    wire = mime.encode(mail(images=images, html=PAGE))

    assert wire.isascii()
    assert wire.endswith(b"\r\n")
    assert wire.count(b"\r") == wire.count(b"\n") == wire.count(b"\r\n")
    assert 78 >= max(map(len, wire.split(b"\r\n")))


@given(images=IMAGES)
def test_a_stored_mail_keeps_its_pictures(images: tuple[InlineImage, ...]) -> None:
    """A mail that is stored as JSON and read again is the same, and gives the same bytes."""
    message = mail(images=images, html=PAGE)
    stored = message.model_dump_json()
    copies = [EmailMessage.model_validate_json(stored), EmailMessage.model_validate(json.loads(stored))]

    assert [message, message] == copies
    assert [mime.encode(message)] * 2 == [mime.encode(copy) for copy in copies]


def test_without_html_there_is_nothing_to_show_a_picture_in() -> None:
    """A mail without HTML is its text alone, whatever pictures it has."""
    assert mime.encode(mail(html="")) == mime.encode(mail(html="", images=(LOGO,)))


def test_two_pictures_of_one_name_are_refused() -> None:
    """Two pictures that the HTML could not tell apart are an error."""
    with pytest.raises(errors.Permanent, match="same content_id"):
        mime.encode(mail(html=PAGE, images=(LOGO, LOGO)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"content_id": ""},
        {"content_id": "a b"},
        {"content_id": "a>\r\nX: y"},
        {"content_id": "logo\n"},
        {"content_id": "x" * 61},
        {"media_type": "text/html"},
        {"media_type": "image/png\r\nX: y"},
        {"media_type": "image/png; name=x"},
        {"media_type": "image/png\n"},
        {"data": b""},
        {"data": "no base64!"},
    ],
)
def test_a_picture_that_cannot_be_written_is_not_made(wrong: dict[str, object]) -> None:
    """A picture's name and type hold nothing that could end a header, and it is not empty."""
    with pytest.raises(ValidationError):
        InlineImage.model_validate({"content_id": "logo", "media_type": "image/png", "data": PNG, **wrong})


def test_a_picture_is_a_frozen_value() -> None:
    """A picture does not change once it is made, and does not fill a log line."""
    with pytest.raises(ValidationError):
        LOGO.data = b"x"  # type: ignore[misc]
    assert 100 > len(repr(LOGO))
