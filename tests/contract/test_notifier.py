"""The one object of a shop: what its constructor refuses, how it opens and closes, and what it answers."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    ChannelRefused,
    Customer,
    Email,
    EventInvalid,
    Message,
    Notice,
    NoticeInvalid,
    Notifier,
    NotifierNotOpen,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    OrderState,
    Permanent,
    Shop,
    StoreUnusable,
    TemplateInvalid,
    UsageError,
    default_notices,
)
from proactive_notify.transports import ConsoleTransport
from tests.contract.wires import MONDAY, Short, Stage, Wire, placed, short


class Paid(Notice[OrderPaid]):
    """Your money is here."""

    key = "paid"
    channels = ("push", "pager")
    family = "paid"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for channel in ("push", "pager"):
        stage.template(f"paid/{channel}.text", f"paid by {channel}")
    return stage


def email(transport: Any = None) -> Email:
    return Email(transport or Wire(), sender="Acme <orders@acme.example>")


# What cannot work is refused when it is made


def test_two_notices_with_one_key_are_refused(stage: Stage) -> None:
    """Two notices of one key cannot be told apart, so the notifier is not made."""

    class Another(Paid):
        """Another notice with the same key."""

    with pytest.raises(NoticeInvalid, match="two notices have the key 'paid'"):
        stage.notifier(channels=[short("push", Wire())], notices=[Paid, Another])


def test_a_shipped_notice_is_replaced_by_leaving_it_out() -> None:
    """A notice of one's own under a shipped key works when the shipped one is left out."""

    class Mine(Notice[OrderShipped]):
        key = "shipped"

    notices = [each for each in default_notices if each.key != "shipped"]

    assert Mine in Notifier(channels=[email()], notices=[*notices, Mine]).notices


def test_an_unknown_channel_is_refused(stage: Stage) -> None:
    """A notice that names a channel which is neither passed in nor well known is refused, with those there are."""

    class Misspelt(Paid):
        channels = ("pusch", "email")

    with pytest.raises(NoticeInvalid, match=r"Misspelt names the channel 'pusch'; there are .*email.*push"):
        stage.notifier(channels=[short("push", Wire())], notices=[Misspelt])


def test_a_notice_whose_channels_are_all_absent_is_refused(stage: Stage) -> None:
    """A notice that could never be sent is refused, and the sentence says what can be done."""

    class ByText(Paid):
        channels = ("sms", "whatsapp")

    with pytest.raises(NoticeInvalid, match=r"goes by sms, whatsapp, and the notifier has push.*leave the notice out"):
        stage.notifier(channels=[short("push", Wire())], notices=[ByText])


def test_a_missing_template_part_is_refused(stage: Stage) -> None:
    """A notice without the template of a part of one of its channels is refused, and the sentence names the part."""
    (stage.templates / "paid" / "pager.text").unlink()
    channels = [short("push", Wire()), short("pager", Wire())]
    with pytest.raises(TemplateInvalid, match=r"Paid has no template paid/pager\.text"):
        stage.notifier(channels=channels, notices=[Paid])


def test_a_template_of_a_channel_that_is_absent_is_not_needed(stage: Stage) -> None:
    """Templates are asked for only on the channels that the notifier has."""

    class Either(Paid):
        channels = ("push", "email")

    assert (Either,) == stage.notifier(channels=[short("push", Wire())], notices=[Either]).notices


def test_two_channels_of_one_name_are_refused() -> None:
    """Of two channels with one name only one could be used, so the notifier is not made."""
    with pytest.raises(UsageError):
        Notifier(channels=[email(), email()])


def test_a_folder_of_templates_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A misspelt template folder is refused."""
    with pytest.raises(TemplateInvalid, match="nowhere"):
        Notifier(channels=[email()], templates=[tmp_path / "nowhere"])


def test_a_store_that_there_is_not_is_refused() -> None:
    """A store's URL that means nothing is refused before anything is opened."""
    with pytest.raises(StoreUnusable, match=re.escape("sqlite:///orders.db")):
        Notifier(store="mongodb://localhost")


def test_a_notifier_needs_no_channel() -> None:
    """A shop may record first and add its channels later: all shipped notices pass without any."""
    assert set(default_notices) == set(Notifier(channels=[]).notices)


def test_arguments_have_names() -> None:
    """Only the shop may be given by position."""
    with pytest.raises(TypeError):
        Notifier(Shop(), "sqlite://")


def test_making_a_notifier_touches_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is made when the notifier is opened, not when it is made at the top of a module."""
    monkeypatch.chdir(tmp_path)
    Notifier(channels=[email()])

    assert [] == list(tmp_path.iterdir())


async def test_the_default_store_is_a_file_beside_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a store the orders are in `proactive_notify.db` in the working directory."""
    monkeypatch.chdir(tmp_path)
    async with Notifier() as notifier:
        await notifier.record(placed())

    assert (tmp_path / "proactive_notify.db").is_file()


# Open and closed


async def use(notifier: Notifier, what: str) -> None:
    """Use a notifier in one of the ways that need it open."""
    match what:
        case "record":
            await notifier.record(placed())
        case "record_sync":
            notifier.record_sync(placed())
        case "worker":
            async with notifier.worker():
                pass
        case "order" | "why":
            await getattr(notifier, what)("A-1")
        case _:
            await getattr(notifier, what)()


WAYS = ["record", "record_sync", "worker", "run_due", "run_until_idle", "order", "why"]


@pytest.mark.parametrize("what", WAYS)
async def test_a_notifier_that_is_not_open_says_so(stage: Stage, what: str) -> None:
    """Used before it is opened, or after it was closed, a notifier says how it is opened."""
    notifier = stage.notifier()
    with pytest.raises(NotifierNotOpen, match="async with notifier"):
        await use(notifier, what)
    async with notifier:
        await use(notifier, what)
    with pytest.raises(NotifierNotOpen, match="async with notifier"):
        await use(notifier, what)


async def test_a_notifier_can_be_opened_again(stage: Stage) -> None:
    """A notifier that was closed opens again, on the same orders."""
    notifier = stage.notifier()
    async with notifier:
        await notifier.record(placed())
    async with notifier:
        order = await notifier.order("A-1")

    assert "A-1" == order.order_id


async def test_a_notifier_whose_store_does_not_open_is_not_open(tmp_path: Path) -> None:
    """When the store cannot be opened the notifier says why, and is not open."""
    notifier = Notifier(store=f"sqlite:///{tmp_path}")
    with pytest.raises(StoreUnusable):
        await notifier.__aenter__()
    with pytest.raises(NotifierNotOpen):
        await notifier.record(placed())


async def test_an_exception_in_the_block_is_not_lost(stage: Stage) -> None:
    """What is raised inside `async with notifier` comes out of it, and the notifier is closed."""
    notifier = stage.notifier()

    async def fail() -> None:
        async with notifier:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    with pytest.raises(NotifierNotOpen):
        await notifier.record(placed())


class Connected(Wire):
    """A wire that holds a connection."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.error, self.closed = error, 0

    async def aclose(self) -> None:
        self.closed += 1
        if self.error is not None:
            raise self.error


async def test_transports_are_closed_with_the_notifier(stage: Stage) -> None:
    """Leaving the block closes every transport that holds connections."""
    first, second = Connected(), Connected()
    async with stage.notifier(channels=[email(first), short("push", second)]):
        assert (0, 0) == (first.closed, second.closed)

    assert (1, 1) == (first.closed, second.closed)


async def test_a_transport_that_fails_to_close_leaves_nothing_open(stage: Stage) -> None:
    """A transport that fails while it closes keeps neither the others nor the store open."""
    first, second = Connected(ConnectionResetError()), Connected()
    notifier = stage.notifier(channels=[email(first), short("push", second)], store=f"sqlite:///{stage.path}")
    await notifier.__aenter__()
    with pytest.raises(ConnectionResetError):
        await notifier.__aexit__(None, None, None)
    left = [thread.name for thread in threading.enumerate() if thread.name == "proactive_notify writer"]
    # In any case no thread stays behind this test.
    await notifier._store.close()

    assert (1, []) == (second.closed, left)


# Local


async def test_local_prints_its_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`Notifier.local()` needs a path and nothing else: the file is made and messages are printed."""
    path = tmp_path / "orders.db"
    async with Notifier.local(path) as notifier:
        await notifier.record(placed(at=None))
        await notifier.run_until_idle()
    printed = capsys.readouterr().out

    assert path.is_file()
    assert "a-1@example.org" in printed
    assert "Hello Ada" in printed


async def test_local_takes_what_a_notifier_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is passed to `local()` beside the path is passed on, channels too."""
    wire = Wire()
    path = str(tmp_path / "orders.db")
    async with Notifier.local(path, shop=Shop(name="Jonathan"), channels=[email(wire)]) as notifier:
        await notifier.record(placed(at=None))
        await notifier.run_until_idle()

    assert "Jonathan" in wire.taken[0].text
    assert "" == capsys.readouterr().out


def test_local_is_a_plain_notifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`local()` without a path is a notifier on a file beside the program, on the terminal."""
    monkeypatch.chdir(tmp_path)
    notifier = Notifier.local()

    assert isinstance(notifier.channels["email"].transport, ConsoleTransport)


# Record


async def test_what_an_event_leaves_out_is_filled_in(stage: Stage) -> None:
    """An event without id, source and time gets a random id, the shop's key and the present."""
    async with stage.notifier() as notifier:
        await notifier.record(OrderPlaced(order_id="A-1"), OrderShipped(order_id="A-1"))
        why = await notifier.why("A-1")
    first, second = (fact.event for fact in why.facts)

    assert ("shop", MONDAY) == (first.source, first.at) == (second.source, second.at)
    assert first.id != second.id
    assert 32 == len(first.id)


async def test_events_come_one_by_one_or_as_a_list(stage: Stage) -> None:
    """`record()` takes events, lists of them, and none at all."""
    async with stage.notifier() as notifier:
        one = await notifier.record(placed("A-1"))
        many = await notifier.record([placed("B-1"), placed("C-1")], placed("D-1"))
        none = await notifier.record()

    assert [1, 3, 0] == [one.new, many.new, none.new]
    assert (((), ()), ["B-1", "C-1", "D-1"]) == ((none.orders, none.notices), [o.order_id for o in many.orders])


async def test_recording_answers_what_followed(stage: Stage) -> None:
    """The answer holds the orders as they now are, the notices that were queued, and every decision."""
    async with stage.notifier() as notifier:
        await notifier.record(placed())
        recorded = await notifier.record(OrderShipped(order_id="A-1", id="1"))

    assert [OrderState.SHIPPED] == [order.state for order in recorded.orders]
    assert ("shipped",) == recorded.notices
    assert [("queued", "shipped", "shop 1")] == [(d.decision, d.notice, d.cause) for d in recorded.decisions]


async def test_a_retried_event_without_a_time_is_known(stage: Stage) -> None:
    """A shop that gives an id and leaves the time out may record again, later: the event is known."""
    async with stage.notifier() as notifier:
        first = await notifier.record(OrderPlaced(order_id="A-1", id="1"))
        stage.move(minutes=1)
        again = await notifier.record(OrderPlaced(order_id="A-1", id="1"))

    assert (1, 0) == (first.new, again.new)
    assert first.orders == again.orders


async def test_a_retry_with_another_time_is_refused(stage: Stage) -> None:
    """A time that is given is content: another one under the same id is refused."""
    async with stage.notifier() as notifier:
        await notifier.record(placed())
        with pytest.raises(EventInvalid):
            await notifier.record(placed(at=MONDAY + timedelta(hours=1)))


async def test_the_answer_is_the_first_one_after_sending_too(stage: Stage) -> None:
    """What was decided when a message was sent, held or refused is no part of the answer to its event."""
    push = Wire(lambda _: Permanent(code="gone"))
    customer = Customer(extra={"push": "1", "pager": "2"})
    async with stage.notifier(channels=[short("push", push), short("pager", Wire())], notices=[Paid]) as notifier:
        await notifier.record(placed(customer=customer))
        event = OrderPaid(order_id="A-1", id="1", source="shop", at=MONDAY)
        first = await notifier.record(event)
        await notifier.run_until_idle()
        again = await notifier.record(event)

    assert (("paid",), first.decisions) == (again.notices, again.decisions)


async def test_the_answer_to_a_late_placing_is_the_first_one(stage: Stage) -> None:
    """`order.placed` that made older facts news answers the same notices when it comes again."""
    async with stage.notifier() as notifier:
        await notifier.record(OrderShipped(order_id="A-1", id="1", source="shop", at=MONDAY))
        first = await notifier.record(placed())
        again = await notifier.record(placed())

    assert ("order-received", "shipped") == first.notices
    assert first.notices == again.notices


async def test_malformed_events_are_refused_when_they_are_made() -> None:
    """An event that could not be right does not come as far as the notifier, and its error names the field."""
    with pytest.raises(ValueError, match="order_id"):
        OrderPlaced(order_id="A\n1")
    with pytest.raises(ValueError, match="at"):
        OrderPlaced(order_id="A-1", at=datetime(2026, 1, 5, 9))  # noqa: DTZ001  that is the point


# Ask


async def test_an_order_is_its_present_truth(stage: Stage) -> None:
    """`order()` answers the order as its events add up; an order that nobody recorded is none."""
    async with stage.notifier() as notifier:
        await notifier.record(placed(), OrderShipped(order_id="A-1"))
        order, nobody = await notifier.order("A-1"), await notifier.order("B-1")

    assert (OrderState.SHIPPED, True) == (order.state, order.is_live)
    assert nobody is None


async def test_an_order_that_was_not_placed_yet_is_known(stage: Stage) -> None:
    """Facts about an order that nobody has placed are kept and can be asked for."""
    async with stage.notifier() as notifier:
        await notifier.record(OrderShipped(order_id="A-1"))
        order = await notifier.order("A-1")

    assert (False, "A-1") == (order.is_placed, order.order_id)


async def test_why_tells_the_whole_story(stage: Stage) -> None:
    """`why()` answers events, promises, messages, decisions and words to the staff, in their order."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        wire.refuse(ChannelRefused(code="535"))
        stage.move(hours=1)
        await notifier.record(OrderShipped(order_id="A-1"))
        await notifier.run_until_idle()
        why, nobody = await notifier.why("A-1"), await notifier.why("B-1")

    assert nobody is None
    assert ["order.placed", "order.shipped"] == [fact.event.type for fact in why.facts]
    assert ["order-received", "shipped"] == [message.notice for message in why.messages]
    assert ["", "paused:535"] == [message.waits_for for message in why.messages]
    assert MONDAY == why.messages[0].settled_at
    assert ["queued", "sent", "queued"] == [decision.decision for decision in why.decisions]
    assert sorted(decision.at for decision in why.decisions) == [decision.at for decision in why.decisions]
    assert any(promise.is_open for promise in why.promises)
    assert OrderState.SHIPPED == why.order.state


async def test_why_shows_no_address(stage: Stage) -> None:
    """A listing of an order's messages and decisions can be shown to anybody: it holds no address."""
    async with stage.notifier() as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        why = await notifier.why("A-1")

    assert "example.org" not in repr((why.messages, why.decisions, why.staff, why.promises))


async def test_a_customer_nobody_can_reach_is_a_decision(stage: Stage) -> None:
    """An order without any address is recorded; that nobody can be told is a decision and a word to the staff."""
    async with stage.notifier() as notifier:
        recorded = await notifier.record(placed(customer=Customer(name="Ada")))
        why = await notifier.why("A-1")

    assert [("dropped", "unreachable")] == [(d.decision, d.rule) for d in recorded.decisions]
    assert ["undelivered"] == [word.subject for word in recorded.staff] == [word.subject for word in why.staff]
    assert () == recorded.notices == why.messages


async def test_ended_orders_have_no_promise(stage: Stage) -> None:
    """A delivered order is not live, and none of its promises is open."""
    async with stage.notifier() as notifier:
        await notifier.record(placed(), OrderShipped(order_id="A-1"), OrderDelivered(order_id="A-1"))
        why = await notifier.why("A-1")

    assert not why.order.is_live
    assert not any(promise.is_open for promise in why.promises)


def test_a_message_of_ones_own_needs_a_field_for_each_part() -> None:
    """A channel whose message class lacks a part, or has none, is refused when it is made."""

    class Torn(Message):
        parts = ("title", "text")
        text: str

    for wrong in (Torn, Message):
        with pytest.raises(UsageError, match="parts"):
            type(short("push", Wire()))("push", message=wrong, transport=Wire(), address=lambda _: None)


def test_a_channels_name_is_a_word() -> None:
    """A channel's name stands in file names and columns, so it is a lower case word."""
    for wrong in ("Push", "", "push/1", "2push"):
        with pytest.raises(UsageError, match="no name for a channel"):
            type(short("push", Wire()))(wrong, message=Short, transport=Wire(), address=lambda _: None)


def test_the_clock_is_the_machines_own_unless_another_is_given() -> None:
    """A notifier without a clock lives in the present, in UTC."""
    now = Notifier().clock.now()

    assert UTC == now.tzinfo
    assert timedelta(seconds=10) > abs(datetime.now(UTC) - now)
