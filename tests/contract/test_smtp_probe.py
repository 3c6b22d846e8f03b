"""What a look at a mail server finds, step by step, and that it never fails itself."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from proactive_notify.transports import SmtpTransport
from proactive_notify.transports.smtp_probe import ServerReport
from tests.contract.certificates import Authority
from tests.contract.smtp_server import Act, SmtpServer

SECRET = "segredo-key"


def outcomes(report: ServerReport) -> dict[str, str]:
    return {step.name: step.outcome for step in report.steps}


async def look(server: SmtpServer, **options: Any) -> ServerReport:
    """What is found; it never says the password."""
    usual = {"tls": "auto", "connect_timeout": timedelta(seconds=5)}
    report = await SmtpTransport("127.0.0.1", server.port, **{**usual, **options}).probe()
    assert SECRET not in repr(report)
    return report


async def test_a_server_that_is_well() -> None:
    """Every step is good, and what the server offers is read."""
    async with SmtpServer(extensions=("SIZE 10485760", "PIPELINING", "AUTH PLAIN"), password=SECRET) as server:
        report = await look(server, username="shop", password=SECRET, tls="none")

    assert {"connect": "ok", "ehlo": "ok", "tls": "skipped", "auth": "ok"} == outcomes(report)
    assert report.is_ok
    assert report.failed is None
    assert {"size": "10485760", "pipelining": "", "auth": "PLAIN"} == dict(report.extensions)
    assert (10485760, True, False) == (report.size_limit, report.offers("PIPELINING"), report.offers("DSN"))
    assert ("", None, False, "") == (
        report.tls_version,
        report.certificate,
        report.is_verified,
        report.unverified_because,
    )
    assert (1, 1, []) == (server.connections, server.verbs["QUIT"], server.mails)


async def test_log_in_can_be_left_out() -> None:
    """Without a user name, or when it is not wanted, nobody logs in, and the report says so."""
    async with SmtpServer(extensions=("AUTH PLAIN",)) as server:
        transport = SmtpTransport("127.0.0.1", server.port, tls="none", username="shop", password=SECRET)
        left_out = await transport.probe(log_in=False)
        nobody = await look(server)

    assert ["skipped", "skipped"] == [outcomes(left_out)["auth"], outcomes(nobody)["auth"]]
    assert 0 == server.verbs["AUTH"]
    assert left_out.is_ok
    assert nobody.is_ok


async def test_a_verified_certificate_is_read(authority: Authority) -> None:
    """TLS by STARTTLS or from the first octet: version, subject and end of the certificate are told."""
    for is_implicit in (False, True):
        async with SmtpServer(tls=authority.serving("127.0.0.1"), is_implicit=is_implicit) as server:
            tls = "implicit" if is_implicit else "starttls"
            report = await look(server, tls=tls, tls_context=authority.trusting())

        assert {"connect": "ok", "ehlo": "ok", "tls": "ok", "auth": "skipped"} == outcomes(report)
        assert report.tls_version.startswith("TLSv1.")
        assert (True, "") == (report.is_verified, report.unverified_because)
        assert report.certificate is not None
        assert ("127.0.0.1", ("127.0.0.1",)) == (report.certificate.subject, report.certificate.names)
        assert authority.name == report.certificate.issuer
        assert timedelta(hours=1) < report.certificate.expires_at - datetime.now(UTC) < timedelta(days=3)


@pytest.mark.parametrize("is_implicit", [False, True])
async def test_a_certificate_that_nobody_vouches_for(authority: Authority, is_implicit: bool) -> None:
    """Where the certificate must be valid and is not, the TLS step fails and says why and what to do."""
    async with SmtpServer(tls=authority.serving("127.0.0.1"), is_implicit=is_implicit) as server:
        report = await look(server, tls="implicit" if is_implicit else "starttls")

    assert {"connect": "ok", "tls": "failed", "auth": "skipped"}.items() <= outcomes(report).items()
    assert report.failed is not None
    assert "tls_context" in report.failed.advice
    assert "unable to get local issuer certificate" == report.unverified_because
    assert not report.is_ok


async def test_a_certificate_for_another_name(authority: Authority) -> None:
    """A certificate for another host fails the TLS step, and the report says for whom it is."""
    async with SmtpServer(tls=authority.serving("mail.other.example")) as server:
        report = await look(server, tls="starttls", tls_context=authority.trusting())

    assert "failed" == outcomes(report)["tls"]
    assert report.certificate is not None
    assert ("mail.other.example",) == report.certificate.names
    assert not report.is_verified
    assert report.failed is not None
    assert "Use a host name that stands in the certificate, not an address." == report.failed.advice


async def test_opportunistic_tls_says_what_it_does_not_verify(authority: Authority) -> None:
    """Where any certificate is taken the step is good, and it is told that and why nobody vouches for it."""
    async with SmtpServer(tls=authority.serving("127.0.0.1")) as server:
        report = await look(server)

    assert "ok" == outcomes(report)["tls"]
    assert (False, "unable to get local issuer certificate") == (report.is_verified, report.unverified_because)
    assert report.is_ok


async def test_the_checks_of_the_shared_context_stay(authority: Authority) -> None:
    """Looking at a certificate for another name does not weaken the context that mails go by."""
    context = authority.trusting()
    async with SmtpServer(tls=authority.serving("mail.other.example")) as server:
        await look(server, tls="starttls", tls_context=context)

    assert (True, ssl.CERT_REQUIRED) == (context.check_hostname, context.verify_mode)


@pytest.mark.parametrize(
    ("verb", "answer", "step"),
    [
        ("CONNECT", "554 5.7.1 go away", "connect"),
        ("CONNECT", "421 4.3.2 closing", "connect"),
        ("CONNECT", Act.DROP, "connect"),
        ("EHLO", "421 4.7.0 slow down", "ehlo"),
        ("EHLO", Act.DROP, "ehlo"),
        ("AUTH", "535 5.7.8 wrong", "auth"),
        ("AUTH", "454 4.7.0 later", "auth"),
        ("AUTH", Act.DROP, "auth"),
    ],
)
async def test_a_step_that_fails_is_told(verb: str, answer: str | Act, step: str) -> None:
    """Whatever step fails is named with its code, those behind it are skipped, and nothing is raised."""
    async with SmtpServer(extensions=("AUTH PLAIN",)) as server:
        server.answer(verb, answer)
        report = await look(server, username="shop", password=SECRET, tls="none")

    assert report.failed is not None
    assert step == report.failed.name
    assert (answer[:3] if isinstance(answer, str) else "connect") == report.failed.code[:7].split(" ")[0]
    assert report.failed.says
    after = list(outcomes(report).values())[list(outcomes(report)).index(step) + 1 :]
    assert ["skipped"] * len(after) == after


async def test_a_wrong_password_is_explained() -> None:
    """A refused log-in says what to look at."""
    async with SmtpServer(extensions=("AUTH PLAIN",), password="right") as server:
        report = await look(server, username="shop", password=SECRET, tls="none")

    assert report.failed is not None
    assert "535 5.7.8" == report.failed.code
    assert "password" in report.failed.advice


async def test_a_server_without_starttls_is_explained() -> None:
    """Where STARTTLS is insisted on and not offered, the TLS step says which port to use."""
    async with SmtpServer() as server:
        report = await look(server, tls="starttls")

    assert report.failed is not None
    assert ("tls", True) == (report.failed.name, "587" in report.failed.advice)


async def test_nobody_listens_and_no_such_host() -> None:
    """A port where nobody listens and a name that the DNS does not know are two different words of advice."""
    async with SmtpServer() as server:
        pass
    closed = await look(server)
    unknown = await SmtpTransport("no-such-host.invalid", 587).probe()

    assert closed.failed is not None
    assert unknown.failed is not None
    assert ("connect", "connect") == (closed.failed.name, unknown.failed.name)
    assert "Nothing listens on port" in closed.failed.advice
    assert "The DNS does not know this host: look at its spelling." == unknown.failed.advice


async def test_a_server_that_says_nothing() -> None:
    """A server that never greets is given up after the time for connecting."""
    async with SmtpServer() as server:
        server.answer("CONNECT", Act.SILENCE)
        report = await look(server, connect_timeout=timedelta(milliseconds=100))

    assert report.failed is not None
    assert "connect" == report.failed.name


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE much"])
async def test_a_size_that_is_no_limit(size: str) -> None:
    """Nought, nothing or nonsense as a size is no limit (RFC 1870)."""
    async with SmtpServer(extensions=(size,)) as server:
        report = await look(server)

    assert report.size_limit is None
