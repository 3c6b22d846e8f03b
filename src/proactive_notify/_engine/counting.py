"""
What is asked before a message leaves on a channel that has caps: is there room, and is it the first to this address?
"""

from .._policy.caps import Caps
from .._policy.gate import SEND, GateVerdict, over_cap
from .._store.caps import Counted, Counting, count
from .._store.sqlite import Store
from ..channels.channel import Channel
from ..domain.messages import Message
from ..domain.notices import NoticeState
from .attempts import Attempt


async def counted(
    store: Store, attempt: Attempt, channel: Channel, message: Message, *, caps: Caps
) -> tuple[GateVerdict, bool]:
    """Count the message if there is room; return the verdict, and whether it has to introduce the sender."""
    claimed, shop = attempt.claimed, attempt.rules.shop.key
    counting = Counting(
        claimed=claimed,
        caps=caps,
        prefix=channel.prefix(claimed.message.address),
        parts=channel.cost(message),
        introduces=channel.introduction(claimed.message.address) is not None,
        pace=channel.pace,
    )
    found: Counted = await store.run(lambda: count(counting, shop=shop, now=attempt.now))
    if found.over is None:
        return SEND, found.is_first
    cap, room_at = found.over
    is_told = claimed.notice.state is NoticeState.TOLD
    if attempt.is_beside_another:  # which will have told it when this one is asked again
        room_at = attempt.now + cap.patience
    return over_cap(cap, room_at, has_other_channel=is_told or attempt.has_other_channel), False
