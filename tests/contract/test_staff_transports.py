"""The staff's wires: a signed webhook, and whatever Apprise reaches."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import sys
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from proactive_notify import (
    ChannelRefused,
    Customer,
    MissingExtra,
    Permanent,
    SendError,
    Staff,
    StaffLine,
    StaffMessage,
    Transient,
    Uncertain,
    UsageError,
)
from proactive_notify.testing import Simulation
from proactive_notify.transports import AppriseTransport, WebhookTransport
from proactive_notify.transports.webhook import signed

from .telling import ORDER, placed

SECRET = "whsec_" + b64encode(b"0123456789abcdef0123456789abcdef").decode()
LINE = StaffLine(
    order_id="A-1",
    subject="going-quiet",
    text="no word",
    at=datetime(2026, 1, 6, 9, tzinfo=UTC),
    promise="news_by",
    until=date(2026, 1, 7),
    speaks_at=datetime(2026, 1, 6, 17, tzinfo=UTC),
    record=("customer.answered",),
)
MESSAGE = StaffMessage(
    message_id="0123456789abcdef",
    order_id="",
    notice="staff-going-quiet",
    occasion="staff:2026-01-06T09:02:00Z",
    to="staff",
    locale="en",
    at=datetime(2026, 1, 6, 9, 2, tzinfo=UTC),
    subject="Going quiet: order A-1",
    text="A-1: no word – “why”?\n",
    lines=(LINE,),
)


class Hook:
    """A shop's own endpoint: keeps what came, and answers as it is told."""

    def __init__(self, status: int = 204, **headers: str) -> None:
        self.status, self.headers = status, headers
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.silent = asyncio.Event()
        self.is_silent = False

    async def handle(self, request: web.Request) -> web.Response:
        self.calls.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        if self.is_silent:
            await self.silent.wait()
        return web.Response(status=self.status, headers=self.headers)

    @asynccontextmanager
    async def open(self, **options: Any) -> AsyncIterator[WebhookTransport]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        async with TestServer(app) as server:
            yield WebhookTransport(str(server.make_url("/staff?token=s3cret")), secret=SECRET, **options)
            self.silent.set()


def is_genuine(headers: dict[str, str], body: bytes, *, secret: str = SECRET) -> bool:
    """What a receiver does, written from the specification alone."""
    key = b64decode(secret.removeprefix("whsec_"))
    signed_text = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    wanted = "v1," + b64encode(hmac.new(key, signed_text, "sha256").digest()).decode()
    return hmac.compare_digest(wanted, headers["webhook-signature"])


# The webhook


def test_a_signature_is_that_of_the_specification() -> None:
    """The example that Svix and Standard Webhooks print is signed as they sign it."""
    key = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', key=key)

    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == found["webhook-signature"]


async def test_a_call_carries_the_message_and_its_signature() -> None:
    """The endpoint gets JSON with the text and each line, and can prove whose it is."""
    hook = Hook()
    async with hook.open() as transport:
        accepted = await transport.send(MESSAGE)

    ((headers, body),) = hook.calls
    assert "0123456789abcdef" == accepted.reference
    assert ("application/json", "1767690120") == (headers["content-type"], headers["webhook-timestamp"])
    assert is_genuine(headers, body)
    assert not is_genuine(headers, body.replace(b"A-1", b"A-2"))
    assert {
        "type": "staff.words",
        "timestamp": "2026-01-06T09:02:00Z",
        "data": {
            "notice": "staff-going-quiet",
            "locale": "en",
            "subject": "Going quiet: order A-1",
            "text": "A-1: no word – “why”?\n",
            "lines": [
                {
                    "order_id": "A-1",
                    "subject": "going-quiet",
                    "text": "no word",
                    "at": "2026-01-06T09:00:00Z",
                    "promise": "news_by",
                    "until": "2026-01-07",
                    "speaks_at": "2026-01-06T17:00:00Z",
                    "record": ["customer.answered"],
                }
            ],
        },
    } == json.loads(body)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Permanent),
        (400, Permanent),
        (401, ChannelRefused),
        (403, ChannelRefused),
        (404, Permanent),
        (408, Transient),
        (429, Transient),
        (500, Transient),
        (503, Transient),
    ],
)
async def test_a_status_says_what_to_do(status: int, kind: type[SendError]) -> None:
    """Only 2xx is taken; a redirect is not followed; the text of a refusal holds neither URL nor token."""
    hook = Hook(status, Location="/elsewhere", **{"Retry-After": "120"})
    async with hook.open() as transport:
        with pytest.raises(kind) as refused:
            await transport.send(MESSAGE)

    assert 1 == len(hook.calls)
    assert str(status) == refused.value.code
    assert "s3cret" not in f"{refused.value}{transport!r}"
    assert refused.value.__context__ is None
    if kind is Transient:
        assert timedelta(minutes=2) == refused.value.retry_after


async def test_nobody_there_is_an_outage() -> None:
    """Where nobody listens nothing was handed over."""
    transport = WebhookTransport(f"http://127.0.0.1:{unused_port()}/s3cret", secret=SECRET)

    with pytest.raises(Transient) as refused:
        await transport.send(MESSAGE)

    assert refused.value.is_outage
    assert refused.value.__context__ is None
    assert "s3cret" not in str(refused.value)


async def test_no_answer_is_uncertain() -> None:
    """Whoever does not answer in time perhaps has it: it goes again under the same id."""
    hook = Hook()
    hook.is_silent = True
    async with hook.open(timeout=timedelta(milliseconds=200)) as transport:
        for _ in range(2):
            with pytest.raises(Uncertain):
                await transport.send(MESSAGE)

    first, second = (headers["webhook-id"] for headers, _ in hook.calls)
    assert first == second


@pytest.mark.parametrize("url", ["", "shop.example/hook", "ftp://shop.example/", "https:///x", "http://h:99999/"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    """What cannot be called is a mistake of the set-up, told at once."""
    with pytest.raises(UsageError, match="`url` of WebhookTransport"):
        WebhookTransport(url, secret=SECRET)


@pytest.mark.parametrize("secret", ["", "password", "whsec_", "whsec_c2hvcnQ=", "whsec_***", SECRET[6:]])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    """A secret that is too short or not written as the specification wants is refused, and not repeated."""
    with pytest.raises(UsageError, match="`secret` of WebhookTransport") as refused:
        WebhookTransport("https://shop.example/hook", secret=secret)

    assert not secret or secret == "whsec_" or secret not in str(refused.value)


def test_a_webhook_is_made_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """URL and secret come from the environment; without them it says so."""
    monkeypatch.setenv("PN_STAFF_WEBHOOK_URL", "https://shop.example/hook")
    with pytest.raises(UsageError, match="`secret`"):
        WebhookTransport.from_env()
    monkeypatch.setenv("PN_STAFF_WEBHOOK_SECRET", SECRET)

    assert isinstance(WebhookTransport.from_env(), WebhookTransport)


async def test_a_word_reaches_the_webhook_and_is_tried_again() -> None:
    """The engine and the wire together: refused once, then taken, as one list."""
    hook = Hook(503)
    async with hook.open() as transport, Simulation(staff=Staff(transport)) as sim:
        await sim.record(placed(customer=Customer(name="Ada")))
        await sim.advance(minutes=2)
        hook.status = 200
        await sim.advance(minutes=2)

    assert 2 == len(hook.calls)
    assert all(is_genuine(*call) for call in hook.calls)
    assert [ORDER] == [line["order_id"] for line in json.loads(hook.calls[-1][1])["data"]["lines"]]


# Apprise

#: Apprise looks for a module that Python 3.13 has no more.
with_apprise = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@with_apprise
async def test_apprise_hands_the_words_on(tmp_path: Path) -> None:
    """Apprise gets title and text, here for a JSON endpoint of its own."""
    hook = Hook(200)
    async with hook.open() as webhook:
        place = webhook._url.removeprefix("http://").partition("/")[0]
        await AppriseTransport(f"json://{place}/apprise").send(MESSAGE)

    said = json.loads(hook.calls[0][1])
    assert (MESSAGE.subject, MESSAGE.text.strip()) == (said["title"], said["message"].strip())


@with_apprise
async def test_what_apprise_cannot_hand_over_goes_again(caplog: pytest.LogCaptureFixture) -> None:
    """A URL that takes nothing is a failure for now, and Apprise's own words about it stay out of the log."""
    with caplog.at_level(logging.DEBUG):
        transport = AppriseTransport(f"json://user:s3cret@127.0.0.1:{unused_port()}/team")
        with pytest.raises(Transient) as refused:
            await transport.send(MESSAGE)

    assert "apprise" == refused.value.code
    assert "" == "".join(record.getMessage() for record in caplog.records if record.name == "apprise")
    assert "s3cret" not in f"{caplog.text}{transport!r}{refused.value}"
    assert [] == logging.getLogger("apprise").filters


@with_apprise
@pytest.mark.parametrize(
    ("urls", "said"), [((), "needs a URL"), (("json://localhost", "nonsense://s3cret@host"), "the URL number 2")]
)
def test_urls_that_apprise_cannot_read_are_refused(
    urls: tuple[str, ...], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A URL that Apprise does not know is named by its number, and never repeated, in the log neither."""
    with caplog.at_level(logging.DEBUG), pytest.raises(UsageError, match=said) as refused:
        AppriseTransport(*urls)

    assert "s3cret" not in f"{caplog.text}{refused.value}"


@with_apprise
def test_apprise_is_made_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """URLs stand in the environment with blanks between them."""
    monkeypatch.setenv("PN_STAFF_APPRISE_URLS", "json://localhost  json://127.0.0.1")

    assert isinstance(AppriseTransport.from_env(), AppriseTransport)


def test_without_apprise_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error names it."""
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(MissingExtra, match=r'pip install "proactive-notify\[apprise\]"'):
        AppriseTransport("json://localhost")
