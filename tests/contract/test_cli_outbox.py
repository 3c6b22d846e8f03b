"""What `outbox list`, `outbox show` and `outbox requeue` say, and how they end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from proactive_notify import Message, MessageState, Permanent, Shop, Transient
from proactive_notify._store.sqlite import InlineSqlite
from proactive_notify.testing import Simulation, order_placed
from tests.contract.command_line import CommandLine

SECRETS = ("ada@", "bob@", "eve@", "cid@", "shop.example")
#: How the wire answers for an order; it takes what is not here.
ANSWERS = {
    "A-2": Permanent(code="550", suppress=True),
    "A-3": Transient(code="451"),
    "A-4": Permanent(code="552"),
}


class Answering:
    """The email of a simulation, which answers by the order."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def send(self, message: Message) -> Any:
        if message.order_id in ANSWERS:
            raise ANSWERS[message.order_id]
        self.sent.append(message)
        return type("Accepted", (), {"reference": "Q1"})


@pytest.fixture
async def outbox(tmp_path: Path) -> Path:
    """A shop's file: A-1 was told, A-2 does not exist for the server, A-3 waits, and A-4 was refused."""
    path = tmp_path / "orders.db"
    async with Simulation(store=InlineSqlite(str(path)), shop=Shop(name="Acme"), email=Answering()) as sim:  # type: ignore[arg-type]
        for number, name in enumerate(("ada", "bob", "eve", "cid"), 1):
            await sim.record(order_placed(f"A-{number}", email=f"{name}@shop.example"))
    return path


@pytest.fixture
def store(outbox: Path) -> tuple[str, str]:
    return ("--store", f"sqlite:///{outbox}")


def squeezed(printed: str) -> list[str]:
    """The lines that were printed, each blank once."""
    return [" ".join(line.split()) for line in printed.splitlines() if line.strip()]


def listed(command: CommandLine, store: tuple[str, str], *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = command("outbox", "list", *store, *more, "--json").json
    return found


def id_of(command: CommandLine, store: tuple[str, str], order_id: str) -> str:
    (message,) = listed(command, store, "--order", order_id)
    return str(message["message_id"])


# list


def test_the_list_says_where_each_message_stands(command: CommandLine, store: tuple[str, str]) -> None:
    """A line a message, the newest first, with the start of its id, its masked address, its state and why."""
    ran = command("outbox", "list", *store)
    lines = squeezed(ran.out)
    ids = [each["message_id"][:12] for each in listed(command, store)]

    assert (0, "") == (ran.status, ran.err)
    assert ["Outbox (UTC)", "id order notice by to state when tries"] == lines[:2]
    assert [
        f"{ids[0]} A-4 order-received email c***@s***.example failed, refused:552 2026-01-05 09:00:00 1",
        f"{ids[2]} A-2 order-received email b***@s***.example failed, refused:550 2026-01-05 09:00:00 1",
        f"{ids[3]} A-1 order-received email a***@s***.example sent 2026-01-05 09:00:00 1",
    ] == [lines[2], *lines[4:]]
    assert lines[3].startswith(f"{ids[1]} A-3 order-received email e***@s***.example queued, transient:451 2026-01-05")
    assert [] == [secret for secret in SECRETS if secret in ran.out]


def test_the_list_as_json(command: CommandLine, store: tuple[str, str]) -> None:
    """The same as plain values; what is not known is null."""
    (message,) = listed(command, store, "--state", "sent")

    assert 32 == len(message.pop("message_id"))
    assert {
        "order_id": "A-1",
        "notice": "order-received",
        "occasion": "placed",
        "channel": "email",
        "address": "a***@s***.example",
        "state": "sent",
        "waits_for": "",
        "queued_at": "2026-01-05T09:00:00Z",
        "due_at": "2026-01-05T09:00:00Z",
        "expires_at": None,
        "lease_until": None,
        "attempts": 1,
        "settled_at": "2026-01-05T09:00:00Z",
        "subject": "Received: your order A-1",
        "locale": "en",
        "reference": "Q1",
    } == message


def test_the_list_can_be_narrowed(command: CommandLine, store: tuple[str, str]) -> None:
    """By state, in small letters or capitals, by order, and to a number of lines, which is said where it is full."""
    assert ["A-4", "A-2"] == [each["order_id"] for each in listed(command, store, "--state", "FAILED")]
    assert ["A-3"] == [each["order_id"] for each in listed(command, store, "--order", "A-3")]
    assert (
        "These are 2, and there may be more: --limit 20 shows them."
        in command("outbox", "list", *store, "--limit", "2").out
    )
    assert [] == listed(command, store, "--order", "A-3", "--state", "failed")


def test_an_empty_list_says_so(command: CommandLine, store: tuple[str, str]) -> None:
    """Nothing to list is no mistake: a sentence and status 0."""
    ran = command("outbox", "list", *store, "--state", "expired", "--order", "A-1")

    assert (0, "There is no expired message of order A-1 in the shop 'shop'.\n") == (ran.status, ran.out)


def test_addresses_are_shown_on_request(command: CommandLine, store: tuple[str, str]) -> None:
    """With --unmask each address stands there in full, in every form."""
    id = id_of(command, store, "A-2")

    for arguments in (("list",), ("list", "--json"), ("show", id), ("show", id, "--json")):
        assert "bob@shop.example" in command("outbox", *arguments, *store, "--unmask").out
        assert "bob@" not in command("outbox", *arguments, *store).out


# show


def test_show_says_all_of_a_message(command: CommandLine, store: tuple[str, str]) -> None:
    """Where it stands and why, what was decided, and that it may not go again while its address is suppressed."""
    id = id_of(command, store, "A-2")
    ran = command("outbox", "show", id[:8], *store)

    assert 0 == ran.status
    assert [
        f"Message {id}: failed, refused:550",
        "order A-2",
        "notice order-received, placed",
        "to b***@s***.example by email",
        "queued 2026-01-05 09:00:00",
        "due 2026-01-05 09:00:00",
        "tries 1",
        "settled 2026-01-05 09:00:00",
        "suppressed refused:550",
        "requeue no: its address is suppressed on email; lift that first",
        "What was decided (UTC)",
        "when decision by which rule",
        "2026-01-05 09:00:00 queued order.placed",
        "2026-01-05 09:00:00 dropped refused:550",
    ] == squeezed(ran.out)


def test_show_has_the_same_as_json(command: CommandLine, store: tuple[str, str]) -> None:
    """What a listing has of the message, and its siblings, decisions, suppression and whether it may be requeued."""
    shown = command("outbox", "show", id_of(command, store, "A-4"), *store, "--json").json

    assert ("A-4", "failed", True, "", None, []) == tuple(
        shown[key] for key in ("order_id", "state", "may_be_requeued", "reason_against", "suppressed", "siblings")
    )
    assert [("queued", "order.placed"), ("dropped", "refused:552")] == [
        (each["decision"], each["rule"]) for each in shown["decisions"]
    ]


# requeue


def test_a_message_goes_again(command: CommandLine, store: tuple[str, str]) -> None:
    """A line a message that says what goes and by which channel; status 0; and a hint, since nobody sends."""
    id = id_of(command, store, "A-4")
    ran = command("outbox", "requeue", id[:12], *store)

    assert (0, f"{id[:12]}: order-received of order A-4 goes again by email, now\n") == (ran.status, ran.out)
    assert "No worker runs: start `proactive-notify worker`, or call `notifier.run_due()`.\n" == ran.err
    assert ("queued", "requeued", 0) == tuple(
        listed(command, store, "--order", "A-4")[0][key] for key in ("state", "waits_for", "attempts")
    )


def test_a_message_that_must_not_go_again_is_named(command: CommandLine, store: tuple[str, str]) -> None:
    """What may go again does, for the rest there is a sentence each, and the status is 1."""
    told, gone, refused = (id_of(command, store, order) for order in ("A-1", "A-2", "A-4"))
    ran = command("outbox", "requeue", told, refused, gone, refused, *store)

    assert (1, 1) == (ran.status, len(ran.out.splitlines()))
    assert [
        "order-received of order A-1 is not requeued: it was sent, and nobody is told twice",
        "order-received of order A-2 is not requeued: its address is suppressed on email; lift that first",
    ] == ran.err.splitlines()[:2]


def test_a_requeue_as_json(command: CommandLine, store: tuple[str, str]) -> None:
    """An object a message: whether it goes again, and if not why."""
    told, refused = (id_of(command, store, order) for order in ("A-1", "A-4"))
    ran = command("outbox", "requeue", told, refused, *store, "--json")

    assert (1, "") == (ran.status, ran.err)
    assert [(refused, True, ""), (told, False)] == [
        tuple(ran.json[0].values()),
        (ran.json[1]["message_id"], ran.json[1]["requeued"]),
    ]
    assert ran.json[1]["reason"].endswith("it was sent, and nobody is told twice")


def test_an_unknown_message_lets_none_go(command: CommandLine, store: tuple[str, str]) -> None:
    """One id that is not there, and none of them goes again: status 2."""
    ran = command("outbox", "requeue", id_of(command, store, "A-4"), "ffffffff", *store)

    assert (2, "") == (ran.status, ran.out)
    assert "proactive-notify: there is no message 'ffffffff' in the shop 'shop'; `outbox list` has the ids\n" == ran.err
    assert "failed" == listed(command, store, "--order", "A-4")[0]["state"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("list", "--state", "lost"),
            f"--state 'lost' is no state; there are {', '.join(each.name.lower() for each in MessageState)}",
        ),
        (("show", "abc"), "'abc' is too short to be a message's id; write at least 6 characters"),
        (("show", "abcdef"), "there is no message 'abcdef' in the shop 'shop'; `outbox list` has the ids"),
        (("requeue", "abcdef"), "there is no message 'abcdef' in the shop 'shop'; `outbox list` has the ids"),
    ],
)
def test_bad_input_ends_with_a_sentence(
    command: CommandLine, store: tuple[str, str], arguments: tuple[str, ...], said: str
) -> None:
    """A state or an id that there is not: status 2, and what there is."""
    ran = command("outbox", *arguments, *store)

    assert (2, "", f"proactive-notify: {said}\n") == (ran.status, ran.out, ran.err)


def test_a_store_has_to_be_named(command: CommandLine) -> None:
    """Without --app and --store: status 2, and how to name one."""
    for arguments in (("list",), ("show", "abcdef"), ("requeue", "abcdef")):
        ran = command("outbox", *arguments)
        said = "say where the messages are: --app shop.notify:notifier, or --store sqlite:///orders.db"
        assert (2, f"proactive-notify: {said}\n") == (ran.status, ran.err)
