"""
May a message that has ended go again? Nobody is told twice, and nobody what a newer word has said.
"""

from collections.abc import Sequence

from ..domain.messages import MessageState
from ..domain.notices import NoticeState, all_of
from .cases import Case, QueuedMessage, QueuedNotice, Rulebook

#: What a state alone forbids, and what to do.
_AGAINST = {
    MessageState.SENT: "it was sent, and nobody is told twice",
    MessageState.CLAIMED: "a sender has it under way; look again in a moment",
    MessageState.SENDING: "a sender has it under way; look again in a moment",
    MessageState.UNCERTAIN: "it was perhaps handed over, and goes again by itself when it is due",
}
#: Only here does the same message, sent again, say by its ``Message-ID`` that it is the same (RFC 5322, 3.6.4).
_SAYS_THAT_IT_IS_THE_SAME = "email"


def reason_against(
    message: QueuedMessage,
    case: Case,
    rules: Rulebook,
    *,
    siblings: Sequence[QueuedMessage],
    ended_by: str,
    suppressed: bool,
) -> str:
    """
    Return why ``message`` must not go again; empty if it may. The gate is asked again in any case when it is sent.

    Args:
        siblings: the other messages of its notice, however they ended.
        ended_by: the rule by which it ended.
        suppressed: its address must not be used on its channel.
    """
    notice = next(each for each in case.notices if each.row == message.notice_row)
    against = _AGAINST.get(message.state) or _said_already(message, notice, rules, siblings)
    if against or message.state is MessageState.QUEUED:
        return against or _suppressed(message, suppressed)
    if "uncertain" in ended_by and message.channel != _SAYS_THAT_IT_IS_THE_SAME:
        return "it was perhaps handed over before it was given up, and nobody is told twice; ask the customer"
    return (
        _said_by_a_newer(notice, case, rules)
        or _suppressed(message, suppressed)
        or _another_address(message, case, rules, siblings)
    )


def _said_already(
    message: QueuedMessage, notice: QueuedNotice, rules: Rulebook, siblings: Sequence[QueuedMessage]
) -> str:
    """A notice that is told on every channel is told once on each; any other once."""
    kind = rules.by_key.get(notice.notice)
    on_each = kind is not None and isinstance(kind.channels, all_of)
    rivals = [each for each in siblings if not on_each or each.channel == message.channel]
    if any(each.state is MessageState.SENT for each in rivals) or (notice.state is NoticeState.TOLD and not on_each):
        return f"the customer has been told {notice.notice} by another message, and nobody is told twice"
    live = next((each for each in rivals if each.is_live), None)
    if live is not None:
        return f"the message {live.id} of the same notice, by {live.channel}, may still leave"
    return ""


def _said_by_a_newer(notice: QueuedNotice, case: Case, rules: Rulebook) -> str:
    """As in planning: of one family the newest word is the truth."""
    kind = rules.by_key.get(notice.notice)
    for each in case.notices:
        other = rules.by_key.get(each.notice)
        same_family = kind is not None and other is not None and kind.family == other.family
        if same_family and each.row > notice.row and each.state is not NoticeState.DROPPED:
            return f"the newer {each.notice} says it"
    return ""


def _suppressed(message: QueuedMessage, suppressed: bool) -> str:
    return f"its address is suppressed on {message.channel}; lift that first" if suppressed else ""


def _another_address(message: QueuedMessage, case: Case, rules: Rulebook, siblings: Sequence[QueuedMessage]) -> str:
    if message.channel not in rules.addresses:
        return ""
    current = rules.address(message.channel, case.order)
    if current == message.address:
        return ""
    there = next((each for each in siblings if (each.channel, each.address) == (message.channel, current)), None)
    instead = f"; requeue {there.id} instead" if there is not None else ""
    return f"the customer has another address on {message.channel} by now{instead}"
