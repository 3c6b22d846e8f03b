"""
Who agreed to be told where: on which channel, since when, how, and to which text.

A shop that is asked must be able to show it (47 CFR 64.1200, GDPR article 7(1)). The events are the record: an order is
placed with the customer's consent, a reply takes it back or gives it again. Consent is per channel: who wants no SMS is
told by email.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .event import Event
from .events import CustomerAsked, CustomerUpdated, OrderPlaced
from .replies import Meaning, Reply

#: One text may confirm a STOP, within five minutes (47 CFR 64.1200(a)(12)).
CONFIRM_WITHIN = timedelta(minutes=5)

#: Words that Twilio answers itself, and after which it takes nothing more of us (STOP) or takes it again (START). Only
#: where they stand alone. https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
EATEN: Mapping[str, Meaning] = {
    **dict.fromkeys("stop unsubscribe end quit stopall revoke optout cancel".split(), Meaning.STOP),
    **dict.fromkeys("start yes unstop".split(), Meaning.START),
    **dict.fromkeys("help info".split(), Meaning.HELP),
}
#: A number for texts alone, without a country code.
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
#: Of these the one with which people also answer a question.
_ANSWER = "yes"
#: What a text is cut to where an event keeps it.
_LONGEST_TEXT = 10_000
#: ``sms_consent`` and its like in the data of an event.
_SUFFIX = "_consent"
#: A word that was not recorded yet is the newest.
_NOT_YET = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A customer said that they want to be told on a channel, or that they do not."""

    channel: str
    given: bool
    #: When; ``None`` only for an event that was not recorded yet.
    at: datetime | None
    #: ``checkout``, ``reply``, ``shop`` (its people, or its website), or what the event's ``consent_how`` says.
    how: str
    #: To which words the customer agreed (``consent_text`` of the event), or what the customer wrote.
    text: str = field(default="", repr=False)


def consents_of(events: Iterable[Event]) -> list[Consent]:
    """
    Return what was said about consent, in the order of the events.

    On the wire it is ``customer.sms_consent`` of ``order.placed`` and ``order.edited``, and ``sms_consent`` of
    ``customer.updated``; the latter also ``whatsapp_consent`` and the like for other channels. Where it is missing,
    nothing was said. An event may say in ``consent_how`` and ``consent_text`` how it was asked and with which words.
    """
    return [each for event in events for each in _said(event)]


def has_consent(events: Iterable[Event], *, channel: str = "sms") -> bool:
    """Tell whether the customer wants to be told on a channel: the last word holds, and without one it is no."""
    said = [each for each in consents_of(events) if each.channel == channel]
    # Of two at the same instant the later in the list holds.
    return bool(said) and max(reversed(said), key=lambda each: each.at or _NOT_YET).given


def events_of(
    reply: Reply,
    meaning: Meaning,
    order_ids: Sequence[str],
    *,
    asks: bool = False,
    consented: bool = False,
    at: datetime | None = None,
) -> list[Event]:
    """
    Return what a reply says about the customer's orders, to be recorded as one batch.

    STOP and START are ``customer.updated`` for each order; a question, and the question where the order is, are one
    ``customer.asked``. HELP says nothing about an order. The ids are made of the reply's, so the same reply twice is
    recorded once.

    Args:
        order_ids: the orders of this address: those that are open before the others, the newest first. What is asked
            is asked about the one that the text names, else about the first.
        asks: the text asks something besides (``words.Reading.asks``): a STOP must not bury a question.
        consented: the customer is told on this channel as it is. Then "YES" starts nothing: it answers something.
        at: when it came; ``None``: the recorder's now.
    """
    meaning = meant(reply, meaning, consented=consented)
    if not order_ids or meaning is Meaning.HELP:
        return []
    if meaning not in (Meaning.STOP, Meaning.START):
        return [_asked(reply, meaning, order_ids, at)]
    # An id is known once for all orders, so each order's has the order in it.
    found: list[Event] = [_updated(reply, each, meaning is Meaning.START, at) for each in dict.fromkeys(order_ids)]
    return [*found, _asked(reply, Meaning.QUESTION, order_ids, at)] if asks else found


def meant(reply: Reply, meaning: Meaning, *, consented: bool) -> Meaning:
    """Return what a reply means to us: "YES" of somebody who is told here as it is starts nothing, it is an answer."""
    is_an_answer = meaning is Meaning.START and consented and _plain(reply.text) == _ANSWER
    return Meaning.QUESTION if is_an_answer else meaning


def handles_words(reply: Reply) -> bool:
    """
    Tell whether the provider answers its own words on the number to which a reply came.

    Twilio does, but not for a short code of one's own.
    """
    return reply.source == "twilio" and not _SHORT_CODE.fullmatch(reply.to.strip())


def is_answered(reply: Reply, *, eats_words: bool | None = None) -> bool:
    """
    Tell whether the provider answered a reply itself, so that we must not.

    Args:
        eats_words: the provider handles its own words; ``None``: as :func:`handles_words` says.
    """
    eats_words = handles_words(reply) if eats_words is None else eats_words
    return bool(reply.opt_out_type) or (eats_words and reply.text.strip().casefold() in EATEN)


def may_confirm(
    reply: Reply, meaning: Meaning, *, consented: bool, age: timedelta = timedelta(), eats_words: bool | None = None
) -> bool:
    """
    Tell whether one text may go back to say that a STOP, a START or a HELP was understood.

    A STOP is confirmed once: not if the customer had stopped before, and not after five minutes.

    Args:
        consented: the customer was told on this channel before this reply.
        age: how long ago the reply came.
        eats_words: as in :func:`is_answered`.
    """
    if meaning not in (Meaning.STOP, Meaning.START, Meaning.HELP) or is_answered(reply, eats_words=eats_words):
        return False
    return meaning is not Meaning.STOP or (consented and age <= CONFIRM_WITHIN)


def _said(event: Event) -> list[Consent]:
    extra = event.model_extra or {}
    if isinstance(event, OrderPlaced):
        customer = event.customer  # of an edit it may be missing
        known = customer is not None and "sms_consent" in customer.model_fields_set
        return [_consent(event, "sms", customer.sms_consent, "checkout")] if known else []
    if not isinstance(event, CustomerUpdated):
        return []
    words = {"sms_consent": event.sms_consent, **{name: extra[name] for name in sorted(extra)}}
    return [
        _consent(event, name.removesuffix(_SUFFIX), value, "shop")
        for name, value in words.items()
        if name.endswith(_SUFFIX) and name != _SUFFIX and isinstance(value, bool)
    ]


def _consent(event: Event, channel: str, given: bool, how: str) -> Consent:
    extra = event.model_extra or {}
    said, text = extra.get("consent_how"), extra.get("consent_text")
    return Consent(
        channel=channel,
        given=given,
        at=event.at,
        how=said if isinstance(said, str) and said else how,
        text=text if isinstance(text, str) else "",
    )


def _updated(reply: Reply, order_id: str, given: bool, at: datetime | None) -> CustomerUpdated:
    values: dict[str, Any] = {
        "order_id": order_id,
        "id": f"{reply.id}:{order_id}",
        "source": reply.source,
        f"{reply.channel}{_SUFFIX}": given,
        "consent_how": "reply",
        "consent_text": reply.text[:_LONGEST_TEXT],
    }
    return CustomerUpdated.model_validate(values if at is None else {**values, "at": at})


def _asked(reply: Reply, meaning: Meaning, order_ids: Sequence[str], at: datetime | None) -> CustomerAsked:
    text = reply.text[:_LONGEST_TEXT]
    named = [each for each in order_ids if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text, re.IGNORECASE)]
    values: dict[str, Any] = {
        "order_id": max(named, key=len) if named else order_ids[0],
        "id": reply.id,
        "source": reply.source,
        "text": text or None,
        "channel": reply.channel,
        "meaning": meaning.value,
    }
    return CustomerAsked.model_validate(values if at is None else {**values, "at": at})


def _plain(text: str) -> str:
    return text.strip(" \t\r\n.!").casefold()
