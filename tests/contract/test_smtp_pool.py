"""Connections: how many, how long, what happens when the server is away or crowded, and when we are interrupted."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from proactive_notify.errors import Transient
from proactive_notify.transports import SmtpTransport
from proactive_notify.transports.smtp_deadline import Deadline
from proactive_notify.transports.smtp_opening import Opening
from proactive_notify.transports.smtp_places import Places
from proactive_notify.transports.smtp_server import Server
from tests.contract.smtp_cases import MODES, HandClock, mail, outcome, sent_or_refused
from tests.contract.smtp_server import Act, SmtpServer

OFFERED = ("SIZE 10485760", "8BITMIME", "SMTPUTF8")
PHASES = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "BODY", "DOT"]


@pytest.fixture(params=MODES)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[SmtpServer]:
    async with SmtpServer(extensions=(*OFFERED, request.param.upper())) as server:
        yield server


@dataclass
class Napping(HandClock):
    """A clock that writes down how long it was slept by."""

    naps: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        await super().sleep(seconds)


def transport(server: SmtpServer, **options: Any) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", server.port, **{"tls": "none", "clock": HandClock(), **options})


def mails(count: int) -> list[Any]:
    return [mail(message_id=f"m{number}") for number in range(count)]


# Connecting


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO"])
async def test_connecting_is_tried_again_for_seconds(server: SmtpServer, phase: str) -> None:
    """A server that is away for a moment is connected to again, after a moment, before the mail has to wait."""
    clock = Napping()
    server.answer(phase, Act.DROP, times=2)
    await transport(server, clock=clock).send(mail())

    assert (3, 1) == (server.connections, len(server.mails))
    assert 2 == len(clock.naps)
    assert 0 <= clock.naps[0] <= 1
    assert 0 <= clock.naps[1] <= 2


async def test_connecting_is_given_up_after_three_tries() -> None:
    """Three tries, and the mail waits; while the server stays away each further mail costs one try."""
    clock = Napping()
    async with SmtpServer() as server:
        smtp = transport(server, clock=clock)
    first = outcome(await sent_or_refused(smtp))
    naps = len(clock.naps)
    second = outcome(await sent_or_refused(smtp))

    assert ("outage", "outage") == (first, second)
    assert (2, 2) == (naps, len(clock.naps))


async def test_tries_that_take_long_are_fewer(server: SmtpServer) -> None:
    """When one try has taken its time there is no second one: the mail waits in its row and not here."""
    clock = Napping()

    class Slow(Napping):
        def monotonic(self) -> float:
            self.seconds += 6
            return self.seconds

    clock = Slow()
    server.answer("CONNECT", Act.DROP)

    assert "outage" == outcome(await sent_or_refused(transport(server, clock=clock)))
    assert [] == clock.naps


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO"])
async def test_what_the_server_says_is_not_tried_again(server: SmtpServer, phase: str) -> None:
    """A server that asks us to wait is not asked again at once: only connecting is repeated."""
    clock = Napping()
    server.answer(phase, "421 4.3.2 later")

    assert "outage+1m" == outcome(await sent_or_refused(transport(server, clock=clock)))
    assert (1, []) == (server.connections, clock.naps)


@pytest.mark.parametrize("step", ["start_tls", "log_in"])
async def test_a_lost_connection_offers_nothing_and_refuses_nothing(step: str) -> None:
    """That a connection is gone is not taken for a server without STARTTLS or AUTH, which would pause the channel."""
    server = Server(
        host="mail.example",
        port=587,
        username="shop",
        password="key",
        tls="starttls",
        tls_context=None,
        local_hostname=None,
        connect_timeout=timedelta(minutes=1),
        command_timeout=timedelta(minutes=5),
        data_timeout=timedelta(minutes=10),
    )

    with pytest.raises(Transient):
        await getattr(Opening(server, None), step)()


# How many, how long


async def test_a_crowded_server_gets_fewer_connections(server: SmtpServer) -> None:
    """A server that allows two connections gets all mails over two, none is refused; after five minutes it is asked."""
    server.most_connections = 2
    clock = HandClock()
    smtp = transport(server, connections=6, clock=clock)
    await asyncio.gather(*(smtp.send(each) for each in mails(40)))
    turned_away = server.connections - 2
    await asyncio.gather(*(smtp.send(each) for each in mails(10)))

    assert 0 < turned_away == server.connections - 2 < 6
    server.most_connections, server.most_at_once = 6, 0
    clock.seconds += 301
    await asyncio.gather(*(smtp.send(each) for each in mails(40)))
    await smtp.aclose()

    assert server.most_at_once > 2
    assert 90 == sum(server.message_ids.values())


async def test_a_server_that_turns_everybody_away(server: SmtpServer) -> None:
    """If nobody is let in nobody waits for ever: each mail learns that the server takes none now."""
    server.always("CONNECT", "421 4.7.0 too many connections")
    smtp = transport(server, connections=4)
    became = await asyncio.gather(*(sent_or_refused(smtp, each) for each in mails(8)))

    assert ["outage+1m"] * 8 == [outcome(error) for error in became]
    server.usual()
    await smtp.send(mail())
    assert 1 == len(server.mails)


async def test_connections_that_nobody_needs_are_closed(server: SmtpServer) -> None:
    """Of the connections that a rush needed, those that were idle for five minutes are closed, one with each mail."""
    clock = HandClock()
    smtp = transport(server, connections=3, clock=clock)
    await asyncio.gather(*(smtp.send(each) for each in mails(9)))
    for seconds in (250, 100, 10):
        clock.seconds += seconds
        await smtp.send(mail(message_id=f"later-{clock.seconds}"))
    # The one in use grew old and was replaced; the other two were idle for too long.
    await server.hears("QUIT", times=3)

    assert (4, 12) == (server.connections, len(server.mails))
    await smtp.aclose()


async def test_closing_while_a_mail_is_under_way(server: SmtpServer) -> None:
    """Closing lets the mail that is under way go out, and its connection is closed when it has."""
    smtp = transport(server)
    server.answer("DOT", Act.HOLD)
    sending = asyncio.create_task(smtp.send(mail()))
    await server.hears("BODY")
    await smtp.aclose()
    server.release()
    await sending
    await server.hears("QUIT")

    assert (1, 1) == (server.connections, len(server.mails))
    await smtp.send(mail(message_id="2"))
    assert (2, 2) == (server.connections, len(server.mails))
    await smtp.aclose()


# Interrupted


@pytest.mark.parametrize("phase", PHASES)
async def test_cancelled_at_every_phase(server: SmtpServer, phase: str) -> None:
    """A send that is cancelled takes its connection with it, gives its place back, and disturbs no other mail."""
    smtp = transport(server, connections=1)
    await smtp.send(mail(message_id="before"))
    if phase in ("CONNECT", "EHLO"):
        server.hang_up()
    server.answer(phase, Act.SILENCE)
    sending = asyncio.create_task(smtp.send(mail(message_id="cancelled")))
    await server.is_silent()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    server.usual()
    await smtp.send(mail(message_id="after"))
    await smtp.aclose()

    assert 1 == server.message_ids["<before@loja.example>"] == server.message_ids["<after@loja.example>"]
    assert (1 if phase == "DOT" else 0) == server.message_ids["<cancelled@loja.example>"]


async def test_cancelled_while_waiting_for_a_place(server: SmtpServer) -> None:
    """Who stops waiting for a place leaves it to the next."""
    smtp = transport(server, connections=1)
    server.answer("DOT", Act.HOLD)
    first = asyncio.create_task(smtp.send(mail(message_id="1")))
    await server.hears("BODY")
    second = asyncio.create_task(smtp.send(mail(message_id="2")))
    third = asyncio.create_task(smtp.send(mail(message_id="3")))
    await asyncio.sleep(0)
    second.cancel()
    server.release()
    await asyncio.gather(first, third)
    with pytest.raises(asyncio.CancelledError):
        await second
    await smtp.aclose()

    assert {"<1@loja.example>": 1, "<3@loja.example>": 1} == server.message_ids


async def test_places_are_given_in_turn_and_never_lost() -> None:
    """However callers come, go and give up, at most so many have a place, and nobody waits while there is room."""
    places, order = Places(2), []

    async def use(number: int) -> None:
        await places.enter()
        order.append(number)
        assert places.entered <= 2
        await asyncio.sleep(0)
        places.leave()

    tasks = [asyncio.create_task(use(number)) for number in range(20)]
    await asyncio.sleep(0)
    for number in (3, 4, 9):
        tasks[number].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert [number for number in range(20) if number not in (3, 4, 9)] == order
    assert 0 == places.entered


async def test_a_place_that_was_given_to_one_who_gave_up() -> None:
    """A place that is handed on in the moment in which its taker is cancelled goes to the next."""
    places = Places(1)
    await places.enter()
    second, third = asyncio.create_task(places.enter()), asyncio.create_task(places.enter())
    await asyncio.sleep(0)
    places.leave()
    second.cancel()
    await third

    assert second.cancelled() or second.done()
    with suppress(asyncio.CancelledError):
        await second
    assert 1 == places.entered


async def test_a_place_that_comes_too_late() -> None:
    """Who gives up just before a place becomes free is passed over."""
    places = Places(1)
    await places.enter()
    second, third = asyncio.create_task(places.enter()), asyncio.create_task(places.enter())
    await asyncio.sleep(0)
    second.cancel()
    places.leave()
    await third

    with pytest.raises(asyncio.CancelledError):
        await second
    assert 1 == places.entered


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("mode", MODES)
def test_a_loop_that_ended_without_a_word(mode: str) -> None:
    """A transport whose loop ended without ``aclose`` works in the next loop, over new connections."""
    with SmtpServer.in_thread(extensions=(*OFFERED, mode.upper())) as server:
        smtp = transport(server, connections=2)

        async def some(start: int) -> None:
            await asyncio.gather(*(smtp.send(mail(message_id=f"m{start + number}")) for number in range(5)))

        for start in (0, 5, 10):
            asyncio.run(some(start))
        asyncio.run(smtp.aclose())
        del some
        gc.collect()

    assert {f"<m{number}@loja.example>": 1 for number in range(15)} == server.message_ids
    assert 6 == server.connections


async def test_deadlines_of_many_waits_with_one_timer() -> None:
    """A wait that ends in time is not missed, however the times of waits differ; one that does not is told once."""
    expired = asyncio.Event()
    deadline = Deadline(expired.set)
    for seconds in (600.0, 0.02, 300.0):
        deadline.start(seconds)
        deadline.stop()
    deadline.start(0.01)
    async with asyncio.timeout(5):
        await expired.wait()
    expired.clear()

    assert deadline.has_expired
    deadline.close()
    assert not expired.is_set()


@pytest.mark.parametrize("phase", ["MAIL", "DOT"])
async def test_time_limits_are_for_each_step(server: SmtpServer, phase: str) -> None:
    """A server that is slow but alive, one octet after the other, is waited for: the limit is each answer's own."""
    limit = timedelta(seconds=2)
    smtp = transport(server, connect_timeout=limit, command_timeout=limit, data_timeout=limit)
    loop = asyncio.get_running_loop()
    server.pause = 0.004
    began = loop.time()
    for number in range(3):
        await smtp.send(mail(message_id=f"m{number}"))
    took = loop.time() - began
    server.pause = 0
    server.answer(phase, Act.SILENCE, times=2)
    silent = transport(server, command_timeout=timedelta(seconds=0.2), data_timeout=timedelta(seconds=0.2))
    became = outcome(await sent_or_refused(silent, mail(message_id="silent")))
    await smtp.aclose()

    assert took > 1
    assert 3 <= len(server.message_ids)
    assert {"MAIL": "outage", "DOT": "uncertain"}[phase] == became
