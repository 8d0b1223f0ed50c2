"""Figures for Prometheus, of the whole process.

Several worker processes share theirs if ``PROMETHEUS_MULTIPROC_DIR`` names an empty folder before
the first of them starts: each writes files there, and whichever is asked sums them up.
"""

import os

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

REQUESTS = Counter("tiaowen_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("tiaowen_request_seconds", "Time to the end of the answer", ["route"])
OUTCOMES = Counter("tiaowen_outcomes", "Answers, and refusals by their reason", ["outcome"])


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request under a route's template."""
    known = method if method in _METHODS else "other"
    REQUESTS.labels(known, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def exposition() -> bytes:
    """Return all figures in the text format, of all workers where they share them."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return generate_latest(shared)


def create_router() -> APIRouter:
    """Return the route that Prometheus reads."""
    router = APIRouter()

    @router.get(
        "/metrics",
        tags=["health"],
        summary="Counts and latencies",
        response_class=PlainTextResponse,
    )
    def metrics() -> PlainTextResponse:
        """Return counts of requests, answers and refusals, and latencies, for Prometheus."""
        return PlainTextResponse(exposition(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router
