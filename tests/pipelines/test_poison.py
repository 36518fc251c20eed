"""Records made to end or hold the endless job cost themselves, and no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import Schema

from config.load import load_settings
from config.settings import Settings
from connections.kafka.clients import producer
from connections.schema_registry import client, written_schema_id
from docbeam.demonstration.read_back import wait_for_no_lag
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import ResultStatus
from schemas.wire import RecordCodec, frame
from tests.pipelines.read_topics import dead_letters_of, results_of
from tests.pipelines.streaming import StartJob, wait_until
from tests.processes import killing_who_works_on

pytestmark = pytest.mark.stack

_REQUEST = RecordCodec(AnalysisRequest)
_MANY = b"\x80" * 7 + b"\x80\x04"
"""2**50 as an Avro count."""

HOSTILE: dict[str, tuple[Any, bytes]] = {
    "recursive": (
        {"type": "record", "name": "A", "fields": [{"name": "a", "type": {"type": "array", "items": "A"}}]},
        b"\x02" * 200_000,
    ),
    "of nothing": (
        {"type": "record", "name": "N", "fields": [{"name": "a", "type": {"type": "array", "items": "null"}}]},
        _MANY,
    ),
    "past the end": (
        {"type": "record", "name": "P", "fields": [{"name": "a", "type": {"type": "array", "items": "boolean"}}]},
        _MANY,
    ),
    "no record": ("string", b"\x02a"),
}


@pytest.mark.usefixtures("installed_plugins")
def test_poison_among_good_requests_is_answered_for_itself(
    config: Path, documents: Path, tmp_path: Path, run_job: StartJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCBEAM_ANALYSIS__ATTEMPTS_DIR", str(tmp_path / "attempts"))
    settings = load_settings(file=config).settings
    good = [f"good-{number}" for number in range(10)]
    killer = AnalysisRequest("killer", page(documents), "misbehaving", {"fault": "hang", "guilty": "1"})
    requests = [AnalysisRequest(name, page(documents), "notes") for name in good]
    schema_id = written_schema_id(f"{settings.kafka.requests_topic}-value", "analysis_request", settings.registry)
    hostile = [frame(register(name, settings), body) for name, (_, body) in HOSTILE.items()]
    out = producer(settings.kafka)
    for request in [*requests[:5], killer, *requests[5:]]:
        value = frame(schema_id, _REQUEST.to_avro(request))
        out.send(settings.kafka.requests_topic, key=request.request_id.encode(), value=value)
    hostile += [b"\0" * 300_000, frame(999_999, b"?")]
    for value in hostile:
        out.send(settings.kafka.requests_topic, key=b"garbage", value=value, headers=[("mine", b"kept")])
    out.flush(timeout=30)
    out.close()

    job = run_job()
    with killing_who_works_on(tmp_path / "attempts", ' killer", "stage": "faults, part 1"') as killed:
        wait_until(lambda: set(results_of(settings)) >= {*good, "killer"}, 300)
    assert len(killed) in (3, 4)
    assert wait_for_no_lag(settings, 120) == 0
    assert job.poll() is None
    found = results_of(settings)
    ended = {name: (found[name][-1].status, found[name][-1].errors) for name in good}
    assert ended == dict.fromkeys(good, (ResultStatus.COMPLETE, ()))
    assert found["killer"][-1].status is ResultStatus.FAILED
    assert [error.code.value for error in found["killer"][-1].errors] == ["worker_died"]
    letters = [headers["docbeam.error.code"] for _, headers in dead_letters_of(settings)]
    assert {value for value, _ in dead_letters_of(settings)} == {*hostile}
    assert set(letters) == {b"unusable_schema", b"undecodable_record", b"unknown_schema"}


def page(documents: Path) -> DocumentReference:
    return DocumentReference(f"{documents.as_uri()}/one.png")


def register(name: str, settings: Settings) -> int:
    with client(settings.registry) as registry:
        subject = f"{settings.kafka.requests_topic}-{name}"
        return int(registry.register_schema(subject, Schema(json.dumps(HOSTILE[name][0]), "AVRO")))
