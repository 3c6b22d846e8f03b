"""
Metrics and spans for OpenTelemetry.
"""

from collections.abc import Callable, Mapping
from contextvars import Context
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING

from .._engine.telemetry import EventsRecorded, MessageFailed, MessageSent
from ..clock import Clock, SystemClock
from ..errors import MissingExtra
from .instruments import INSTRUMENTS, Instrument, Sort, measured

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter, MeterProvider
    from opentelemetry.trace import SpanKind, TracerProvider
    from opentelemetry.util.types import AttributeValue

_SCOPE = "proactive_notify"
_Take = Callable[[Mapping[str, str], float], None]


class OpenTelemetryObserver:
    """
    Gives OpenTelemetry's metrics and spans, by its API alone: your program chooses the SDK and the exporter.

    A span ends when its happening is told and began as long before as it took: ``record`` (internal), and ``send`` with
    the channel's name (client), one for each try. Spans name the order and the notice; metrics never name an order.
    Each span is the root of a trace: the engine writes and sends for many callers together, in tasks that happen to
    begin in the context of one of them.

    Args:
        meter_provider: ``None``: the process's own.
        tracer_provider: ``None``: the process's own.
        clock: when spans end is read from it.

    Raises:
        MissingExtra: ``opentelemetry-api`` is not installed.
    """

    def __init__(
        self,
        meter_provider: "MeterProvider | None" = None,
        tracer_provider: "TracerProvider | None" = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        metrics, self._trace = _api()
        meter = metrics.get_meter(_SCOPE, meter_provider=meter_provider)
        self._takes = {each: _made(meter, each) for each in INSTRUMENTS}
        self._tracer = self._trace.get_tracer(_SCOPE, tracer_provider=tracer_provider)
        self._clock = clock or SystemClock()

    def __call__(self, happening: object, /) -> None:
        Context().run(self._tell, happening)

    def _tell(self, happening: object) -> None:
        for each in measured(happening):
            self._takes[each.instrument](each.labels, each.value)
        match happening:
            case MessageSent():
                told = {**_about(happening), "proactive_notify.attempts": happening.attempts}
                self._span(f"send {happening.channel}", self._trace.SpanKind.CLIENT, told, took=happening.took)
            case MessageFailed():
                told = {**_about(happening), "error.type": happening.rule}
                self._span(f"send {happening.channel}", self._trace.SpanKind.CLIENT, told, failed=True)
            case EventsRecorded():
                told = {"proactive_notify.events.new": happening.new, "proactive_notify.events.known": happening.known}
                self._span("record", self._trace.SpanKind.INTERNAL, told, took=happening.took)

    def _span(
        self,
        name: str,
        kind: "SpanKind",
        attributes: "Mapping[str, AttributeValue]",
        *,
        took: timedelta = timedelta(),
        failed: bool = False,
    ) -> None:
        """Make a span of what is over."""
        ended = self._clock.now()
        began = _nanoseconds((ended - took).timestamp())
        span = self._tracer.start_span(name, kind=kind, attributes=attributes, start_time=began)
        if failed:
            span.set_status(self._trace.StatusCode.ERROR)
        span.end(_nanoseconds(ended.timestamp()))


def _about(happening: MessageSent | MessageFailed) -> "dict[str, AttributeValue]":
    return {
        "proactive_notify.order_id": happening.order_id,
        "proactive_notify.notice": happening.notice,
        "proactive_notify.channel": happening.channel,
    }


def _nanoseconds(seconds: float) -> int:
    """Microseconds are what a datetime holds, so that is how exact it is."""
    return round(seconds * 1_000_000) * 1_000


def _api() -> tuple[ModuleType, ModuleType]:
    try:
        from opentelemetry import metrics, trace
    except ImportError:
        said = 'OpenTelemetryObserver needs opentelemetry-api: pip install "proactive-notify[opentelemetry]"'
        raise MissingExtra(said) from None
    return metrics, trace


def _made(meter: "Meter", instrument: Instrument) -> _Take:
    """Make an instrument, and return what takes its numbers."""
    named = (instrument.name, instrument.unit, instrument.about)
    match instrument.sort:
        case Sort.COUNTER:
            counter = meter.create_counter(*named)
            return lambda labels, value: counter.add(value, labels)
        case Sort.GAUGE:
            gauge = meter.create_gauge(*named)
            return lambda labels, value: gauge.set(value, labels)
        case Sort.HISTOGRAM:
            bounds = instrument.buckets
            histogram = meter.create_histogram(*named, explicit_bucket_boundaries_advisory=bounds)
            return lambda labels, value: histogram.record(value, labels)
