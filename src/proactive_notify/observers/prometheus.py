"""
Metrics for Prometheus.
"""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from ..errors import MissingExtra, UsageError
from .instruments import INSTRUMENTS, Instrument, Sort, measured

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

#: Takes a number with its labels.
_Take = Callable[[Mapping[str, str], float], None]


class PrometheusObserver:
    """
    Counts and measures in a registry of ``prometheus_client``, which your own ``/metrics`` shows.

    Args:
        registry: where to; ``None``: the process's own, ``prometheus_client.REGISTRY``.

    Raises:
        MissingExtra: ``prometheus_client`` is not installed.
        UsageError: the registry has metrics of these names already.
    """

    def __init__(self, registry: "CollectorRegistry | None" = None) -> None:
        client = _client()
        target = client.REGISTRY if registry is None else registry
        try:
            self._takes = {each: _registered(client, each, target) for each in INSTRUMENTS}
        except ValueError:
            raise UsageError(
                "The registry has metrics of these names already. "
                "Pass one PrometheusObserver to all your notifiers, or give each a registry of its own."
            ) from None

    def __call__(self, happening: object, /) -> None:
        for each in measured(happening):
            self._takes[each.instrument](each.labels, each.value)


def _client() -> ModuleType:
    try:
        import prometheus_client
    except ImportError:
        said = 'PrometheusObserver needs prometheus_client: pip install "proactive-notify[prometheus]"'
        raise MissingExtra(said) from None
    return prometheus_client


def _registered(client: ModuleType, instrument: Instrument, registry: "CollectorRegistry") -> _Take:
    """Register an instrument, and return what takes its numbers."""
    named = (instrument.prometheus_name, instrument.about, instrument.labels)
    match instrument.sort:
        case Sort.COUNTER:
            counter = client.Counter(*named, registry=registry)
            return lambda labels, value: (counter.labels(**labels) if labels else counter).inc(value)
        case Sort.GAUGE:
            gauge = client.Gauge(*named, registry=registry)
            return lambda labels, value: (gauge.labels(**labels) if labels else gauge).set(value)
        case Sort.HISTOGRAM:
            histogram = client.Histogram(*named, registry=registry, buckets=instrument.buckets)
            return lambda labels, value: (histogram.labels(**labels) if labels else histogram).observe(value)
