"""What `suppress list`, `suppress add` and `suppress lift` say, and how they end."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from proactive_notify import Permanent, Shop
from proactive_notify._store.sqlite import InlineSqlite
from proactive_notify.testing import Simulation, order_placed
from tests.contract.command_line import CommandLine

SECRETS = ("ada@", "bob@", "eve@", "171", "shop.example")


@pytest.fixture
async def shop(tmp_path: Path) -> Path:
    """A shop's file: a server knows no ada, and has refused bob once of two times."""
    path = tmp_path / "orders.db"
    async with Simulation(store=InlineSqlite(str(path)), shop=Shop(name="Acme")) as sim:
        sim.email.fail_next(Permanent(code="550", suppress=True))
        await sim.record(order_placed("A-1", email="ada@shop.example"))
        sim.email.fail_next(Permanent(code="550", suppress=True, suppress_after=2))
        await sim.record(order_placed("A-2", email="bob@shop.example"))
    return path


@pytest.fixture
def store(shop: Path) -> tuple[str, str]:
    return ("--store", f"sqlite:///{shop}")


def squeezed(printed: str) -> list[str]:
    """The lines that were printed, each blank once."""
    return [" ".join(line.split()) for line in printed.splitlines() if line.strip()]


def in_force(command: CommandLine, store: tuple[str, str]) -> list[str]:
    """The addresses that are suppressed."""
    found = command("suppress", "list", *store, "--unmask", "--json").json
    return [each["address"] for each in found if each["in_force"]]


class Typed(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_list_says_which_addresses_are_not_used(command: CommandLine, store: tuple[str, str]) -> None:
    """A line an address, masked, with its cause, and whether it counts yet."""
    ran = command("suppress", "list", *store)

    assert (0, "") == (ran.status, ran.err)
    assert [
        "Suppressions (UTC)",
        "channel address since cause in force",
        "email a***@s***.example 2026-01-05 09:00 refused:550 yes",
        "email b***@s***.example 2026-01-05 09:00 refused:550 no, refused 1 of 2 times",
    ] == squeezed(ran.out)
    assert [] == [secret for secret in SECRETS if secret in ran.out]


def test_the_list_as_json(command: CommandLine, store: tuple[str, str]) -> None:
    """The same as plain values; addresses in full on request, and one channel if asked."""
    ada, bob = command("suppress", "list", *store, "--json").json
    full = command("suppress", "list", *store, "--json", "--unmask", "--limit", "1").json

    assert {
        "channel": "email",
        "address": "a***@s***.example",
        "cause": "refused:550",
        "at": "2026-01-05T09:00:00Z",
        "strikes": 1,
        "needed": 1,
        "in_force": True,
    } == ada
    assert (1, 2, False) == (bob["strikes"], bob["needed"], bob["in_force"])
    assert ["ada@shop.example"] == [each["address"] for each in full]
    assert [] == command("suppress", "list", *store, "--json", "--channel", "sms").json


def test_an_empty_list_says_so(command: CommandLine, store: tuple[str, str]) -> None:
    """Nothing to list is no mistake."""
    ran = command("suppress", "list", *store, "--shop", "other")

    assert (0, "No address is suppressed in the shop 'other'.\n") == (ran.status, ran.out)


def test_an_address_is_added(command: CommandLine, store: tuple[str, str]) -> None:
    """A sentence with the masked address and the cause; one that is suppressed already keeps its first cause."""
    added = command("suppress", "add", "email", "eve@shop.example", *store, "--cause", "asked us")
    again = command("suppress", "add", "email", "ada@shop.example", *store, "--cause", "asked us")
    counted = command("suppress", "add", "email", "bob@shop.example", *store, "--json")

    assert (0, 0, 0) == (added.status, again.status, counted.status)
    assert added.out.startswith("e***@s***.example is suppressed on email since 20")
    assert added.out.endswith(" UTC (asked us)\n")
    assert again.out == "a***@s***.example is suppressed on email since 2026-01-05 09:00 UTC (refused:550)\n"
    assert [("b***@s***.example", "by hand", True)] == [
        (each["address"], each["cause"], each["in_force"]) for each in counted.json
    ]
    assert ["ada@shop.example", "bob@shop.example", "eve@shop.example"] == in_force(command, store)


def test_addresses_come_from_standard_input(
    command: CommandLine, store: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One a line, so that they stand in no history of a shell; blank lines and repetitions are left out."""
    monkeypatch.setattr("sys.stdin", io.StringIO("eve@shop.example\n\n  bob@shop.example \neve@shop.example\n"))
    added = command("suppress", "add", "email", *store)
    monkeypatch.setattr("sys.stdin", Typed("+49 171 1234567\n\n+49 171 7654321\n"))
    typed = command("suppress", "add", "sms", *store)

    assert (0, 2, 0, 1) == (added.status, len(added.out.splitlines()), typed.status, len(typed.out.splitlines()))
    assert "One address a line; an empty line ends it.\n" == typed.err
    assert ["ada@shop.example", "bob@shop.example", "eve@shop.example", "+491711234567"] == in_force(command, store)
    assert [] == [secret for secret in SECRETS if secret in added.out + typed.out]


def test_an_address_is_lifted(command: CommandLine, store: tuple[str, str]) -> None:
    """A sentence that says for what it was suppressed; what was not there is named, masked, and the status is 1."""
    lifted = command("suppress", "lift", "email", "ada@shop.example", *store)
    again = command("suppress", "lift", "email", "ada@shop.example", *store)

    assert (0, "") == (lifted.status, lifted.err)
    assert "a***@s***.example may be used again on email; it was suppressed for: refused:550\n" == lifted.out
    assert (1, "") == (again.status, again.out)
    assert "a***@s***.example is not suppressed on email; `suppress list` has those that are\n" == again.err
    assert [] == in_force(command, store)


def test_lifting_several_says_which_were_not_there(
    command: CommandLine, store: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there is lifted all the same; as JSON only that is listed."""
    monkeypatch.setattr("sys.stdin", io.StringIO("eve@shop.example\nada@shop.example\n"))
    ran = command("suppress", "lift", "email", *store, "--json")

    assert 1 == ran.status
    assert ["a***@s***.example"] == [each["address"] for each in ran.json]
    assert ran.err.startswith("e***@s***.example is not suppressed on email")
    assert [] == in_force(command, store)


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (
            ("add", "emial", "eve@shop.example"),
            "",
            "there is no channel 'emial'; there are email, push, sms, whatsapp",
        ),
        (
            ("add", "email", "Eve <eve@shop.example>"),
            "",
            "this is no email address; write name@domain and nothing around it",
        ),
        (
            ("lift", "email"),
            "ada@shop.example\neve\n",
            "line 2: this is no email address; write name@domain and nothing around it; nothing was changed",
        ),
        (("add", "email"), " \n", "no address was given; name one, or write one a line to standard input"),
        (
            ("add", "email", "eve@shop.example", "--cause", "eve@shop.example bounced"),
            "",
            "a cause is a few words on one line, at most 200 characters, without the address",
        ),
        (("list", "--channel", "fax"), "", "there is no channel 'fax'; there are email, push, sms, whatsapp"),
    ],
)
def test_bad_input_changes_nothing(
    command: CommandLine,
    store: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    arguments: tuple[str, ...],
    typed: str,
    said: str,
) -> None:
    """A channel, an address or a cause that there cannot be: status 2, what to write, and nothing has changed."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    ran = command("suppress", *arguments, *store)

    assert (2, "", f"proactive-notify: {said}\n") == (ran.status, ran.out, ran.err)
    assert ["ada@shop.example"] == in_force(command, store)


def test_what_is_no_text_changes_nothing(
    command: CommandLine, store: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that are no UTF-8 are bad input, not a traceback."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"eve@shop.example\n\xff\xfe\n"), encoding="utf-8"))
    ran = command("suppress", "add", "email", *store)

    assert (2, "proactive-notify: what came on standard input is no text in UTF-8; nothing was changed\n") == (
        ran.status,
        ran.err,
    )
    assert ["ada@shop.example"] == in_force(command, store)


def test_a_store_has_to_be_named(command: CommandLine) -> None:
    """Without --app and --store: status 2, and how to name one."""
    for arguments in (("list",), ("add", "email", "eve@shop.example"), ("lift", "email", "eve@shop.example")):
        ran = command("suppress", *arguments)
        said = "say where the suppressions are: --app shop.notify:notifier, or --store sqlite:///orders.db"
        assert (2, f"proactive-notify: {said}\n") == (ran.status, ran.err)
