"""
``proactive-notify doctor``: can mails leave, will Gmail and Yahoo take them, and does the rest stand ready?
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, runtime_checkable

import typer

from .. import channels, transports
from ..channels import Channel, Email
from ..domain.customers import Customer, Shop
from ..domain.messages import Message, SmsMessage
from ..errors import SendError, StoreUnusable, UsageError
from ..notifier import Notifier
from ..ports import Closable
from .application import AppOption, chosen_app, load_notifier
from .check import problems_of
from .findings import Finding, Grade, findings_json, show, verdict
from .masking import masked
from .sender_rules import Sending, dns_findings, sender_domain, sender_findings
from .server_findings import is_local, report_json, server_findings
from .showing import console, echo_json, text
from .sms_rules import sms_findings

if TYPE_CHECKING:
    from ..transports.smtp_probe import ServerReport

#: So many problems are quoted; ``check`` says the rest.
_QUOTED = 3
_SQLITE = "sqlite:///"


@runtime_checkable
class _Probed(Protocol):
    async def probe(self, *, log_in: bool = True) -> "ServerReport": ...


@dataclass
class _Patient:
    """Who is looked at, and what is found."""

    notifier: Notifier
    #: The user's own, so store and notices are looked at too.
    is_app: bool
    found: list[Finding] = field(default_factory=list)
    servers: dict[str, "ServerReport"] = field(default_factory=dict)


def doctor(
    context: typer.Context,
    *,
    app: AppOption = None,
    smtp: Annotated[
        str | None, typer.Option(metavar="URL", help="Instead of --app: smtp+starttls://user:password@host:587.")
    ] = None,
    sender: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help='With --smtp: "Your shop <orders@shop.example>".')
    ] = None,
    send_test: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Send one test mail there, the way that customers get theirs.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """
    Look whether mails can leave and will be taken: server, sender's address, store and notices.

    Nothing is sent without --send-test, and no DNS record is asked for. Exit status: 0 all is well, 1 something is
    wrong, 2 bad usage.
    """
    patient = _patient(chosen_app(context, app), smtp, sender)
    if send_test is not None and "@" not in send_test:
        raise UsageError("--send-test takes a mail address, like you@your-domain")
    with console(stderr=True).status(text("Looking…")):
        asyncio.run(_examine(patient, send_test))
    found = patient.found
    is_well = all(each.grade is not Grade.WRONG for each in found)
    if as_json:
        servers = {name: report_json(report) for name, report in patient.servers.items()}
        echo_json({"ok": is_well, "verdict": verdict(found), "findings": findings_json(found), "servers": servers})
    else:
        show(console(), found)
    if not is_well:
        raise typer.Exit(1)


def _patient(app: str | None, smtp: str | None, sender: str | None) -> _Patient:
    if app and (smtp or sender):
        raise UsageError("--app brings its own server and sender; leave --smtp and --sender out")
    if app:
        return _Patient(load_notifier(app), is_app=True)
    if not smtp or not sender:
        raise UsageError("say what to look at: --app shop.notify:notifier, or --smtp URL with --sender ADDRESS")
    email = Email(transports.SmtpTransport.from_url(smtp), sender=sender)
    return _Patient(Notifier(Shop(), store="sqlite://", channels=[email]), is_app=False)


async def _examine(patient: _Patient, send_test: str | None) -> None:
    try:
        for channel in patient.notifier.channels.values():
            patient.found += [each async for each in _look_at_server(patient, channel)]
            if isinstance(channel, Email):
                sending = _sending(patient, channel)
                patient.found += [*sender_findings(sending), *dns_findings(sending)]
            elif channel.message is SmsMessage and isinstance(channel, channels.Sms):
                patient.found += sms_findings(channel, patient.notifier.shop)
        if send_test is not None:
            patient.found.append(await _send(patient, send_test))
        if patient.is_app:
            patient.found += [each async for each in _look_at_store(patient.notifier)]
            patient.found += _look_at_notices(patient.notifier)
    finally:
        for channel in patient.notifier.channels.values():
            if isinstance(channel.transport, Closable):
                await channel.transport.aclose()


# -- the server -------------------------------------------------------------------------------------------------------


async def _look_at_server(patient: _Patient, channel: Channel) -> AsyncIterator[Finding]:
    transport, kind = channel.transport, type(channel.transport).__name__
    if isinstance(transport, _Probed):
        report = await transport.probe()
        patient.servers[channel.name] = report
        about = f"Server of {channel.name} ({report.host}:{report.port})"
        for finding in server_findings(report, about=about, now=patient.notifier.clock.now()):
            yield finding
    elif isinstance(transport, transports.ConsoleTransport | transports.FolderTransport):
        yield Finding(
            about=f"Channel {channel.name}",
            check="transport",
            grade=Grade.WARNING,
            says=f"{kind} keeps what it gets on this machine: no customer hears anything by {channel.name}.",
            advice="Good for development. For customers name a server, for example SmtpTransport.from_env().",
        )
    else:
        says = f"{kind} cannot be looked at without sending."
        yield Finding(about=f"Channel {channel.name}", check="transport", grade=Grade.NOTE, says=says)


# -- the sender -------------------------------------------------------------------------------------------------------


def _sending(patient: _Patient, channel: Email) -> Sending:
    report = patient.servers.get(channel.name)
    signer = getattr(channel.transport, "dkim", None)
    return Sending(
        sender=channel.sender,
        server=report.host if report else "",
        is_local=report is None or is_local(report.host),
        has_provider=report is not None and not is_local(report.host) and _has_logged_in(report),
        reply_to=(patient.notifier.shop.reply_to or "") if patient.is_app else None,
        return_path=channel.return_path.domain if channel.return_path else "",
        is_signed=signer is not None,
        signed_by=getattr(signer, "domain", ""),
    )


def _has_logged_in(report: "ServerReport") -> bool:
    return any(each.name == "auth" and each.outcome == "ok" for each in report.steps)


# -- the rest ---------------------------------------------------------------------------------------------------------


async def _look_at_store(notifier: Notifier) -> AsyncIterator[Finding]:
    about = "Store"
    if (missing := _no_file_yet(notifier.store_url)) is not None:
        yield missing
        return
    try:
        async with notifier:
            health = await notifier.health()
    except StoreUnusable as error:
        said = str(error)
        advice = "Look at store=… of your Notifier, and at who may read and write there."
        yield Finding(
            about=about, check="opens", grade=Grade.WRONG, says=f"{said[:1].upper()}{said[1:]}.", advice=advice
        )
        return
    yield Finding(about=about, check="opens", grade=Grade.WELL, says="It opens, and its schema is up to date.")
    problems = [each[:1].upper() + each[1:] for each in health.problems]
    if not health.workers:
        says, _, advice = problems.pop(0).partition(": ")
        says, advice = f"{says}.", f"{advice[:1].upper()}{advice[1:]}."
        yield Finding(about=about, check="workers", grade=Grade.WARNING, says=says, advice=advice)
    else:
        says = f"{health.workers} {'worker lives' if health.workers == 1 else 'workers live'}."
        yield Finding(about=about, check="workers", grade=Grade.WELL, says=says)
    for each in problems:
        yield Finding(about=about, check="messages", grade=Grade.WRONG, says=f"{each}.")
    if not problems:
        says = f"None is late: {health.due} due, {health.under_way} under way, {health.uncertain} uncertain."
        yield Finding(about=about, check="messages", grade=Grade.WELL, says=says)


def _no_file_yet(url: str) -> Finding | None:
    """Opening a store would make its file, perhaps in the wrong place: look whether it is there."""
    path = Path(url.removeprefix(_SQLITE))
    if not url.startswith(_SQLITE) or path.exists():
        return None
    says = f"There is no file {str(path)!r} yet, seen from {str(Path.cwd())!r}."
    advice = "Your shop makes it when it starts. If it has started already, run this where the shop runs."
    return Finding(about="Store", check="opens", grade=Grade.WARNING, says=says, advice=advice)


def _look_at_notices(notifier: Notifier) -> Iterator[Finding]:
    locales = notifier.content.locales
    grave = [each for each in problems_of(notifier, locales) if each.is_grave]
    for each in grave[:_QUOTED]:
        where = ", ".join(part for part in (each.notice, each.channel, each.locale) if part)
        yield Finding(about="Notices", check="render", grade=Grade.WRONG, says=f"{where}: {each.problem}")
    if len(grave) > _QUOTED:
        says = f"And {len(grave) - _QUOTED} more."
        advice = "See them all with `proactive-notify check`."
        yield Finding(about="Notices", check="render", grade=Grade.WRONG, says=says, advice=advice)
    if not notifier.notices:
        says, advice = "There are none, so nobody hears anything.", "Leave notices= out of your Notifier, or name some."
        yield Finding(about="Notices", check="render", grade=Grade.WARNING, says=says, advice=advice)
    elif not grave:
        says = f"All {len(notifier.notices)} do, in {', '.join(locales)}."
        yield Finding(about="Notices", check="render", grade=Grade.WELL, says=says)


# -- a test mail ------------------------------------------------------------------------------------------------------


async def _send(patient: _Patient, address: str) -> Finding:
    """Send one mail, and say what became of it. The address is shown masked."""
    channel, grade, advice = _mail_channel(patient.notifier), Grade.NOTE, ""
    report = patient.servers.get(channel.name)
    if report is not None and not report.is_ok:
        says = "Not sent: the server has to be well first."
    elif isinstance(channel.transport, transports.ConsoleTransport | transports.FolderTransport):
        says = "Not sent: nothing leaves this machine."
    else:
        message = _test_mail(channel, patient.notifier, address)
        try:
            accepted = await channel.transport.send(message)
        except SendError as error:
            grade, says = Grade.WRONG, str(error)
        else:
            reference = f" as {accepted.reference}" if accepted.reference else ""
            grade = Grade.WELL
            says = f"The server took the mail to {masked(address)}{reference}. That is not yet the mailbox."
            advice = (
                "Look there, and in the spam folder. In its source (Gmail: Show original) Authentication-Results "
                f"should say spf=pass, dkim=pass and dmarc=pass for {sender_domain(channel.sender)}."
            )
    return Finding(about="Test mail", check="send", grade=grade, says=says, advice=advice)


def _mail_channel(notifier: Notifier) -> Email:
    for channel in notifier.channels.values():
        if isinstance(channel, Email):
            return channel
    raise UsageError("--send-test sends a mail, and this notifier has no channel for mails")


def _test_mail(channel: Email, notifier: Notifier, address: str) -> Message:
    shop = notifier.shop
    words = (
        f"This is a test mail of {shop.name}.",
        "It was sent the way that customers get theirs: by the same server, from the same address.",
        "Nobody ordered anything, and nothing has to be done.",
    )
    parts = {
        "subject": f"Test mail of {shop.name}",
        "text": "\n\n".join(words) + "\n",
        "html": _html(shop.name, words),
    }
    common = {
        "message_id": uuid.uuid4().hex,
        "order_id": "test",
        "notice": "test",
        "occasion": "doctor",
        "to": address,
        "locale": "en",
        "at": notifier.clock.now(),
    }
    return channel.compose(common, parts, shop=shop, customer=Customer(email=address))


def _html(title: str, words: Iterable[str]) -> str:
    paragraphs = "".join(f"<p>{escape(each)}</p>" for each in words)
    head = f'<head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    return f'<!doctype html><html lang="en">{head}<body>{paragraphs}</body></html>\n'
