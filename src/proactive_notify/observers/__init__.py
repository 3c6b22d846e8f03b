"""
What the engine tells, as log lines, metrics and spans. Pass them to ``Notifier(observers=[…])``.

``docs/telemetry.md`` has the names and units, and they are a promise. An observer of your own is any function of one
value; see :class:`proactive_notify.Observer`. One observer may serve several notifiers.

Importing this package loads none of them; each is loaded when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .log import LogObserver
    from .opentelemetry import OpenTelemetryObserver
    from .prometheus import PrometheusObserver

__all__ = ["LogObserver", "OpenTelemetryObserver", "PrometheusObserver"]


def __getattr__(name: str) -> Any:
    match name:
        case "LogObserver":
            module = ".log"
        case "OpenTelemetryObserver":
            module = ".opentelemetry"
        case "PrometheusObserver":
            module = ".prometheus"
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(module, __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
