"""What `/metrics` shows; no label holds an id, a client or a location."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

CALLS = Counter("docbeam_gateway_calls", "Calls answered", ("method", "route", "status"), registry=REGISTRY)
SECONDS = Histogram(
    "docbeam_gateway_call_seconds", "Time until a call was answered", ("route",), buckets=_BUCKETS, registry=REGISTRY
)
SENT = Counter("docbeam_gateway_sent", "Requests written to Kafka, or not", ("outcome",), registry=REGISTRY)
ENDED = Counter("docbeam_gateway_ended", "Requests that came to an end", ("status",), registry=REGISTRY)
TAKEN_IN = Counter("docbeam_gateway_records", "Records read from Kafka", ("topic", "outcome"), registry=REGISTRY)
CACHE = Counter("docbeam_gateway_cache", "Looks into the cache", ("outcome",), registry=REGISTRY)
CALLBACKS = Counter("docbeam_gateway_callbacks", "Webhooks sent", ("outcome",), registry=REGISTRY)
JUDGED = Counter("docbeam_gateway_judged", "Fields judged by people", ("judgement",), registry=REGISTRY)
TOLD = Counter(
    "docbeam_gateway_corrections", "Corrections to Kafka and BigQuery, or not", ("outcome",), registry=REGISTRY
)
REFUSED = Counter("docbeam_gateway_refused", "Calls refused", ("code",), registry=REGISTRY)
WAITING = Gauge("docbeam_gateway_waiting", "Calls that wait for a request to change", registry=REGISTRY)
BACKLOG = Gauge("docbeam_gateway_backlog", "Requests that are not finished, as last seen", registry=REGISTRY)
