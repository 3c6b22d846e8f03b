"""
``proactive-notify outbox``: what is to be sent, was sent, and was not; and let it go again.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from .._store.operating import MessageHistory, OutboxMessage
from ..domain.dates import instant_text
from ..domain.decisions import Decision
from ..domain.messages import MessageState
from ..errors import RequeueRefused, UsageError
from ..notifier import Notifier
from .application import AppOption
from .locating import JsonOption, ShopOption, StoreOption, located
from .masking import masked
from .showing import console, echo_json, listing, text

outbox = typer.Typer(
    help="Look at messages: `list` them, `show` one, and `requeue` what was not sent.", no_args_is_help=True
)

UnmaskOption = Annotated[bool, typer.Option("--unmask", help="Show addresses in full.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="A message's id, or its first characters.")]
IdsArgument = Annotated[list[str], typer.Argument(metavar="ID…", help="Ids of messages, or their first characters.")]

_WHERE = "the messages are"
#: So much of an id is shown in a listing; it is enough to name the message.
_SHOWN = 12
_STYLES = {
    MessageState.SENT: "green",
    MessageState.UNCERTAIN: "yellow",
    MessageState.SUPPRESSED: "red",
    MessageState.EXPIRED: "red",
    MessageState.FAILED: "red",
}


@outbox.command(name="list")
def list_(
    context: typer.Context,
    *,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="Only those in this state, like failed.")] = None,
    order: Annotated[str | None, typer.Option(metavar="ORDER", help="Only those of this order.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    app: AppOption = None,
    store: StoreOption = None,
    shop: ShopOption = "shop",
    unmask: UnmaskOption = False,
    as_json: JsonOption = False,
) -> None:
    """
    List messages, the newest first; what waits or is under way by its time. Addresses are masked.
    """
    wanted = _state(state)
    notifier = located(context, app, store, shop, what=_WHERE)

    async def read() -> tuple[OutboxMessage, ...]:
        async with notifier:
            return await notifier.outbox.list(state=wanted, order_id=order, limit=limit)

    found = asyncio.run(read())
    if as_json:
        echo_json([message_json(each, unmask=unmask) for each in found])
        return
    screen = console()
    if not found:
        such = f"{state or ''} message".strip() + (f" of order {order}" if order else "")
        screen.print(text(f"There is no {such} in the shop {notifier.shop.key!r}."))
        return
    screen.print(_table(found, "Outbox (UTC)", unmask=unmask))
    if len(found) == limit:
        screen.print(text(f"These are {limit}, and there may be more: --limit {limit * 10} shows them.", "dim"))


@outbox.command()
def show(
    context: typer.Context,
    message_id: IdArgument,
    *,
    app: AppOption = None,
    store: StoreOption = None,
    shop: ShopOption = "shop",
    unmask: UnmaskOption = False,
    as_json: JsonOption = False,
) -> None:
    """
    Show a message: where it stands and why, what was decided about it, and whether it may be requeued.
    """
    notifier = located(context, app, store, shop, what=_WHERE)

    async def read() -> MessageHistory:
        async with notifier:
            return await _found(notifier, message_id)

    found = asyncio.run(read())
    if as_json:
        echo_json(_history_json(found, unmask=unmask))
        return
    screen = console()
    screen.print(text(f"Message {found.message.message_id}: ", "bold").append_text(_standing(found.message)))
    screen.print(_facts(found, unmask=unmask))
    if found.siblings:
        screen.print(_table(found.siblings, "Other messages of the same notice (UTC)", unmask=unmask))
    screen.print(_decisions(found.decisions))


@outbox.command()
def requeue(
    context: typer.Context,
    message_ids: IdsArgument,
    *,
    app: AppOption = None,
    store: StoreOption = None,
    shop: ShopOption = "shop",
    as_json: JsonOption = False,
) -> None:
    """
    Let messages go again that failed, expired, were suppressed or cancelled: now, if they are still true then.

    Exit status: 0 all go again, 1 some must not, 2 there is no such message; then none goes again.
    """
    notifier = located(context, app, store, shop, what=_WHERE)
    done, refused, workers = asyncio.run(_requeue(notifier, message_ids))
    if as_json:
        again = [{"message_id": each.message_id, "requeued": True, "reason": ""} for each in done]
        not_again = [{"message_id": id, "requeued": False, "reason": reason} for id, reason in refused.items()]
        echo_json(again + not_again)
    else:
        _say_requeued(done, refused, workers)
    if refused:
        raise typer.Exit(1)


async def _requeue(notifier: Notifier, message_ids: Iterable[str]) -> tuple[list[OutboxMessage], dict[str, str], int]:
    """Return what goes again, what does not and why, and how many workers there are to send it."""
    async with notifier:
        ids = [(await _found(notifier, each)).message.message_id for each in message_ids]
        done, refused = [], {}
        for id in dict.fromkeys(ids):
            try:
                done.append(await notifier.outbox.requeue(id))
            except RequeueRefused as error:
                refused[id] = str(error)
        return done, refused, (await notifier.health()).workers


async def _found(notifier: Notifier, message_id: str) -> MessageHistory:
    found = await notifier.outbox.show(message_id)
    if found is None:
        key = notifier.shop.key
        raise UsageError(f"there is no message {message_id!r} in the shop {key!r}; `outbox list` has the ids")
    return found


def _say_requeued(done: Iterable[OutboxMessage], refused: dict[str, str], workers: int) -> None:
    screen, errors = console(), console(stderr=True)
    for each in done:
        said = f"{each.message_id[:_SHOWN]}: {each.notice} of order {each.order_id} goes again by {each.channel}, now"
        screen.print(text(said), soft_wrap=True)
    for reason in refused.values():
        errors.print(text(reason, "red"), soft_wrap=True)
    if done and not workers:
        hint = "No worker runs: start `proactive-notify worker`, or call `notifier.run_due()`."
        errors.print(text(hint, "yellow"), soft_wrap=True)


def _state(word: str | None) -> MessageState | None:
    if word is None:
        return None
    found = MessageState.__members__.get(word.upper())
    if found is None:
        raise UsageError(
            f"--state {word!r} is no state; there are {', '.join(each.name.lower() for each in MessageState)}"
        )
    return found


# -- as JSON ----------------------------------------------------------------------------------------------------------


def message_json(message: OutboxMessage, *, unmask: bool) -> dict[str, Any]:
    """Return what ``outbox list --json`` prints of a message."""
    return {
        "message_id": message.message_id,
        "order_id": message.order_id,
        "notice": message.notice,
        "occasion": message.occasion,
        "channel": message.channel,
        "address": message.address if unmask else masked(message.address),
        "state": message.state.name.lower(),
        "waits_for": message.waits_for,
        "queued_at": instant_text(message.queued_at),
        "due_at": instant_text(message.due_at),
        "expires_at": _instant(message.expires_at),
        "lease_until": _instant(message.lease_until),
        "attempts": message.attempts,
        "settled_at": _instant(message.settled_at),
        "subject": message.subject,
        "locale": message.locale,
        "reference": message.reference,
    }


def _history_json(found: MessageHistory, *, unmask: bool) -> dict[str, Any]:
    suppression = found.suppression
    return {
        **message_json(found.message, unmask=unmask),
        "suppressed": suppression.cause if suppression and suppression.is_in_force else None,
        "may_be_requeued": not found.reason_against,
        "reason_against": found.reason_against,
        "siblings": [message_json(each, unmask=unmask) for each in found.siblings],
        "decisions": [
            {"at": instant_text(each.at), "decision": each.decision.value, "rule": each.rule}
            for each in found.decisions
        ],
    }


def _instant(moment: datetime | None) -> str | None:
    return instant_text(moment) if moment else None


# -- for a person -----------------------------------------------------------------------------------------------------


def _table(messages: Iterable[OutboxMessage], title: str, *, unmask: bool) -> Table:
    table = listing("id", "order", "notice", "by", "to", "state", "when", "tries", title=title)
    for each in messages:
        table.add_row(
            text(each.message_id[:_SHOWN]),
            text(each.order_id),
            text(each.notice),
            text(each.channel),
            text(each.address if unmask else masked(each.address)),
            _standing(each),
            text(_when(each.settled_at or each.due_at)),
            text(each.attempts),
        )
    return table


def _standing(message: OutboxMessage) -> Any:
    state, why = message.state.name.lower(), message.waits_for
    return text(state if why in ("", state) else f"{state}, {why}", _STYLES.get(message.state, ""))


def _facts(found: MessageHistory, *, unmask: bool) -> Table:
    message, suppression = found.message, found.suppression
    rows = {
        "order": message.order_id,
        "notice": f"{message.notice}, {message.occasion}",
        "to": f"{message.address if unmask else masked(message.address)} by {message.channel}",
        "queued": _when(message.queued_at),
        "due": _when(message.due_at),
        "expires": _when(message.expires_at),
        "under way": f"until {_when(message.lease_until)}, unless it is renewed" if message.lease_until else "",
        "tries": str(message.attempts),
        "settled": _when(message.settled_at),
        "subject": message.subject,
        "provider's id": message.reference,
        "suppressed": suppression.cause if suppression and suppression.is_in_force else "",
        "requeue": f"no: {found.reason_against}" if found.reason_against else "yes, it may go again",
    }
    table = listing("", "")
    for name, value in rows.items():
        if value:
            table.add_row(text(name, "dim"), text(value))
    return table


def _decisions(decisions: Iterable[Decision]) -> Table:
    table = listing("when", "decision", "by which rule", title="What was decided (UTC)")
    for each in decisions:
        table.add_row(*map(text, (_when(each.at), each.decision.value, each.rule)))
    return table


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""
