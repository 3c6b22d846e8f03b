"""The names that users import, and what importing them costs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import proactive_notify

PUBLIC = """
Accepted AddressSuppressed BreakerClosed BreakerOpened Caps Channel ChannelPaused ChannelRefused Clock Customer
CustomerAnswered CustomerAsked CustomerDecided CustomerUpdated Decision DelayOption Email EmailMessage Event
EventInvalid EventsRecorded Health InlineImage Item LeaseLost LeaseRescued Meaning Message MessageFailed
MessageReopened MessageSent MessageState MissingExtra Money Notice NoticeInvalid Notifier NotifierNotOpen Observer
OptionState Order OrderAccepted OrderBackordered OrderCancelled OrderClosed OrderDelayed OrderDelivered OrderEdited
OrderPacked OrderPaid OrderPaymentFailed OrderPickedUp OrderPlaced OrderReadyForPickup OrderRefunded
OrderReturnReceived OrderReturnRequested OrderShipped OrderSourcing OrderState OutboxMessage Outlook Pace Payment
Permanent Place Policy ProactiveNotifyError Promise PromiseAtRisk PromiseBroken PromiseKind QuietHours Receipt
ReceiptKind ReceiptSource Recorded Reply RequeueRefused Retry ReturnPath SendError Shop Silence SimulationStuck Sms
SmsMessage Staff StaffAsked StaffLine StaffMessage StaffWord StoreFailed StoreUnusable Suppression SystemClock
TemplateInvalid TrackingStatus TrackingUpdated Transient Transport Uncertain Understood UsageError WhatsApp
WhatsAppMessage all_of default_notices event_from_wire event_to_wire
""".split()
TRANSPORTS = """
AppriseTransport ConsoleTransport Dkim FolderTransport SmtpTransport TwilioTransport WebhookTransport
""".split()
OBSERVERS = ["LogObserver", "OpenTelemetryObserver", "PrometheusObserver"]
RECEIPTS = ["Bounces", "TwilioReceipts"]
TESTING = """
RecordingTransport Simulation TransportContract VirtualClock order_cancelled order_delayed order_delivered order_paid
order_placed order_shipped tracking_updated
""".split()
#: What a program does not pay for before it needs it.
HEAVY = """
aiohttp aiosmtplib babel click jinja2 mjml phonenumbers rich sqlite3 tenacity twilio typer
""".split()


def in_a_new_interpreter(program: str) -> Any:
    """What a program prints as JSON, in an interpreter that has imported nothing yet. A warning ends it."""
    command = [sys.executable, "-W", "error", "-c", f"import json, sys\n{program}"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "" == found.stderr
    return json.loads(found.stdout)


def loaded_by(statement: str) -> set[str]:
    """Which of the heavy packages a statement loads."""
    return set(in_a_new_interpreter(f"{statement}\nprint(json.dumps([n for n in {HEAVY!r} if n in sys.modules]))"))


# The names


def test_the_public_names_are_these() -> None:
    """A name that is added to or taken from the library is added here too, on purpose."""
    assert PUBLIC == proactive_notify.__all__


def test_the_public_names_are_sorted_and_each_there_once() -> None:
    """`__all__` is sorted, so that nobody adds a name twice."""
    assert sorted(set(proactive_notify.__all__)) == proactive_notify.__all__


def test_every_public_name_can_be_imported() -> None:
    """Each public name is there in a fresh interpreter, one by one and by the star."""
    missing = in_a_new_interpreter(
        "import proactive_notify\n"
        "print(json.dumps([n for n in proactive_notify.__all__ if getattr(proactive_notify, n, None) is None]))"
    )
    by_star = in_a_new_interpreter(
        "names = {}\nexec('from proactive_notify import *', names)\n"
        "print(json.dumps(sorted(n for n in names if not n.startswith('__'))))"
    )

    assert [] == missing
    assert sorted(PUBLIC) == by_star


def test_nothing_else_is_shown() -> None:
    """Completion shows the public names and nothing that is not one."""
    assert PUBLIC == dir(proactive_notify)


def test_a_name_that_there_is_not_says_so() -> None:
    """A misspelt name is an AttributeError that names it, and an ImportError in an import."""
    with pytest.raises(AttributeError, match="module 'proactive_notify' has no attribute 'Notifyer'"):
        _ = proactive_notify.Notifyer
    with pytest.raises(ImportError, match="Notifyer"):
        exec("from proactive_notify import Notifyer")


def test_a_name_is_the_same_thing_wherever_it_comes_from() -> None:
    """A name that is loaded late is the class itself, however it is reached."""
    assert proactive_notify.Notifier is proactive_notify.notifier.Notifier
    assert proactive_notify.Email is proactive_notify.channels.Email


def test_every_class_says_what_it_is() -> None:
    """Each public class and function has a docstring."""
    names = [name for name in PUBLIC if callable(getattr(proactive_notify, name))]

    assert [] == [name for name in names if not (getattr(proactive_notify, name).__doc__ or "").strip()]


@pytest.mark.parametrize(
    ("module", "names"),
    [("observers", OBSERVERS), ("receipts", RECEIPTS), ("transports", TRANSPORTS), ("testing", TESTING)],
)
def test_the_names_of_a_room_are_these(module: str, names: list[str]) -> None:
    """What a user imports from the library's other public modules is pinned as well, and is there."""
    found = in_a_new_interpreter(
        f"import proactive_notify.{module} as room\n"
        "print(json.dumps([[n for n in room.__all__ if getattr(room, n, None) is not None], room.__all__]))"
    )

    assert [names, names] == [sorted(each) for each in found]


def test_the_version_is_the_installed_one() -> None:
    """`__version__` is read from the installed distribution and written nowhere else."""
    known = in_a_new_interpreter(
        "from importlib.metadata import distributions\n"
        "found = [d.version for d in distributions() if d.metadata['Name'] == 'proactive-notify']\n"
        "print(json.dumps(found))"
    )
    if not known:
        pytest.skip("the project is not installed here, so it has no version")

    assert known[0] == proactive_notify.__version__


# What importing costs


def test_importing_the_library_loads_nothing_heavy() -> None:
    """`import proactive_notify` loads no provider's client, no server, no templates, no store and no command line."""
    assert set() == loaded_by("import proactive_notify")


def test_facts_and_notices_load_nothing_heavy() -> None:
    """A program that only makes events or declares notices needs none of the rest."""
    assert set() == loaded_by("from proactive_notify import Customer, Notice, OrderPlaced, Promise, default_notices")


def test_a_notifier_loads_no_provider_and_no_command_line() -> None:
    """Making a notifier brings templates and the store along, and still no provider's client and no command line."""
    loaded = loaded_by("from proactive_notify import Notifier\nNotifier(store='sqlite://')")

    assert {"jinja2", "sqlite3"} <= loaded
    assert set() == loaded & {"twilio", "aiohttp", "aiosmtplib", "typer", "rich", "click"}


@pytest.mark.parametrize("name", ["ConsoleTransport", "FolderTransport"])
def test_a_transport_loads_no_other(name: str) -> None:
    """Taking one transport does not load what another one needs."""
    assert set() == loaded_by(f"from proactive_notify.transports import {name}") & {"twilio", "aiohttp", "aiosmtplib"}
