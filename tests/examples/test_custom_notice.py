"""A notice and a channel of a user's own: what is wrong with them is said when they are made."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from proactive_notify import (
    Channel,
    Customer,
    Notice,
    NoticeInvalid,
    Notifier,
    OrderDelayed,
    OrderDelivered,
    OrderPlaced,
    TemplateInvalid,
    TrackingUpdated,
    UsageError,
    default_notices,
)
from proactive_notify.testing import Simulation
from tests.examples.running import EXAMPLES

ADA = Customer(name="Ada", email="ada@example.org", extra={"push_token": "a-phone"})


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program as a module; it does nothing when it is imported."""
    spec = importlib.util.spec_from_file_location("custom_notice", EXAMPLES / "custom_notice.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def push(example: ModuleType, transport: Any) -> Channel:
    return Channel(
        "push",
        message=example.PushMessage,
        transport=transport,
        address=lambda customer: customer.extra.get("push_token"),
    )


def simulation(example: ModuleType, transport: Any, **arguments: Any) -> Simulation:
    notices = arguments.pop("notices", [*default_notices, example.PickupReady])
    templates = arguments.pop("templates", [str(example.TEMPLATES)])
    return Simulation(notices=notices, channels=[push(example, transport)], templates=templates)


async def test_the_push_goes_to_who_has_a_phone_and_a_mail_to_who_has_none(example: ModuleType) -> None:
    """The first channel that can reach the customer is taken, and only that one."""
    phones = example.PocketTransport()
    async with simulation(example, phones) as sim:
        await sim.record(*example.parcel_waits("A-1", ADA))
        await sim.record(*example.parcel_waits("A-2", Customer(email="ben@example.org")))

        assert ["a-phone"] == [message.to for message in phones.sent]
        sim.assert_sent("pickup-ready", to="ben@example.org", times=1)
        sim.assert_not_sent("pickup-ready", to="ada@example.org")


async def test_what_is_no_longer_true_is_not_said(example: ModuleType) -> None:
    """A parcel that was fetched before the message left is not announced."""
    phones = example.PocketTransport()
    async with simulation(example, phones) as sim:
        await sim.record(*example.parcel_waits("A-1", ADA), OrderDelivered(order_id="A-1"))

    assert [] == phones.sent


async def test_one_replaced_part_replaces_nothing_else(example: ModuleType) -> None:
    """The subject of the delay notice is the user's, its text is the shipped one."""
    said = {}
    for name, templates in (("shipped", []), ("own", [str(example.TEMPLATES)])):
        async with Simulation(templates=templates) as sim:
            await sim.record(OrderPlaced(order_id="A-3", customer=ADA), OrderDelayed(order_id="A-3", reason="snow"))
            said[name] = sim.assert_sent("delayed", times=1)

    assert "A word about your order A-3" == said["own"].subject
    assert said["shipped"].subject != said["own"].subject
    assert said["shipped"].text == said["own"].text


def test_a_misspelt_attribute_fails_when_the_class_is_made() -> None:
    """``chanels = …`` is refused with the word that was meant."""
    with pytest.raises(NoticeInvalid, match="channels"):

        class PickupReady(Notice[TrackingUpdated]):
            key = "pickup-ready"
            chanels = ("push", "email")


@pytest.mark.parametrize("spelt", ["", "Pickup-Ready", "pickup_ready", "pickup ready"])
def test_a_key_that_is_none_fails_when_the_class_is_made(spelt: str) -> None:
    """A key is lower case words joined by hyphens."""
    with pytest.raises(NoticeInvalid, match="key"):

        class PickupReady(Notice[TrackingUpdated]):
            key = spelt


def test_a_key_without_a_template_folder_fails_when_the_notifier_is_made(example: ModuleType) -> None:
    """A key that is misspelt has no templates, and the message says which are missing."""
    misspelt = type("Misspelt", (example.PickupReady,), {"key": "pickup-redy"})

    with pytest.raises(TemplateInvalid, match=r"pickup-redy/push\.title"):
        simulation(example, example.PocketTransport(), notices=[*default_notices, misspelt])


def test_an_unknown_channel_fails_when_the_notifier_is_made(example: ModuleType) -> None:
    """A notice that goes by pigeon is refused, and the message says which channels there are."""
    by_pigeon = type("ByPigeon", (example.PickupReady,), {"channels": ("pigeon", "email")})

    with pytest.raises(NoticeInvalid, match=r"'pigeon'; there are .*push"):
        simulation(example, example.PocketTransport(), notices=[*default_notices, by_pigeon])


@pytest.mark.parametrize("part", ["push.title", "push.text", "email.subject", "email.text", "email.mjml"])
def test_a_missing_part_fails_when_the_notifier_is_made(example: ModuleType, part: str, tmp_path: Path) -> None:
    """A template part that is not there is named."""
    shutil.copytree(example.TEMPLATES, tmp_path / "templates")
    (tmp_path / "templates" / "pickup-ready" / part).unlink()

    with pytest.raises(TemplateInvalid, match=part.replace("mjml", "(mjml|html)")):
        simulation(example, example.PocketTransport(), templates=[str(tmp_path / "templates")])


def test_two_notices_with_one_key_fail_when_the_notifier_is_made(example: ModuleType) -> None:
    """A key belongs to one notice."""
    with pytest.raises(NoticeInvalid, match="pickup-ready"):
        Notifier(store="sqlite://", notices=[example.PickupReady, example.PickupReady])


def test_a_part_without_a_field_fails_when_the_channel_is_made(example: ModuleType) -> None:
    """A message class names its parts, and has a field for each."""
    broken = type("Broken", (example.PushMessage,), {"parts": ("title", "text", "sound")})

    with pytest.raises(UsageError, match="sound"):
        Channel("push", message=broken, transport=example.PocketTransport(), address=lambda _: None)


def test_it_brings_a_sample_for_previews(example: ModuleType) -> None:
    """The last event of the sample is one that causes the notice."""
    *_, update = example.PickupReady.sample()

    assert "available_for_pickup" == update.status
    assert "4711" == update.pickup_code
