"""What the doctor finds: of a real mail server, of the sender's address, of the store and of the notices."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import sqlite3
import ssl
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import ChannelRefused, Notifier, Shop
from proactive_notify.cli.findings import Finding, Grade
from proactive_notify.cli.sender_rules import Sending, dns_findings, is_aligned, organisation, sender_findings
from proactive_notify.cli.server_findings import server_findings
from proactive_notify.transports.smtp_probe import Certificate, ServerReport, Step
from tests.contract.certificates import Authority
from tests.contract.command_line import CommandLine, Ran
from tests.contract.smtp_server import SmtpServer
from tests.contract.wires import Stage, Wire, placed

PASSWORD = "segredo-key"
TESTER = "tester@mailbox-of-mine.com"
OFFERS = ("SIZE 26214400", "8BITMIME", "SMTPUTF8", "PIPELINING", "DSN", "AUTH PLAIN")
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)

#: A shop of its own. Each name in braces is filled in by :class:`Practice`.
APP = """
import ssl
from datetime import timedelta

from proactive_notify import Email, Notifier, ReturnPath, Shop
from proactive_notify.transports import ConsoleTransport, SmtpTransport

class Signer:
    domain = "adler-shop.com"

    def sign(self, wire, *, at):
        return wire

trusting = ssl.create_default_context(cafile={authority!r})
transport = {transport}
email = Email(transport, sender={sender!r}, return_path={return_path})
notifier = Notifier(Shop(name="Adler Shop", reply_to={reply_to!r}), store={store!r}, channels=[email], {more})
"""
SMTP = 'SmtpTransport("127.0.0.1", {port}, username="shop", password={password!r}, {options})'


class Practice:
    """Writes a shop's module, and calls the doctor. Without notices, unless they are wanted: rendering takes time."""

    def __init__(self, command: CommandLine, folder: Path, name: str, authority: Authority) -> None:
        self.command, self.folder, self.authority = command, folder, authority
        self._name, self._apps = re.sub(r"\W", "_", name), 0

    def app(self, server: SmtpServer | None = None, **given: Any) -> str:
        """Write a shop; return what --app calls its notifier."""
        usual = {"password": PASSWORD, "options": "tls_context=trusting", "port": server.port if server else 0, **given}
        values = {
            "authority": f"{self.authority.folder}/authority.pem",
            "transport": SMTP.format(**usual),
            "sender": "Adler Shop <orders@adler-shop.com>",
            "return_path": None,
            "reply_to": "care@adler-shop.com",
            "store": "sqlite://",
            "more": "notices=()",
            **given,
        }
        self._apps += 1
        module = f"{self._name}_{self._apps}"
        (self.folder / f"{module}.py").write_text(APP.format(**values), encoding="utf-8")
        return f"{module}:notifier"

    async def look(self, *arguments: str | Path) -> Ran:
        """Call the doctor from a thread, so that this loop's server can answer. No secret is ever printed."""
        ran = await asyncio.to_thread(self.command, "doctor", *arguments)
        assert PASSWORD not in ran.out + ran.err
        assert TESTER not in ran.out + ran.err
        return ran


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def practice(
    command: CommandLine,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    authority: Authority,
) -> Practice:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return Practice(command, tmp_path, request.node.name, authority)


@asynccontextmanager
async def good_server(authority: Authority, host: str = "127.0.0.1") -> AsyncIterator[SmtpServer]:
    async with SmtpServer(extensions=OFFERS, tls=authority.serving(host), password=PASSWORD) as server:
        yield server


def grades(ran: Ran) -> dict[str, str]:
    """Every check with its grade; a server goes by the name `server`."""
    return {_key(each): each["grade"] for each in ran.json["findings"]}


def finding(ran: Ran, key: str) -> dict[str, str]:
    return next(each for each in ran.json["findings"] if key == _key(each))


def _key(found: dict[str, str]) -> str:
    about = "server" if found["about"].startswith("Server") else found["about"].partition(" (")[0]
    return f"{about} {found['check']}"


# A shop that is well


async def test_a_shop_that_is_well(practice: Practice, authority: Authority, tmp_path: Path) -> None:
    """Server, sender, store with a living worker and notices are looked at; nothing is wrong, nothing is sent; 0."""
    store = f"sqlite:///{tmp_path / 'orders.db'}"
    options = "tls_context=trusting, dkim=Signer()"
    async with good_server(authority) as server, Notifier(Shop(), store=store, notices=()) as shop, shop.worker():
        ran = await practice.look("--app", practice.app(server, store=store, options=options, more=""), "--json")

    assert (0, "") == (ran.status, ran.err)
    assert {
        "server connect": "well",
        "server offers": "well",
        "server TLS": "well",
        "server log-in": "well",
        "Sender From": "well",
        "Sender DKIM": "well",
        "Sender return path": "note",
        "Sender Reply-To": "well",
        "DNS SPF": "note",
        "DNS DKIM": "note",
        "DNS DMARC": "note",
        "Store opens": "well",
        "Store workers": "well",
        "Store messages": "well",
        "Notices render": "well",
    } == grades(ran)
    assert (True, "All is well.") == (ran.json["ok"], ran.json["verdict"])
    assert [] == server.mails
    assert "8BITMIME, AUTH (PLAIN), DSN, PIPELINING, SIZE (25 MB), SMTPUTF8." == finding(ran, "server offers")["says"]
    assert "dig +short TXT _dmarc.adler-shop.com" == finding(ran, "DNS DMARC")["says"]


async def test_json_says_what_the_server_is(practice: Practice, authority: Authority) -> None:
    """With --json the server's own report is there too: extensions, TLS, certificate and steps."""
    async with good_server(authority) as server:
        ran = await practice.look("--app", practice.app(server), "--json")
    report = ran.json["servers"]["email"]

    assert ("127.0.0.1", server.port, 26214400, True) == tuple(
        report[key] for key in ("host", "port", "size_limit", "is_verified")
    )
    assert {"connect": "ok", "ehlo": "ok", "tls": "ok", "auth": "ok"} == {
        name: step["outcome"] for name, step in report["steps"].items()
    }
    assert ["127.0.0.1"] == report["certificate"]["names"]


@pytest.mark.parametrize("width", [80, 120])
async def test_it_is_read_at_any_width(
    practice: Practice, authority: Authority, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """For a person the findings stand in groups, with a mark and what to do, and no line is wider than the terminal."""
    async with good_server(authority) as server:
        app = practice.app(server, password=PASSWORD[:-1], reply_to="no-reply@adler-shop.com")
        monkeypatch.setenv("COLUMNS", str(width))
        ran = await practice.look("--app", app)
    lines = [line.rstrip() for line in ran.out.splitlines()]

    assert 1 == ran.status
    assert width >= max(map(len, lines))
    assert f"Server of email (127.0.0.1:{server.port})" == lines[0]
    assert [f"  ✓  connect      127.0.0.1:{server.port} answers."] == lines[1:2]
    assert any(line.startswith("  ✗  log-in       The server answered 535 5.7.8") for line in lines)
    assert any(line.startswith("                  → Look at the user name and the password") for line in lines)
    assert any(
        line.startswith("  !  Reply-To     A customer who answers writes to no-reply@adler-shop.com") for line in lines
    )
    assert "1 thing is wrong, 4 warnings." == lines[-1]


async def test_the_page_shows_what_it_prints(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/doctor.md shows the very lines that are printed, but for the port."""
    shown = (Path(__file__).resolve().parents[2] / "docs" / "doctor.md").read_text(encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "80")
    async with SmtpServer(
        extensions=("SIZE 26214400", "8BITMIME", "SMTPUTF8", "PIPELINING", "AUTH PLAIN LOGIN"), password=PASSWORD
    ) as server:
        url = f"smtp://shop:wrong@127.0.0.1:{server.port}"
        ran = await practice.look("--smtp", url, "--sender", "adler.shop@gmail.com")
    printed = [line.rstrip() for line in ran.out.replace(str(server.port), "2525").splitlines()]

    assert ["\n".join(printed)] == re.findall(r"```text\n\$ [^\n]*\n(.*?)\n```", shown, re.DOTALL)


# The server


async def test_a_server_by_its_url(practice: Practice) -> None:
    """Without an app a URL and a sender are enough; store, notices and Reply-To are then not looked at."""
    async with SmtpServer(extensions=OFFERS) as server:
        ran = await practice.look("--smtp", server.url, "--sender", "Adler <orders@adler-shop.com>", "--json")

    assert 0 == ran.status
    assert {"well", "note", "warning"} >= set(grades(ran).values())
    assert "well" == grades(ran)["server connect"]
    assert [] == [key for key in grades(ran) if key.startswith(("Store", "Notices", "Sender Reply-To"))]


async def test_a_server_without_starttls(practice: Practice) -> None:
    """Where TLS is insisted on and not offered, that is wrong, with the port to use; the log-in is not tried; 1."""
    async with SmtpServer(extensions=("AUTH PLAIN",)) as server:
        url = f"smtp+starttls://shop:{PASSWORD}@127.0.0.1:{server.port}"
        ran = await practice.look("--smtp", url, "--sender", "Adler <orders@adler-shop.com>", "--json")

    assert 1 == ran.status
    assert ("wrong", "note") == (grades(ran)["server TLS"], grades(ran)["server the rest"])
    assert "587" in finding(ran, "server TLS")["advice"]
    assert "Not tried: log-in." == finding(ran, "server the rest")["says"]
    assert 0 == server.verbs["AUTH"]
    assert "PIPELINING" in finding(ran, "server lacks")["says"]


async def test_a_wrong_password(practice: Practice, authority: Authority) -> None:
    """A refused log-in is wrong, with the server's code and what to look at; 1."""
    async with good_server(authority) as server:
        ran = await practice.look("--app", practice.app(server, password="letmein-key"), "--json")

    assert 1 == ran.status
    assert ["server log-in"] == [key for key, grade in grades(ran).items() if grade == "wrong"]
    assert "535 5.7.8" in finding(ran, "server log-in")["says"]
    assert "password" in finding(ran, "server log-in")["advice"]
    assert "letmein-key" not in ran.out


async def test_a_certificate_for_another_name(practice: Practice, authority: Authority) -> None:
    """A certificate for another host is wrong, and it is said for whom it is; 1."""
    async with good_server(authority, "mail.other-shop.com") as server:
        ran = await practice.look("--app", practice.app(server), "--json")

    assert 1 == ran.status
    assert "wrong" == grades(ran)["server TLS"]
    assert "It is for mail.other-shop.com." in finding(ran, "server TLS")["says"]
    assert "host name" in finding(ran, "server TLS")["advice"]


async def test_nobody_listens(practice: Practice) -> None:
    """A port where nobody listens is wrong, and the rest is not tried; the sender is looked at all the same; 1."""
    async with SmtpServer() as server:
        pass
    ran = await practice.look("--smtp", server.url, "--sender", "Adler <orders@adler-shop.com>", "--json")

    assert 1 == ran.status
    assert "wrong" == grades(ran)["server connect"]
    assert "Not tried: greeting, TLS, log-in." == finding(ran, "server the rest")["says"]
    assert "well" == grades(ran)["Sender From"]


async def test_a_server_that_refuses_the_connection(practice: Practice) -> None:
    """A greeting that refuses us is wrong with its code; 1."""
    async with SmtpServer() as server:
        server.answer("CONNECT", "554 5.7.1 not you", times=3)
        ran = await practice.look("--smtp", server.url, "--sender", "Adler <orders@adler-shop.com>", "--json")

    assert (1, "wrong") == (ran.status, grades(ran)["server connect"])
    assert "554" in finding(ran, "server connect")["says"]


@contextmanager
def server_without_goodbye(context: ssl.SSLContext) -> Iterator[int]:
    """Speaks TLS from the first octet, answers QUIT, and never ends its side of TLS; gives its port."""
    is_over = threading.Event()

    def serve() -> None:
        plain, _ = listening.accept()
        with context.wrap_socket(plain, server_side=True) as connection, connection.makefile("rb") as heard:
            connection.sendall(b"220 mail.example\r\n")
            for line in heard:
                connection.sendall(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 mail.example\r\n")
                if line.startswith(b"QUIT"):
                    break
            is_over.wait(30)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            is_over.set()
            thread.join(30)


async def test_no_connection_is_left_open(practice: Practice, authority: Authority) -> None:
    """A server that never ends its side of TLS is not waited for, and leaves no socket to the collector."""
    transport = 'SmtpTransport("127.0.0.1", {port}, tls="implicit", tls_context=trusting)'
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        with server_without_goodbye(authority.serving("127.0.0.1")) as port:
            ran = await practice.look("--app", practice.app(transport=transport.format(port=port)), "--json")
            gc.collect()

    assert (0, "well") == (ran.status, grades(ran)["server TLS"])
    assert [] == [str(each.message) for each in warned]


async def test_tls_that_nobody_vouches_for_on_this_machine(practice: Practice, authority: Authority) -> None:
    """Opportunistic TLS with an unknown certificate is only worth knowing where the server is on this machine."""
    async with good_server(authority) as server:
        ran = await practice.look("--smtp", server.url, "--sender", "Adler <orders@adler-shop.com>", "--json")

    assert (0, "note") == (ran.status, grades(ran)["server TLS"])
    assert "nobody vouches" in finding(ran, "server TLS")["says"]


def report(**fields: Any) -> ServerReport:
    """What is known of a provider's server elsewhere, after a log-in."""
    usual: dict[str, Any] = {
        "host": "smtp.provider-of-mail.com",
        "port": 587,
        "steps": (
            Step(name="connect", outcome="ok", says="It answers."),
            Step(name="ehlo", outcome="ok", says="It greets us."),
            Step(name="tls", outcome="ok", says="TLSv1.3."),
            Step(name="auth", outcome="ok", says="It takes the password."),
        ),
        "extensions": dict.fromkeys(("pipelining", "smtputf8", "dsn"), ""),
        "tls_version": "TLSv1.3",
        "is_verified": True,
        "certificate": Certificate(
            subject="smtp.provider-of-mail.com",
            names=("smtp.provider-of-mail.com",),
            issuer="An authority",
            expires_at=NOW + timedelta(days=60),
        ),
    }
    return ServerReport(**{**usual, **fields})


def in_plain_text(auth: Step) -> dict[str, Any]:
    tls = Step(name="tls", outcome="skipped", says="Without TLS.", advice="Use smtp+starttls://.")
    steps = (*report().steps[:2], tls, auth)
    return {"steps": steps, "tls_version": "", "is_verified": False, "certificate": None}


LOGGED_IN = Step(name="auth", outcome="ok", says="It takes the password.")
NO_USER = Step(name="auth", outcome="skipped", says="No user name is set.")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, {}, id="well"),
        pytest.param(in_plain_text(LOGGED_IN), {"TLS": "warning", "log-in": "wrong"}, id="password-in-plain-text"),
        pytest.param(in_plain_text(NO_USER), {"TLS": "warning", "log-in": "note"}, id="mails-in-plain-text"),
        pytest.param({**in_plain_text(LOGGED_IN), "host": "::1"}, {"TLS": "note"}, id="plain-text-on-this-machine"),
        pytest.param({"is_verified": False, "unverified_because": "unknown"}, {"TLS": "warning"}, id="unverified"),
        pytest.param({"size_limit": 100_000}, {"size": "warning"}, id="small-mails-only"),
        pytest.param({"size_limit": 10_000_000}, {}, id="large-enough"),
        pytest.param({"extensions": {"dsn": ""}}, {"lacks": "note"}, id="without-extensions"),
        pytest.param(
            {"certificate": Certificate(subject="a", names=("a",), issuer="b", expires_at=NOW + timedelta(hours=20))},
            {"TLS": "warning"},
            id="certificate-about-to-end",
        ),
    ],
)
def test_what_a_server_elsewhere_means(fields: dict[str, Any], expected: dict[str, str]) -> None:
    """A password or mails in plain text, TLS without proof, a certificate about to end: each has its grade."""
    found = list(server_findings(report(**fields), about="Server", now=NOW))

    assert expected == {each.check: each.grade.value for each in found if each.grade is not Grade.WELL}
    assert all(each.advice for each in found if each.grade in (Grade.WARNING, Grade.WRONG))


# The sender


def judged(sender: str = "Adler <orders@adler-shop.com>", **fields: Any) -> dict[str, Finding]:
    """What is found of a shop that a provider sends for, by what was checked."""
    usual: dict[str, Any] = {
        "server": "smtp.provider-of-mail.com",
        "has_provider": True,
        "reply_to": "care@adler-shop.com",
    }
    sending = Sending(sender=sender, **{**usual, **fields})
    return {each.check: each for each in sender_findings(sending)}


@pytest.mark.parametrize(
    ("sender", "fields", "expected"),
    [
        pytest.param("Adler <orders@adler-shop.com>", {}, {"DKIM": "note", "return path": "note"}, id="well"),
        pytest.param("Adler <adler@gmail.com>", {}, {"From": "wrong"}, id="freemail-by-another-relay"),
        pytest.param("Adler <adler@YAHOO.co.uk>", {}, {"From": "wrong"}, id="freemail-in-capitals"),
        pytest.param("Adler <a@gmail.com>", {"server": "smtp.gmail.com"}, {"From": "warning"}, id="freemail-at-home"),
        pytest.param("Adler <a@hotmail.fr>", {"server": "smtp.office365.com"}, {"From": "warning"}, id="hotmail"),
        pytest.param("Adler <orders@adler.example>", {}, {"From": "wrong"}, id="nobodys-domain"),
        pytest.param("Adler <orders@example.com>", {"is_local": True}, {"From": "warning"}, id="development"),
        pytest.param("Adler <orders@localhost>", {}, {"From": "wrong"}, id="localhost"),
        pytest.param("Adler <orders@[192.0.2.1]>", {}, {"From": "wrong"}, id="address-literal"),
        pytest.param("orders@adler-shop.com", {}, {"name": "warning"}, id="no-name"),
        pytest.param('"a@b.com" <orders@adler-shop.com>', {}, {"name": "warning"}, id="name-with-an-address"),
        pytest.param("Adler Shop", {}, {"From": "wrong"}, id="no-address"),
        pytest.param("Adler <o@adler-shop.com>", {"has_provider": False}, {"DKIM": "warning"}, id="nobody-signs"),
        pytest.param(
            "Adler <o@adler-shop.com>",
            {"is_signed": True, "signed_by": "adler-shop.com"},
            {"DKIM": "well"},
            id="signed",
        ),
        pytest.param("Adler <o@adler-shop.com>", {"is_signed": True}, {"DKIM": "note"}, id="signed-for-somebody"),
        pytest.param(
            "Adler <o@news.adler-shop.com>",
            {"is_signed": True, "signed_by": "adler-shop.com"},
            {"DKIM": "well"},
            id="aligned",
        ),
        pytest.param(
            "Adler <o@adler-shop.com>",
            {"is_signed": True, "signed_by": "mailer.net"},
            {"DKIM": "wrong"},
            id="signed-by-others",
        ),
        pytest.param(
            "Adler <o@adler-shop.com>", {"return_path": "b.adler-shop.com"}, {"return path": "well"}, id="way-back"
        ),
        pytest.param("Adler <o@adler-shop.com>", {"return_path": "b.net"}, {"return path": "wrong"}, id="not-aligned"),
        pytest.param(
            "Adler <o@adler-shop.com>",
            {"return_path": "b.net", "is_signed": True, "signed_by": "adler-shop.com"},
            {"return path": "warning"},
            id="only-the-signature-is-aligned",
        ),
        pytest.param("Adler <o@adler-shop.com>", {"reply_to": ""}, {"Reply-To": "warning"}, id="no-reply-to"),
        pytest.param("Adler <o@adler-shop.com>", {"reply_to": "no-reply@a.de"}, {"Reply-To": "warning"}, id="no-reply"),
        pytest.param("Adler <no.reply@adler-shop.com>", {"reply_to": ""}, {"Reply-To": "warning"}, id="from-no-reply"),
        pytest.param("Adler <noreply@adler-shop.com>", {}, {"Reply-To": "well"}, id="from-no-reply-with-reply-to"),
        pytest.param("Adler <o@adler-shop.com>", {"reply_to": "care"}, {"Reply-To": "wrong"}, id="reply-to-nowhere"),
    ],
)
def test_what_gmail_and_yahoo_will_say(sender: str, fields: dict[str, Any], expected: dict[str, str]) -> None:
    """Each way of sending has its grade; what is wrong or a warning says what to do."""
    found = judged(sender, **fields)

    assert expected.items() <= {check: each.grade.value for check, each in found.items()}.items()
    assert all(each.advice for each in found.values() if each.grade in (Grade.WARNING, Grade.WRONG))


@pytest.mark.parametrize(
    "local", ["noreply", "no-reply", "no_reply", "do-not-reply", "DoNotReply", "do.not.respond", "nicht-antworten"]
)
def test_nobody_reads_these_mailboxes(local: str) -> None:
    """A mailbox that says of itself that nobody reads it leaves a customer who answers in silence."""
    assert Grade.WARNING is judged(reply_to=f"{local}@adler-shop.com")["Reply-To"].grade


@pytest.mark.parametrize("local", ["orders", "notices", "north", "noah", "nora.reply", "donations"])
def test_somebody_reads_these_mailboxes(local: str) -> None:
    """A name that only begins like one of those is an ordinary mailbox."""
    assert Grade.WELL is judged(reply_to=f"{local}@adler-shop.com")["Reply-To"].grade


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("adler-shop.com", "adler-shop.com"),
        ("Mail.News.Adler-Shop.COM.", "adler-shop.com"),
        ("mail.adler.co.uk", "adler.co.uk"),
        ("adler.co.uk", "adler.co.uk"),
        ("loja.adler.com.br", "adler.com.br"),
        ("mail.adler.de", "adler.de"),
        ("com.de", "com.de"),
        ("localhost", "localhost"),
    ],
)
def test_the_organisation_of_a_domain(domain: str, expected: str) -> None:
    """The organisational domain is told by the usual shape of domains."""
    assert expected == organisation(domain)


def test_domains_of_two_organisations_are_not_aligned() -> None:
    """Two shops under one country's registry are two organisations; two hosts of one shop are one."""
    assert not is_aligned("adler.co.uk", "other.co.uk")
    assert is_aligned("bounces.adler.co.uk", "adler.co.uk")


def test_the_records_that_decide() -> None:
    """SPF is asked of the domain that mails come back to, DKIM of the one that signs, DMARC of the organisation."""
    sending = Sending(sender="A <o@news.adler-shop.com>", return_path="b.adler-shop.com", signed_by="adler-shop.com")

    assert [
        "dig +short TXT b.adler-shop.com",
        "dig +short TXT <selector>._domainkey.adler-shop.com",
        "dig +short TXT _dmarc.adler-shop.com",
    ] == [each.says for each in dns_findings(sending)]


@pytest.mark.parametrize("sender", ["A <a@gmail.com>", "A <a@adler.example>", "nobody"])
def test_no_record_is_named_where_none_would_help(sender: str) -> None:
    """Of a domain that is not the shop's own, or nobody's, no record is named."""
    assert [] == list(dns_findings(Sending(sender=sender)))


async def test_the_way_back_of_the_app_is_looked_at(practice: Practice, authority: Authority) -> None:
    """The return path and the missing Reply-To of the user's own notifier are judged."""
    way_back = "ReturnPath(secret=b'0123456789abcdef', domain='bounces.other-shop.com')"
    async with good_server(authority) as server:
        ran = await practice.look("--app", practice.app(server, return_path=way_back, reply_to=None), "--json")

    assert 1 == ran.status
    assert ("wrong", "warning") == (grades(ran)["Sender return path"], grades(ran)["Sender Reply-To"])
    assert "bounces.adler-shop.com" in finding(ran, "Sender return path")["advice"]


# A test mail


async def test_a_test_mail_goes_the_way_of_all_mails(practice: Practice, authority: Authority) -> None:
    """--send-test sends one mail with the shop's sender, way back and Reply-To, and says what to look at."""
    way_back = "ReturnPath(secret=b'0123456789abcdef', domain='bounces.adler-shop.com')"
    async with good_server(authority) as server:
        ran = await practice.look("--app", practice.app(server, return_path=way_back), "--send-test", TESTER, "--json")
    (mail,) = server.mails
    text, html = (str(part.get_content()) for part in mail.parsed.iter_parts())

    assert (0, "well") == (ran.status, grades(ran)["Test mail send"])
    assert TESTER == mail.recipient
    assert re.fullmatch(r"bounce\+[0-9a-f]{52}@bounces\.adler-shop\.com", mail.sender)
    assert ("Adler Shop <orders@adler-shop.com>", "care@adler-shop.com", "Test mail of Adler Shop") == tuple(
        mail.parsed[name] for name in ("From", "Reply-To", "Subject")
    )
    assert "Nobody ordered anything" in text
    assert "Nobody ordered anything" in html
    assert "t***@m***.com as Q000001" in finding(ran, "Test mail send")["says"]
    assert "dmarc=pass for adler-shop.com" in finding(ran, "Test mail send")["advice"]


async def test_a_test_mail_that_is_refused(practice: Practice, authority: Authority) -> None:
    """A refused test mail is wrong, with the server's code; 1."""
    async with good_server(authority) as server:
        server.answer("RCPT", "550 5.7.26 unauthenticated")
        ran = await practice.look("--app", practice.app(server), "--send-test", TESTER, "--json")

    assert (1, "wrong") == (ran.status, grades(ran)["Test mail send"])
    assert "550 5.7.26" in finding(ran, "Test mail send")["says"]


async def test_no_test_mail_by_a_server_that_is_not_well(practice: Practice) -> None:
    """Where the server fails no mail is tried: it would fail in the same way."""
    async with SmtpServer() as server:
        server.answer("EHLO", "421 4.3.2 closing", times=3)
        ran = await practice.look("--app", practice.app(server), "--send-test", TESTER, "--json")

    assert (1, "note") == (ran.status, grades(ran)["Test mail send"])
    assert 0 == server.verbs["MAIL"]


async def test_a_console_reaches_nobody(practice: Practice) -> None:
    """A notifier that prints its messages is for development; no test mail leaves it."""
    app = practice.app(transport="ConsoleTransport()")
    ran = await practice.look("--app", app, "--send-test", TESTER, "--json")

    assert 0 == ran.status
    assert ("warning", "note") == (grades(ran)["Channel email transport"], grades(ran)["Test mail send"])


# The store and the notices


async def test_a_store_that_is_not_there_is_not_made(practice: Practice, tmp_path: Path) -> None:
    """Looking makes no file: a path that is not there is a warning that says from where it was looked for."""
    ran = await practice.look("--app", practice.app(transport="ConsoleTransport()", store="sqlite:///no.db"), "--json")

    assert (0, "warning") == (ran.status, grades(ran)["Store opens"])
    assert str(tmp_path) in finding(ran, "Store opens")["says"]
    assert not (tmp_path / "no.db").exists()


async def test_a_store_that_is_none(practice: Practice, tmp_path: Path) -> None:
    """A file that is no database is wrong, in words; 1."""
    (tmp_path / "orders.db").write_text("This is a letter, not a database. " * 100)
    app = practice.app(transport="ConsoleTransport()", store="sqlite:///orders.db")
    ran = await practice.look("--app", app, "--json")

    assert (1, "wrong") == (ran.status, grades(ran)["Store opens"])
    assert "file is not a database" in finding(ran, "Store opens")["says"]


async def test_a_store_of_a_newer_library(practice: Practice, tmp_path: Path) -> None:
    """A schema that this library does not know is wrong, and it says what to install; 1."""
    async with Notifier(Shop(), store=f"sqlite:///{tmp_path / 'orders.db'}"):
        pass
    with closing(sqlite3.connect(tmp_path / "orders.db")) as db, db:
        db.execute("update pn_meta set version = 999")
    app = practice.app(transport="ConsoleTransport()", store="sqlite:///orders.db")
    ran = await practice.look("--app", app, "--json")

    assert (1, "wrong") == (ran.status, grades(ran)["Store opens"])
    assert "install a newer proactive-notify" in finding(ran, "Store opens")["says"]


async def test_nobody_works_and_nothing_leaves(practice: Practice, stage: Stage) -> None:
    """No worker is a warning that says how to start one; a paused channel and late messages are wrong; 1."""
    wire = Wire(lambda _: ChannelRefused("who are you", code="535 5.7.8"))
    stage.clock.move_to(datetime.now(UTC) - timedelta(minutes=20))
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed("A-1", at=stage.clock.now()))
        stage.move(minutes=19)
        await notifier.run_due()
    app = practice.app(transport="ConsoleTransport()", store=f"sqlite:///{stage.path}")
    paused = await practice.look("--app", app, "--json")
    with closing(sqlite3.connect(stage.path)) as db, db:
        db.execute("delete from pn_pause")
        db.execute("update pn_message set due_at = due_at - 3600000000")
    late = await practice.look("--app", app, "--json")

    assert (1, 1) == (paused.status, late.status)
    assert ("warning", "wrong") == (grades(paused)["Store workers"], grades(paused)["Store messages"])
    assert "proactive-notify worker" in finding(paused, "Store workers")["advice"]
    assert "535" in finding(paused, "Store messages")["says"]
    assert "essages do not leave" in finding(late, "Store messages")["says"]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def test_a_notice_that_does_not_render(practice: Practice, tmp_path: Path) -> None:
    """A template that cannot be rendered is wrong; some are quoted and the rest is counted; 1."""
    for key in ("shipped", "delivered", "cancelled"):
        folder = tmp_path / "own" / key
        folder.mkdir(parents=True)
        (folder / "email.subject").write_text("{{ order.no_such_thing }}")
    ran = await practice.look("--app", practice.app(transport="ConsoleTransport()", more="templates=['own']"), "--json")
    said = [each for each in ran.json["findings"] if "Notices" == each["about"]]

    assert 1 == ran.status
    assert {"wrong"} == {each["grade"] for each in said}
    assert 4 == len(said)
    assert "shipped" in " ".join(each["says"] for each in said[:3])
    assert re.fullmatch(r"And \d+ more\.", said[3]["says"])
    assert "proactive-notify check" in said[3]["advice"]


# Usage


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say what to look at: --app shop.notify:notifier, or --smtp URL with --sender ADDRESS"),
        (["--smtp", "smtp://127.0.0.1:1"], "say what to look at"),
        (["--sender", "a@adler-shop.com"], "say what to look at"),
        (["--app", "a:b", "--smtp", "smtp://127.0.0.1:1"], "leave --smtp and --sender out"),
        (["--smtp", "http://127.0.0.1:1", "--sender", "a@adler-shop.com"], "begins with smtp://"),
        (["--smtp", "smtp://127.0.0.1:1", "--sender", "a@adler-shop.com", "--send-test", "me"], "takes a mail address"),
        (["--app", "no_such_module:notifier"], "there is no module"),
    ],
)
def test_what_it_cannot_look_at(command: CommandLine, arguments: list[str], said: str) -> None:
    """Too little, too much or what cannot be read ends with status 2 and what to write."""
    ran = command("doctor", *arguments)

    assert (2, "") == (ran.status, ran.out)
    assert said in ran.err


def test_the_app_may_be_named_before_the_command(
    command: CommandLine, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--app before the command is the same as after it."""
    app = practice.app(transport="ConsoleTransport()")

    assert 0 == command("--app", app, "doctor", "--json").status


async def test_a_notifier_without_notices(practice: Practice) -> None:
    """A notifier that tells nothing is a warning."""
    ran = await practice.look("--app", practice.app(transport="ConsoleTransport()"), "--json")

    assert (0, "warning") == (ran.status, grades(ran)["Notices render"])


def test_a_notifier_without_mail(command: CommandLine, practice: Practice, tmp_path: Path) -> None:
    """A notifier without channels has no server and no sender to look at, and no test mail to send."""
    (tmp_path / "mute_shop.py").write_text(
        "from proactive_notify import Notifier\nnotifier = Notifier(store='sqlite://')"
    )
    ran = command("doctor", "--app", "mute_shop:notifier", "--json")
    refused = command("doctor", "--app", "mute_shop:notifier", "--send-test", TESTER)

    assert (0, {"Store", "Notices"}) == (ran.status, {each["about"] for each in ran.json["findings"]})
    assert (2, True) == (refused.status, "no channel for mails" in refused.err)
