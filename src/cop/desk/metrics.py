"""What operators measure (Prometheus): requests by route and status, and how long they took, over all workers.

`cop serve` names the folder that the workers share in `PROMETHEUS_MULTIPROC_DIR` before this module is loaded.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from cop.desk.gauges import Gauges

REGISTRY = CollectorRegistry()
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)
_REQUESTS = Counter(
    "cop_requests", "Requests answered, by route, method and status.", ["route", "method", "status"], registry=REGISTRY
)
_LATENCY = Histogram(
    "cop_request_seconds", "Seconds to an answer, by route.", ["route"], buckets=_SECONDS, registry=REGISTRY
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answer. The route is one of ours, so that nobody from outside makes up series."""
    _REQUESTS.labels(route, method if method in _METHODS else "other", str(status)).inc()
    _LATENCY.labels(route).observe(seconds)


def exposition() -> bytes:
    """Every figure, in Prometheus' text format."""
    shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    registry = CollectorRegistry() if shared else REGISTRY
    if shared:
        MultiProcessCollector(registry, path=shared)  # type: ignore[no-untyped-call]
    state = CollectorRegistry()
    gauges: Collector = Gauges()
    state.register(gauges)
    return bytes(generate_latest(registry)) + bytes(generate_latest(state))
