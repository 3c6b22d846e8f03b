"""
What is done where nobody knows whether a provider took a message that must not be sent twice.

The body is written down just before the call, so a crash leaves one message in doubt and not its whole batch. A receipt
ends the doubt; else the provider is asked, and only what it never had goes again, or by the next channel.
"""

import random
from datetime import datetime, timedelta

from .._store.sending import Outcome
from .._store.sqlite import Store
from .._store.units import Statement, Unit
from ..channels.channel import Channel
from ..domain.messages import Message
from ..errors import SendError
from ..ports import Findable
from .attempts import Attempt

#: A provider lists what it took a moment later; until then *not found* says nothing.
_SETTLES = timedelta(minutes=2)


async def write_down(store: Store, attempt: Attempt, message: Message) -> bool:
    """Note that the message is perhaps being sent from now on; return whether it is still ours to send."""
    claimed = attempt.claimed
    values = {"pk": claimed.message.row, "token": claimed.token, "wire": message.model_dump_json()}
    return await store.run(lambda: _sending(values))


def _sending(values: dict[str, object]) -> Unit[bool]:
    return bool((yield Statement("message_sending", values)))


async def find_out(attempt: Attempt, channel: Channel, *, chance: random.Random) -> Outcome:
    """Return what became of a message that was perhaps taken."""
    message = attempt.message = channel.message.model_validate(attempt.kept)
    settled_at = message.at + _SETTLES
    if not isinstance(channel.transport, Findable):
        return _wait(attempt, "uncertain:no-receipt", until=settled_at, chance=chance)
    rule = "uncertain:not-found-yet"
    try:
        found = await channel.transport.look_up(message, since=message.at)
    except SendError as error:
        rule = f"uncertain:look-up:{error.code}"
    else:
        if found is not None and f"again:{found.reference}" not in attempt.claimed.message.receipt.split():
            return attempt.proven(found.reference)
        if attempt.now >= settled_at:
            return attempt.never_taken()
    return _wait(attempt, rule, until=settled_at, chance=chance)


def _wait(attempt: Attempt, rule: str, *, until: datetime, chance: random.Random) -> Outcome:
    """The doubt goes on. Where the next look would come too late, the next channel is used now."""
    if attempt.now < until:
        outcome = attempt.in_doubt(rule, until)
    else:
        outcome = attempt.again(rule, spread=chance.random(), uncertain=True)
    message, next_look = attempt.claimed.message, outcome.due_at
    is_last = attempt.has_other_channel and next_look is not None and message.is_too_late(next_look)
    if is_last or message.is_too_late(attempt.now):
        return attempt.failed(f"cannot-wait:{rule}")
    return outcome
