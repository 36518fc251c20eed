"""Requests to the requests topic."""

from __future__ import annotations

from collections.abc import Sequence

from clients.reaching import registry_problems
from clients.request_records import Stored, publish, request_record
from config.settings import Settings
from connections.schema_registry import written_schema_id
from schemas.request import AnalysisRequest


def send_requests(requests: Sequence[AnalysisRequest], settings: Settings) -> list[Stored]:
    """Write the requests; returns where each is once all replicas have it.

    Raises NotReady for an absent registry, broker or topic, Failed when the registry refuses the schema.
    """
    with registry_problems(settings.registry):
        subject = f"{settings.kafka.requests_topic}-value"
        schema_id = written_schema_id(subject, "analysis_request", settings.registry)
    return publish([request_record(request, schema_id) for request in requests], settings)
