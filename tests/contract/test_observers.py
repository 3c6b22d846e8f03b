"""What the engine tells, as log lines, Prometheus metrics and OpenTelemetry's metrics and spans."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Gauge, Histogram, HistogramDataPoint, InMemoryMetricReader, Sum
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, Tracer
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from proactive_notify import (
    AddressSuppressed,
    BreakerClosed,
    BreakerOpened,
    ChannelPaused,
    ChannelRefused,
    Customer,
    EventsRecorded,
    LeaseLost,
    LeaseRescued,
    MessageFailed,
    MessageReopened,
    MessageSent,
    MissingExtra,
    Permanent,
    StoreFailed,
    Transient,
    UsageError,
    observers,
)
from proactive_notify.observers import LogObserver, OpenTelemetryObserver, PrometheusObserver
from proactive_notify.testing import VirtualClock
from tests.contract import telemetry_page
from tests.contract.telemetry_page import AT, Row
from tests.contract.wires import MONDAY, Stage, Wire, placed

ROWS = [pytest.param(row, id=row.name) for row in telemetry_page.table()]
SENT = MessageSent(
    order_id="A-1",
    notice="shipped",
    channel="email",
    attempts=2,
    waited=timedelta(seconds=90),
    took=timedelta(milliseconds=31),
)


class Lines(logging.Handler):
    """Keeps every record that the shop's own logger gets."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.logger = logging.getLogger("shop")
        self.logger.setLevel(logging.DEBUG)
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def said(self) -> list[str]:
        return [record.getMessage() for record in self.records]


class Page:
    """A registry of its own, read as Prometheus reads it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.observer = PrometheusObserver(self.registry)

    @property
    def text(self) -> str:
        return generate_latest(self.registry).decode()

    @property
    def samples(self) -> dict[str, float]:
        """Every sample that a label or a number tells from a fresh page, written as PromQL writes it."""
        found = {}
        for family in text_string_to_metric_families(self.text):
            for each in family.samples:
                if not each.name.endswith("_created"):
                    labels = ",".join(f"{key}={value}" for key, value in sorted(each.labels.items()))
                    found[f"{each.name}{{{labels}}}" if labels else each.name] = each.value
        return found

    @property
    def moved(self) -> set[str]:
        """The metrics that took something, with the names of their labels; a histogram without its suffixes."""
        found = set()
        for family in text_string_to_metric_families(self.text):
            for each in family.samples:
                own = sorted(each.labels.keys() - {"le"})
                if each.value or (own and family.type == "gauge"):
                    name = f"{family.name}_total" if family.type == "counter" else family.name
                    found.add(f"{name}{{{','.join(own)}}}" if own else name)
        return {name for name in found if not re.search(r"_created\b", name)}


class Telemetry:
    """OpenTelemetry's own SDK, kept in memory."""

    def __init__(self) -> None:
        self._reader, self._spans = InMemoryMetricReader(), InMemorySpanExporter()
        self._meters = MeterProvider(metric_readers=[self._reader], shutdown_on_exit=False)
        self._tracers = TracerProvider(shutdown_on_exit=False)
        self._tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.clock = VirtualClock(MONDAY)
        self.observer = OpenTelemetryObserver(self._meters, self._tracers, clock=self.clock)

    @property
    def metrics(self) -> dict[str, Any]:
        data = self._reader.get_metrics_data()
        scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
        return {metric.name: metric for scope in scopes for metric in scope.metrics}

    @property
    def points(self) -> dict[str, list[tuple[dict[str, Any], float]]]:
        """The data points of each metric: labels and value, which is the sum for a histogram."""
        return {
            name: [
                (dict(point.attributes), point.sum if isinstance(point, HistogramDataPoint) else point.value)
                for point in metric.data.data_points
            ]
            for name, metric in self.metrics.items()
        }

    @property
    def tracer(self) -> Tracer:
        """The shop's own."""
        return self._tracers.get_tracer("shop")

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._spans.get_finished_spans()

    def close(self) -> None:
        self._meters.shutdown()
        self._tracers.shutdown()


@pytest.fixture
def lines() -> Iterator[Lines]:
    made = Lines()
    yield made
    made.logger.removeHandler(made)


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    made = Telemetry()
    yield made
    made.close()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


# The page and the code


def test_the_table_names_every_happening() -> None:
    """docs/telemetry.md has one row for each value that the engine can tell, and no other."""
    assert sorted(telemetry_page.happenings()) == sorted(row.name for row in telemetry_page.table())


@pytest.mark.parametrize("row", ROWS)
def test_the_table_names_every_field(row: Row) -> None:
    """The table has the fields of each happening, in their order, with their units."""
    assert telemetry_page.fields_of(telemetry_page.happenings()[row.name]) == row.fields


@pytest.mark.parametrize("row", ROWS)
def test_the_table_says_what_is_logged(row: Row, lines: Lines) -> None:
    """Each happening is logged under the name and with the levels that the table says."""
    for happening in telemetry_page.samples(telemetry_page.happenings()[row.name]):
        LogObserver(lines.logger)(happening)

    assert {(each.levelname, each.getMessage().split(" ")[0]) for each in lines.records} == row.log


@pytest.mark.parametrize("row", ROWS)
def test_the_table_says_which_metrics_prometheus_gets(row: Row, page: Page) -> None:
    """Each happening moves exactly the metrics that the table says, with exactly those labels."""
    for happening in telemetry_page.samples(telemetry_page.happenings()[row.name]):
        page.observer(happening)

    assert page.moved == row.prometheus


@pytest.mark.parametrize("row", ROWS)
def test_the_table_says_what_opentelemetry_gets(row: Row, telemetry: Telemetry) -> None:
    """Each happening reaches exactly the instruments and spans that the table says, in those units."""
    sorts: dict[type, str] = {Sum: "counter", Histogram: "histogram", Gauge: "gauge"}
    for happening in telemetry_page.samples(telemetry_page.happenings()[row.name]):
        telemetry.observer(happening)
    found = {f"{sorts[type(it.data)]} {name} {it.unit}".strip() for name, it in telemetry.metrics.items()}
    found |= {f"{span.kind.name.lower()} span {span.name}" for span in telemetry.spans}

    assert found == {each.replace("<channel>", "some-word") for each in row.opentelemetry}


def test_what_wakes_somebody_are_metrics_that_there_are(page: Page) -> None:
    """Every metric in the page's own alerts is one of the table."""
    alerts = telemetry_page.PAGE.read_text(encoding="utf-8").partition("## What to be woken for")[2]
    named = {name.removesuffix("_bucket") for name in re.findall(r"proactive_notify_\w+", alerts)}
    known = {name.partition("{")[0] for row in telemetry_page.table() for name in row.prometheus}

    assert len(named) >= 5
    assert set() == named - known


def test_the_programs_of_the_page_run() -> None:
    """The page's programs run as they stand there, in a process of their own."""
    programs = re.findall(r"```python\n(.*?)```", telemetry_page.PAGE.read_text(encoding="utf-8"), re.DOTALL)
    last = "count(MessageSent(order_id='A-1', notice='shipped', channel='email', attempts=1))"
    ran = in_a_new_interpreter("\n".join([*programs, last]))

    assert 2 == len(programs)
    assert "email 0:00:00\n" == ran


# Log lines


def test_a_line_says_what_happened_and_how_long_it_took(lines: Lines) -> None:
    """A line begins with the name; keys follow, durations in seconds."""
    LogObserver(lines.logger)(SENT)

    assert [
        "message.sent order_id=A-1 notice=shipped channel=email attempts=2 waited_seconds=90.0 took_seconds=0.031"
    ] == lines.said


def test_a_record_has_every_value_as_an_attribute(lines: Lines) -> None:
    """A formatter that writes JSON finds the name and the fields in the record, as numbers where they are numbers."""
    LogObserver(lines.logger)(SENT)
    record = vars(lines.records[0])

    assert ("message.sent", "A-1", 2, 0.031) == tuple(
        record[key] for key in ("happening", "order_id", "attempts", "took_seconds")
    )


def test_no_value_can_forge_a_line_or_a_field(lines: Lines) -> None:
    """An order id with a line break, a quote and an equals sign is one quoted value in one line."""
    hostile = 'A-1\nstore.failed x="1" level=error'
    LogObserver(lines.logger)(MessageReopened(order_id=hostile, notice="shipped", channel="email", code="5.1.1"))
    said = lines.said[0]
    quoted = re.search(r'order_id=("(?:[^"\\]|\\.)*") notice=shipped', said)

    assert "\n" not in said
    assert quoted is not None
    assert hostile == json.loads(quoted[1])


def test_what_is_empty_is_left_out(lines: Lines) -> None:
    """A field that holds nothing takes no room: no order, no time of a next try."""
    observer = LogObserver(lines.logger)
    observer(AddressSuppressed(channel="email", cause="bounced"))
    observer(MessageFailed(order_id="A-1", notice="shipped", channel="sms", rule="refused:21610"))

    assert [
        "address.suppressed channel=email cause=bounced",
        "message.failed order_id=A-1 notice=shipped channel=sms rule=refused:21610",
    ] == lines.said


def test_what_a_person_wrote_is_not_logged(lines: Lines) -> None:
    """The cause of a suppression may be a person's own words, which may name somebody: only ours are logged."""
    observer = LogObserver(lines.logger)
    observer(AddressSuppressed(channel="email", cause="asked for by ada@lovelace.example on the phone"))
    observer(AddressSuppressed(channel="email", cause="bounced:5.1.1"))

    assert [
        "address.suppressed channel=email cause=other",
        "address.suppressed channel=email cause=bounced",
    ] == lines.said


def test_a_level_that_nobody_wants_is_not_written(lines: Lines) -> None:
    """A logger set to warnings hears of a refusal for ever, and not of one that is tried again."""
    lines.logger.setLevel(logging.WARNING)
    observer = LogObserver(lines.logger)
    failed = {"order_id": "A-1", "notice": "shipped", "channel": "email"}
    observer(MessageFailed(**failed, rule="transient:451", again_at=AT))
    observer(MessageFailed(**failed, rule="refused:550"))

    assert ["message.failed order_id=A-1 notice=shipped channel=email rule=refused:550"] == lines.said


def test_the_usual_logger_has_a_name(caplog: pytest.LogCaptureFixture) -> None:
    """Without a logger of yours the lines go to `proactive_notify.telemetry`."""
    with caplog.at_level(logging.INFO, logger="proactive_notify.telemetry"):
        LogObserver()(BreakerClosed(channel="email"))

    assert [("proactive_notify.telemetry", logging.INFO, "breaker.closed channel=email")] == caplog.record_tuples


# Prometheus


def test_prometheus_counts_and_measures(page: Page) -> None:
    """Counts add up by channel and notice; durations fall into buckets of seconds."""
    page.observer(SENT)
    page.observer(SENT)
    page.observer(EventsRecorded(new=5, known=2, took=timedelta(milliseconds=3)))
    found = page.samples

    assert 2 == found["proactive_notify_messages_sent_total{channel=email,notice=shipped}"]
    assert 0.062 == pytest.approx(found["proactive_notify_send_duration_seconds_sum{channel=email}"])
    assert 0 == found["proactive_notify_send_duration_seconds_bucket{channel=email,le=0.025}"]
    assert 2 == found["proactive_notify_send_duration_seconds_bucket{channel=email,le=0.05}"]
    assert 180 == found["proactive_notify_wait_duration_seconds_sum{channel=email}"]
    assert 5 == found["proactive_notify_events_recorded_total"]
    assert 2 == found["proactive_notify_events_repeated_total"]
    assert 1 == found["proactive_notify_record_duration_seconds_bucket{le=0.005}"]


def test_prometheus_knows_how_a_channel_stands(page: Page) -> None:
    """The breaker's gauge is 1 while a provider is away and 0 after; a pause says until when, in seconds since 1970."""
    page.observer(BreakerOpened(channel="email", code="connect", failures=5, until=AT))
    page.observer(ChannelPaused(channel="sms", code="20003", until=AT))
    away = page.samples
    page.observer(BreakerClosed(channel="email"))
    back = page.samples

    assert (1, 0) == tuple(found["proactive_notify_breaker_open{channel=email}"] for found in (away, back))
    assert 1 == back["proactive_notify_breaker_opened_total{channel=email}"]
    assert AT.timestamp() == back["proactive_notify_channel_paused_until_timestamp_seconds{channel=sms}"]


def test_prometheus_counts_what_went_wrong(page: Page) -> None:
    """Leases count messages; a failure of the store says at which work and with which error."""
    page.observer(LeaseRescued(count=7))
    page.observer(LeaseLost(count=2))
    page.observer(StoreFailed(work="settle", error="OperationalError"))
    found = page.samples

    assert 7 == found["proactive_notify_leases_rescued_total"]
    assert 2 == found["proactive_notify_leases_lost_total"]
    assert 1 == found["proactive_notify_store_failures_total{error=OperationalError,work=settle}"]


def test_a_thousand_orders_make_no_more_series_than_one(page: Page, telemetry: Telemetry) -> None:
    """Neither an order nor a provider's answer is a label, so the number of series does not grow with them."""
    for number in range(1000):
        common = {"order_id": f"A-{number}", "notice": "shipped", "channel": "email"}
        for observer in (page.observer, telemetry.observer):
            observer(MessageSent(**common, attempts=number))
            observer(MessageFailed(**common, rule=f"refused:550 5.7.{number}"))
            observer(MessageFailed(**common, rule=f"{number} an answer that somebody made up"))
            observer(MessageReopened(**common, code=f"5.7.{number}"))
            observer(AddressSuppressed(channel="email", cause=f"refused:550 5.1.{number}", order_id=f"A-{number}"))
            observer(StoreFailed(work="settle", error=f"OperationalError: page {number}"))
    failed = [name for name in page.samples if name.startswith("proactive_notify_messages_failed_total")]

    assert [
        "proactive_notify_messages_failed_total{again=false,channel=email,notice=shipped,reason=other}",
        "proactive_notify_messages_failed_total{again=false,channel=email,notice=shipped,reason=refused}",
    ] == sorted(failed)
    assert 2 == max(len(points) for points in telemetry.points.values())


def test_one_observer_serves_two_notifiers_and_two_need_two_registries(page: Page) -> None:
    """A second observer on the same registry is refused with what to do."""
    with pytest.raises(UsageError, match="Pass one PrometheusObserver to all your notifiers"):
        PrometheusObserver(page.registry)


# OpenTelemetry


def test_a_span_is_as_long_as_the_provider_took(telemetry: Telemetry) -> None:
    """A message that was sent is a span that ends now and began when it was handed over."""
    telemetry.observer(SENT)
    (span,) = telemetry.spans

    assert MONDAY.timestamp() * 1e9 == span.end_time
    assert 31_000_000 == (span.end_time or 0) - (span.start_time or 0)
    assert StatusCode.UNSET is span.status.status_code
    assert {
        "proactive_notify.order_id": "A-1",
        "proactive_notify.notice": "shipped",
        "proactive_notify.channel": "email",
        "proactive_notify.attempts": 2,
    } == dict(span.attributes or {})


def test_a_try_that_failed_is_a_span_with_an_error(telemetry: Telemetry) -> None:
    """A message that did not leave is a span in error, and its rule is the convention's `error.type`."""
    telemetry.observer(MessageFailed(order_id="A-1", notice="shipped", channel="email", rule="transient:451 4.7.1"))
    (span,) = telemetry.spans

    assert StatusCode.ERROR is span.status.status_code
    assert "transient:451 4.7.1" == (span.attributes or {})["error.type"]


async def test_no_request_is_the_parent_of_what_was_done_for_many(stage: Stage, telemetry: Telemetry) -> None:
    """A mail that leaves while some request has its span open is no part of that request's trace."""
    async with stage.notifier(observers=[telemetry.observer]) as notifier:
        with telemetry.tracer.start_as_current_span("POST /orders"):
            await notifier.record(placed("A-1"))
            await notifier.run_due()
            telemetry.observer(EventsRecorded(new=1, known=0, took=timedelta(milliseconds=2)))
    spans = {span.name: span for span in telemetry.spans}

    assert {"send email", "record", "POST /orders"} == spans.keys()
    assert (None, None) == (spans["send email"].parent, spans["record"].parent)


def test_opentelemetry_gets_buckets_for_seconds(telemetry: Telemetry) -> None:
    """Histograms bring their own bounds: the SDK's would put every mail into the first bucket."""
    telemetry.observer(SENT)
    (point,) = telemetry.metrics["proactive_notify.send.duration"].data.data_points

    assert (0.005, 600) == (point.explicit_bounds[0], point.explicit_bounds[-1])
    assert 1 == point.bucket_counts[list(point.explicit_bounds).index(0.05)]


# Through the engine


async def test_the_engine_is_seen_sending_failing_and_pausing(
    stage: Stage, lines: Lines, page: Page, telemetry: Telemetry
) -> None:
    """One message goes at the second try, one never, and one finds the channel refused: all three observers agree."""
    wire = Wire()
    three = [LogObserver(lines.logger), page.observer, telemetry.observer]
    async with stage.notifier(wire, observers=three) as notifier:
        wire.refuse(Transient("later", code="451 4.7.1"))
        await notifier.record(placed("A-1"))
        await notifier.run_due()
        stage.move(hours=1)
        await notifier.run_due()
        wire.refuse(Permanent("no such user", code="550 5.1.1", suppress=True))
        await notifier.record(placed("A-2"))
        await notifier.run_due()
        wire.refuse(ChannelRefused("who are you", code="535 5.7.8"))
        await notifier.record(placed("A-3"))
        await notifier.run_due()
    told = [tuple(each.getMessage().split(" ")[:2]) for each in lines.records if each.levelno >= logging.INFO]
    failed = "proactive_notify_messages_failed_total{{again={},channel=email,notice=order-received,reason={}}}"

    assert ("message.failed", "order_id=A-1") == told[0]
    assert ("message.sent", "order_id=A-1") == told[1]
    assert {("message.failed", "order_id=A-2"), ("message.failed", "order_id=A-3")} <= set(told)
    assert ("channel.paused", "channel=email") in told
    assert 1 == page.samples["proactive_notify_messages_sent_total{channel=email,notice=order-received}"]
    assert 1 == page.samples[failed.format("true", "transient")]
    assert 1 == page.samples[failed.format("false", "refused")]
    assert 1 == page.samples[failed.format("true", "paused")]
    assert 1 == page.samples["proactive_notify_channel_pauses_total{channel=email}"]
    assert 3 == page.samples["proactive_notify_events_recorded_total"]
    assert 3 == page.samples["proactive_notify_record_duration_seconds_count"]
    assert [({"channel": "email", "notice": "order-received"}, 1)] == telemetry.points["proactive_notify.messages.sent"]
    assert 3 == sum(value for _, value in telemetry.points["proactive_notify.messages.failed"])
    sends = [span.status.status_code for span in telemetry.spans if span.name == "send email"]
    assert [StatusCode.ERROR, StatusCode.UNSET, StatusCode.ERROR, StatusCode.ERROR] == sends


async def test_the_engine_is_seen_waiting_for_a_provider(stage: Stage, lines: Lines, page: Page) -> None:
    """A provider that is away for five messages opens the breaker, and the first that it takes again closes it."""
    gauge = "proactive_notify_breaker_open{channel=email}"
    wire = Wire(lambda _: Transient("away", code="connect", is_outage=True))
    async with stage.notifier(wire, observers=[LogObserver(lines.logger), page.observer]) as notifier:
        await notifier.record(*(placed(f"A-{number}") for number in range(5)))
        await notifier.run_due()
        away = page.samples[gauge]
        wire.refuse()
        for _ in range(10):
            stage.move(hours=1)
            await notifier.run_due()
    breaker = [line.split(" ")[:2] for line in lines.said if line.startswith("breaker.")]

    assert (1, 0) == (away, page.samples[gauge])
    assert [["breaker.opened", "channel=email"], ["breaker.closed", "channel=email"]] == breaker
    assert 5 == page.samples["proactive_notify_messages_sent_total{channel=email,notice=order-received}"]
    waited = page.samples["proactive_notify_wait_duration_seconds_sum{channel=email}"]
    assert waited > 0


async def test_no_observer_is_told_an_address(stage: Stage, lines: Lines, page: Page, telemetry: Telemetry) -> None:
    """Neither lines, nor records, nor metrics, nor spans hold the customer's address or name."""
    wire = Wire()
    customer = Customer(name="Augusta King", email="augusta.king@lovelace.example", phone="+491711234567")
    three = [LogObserver(lines.logger), page.observer, telemetry.observer]
    async with stage.notifier(wire, observers=three) as notifier:
        wire.refuse(Permanent("no such user", code="550 5.1.1", suppress=True))
        await notifier.record(placed("A-1", customer=customer))
        await notifier.run_due()
        await notifier.record(placed("A-2", customer=customer))
        await notifier.run_due()
    records = " ".join(str(vars(record)) for record in lines.records)
    spans = " ".join(span.to_json() for span in telemetry.spans)
    seen = " ".join([records, page.text, str(telemetry.points), spans])

    assert 1 == len(wire.tried)
    assert [] == [word for word in ("lovelace", "augusta", "King", "491711234567") if word.lower() in seen.lower()]


def test_what_is_not_known_is_ignored(lines: Lines, page: Page, telemetry: Telemetry) -> None:
    """A happening that an observer does not know, of a later version or somebody's own, changes nothing."""
    before = page.samples
    for observer in (LogObserver(lines.logger), page.observer, telemetry.observer):
        observer("something else")

    assert ([], before, {}, ()) == (lines.records, page.samples, telemetry.points, telemetry.spans)


# What it needs


@pytest.mark.parametrize(
    ("kind", "package", "command"),
    [
        (PrometheusObserver, "prometheus_client", 'pip install "proactive-notify[prometheus]"'),
        (OpenTelemetryObserver, "opentelemetry", 'pip install "proactive-notify[opentelemetry]"'),
    ],
)
def test_a_missing_package_is_said_with_the_command(
    kind: type[Any], package: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making an observer whose extra is not installed says what to install; nothing fails before."""
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(MissingExtra, match=re.escape(command)):
        kind()


def test_importing_the_observers_loads_no_client() -> None:
    """The room and the log observer need nothing that is not installed with the library."""
    program = (
        "import sys\nfrom proactive_notify.observers import LogObserver, OpenTelemetryObserver, PrometheusObserver\n"
        "print([name for name in ('opentelemetry', 'prometheus_client') if name in sys.modules])"
    )

    assert "[]\n" == in_a_new_interpreter(program)


def test_the_names_of_the_room_are_these() -> None:
    """There are three observers, and a misspelt one is an AttributeError that names it."""
    assert ["LogObserver", "OpenTelemetryObserver", "PrometheusObserver"] == observers.__all__
    assert set(observers.__all__) <= set(dir(observers))
    with pytest.raises(AttributeError, match="has no attribute 'StatsdObserver'"):
        _ = observers.StatsdObserver


def in_a_new_interpreter(program: str) -> str:
    """What a program prints, in an interpreter that has imported nothing yet. A warning ends it."""
    command = [sys.executable, "-W", "error", "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "" == ran.stderr
    return ran.stdout
