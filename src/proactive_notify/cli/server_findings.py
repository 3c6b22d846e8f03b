"""
What a look at a mail server means for a shop.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from .findings import Finding, Grade

if TYPE_CHECKING:
    from ..transports.smtp_probe import Certificate, ServerReport, Step

_MIB = 2**20
#: Our own mails stay below this; Gmail clips a mail whose HTML is longer than 102 kB.
_SMALL = _MIB
#: Some certificates last no longer than six days and are renewed in time; one that has a day left is forgotten.
_ENDS_SOON = timedelta(days=1)
_NAMES: Mapping[str, str] = {"connect": "connect", "ehlo": "greeting", "tls": "TLS", "auth": "log-in"}
#: What a server may lack, and what that costs.
_LACKS: Mapping[str, str] = {
    "pipelining": "PIPELINING (mails leave more slowly)",
    "smtputf8": "SMTPUTF8 (customers with an address like jörg@… cannot be reached)",
    "dsn": "DSN (no reports that name the message)",
}


def server_findings(report: "ServerReport", *, about: str, now: datetime) -> Iterator[Finding]:
    """Yield a finding for each step that was taken, and for what the server offers, lacks and limits."""
    after = report.steps.index(report.failed) if report.failed else len(report.steps)
    for step in report.steps[: after + 1]:
        match step.name:
            case "ehlo" if step.outcome == "ok":
                yield from _offers(report, about)
            case "tls":
                yield _tls(report, step, about, now)
            case "auth":
                yield _log_in(report, step, about)
            case _:
                yield _step(step, about)
    if rest := [_NAMES[each.name] for each in report.steps[after + 1 :]]:
        says = f"Not tried: {', '.join(rest)}."
        yield Finding(about=about, check="the rest", grade=Grade.NOTE, says=says)


def report_json(report: "ServerReport") -> dict[str, Any]:
    """Return what ``--json`` prints of a server."""
    certificate = report.certificate
    return {
        "host": report.host,
        "port": report.port,
        "extensions": dict(report.extensions),
        "size_limit": report.size_limit,
        "tls_version": report.tls_version or None,
        "is_verified": report.is_verified,
        "unverified_because": report.unverified_because or None,
        "certificate": _certificate_json(certificate) if certificate else None,
        "steps": {each.name: {"outcome": each.outcome, "code": each.code} for each in report.steps},
    }


def is_local(host: str) -> bool:
    """Tell whether a server is on this machine, so that nobody can listen in."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _certificate_json(certificate: "Certificate") -> dict[str, Any]:
    ends = certificate.expires_at.isoformat()
    return {"subject": certificate.subject, "names": certificate.names, "issuer": certificate.issuer, "ends": ends}


def _step(step: "Step", about: str) -> Finding:
    grades = {"ok": Grade.WELL, "failed": Grade.WRONG, "skipped": Grade.NOTE}
    return Finding(about=about, check=_NAMES[step.name], grade=grades[step.outcome], says=step.says, advice=step.advice)


def _offers(report: "ServerReport", about: str) -> Iterator[Finding]:
    offered = ", ".join(_extension(name, words) for name, words in report.extensions.items())
    yield Finding(about=about, check="offers", grade=Grade.WELL, says=f"{offered or 'Nothing beyond plain SMTP'}.")
    lacks = [said for name, said in _LACKS.items() if not report.offers(name)]
    if lacks:
        yield Finding(about=about, check="lacks", grade=Grade.NOTE, says=f"{', '.join(lacks)}.")
    if report.size_limit is not None and report.size_limit < _SMALL:
        says = f"It takes no mail of more than {report.size_limit // 1024:,} kB."
        advice = "A notice with pictures may be larger: ask the provider for 1 MB at least."
        yield Finding(about=about, check="size", grade=Grade.WARNING, says=says, advice=advice)


def _extension(name: str, words: str) -> str:
    if name == "size" and words.isdigit():
        return f"SIZE ({int(words) / _MIB:,.0f} MB)" if int(words) >= _MIB else f"SIZE ({int(words) // 1024} kB)"
    return f"{name.upper()} ({words})" if words else name.upper()


def _tls(report: "ServerReport", step: "Step", about: str, now: datetime) -> Finding:
    certificate, near = report.certificate, is_local(report.host)
    grade, says, advice = _step(step, about).grade, step.says, step.advice
    if step.outcome == "failed" and report.unverified_because:
        names = f" It is for {', '.join(certificate.names) or certificate.subject}." if certificate else ""
        says = f"The server's certificate is not believed: {report.unverified_because}.{names}"
    elif report.tls_version and not report.is_verified:
        grade = Grade.NOTE if near else Grade.WARNING
        says = f"{report.tls_version}, but nobody vouches for the server: {report.unverified_because}."
        advice = "" if near else "Somebody in between can read along: smtp+starttls:// and smtps:// insist on a proof."
    elif report.tls_version and certificate is not None:
        says = (
            f"{report.tls_version}; {certificate.issuer} vouches for {certificate.subject} "
            f"until {certificate.expires_at.date()}."
        )
        if certificate.expires_at - now < _ENDS_SOON:
            grade, advice = Grade.WARNING, "That is within a day: whoever runs the server has to renew it now."
    elif step.outcome == "skipped":
        grade = Grade.NOTE if near else Grade.WARNING
    return Finding(about=about, check="TLS", grade=grade, says=says, advice=advice)


def _log_in(report: "ServerReport", step: "Step", about: str) -> Finding:
    if step.outcome != "skipped" and not report.tls_version and not is_local(report.host):
        return Finding(
            about=about,
            check="log-in",
            grade=Grade.WRONG,
            says="The log-in crosses the network without TLS, so the password can be read on the way.",
            advice="Use smtp+starttls:// or smtps://, and then change the password: it may have been read.",
        )
    return _step(step, about)
