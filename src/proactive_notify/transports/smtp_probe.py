"""
A look at an SMTP server without sending anything: what can be reached, who it is, what it offers, and what to do.
"""

import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from socket import gaierror
from types import MappingProxyType
from typing import Any, Literal

from ..errors import ChannelRefused, SendError
from .smtp_opening import Opening
from .smtp_server import Server

StepName = Literal["connect", "ehlo", "tls", "auth"]

#: Why a certificate is not believed, and what to do. Source: ``X509_V_ERR_…`` of OpenSSL's <openssl/x509_vfy.h>.
_CERTIFICATE_ADVICE: Mapping[int, str] = MappingProxyType(
    {
        9: "The server's certificate is not valid yet: look at this machine's clock.",
        10: "The server's certificate has expired: whoever runs the server must renew it.",
        18: "The server signs for itself: give its certificate in `tls_context`, or use the provider's public name.",
        19: "No authority that this machine knows signed it: give the authority in `tls_context`.",
        20: "No authority that this machine knows signed it: install ca-certificates, or give it in `tls_context`.",
        62: "Use a host name that stands in the certificate.",
        64: "Use a host name that stands in the certificate, not an address.",
    }
)
_WRONG_NAME = (62, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One step towards sending.

    Attributes:
        outcome: ``skipped`` if there was nothing to do, or an earlier step failed.
        says: one sentence: what was found, or what went wrong.
        advice: what to do about it; empty if there is nothing to do.
        code: what the server answered, if it refused, for example ``535 5.7.8``.
    """

    name: StepName
    outcome: Literal["ok", "failed", "skipped"]
    says: str
    advice: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Whose certificate the server showed; read only when an authority that is trusted vouches for it."""

    subject: str
    names: tuple[str, ...]
    issuer: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReport:
    """
    What is known of a server.

    Attributes:
        steps: ``connect``, ``ehlo``, ``tls`` and ``auth``, in this order, all four always.
        extensions: what it offers after TLS, by keyword in lower case, with its parameters.
        size_limit: the longest mail that it takes, in octets (RFC 1870); None: it does not say.
        tls_version: for example ``TLSv1.3``; empty without TLS.
        is_verified: whether its certificate is valid for this host, by this machine's authorities or ``tls_context``.
        unverified_because: OpenSSL's words for why not; empty if it is, or if there is no TLS.
    """

    host: str
    port: int
    steps: tuple[Step, ...] = ()
    extensions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    size_limit: int | None = None
    tls_version: str = ""
    certificate: Certificate | None = None
    is_verified: bool = False
    unverified_because: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether no step failed: mails could be handed over now."""
        return self.failed is None

    @property
    def failed(self) -> Step | None:
        """The step that failed; None if none did."""
        return next((step for step in self.steps if step.outcome == "failed"), None)

    def offers(self, extension: str) -> bool:
        """Tell whether the server offers an extension, for example ``PIPELINING``."""
        return extension.lower() in self.extensions


async def probe(server: Server, context: ssl.SSLContext | None, *, log_in: bool) -> ServerReport:
    """Take the steps towards sending, one by one, say goodbye, and report. Nothing is raised for a step that failed."""
    look = _Look(server, context)
    try:
        return await look.report(log_in=log_in)
    finally:
        look.opening.close()


class _Look:
    def __init__(self, server: Server, context: ssl.SSLContext | None) -> None:
        self.server, self.context = server, context
        self.opening = Opening(server, context)
        self.steps: list[Step] = []

    async def report(self, *, log_in: bool) -> ServerReport:
        report = ServerReport(host=self.server.host, port=self.server.port)
        is_implicit = self.server.tls == "implicit"
        reached = await self._take("connect", self.opening.connect(), f"{report.host}:{report.port} answers.")
        if reached and await self._take("ehlo", self.opening.greet(), "It greets us."):
            report = self._with_extensions(report)
            if is_implicit or await self._take("tls", self.opening.start_tls(), ""):
                report = self._with_extensions(await self._with_tls(report))
                await self._log_in(wanted=log_in)
                await self.opening.quit()
        if _problem(self.opening) is not None:
            report = await self._with_certificate(report)
        return replace(report, steps=self._all_steps())

    async def _take(self, name: StepName, step: Awaitable[None], says: str) -> bool:
        """Take one step, and tell whether one may go on."""
        try:
            await step
        except SendError as error:
            if name == "connect" and error.code == "tls":
                self._did("connect", f"{self.server.host}:{self.server.port} answers.")
                name = "tls"
            advice = self._advice(name, error)
            self.steps.append(Step(name=name, outcome="failed", says=str(error), advice=advice, code=error.code))
            return False
        self._did(name, says)
        return True

    def _did(self, name: StepName, says: str) -> None:
        if says:
            self.steps.append(Step(name=name, outcome="ok", says=says))

    async def _log_in(self, *, wanted: bool) -> None:
        if self.server.username is None:
            says = "No user name is set, so mails are handed over without logging in."
        elif not wanted:
            says = "Not asked for."
        else:
            await self._take("auth", self.opening.log_in(), "It takes the user name and the password.")
            return
        self.steps.append(Step(name="auth", outcome="skipped", says=says))

    def _all_steps(self) -> tuple[Step, ...]:
        by_name = {step.name: step for step in self.steps}
        names: tuple[StepName, ...] = ("connect", "ehlo", "tls", "auth")
        rest = "Not reached: an earlier step failed."
        return tuple(by_name.get(name) or Step(name=name, outcome="skipped", says=rest) for name in names)

    # What it offers, and who it is

    def _with_extensions(self, report: ServerReport) -> ServerReport:
        offered = dict(sorted(self.opening.extensions.items()))
        size = offered.get("size", "")
        limit = int(size) if size.isascii() and size.isdigit() else 0
        return replace(report, extensions=MappingProxyType(offered), size_limit=limit or None)

    async def _with_tls(self, report: ServerReport) -> ServerReport:
        cipher = self.opening.about("cipher")
        if cipher is None:
            advice = "" if self.server.is_loopback else "Mails cross the network in plain text: use smtp+starttls://."
            self.steps.append(Step(name="tls", outcome="skipped", says="Without TLS.", advice=advice))
            return report
        report = replace(report, tls_version=self.opening.about("ssl_object").version() or "")
        report = await self._with_certificate(report)
        words = "valid" if report.is_verified else f"not verified ({report.unverified_because})"
        self._did("tls", f"{report.tls_version}; the certificate is {words}.")
        return report

    async def _with_certificate(self, report: ServerReport) -> ServerReport:
        """Read the certificate, by a further connection if ours did not ask for it to be vouched for."""
        found: dict[str, Any] | None = self.opening.about("peercert")
        problem = _problem(self.opening)
        if not found and problem is None:
            found, problem = await self._ask_for_certificate(check_hostname=True)
        if problem is not None and problem.verify_code in _WRONG_NAME:
            found, _ = await self._ask_for_certificate(check_hostname=False)
        certificate = _certificate(found) if found else None
        reason = problem.verify_message if problem else "" if certificate else "it could not be read"
        return replace(report, certificate=certificate, is_verified=not reason, unverified_because=reason)

    async def _ask_for_certificate(
        self, *, check_hostname: bool
    ) -> tuple[dict[str, Any] | None, ssl.SSLCertVerificationError | None]:
        # A context of its own: the one that mails go by keeps its checks.
        context = ssl.create_default_context()
        context.check_hostname = check_hostname
        if self.server.tls_context is not None and (own := self.server.tls_context.get_ca_certs(binary_form=True)):
            context.load_verify_locations(cadata=b"".join(own))
        opening = Opening(self.server, context)
        try:
            await opening.connect()
            await opening.greet()
            await opening.start_tls()
            return opening.about("peercert"), None
        except SendError:
            return None, _problem(opening)
        finally:
            opening.close()

    # What to do

    def _advice(self, name: StepName, error: SendError) -> str:
        cause, port = self.opening.cause, self.server.port
        if (problem := _problem(self.opening)) is not None:
            return _CERTIFICATE_ADVICE.get(problem.verify_code, f"OpenSSL says: {problem.verify_message}.")
        if isinstance(cause, ssl.SSLError):
            return f"Is port {port} right? TLS from the first octet (smtps://) is usual on 465, STARTTLS on 587."
        if isinstance(cause, gaierror):
            return "The DNS does not know this host: look at its spelling."
        if isinstance(cause, ConnectionRefusedError):
            return f"Nothing listens on port {port} there: mails are usually submitted on 587, or 465 with smtps://."
        if name == "connect" and cause is not None:
            return f"Is port {port} open for you? Many networks block 25, and smtps:// belongs to 465, not to 587."
        if name == "auth" and isinstance(error, ChannelRefused):
            return "Look at the user name and the password; some providers want a password made for programs."
        if name == "tls" and isinstance(error, ChannelRefused):
            return "Use the port where the provider offers STARTTLS (587), or smtps:// (465)."
        return "The server asks us to wait: try again in some minutes." if error.code.startswith("4") else ""


def _problem(opening: Opening) -> ssl.SSLCertVerificationError | None:
    return opening.cause if isinstance(opening.cause, ssl.SSLCertVerificationError) else None


def _certificate(found: dict[str, Any]) -> Certificate:
    """Read what ``SSLSocket.getpeercert`` returns."""
    names = tuple(str(name) for _, name in found.get("subjectAltName", ()))
    seconds = ssl.cert_time_to_seconds(found["notAfter"])
    return Certificate(
        subject=_name(found.get("subject", ())) or next(iter(names), ""),
        names=names,
        issuer=_name(found.get("issuer", ())),
        expires_at=datetime.fromtimestamp(seconds, UTC),
    )


def _name(parts: Any) -> str:
    known = {key: str(value) for part in parts for key, value in part}
    return known.get("commonName") or known.get("organizationName") or ""
