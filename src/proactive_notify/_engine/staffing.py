"""
Tells the shop's own people what waits for them: as one message, in their office hours, until it was taken.
"""

import asyncio
import random
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from .._content.rendering import Content
from .._content.texts import link, one_line
from .._content.values import values_of_shop
from .._policy.calendar import next_office_time
from .._policy.cases import Case, Rulebook
from .._policy.retry import Retry
from .._policy.staffing import lines_of, template_of
from .._policy.zones import zone_named
from .._store import rows
from .._store.loading import load
from .._store.sqlite import Store
from .._store.staffing import LONGEST, Batch, again, claim, told, waiting
from ..channels.channel import Channel
from ..channels.staff import Staff
from ..clock import Clock
from ..domain.decisions import StaffWord
from ..domain.staffing import StaffLine
from ..errors import ProactiveNotifyError, SendError
from .telemetry import Observers, log

#: Words that come one after the other go together: when nothing more has come for so long (what is asked "at once" of
#: an order that comes late is asked a minute after it came) …
_PATIENCE = timedelta(minutes=2)
#: … or the first of them has waited for so long.
_MOST_PATIENCE = timedelta(minutes=10)
#: In seconds; the batch is tried again later. It is shorter than its lease.
_TIMEOUT = 60.0
#: 1, 4, 16 minutes, then hourly, for ever: somebody will repair it.
_RETRY = Retry(limit=LONGEST)


class Staffing:
    """
    Args:
        email: the channel over which a mail address is written to.
        chance: spreads retries; ``None``: a generator of its own.
    """

    def __init__(
        self,
        store: Store,
        rules: Rulebook,
        clock: Clock,
        observers: Observers,
        *,
        staff: Staff,
        email: Channel | None,
        content: Content,
        chance: random.Random | None = None,
    ) -> None:
        self._store, self._rules, self._clock = store, rules, clock
        self._staff, self._email, self._content = staff, email, content
        self._chance = chance or random.Random()
        self._zone: tzinfo = zone_named(rules.shop.time_zone) or UTC

    async def next_due(self) -> datetime | None:
        """Return when there is something to tell; ``None``: nothing waits."""
        now, shop = self._clock.now(), self._rules.shop.key
        found = await self._store.read(lambda: waiting(now=now, shop=shop))
        if found is None:
            return None
        due = min(found.newest_at + _PATIENCE, found.oldest_at + _MOST_PATIENCE)
        if found.newest_at > now:  # the clock was set back
            due = now
        policy = self._rules.policy
        due = max(due, found.free_at or due)
        return next_office_time(max(due, now), self._zone, opens=policy.opens, closes=policy.closes)

    async def run_once(self) -> int:
        """Tell what is due, as one message; return how many words were told. Whatever fails is tried again."""
        due, now, shop = await self.next_due(), self._clock.now(), self._rules.shop.key
        if due is None or due > now:
            return 0
        since, token = now - self._rules.policy.too_old, secrets.token_hex(8)
        batch = await self._store.run(lambda: claim(token=token, now=now, since=since, shop=shop))
        failure, wait = await self._tell(batch, now) if batch.words else ("", None)
        if not failure:
            await self._store.run(lambda: told(batch, now=now, since=since, shop=shop))
            if batch.old:
                log.warning("%s words to the staff are older than %s and are not listed", batch.old, since)
            return len(batch.words) + batch.old
        after = _RETRY.wait(batch.attempts, spread=self._chance.random(), at_least=wait) or LONGEST
        at = now + min(after, LONGEST)
        await self._store.run(lambda: again(batch, at=at, failure=failure, shop=shop))
        log.error("%s words to the staff were not taken: %s; again at %s", len(batch.words), failure, at)
        return 0

    # -- one message --------------------------------------------------------------------------------------------------

    async def _tell(self, batch: Batch, now: datetime) -> tuple[str, timedelta | None]:
        """Return why the batch was not taken, and how long to wait at least; an empty text: it was, or need not be."""
        lines, cases = await self._lines(batch.words)
        if not lines:
            return "", None
        wait = None
        try:
            transport, message = self._staff.compose(
                self._common(lines, batch, now),
                self._parts(lines, cases, batch.old, now),
                shop=self._rules.shop,
                email=self._email,
            )
            async with asyncio.timeout(_TIMEOUT):
                await transport.send(message)
        except SendError as error:
            failure, wait = f"{type(error).__name__}:{error.code}".lower().rstrip(":"), error.retry_after
        except Exception as error:  # whatever it is, customers do not wait for it
            failure = type(error).__name__
            if isinstance(error, ProactiveNotifyError):
                log.error("a message to the staff cannot be made: %s", error)
        else:
            return "", None
        return failure, wait

    async def _lines(self, words: Sequence[StaffWord]) -> tuple[list[StaffLine], dict[str, Case]]:
        """Return what is still to be done, and the orders that it is about."""
        shop, order_ids = self._rules.shop.key, list(dict.fromkeys(each.order_id for each in words if each.order_id))
        cases = await self._store.read(lambda: load(shop, order_ids))
        return lines_of(words, cases, self._rules), cases

    def _common(self, lines: Sequence[StaffLine], batch: Batch, now: datetime) -> dict[str, object]:
        about = [f"{each.order_id} {each.subject} {rows.micros(each.at)}" for each in lines]
        return {
            "message_id": rows.message_id([self._rules.shop.key, "staff", *about]),
            "order_id": "",
            "notice": template_of(lines[0]),
            "occasion": f"staff:{now:%Y-%m-%dT%H:%M:%SZ}",
            "locale": self._locale,
            "at": now,
            "lines": tuple(lines),
        }

    def _parts(self, lines: Sequence[StaffLine], cases: dict[str, Case], old: int, now: datetime) -> dict[str, str]:
        seen = [self._values(line, cases.get(line.order_id), now) for line in lines]
        texts = [self._render(template_of(line), "words", values) for line, values in zip(lines, seen, strict=True)]
        said = ["\n".join(filter(None, text.splitlines())) for text in texts]
        subject = self._render(template_of(lines[0]), "subject", {**seen[0], "more": len(lines) - 1})
        common = {"shop": values_of_shop(self._rules.shop), "now": now.astimezone(self._zone)}
        text = self._render("_layout", "text", {**common, "lines": tuple(said), "old": old})
        return {"subject": subject, "text": text}

    def _render(self, key: str, part: str, values: dict[str, object]) -> str:
        return self._content.render(key, "staff", (part,), locale=self._locale, values=values)[part]

    @property
    def _locale(self) -> str:
        return self._content.choose_locale(None, self._rules.shop.locale)

    def _values(self, line: StaffLine, case: Case | None, now: datetime) -> dict[str, object]:
        """What the templates of one line see; instants in the shop's zone."""
        order = case.order if case is not None else None
        last = order.last_fact if order is not None else None
        last_at = order.last_fact_at if order is not None else None
        return {
            "shop": values_of_shop(self._rules.shop),
            "now": now.astimezone(self._zone),
            "order_id": one_line(line.order_id, limit=80),
            "order_url": link(order.order_url) if order is not None else None,
            "about": line.subject,
            "words": one_line(line.text, limit=500),
            "promise": line.promise,
            "until": line.until,
            "speaks_at": line.speaks_at.astimezone(self._zone) if line.speaks_at else None,
            "record": line.record,
            "last_fact": {"what": last.type, "at": last_at.astimezone(self._zone)} if last and last_at else None,
        }
