"""
What the engine tells, as log lines, metrics and spans. Pass them to ``Notifier(observers=[…])``.

``docs/telemetry.md`` has the names and units, and they are a promise. An observer of your own is any function of one
value; see :class:`proactive_notify.Observer`. One observer may serve several notifiers.

Importing this package loads none of them; each is loaded when it is asked for.
"""

from typing import TYPE_CHECKING

from .._later import later

if TYPE_CHECKING:
    from .log import LogObserver
    from .opentelemetry import OpenTelemetryObserver
    from .prometheus import PrometheusObserver

__all__ = ["LogObserver", "OpenTelemetryObserver", "PrometheusObserver"]


__getattr__ = later(
    __name__, LogObserver=".log", OpenTelemetryObserver=".opentelemetry", PrometheusObserver=".prometheus"
)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
