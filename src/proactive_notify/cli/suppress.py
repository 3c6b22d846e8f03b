"""
``proactive-notify suppress``: addresses that must not be used.
"""

import asyncio
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from .._store.operating import Suppression
from ..domain.dates import instant_text
from ..errors import UsageError
from ..notifier import Notifier
from .application import AppOption
from .locating import JsonOption, ShopOption, StoreOption, located
from .masking import masked
from .showing import console, echo_json, listing, text

suppress = typer.Typer(
    help="Addresses that must not be used: `list` them, `add` and `lift` them.", no_args_is_help=True
)

ChannelArgument = Annotated[str, typer.Argument(metavar="CHANNEL", help="On which channel, for example email.")]
AddressArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[ADDRESS]", help="The address; without it: one a line from standard input.", show_default=False
    ),
]
_WHERE = "the suppressions are"


@suppress.command(name="list")
def list_(
    context: typer.Context,
    *,
    channel: Annotated[str | None, typer.Option(metavar="CHANNEL", help="Only those of this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 1000,
    app: AppOption = None,
    store: StoreOption = None,
    shop: ShopOption = "shop",
    unmask: Annotated[bool, typer.Option("--unmask", help="Show addresses in full.")] = False,
    as_json: JsonOption = False,
) -> None:
    """
    List addresses that must not be used, and those that were refused and may still be. They are masked.
    """
    notifier = located(context, app, store, shop, what=_WHERE)

    async def read() -> tuple[Suppression, ...]:
        async with notifier:
            return await notifier.suppressions.list(channel=channel, limit=limit)

    found = asyncio.run(read())
    if as_json:
        echo_json([_json(each, unmask=unmask) for each in found])
        return
    screen = console()
    if not found:
        screen.print(text(f"No address is suppressed in the shop {notifier.shop.key!r}."))
        return
    table = listing("channel", "address", "since", "cause", "in force", title="Suppressions (UTC)")
    for each in found:
        address = each.address if unmask else masked(each.address)
        force = "yes" if each.is_in_force else f"no, refused {each.strikes} of {each.needed} times"
        table.add_row(*map(text, (each.channel, address, f"{each.at:%Y-%m-%d %H:%M}", each.cause, force)))
    screen.print(table)
    if len(found) == limit:
        screen.print(text(f"These are {limit}, and there may be more: raise --limit.", "dim"))


@suppress.command()
def add(
    context: typer.Context,
    channel: ChannelArgument,
    address: AddressArgument = None,
    *,
    cause: Annotated[str, typer.Option(metavar="TEXT", help="Why, without the address.")] = "by hand",
    app: AppOption = None,
    store: StoreOption = None,
    shop: ShopOption = "shop",
    as_json: JsonOption = False,
) -> None:
    """
    Use an address no more on a channel. What waits for it goes by the next channel, or the staff hear of it.
    """
    notifier = located(context, app, store, shop, what=_WHERE)
    addresses = _addresses(notifier, channel, address)

    async def write() -> list[Suppression]:
        async with notifier:
            return [await notifier.suppressions.add(channel, each, cause) for each in addresses]

    done = asyncio.run(write())
    if as_json:
        echo_json([_json(each, unmask=False) for each in done])
        return
    for each in done:
        said = f"{masked(each.address)} is suppressed on {channel} since {each.at:%Y-%m-%d %H:%M} UTC ({each.cause})"
        console().print(text(said), soft_wrap=True)


@suppress.command()
def lift(
    context: typer.Context,
    channel: ChannelArgument,
    address: AddressArgument = None,
    *,
    app: AppOption = None,
    store: StoreOption = None,
    shop: ShopOption = "shop",
    as_json: JsonOption = False,
) -> None:
    """
    Use an address again. What was not sent to it meanwhile does not go by itself: see `outbox requeue`.

    Exit status: 0 all are lifted, 1 some were not suppressed.
    """
    notifier = located(context, app, store, shop, what=_WHERE)
    addresses = _addresses(notifier, channel, address)

    async def write() -> list[Suppression | None]:
        async with notifier:
            return [await notifier.suppressions.lift(channel, each) for each in addresses]

    lifted = asyncio.run(write())
    done = [each for each in lifted if each is not None]
    if as_json:
        echo_json([_json(each, unmask=False) for each in done])
    for each in () if as_json else done:
        said = f"{masked(each.address)} may be used again on {channel}; it was suppressed for: {each.cause}"
        console().print(text(said), soft_wrap=True)
    missing = [address for address, found in zip(addresses, lifted, strict=True) if found is None]
    for each_missing in missing:
        said = f"{masked(each_missing)} is not suppressed on {channel}; `suppress list` has those that are"
        console(stderr=True).print(text(said, "red"), soft_wrap=True)
    if missing:
        raise typer.Exit(1)


def _addresses(notifier: Notifier, channel: str, address: str | None) -> list[str]:
    """Return the address that was given, or those that come on standard input, each once."""
    if address is not None:
        return [notifier.suppressions.plain(channel, address)]
    found: dict[str, None] = {}
    for number, line in enumerate(_lines(), 1):
        try:
            if line.strip():
                found[notifier.suppressions.plain(channel, line)] = None
        except UsageError as error:
            raise UsageError(f"line {number}: {error}; nothing was changed") from None
    if not found:
        raise UsageError("no address was given; name one, or write one a line to standard input")
    return list(found)


def _lines() -> Iterator[str]:
    if sys.stdin.isatty():
        console(stderr=True).print(text("One address a line; an empty line ends it."))
    try:
        for line in sys.stdin:
            if sys.stdin.isatty() and not line.strip():
                return
            yield line
    except UnicodeDecodeError:
        raise UsageError("what came on standard input is no text in UTF-8; nothing was changed") from None


def _json(each: Suppression, *, unmask: bool) -> dict[str, Any]:
    return {
        "channel": each.channel,
        "address": each.address if unmask else masked(each.address),
        "cause": each.cause,
        "at": instant_text(each.at),
        "strikes": each.strikes,
        "needed": each.needed,
        "in_force": each.is_in_force,
    }
