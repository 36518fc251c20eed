"""What tests of the endless job share: starting it, asking it, waiting for it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from config.settings import Settings
from connections.kafka.clients import producer
from connections.schema_registry import written_schema_id
from schemas.request import AnalysisRequest, DocumentReference
from schemas.wire import RecordCodec, frame

REQUEST = RecordCodec(AnalysisRequest)
StartJob = Callable[..., "subprocess.Popen[bytes]"]


def docbeam(config: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "docbeam.main", "--config", str(config), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def request_value(settings: Settings, name: str, location: str, use_case: str, parameters: Mapping[str, str]) -> bytes:
    subject = f"{settings.kafka.requests_topic}-value"
    schema_id = written_schema_id(subject, "analysis_request", settings.registry)
    request = AnalysisRequest(name, DocumentReference(location), use_case, dict(parameters))
    return frame(schema_id, REQUEST.to_avro(request))


def send(
    settings: Settings, requests: Mapping[str, tuple[str, str, Mapping[str, str]]], partition: int | None = None
) -> None:
    """Requests by id: location, use case and parameters."""
    out = producer(settings.kafka)
    for name, (location, use_case, parameters) in requests.items():
        value = request_value(settings, name, location, use_case, parameters)
        out.send(settings.kafka.requests_topic, key=name.encode(), value=value, partition=partition)
    out.flush(timeout=30)
    out.close()


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.5)
