"""Corrections reach their topic and BigQuery, through a gateway that listens and real parts, and survive outages."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from served import GatewayProcess, StandInJob, result_of, stop_all, until

from clients.corrections import from_table, from_topic
from clients.tables import create_tables
from clients.topic_reader import TopicReader
from config.settings import Settings
from connections.warehouse import warehouse
from connections.writer_schemas import writer_schema
from docbeam.client import Client
from schemas.bigquery import result_row
from schemas.correction import Correction, Judgement
from schemas.fields import FieldState
from schemas.frames import unframe
from schemas.request import AnalysisRequest, DocumentReference, now
from schemas.wire import RecordCodec
from schemas.writer_schema import WriterSchema

pytestmark = pytest.mark.stack
_CORRECTIONS = RecordCodec(Correction)


@pytest.fixture
def reviewer(served: GatewayProcess, job: StandInJob, gateway_settings: Settings) -> Iterator[httpx.Client]:
    with warehouse(gateway_settings.bigquery) as client:
        create_tables(client, gateway_settings.bigquery)
    flags = ("--client", "shop", "--scope", "send", "--scope", "receive", "--scope", "review")
    key = served.docbeam("gateway", "key", "create", *flags)
    with httpx.Client(base_url=served.address, headers={"X-API-Key": key}, timeout=40) as calling:
        yield calling


def corrected(client: httpx.Client, value: str) -> str:
    """A new request with one corrected field; its id."""
    name = f"c{uuid.uuid4().hex[:10]}"
    body = {"request_id": name, "location": "gs://forms/a.pdf", "use_case": "receipt"}
    assert client.post("/v1/requests", json=body).status_code == 202
    until(lambda: client.get(f"/v1/requests/{name}?wait=20s").json()["status"] == "ready")
    lock = client.put(f"/v1/requests/{name}/review", json={"reviewer": "Grace"}).json()["lock"]
    judge(client, name, lock, value)
    return name


def judge(client: httpx.Client, name: str, lock: str, value: str) -> None:
    said = {"name": "name", "page": 1, "judgement": "corrected", "value": value}
    body = {"lock": lock, "reviewer": "Grace", "judgements": [said]}
    answer = client.post(f"/v1/requests/{name}/corrections", json=body)
    assert answer.status_code == 200, answer.text


def on_topic(settings: Settings, name: str) -> list[Correction]:
    found = []
    with TopicReader(settings.kafka, settings.kafka.corrections_topic) as reader:
        for record in reader.to_end():
            framed = unframe(record.value, record.headers)
            writer = writer_schema(framed.schema_id, settings.registry)
            assert isinstance(writer, WriterSchema)
            assert record.key is not None
            if record.key.decode() == name:
                found.append(_CORRECTIONS.from_avro(framed.body, writer))
    return found


def asked(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with warehouse(settings.bigquery) as client:
        rows = client.query(query.replace("@", f"{settings.bigquery.dataset}.")).result()
        return [tuple(row.values()) for row in rows]


def test_a_correction_is_on_its_topic_and_in_bigquery_beside_what_was_read(reviewer, gateway_settings):
    name = corrected(reviewer, "Ada \u00e4 \u6f22")
    with Client(str(reviewer.base_url), reviewer.headers["X-API-Key"]) as client:
        (known,) = client.corrections(name).corrections
    assert (known.value, known.read.value) == ("Ada \u00e4 \u6f22", f"read of {name}")
    lock = reviewer.put(f"/v1/requests/{name}/review", json={})
    assert lock.json()["code"] == "review_taken"
    (told,) = until(lambda: on_topic(gateway_settings, name))
    assert (told.correction_id, told.judgement, told.value) == (f"{name}/1", Judgement.CORRECTED, "Ada \u00e4 \u6f22")
    assert (told.read.value, told.state, told.reviewer) == (f"read of {name}", FieldState.FILLED, "Grace")
    assert told.corrected_by.startswith("key:")

    wanted = f"SELECT value, read.value, reviewer FROM @corrections WHERE request_id = '{name}'"
    rows = until(lambda: asked(gateway_settings, wanted))
    assert rows == [("Ada \u00e4 \u6f22", f"read of {name}", "Grace")]
    result = result_of(AnalysisRequest(name, DocumentReference("gs://forms/a.pdf"), "receipt", client_id="shop"))
    bigquery = gateway_settings.bigquery
    with warehouse(bigquery) as client:
        table = f"{bigquery.project}.{bigquery.dataset}.{bigquery.table}"
        assert client.insert_rows_json(table, [result_row(result, "r")]) == []
    seen = asked(
        gateway_settings,
        f"SELECT name, value, read_value, judgement, reviewer FROM @fields_reviewed WHERE request_id = '{name}'",
    )
    assert seen == [("name", "Ada \u00e4 \u6f22", f"read of {name}", "corrected", "Grace")]


def test_the_newest_judgement_of_a_field_counts(reviewer, gateway_settings):
    name = f"c{uuid.uuid4().hex[:10]}"
    body = {"request_id": name, "location": "gs://forms/a.pdf", "use_case": "receipt"}
    reviewer.post("/v1/requests", json=body)
    until(lambda: reviewer.get(f"/v1/requests/{name}?wait=20s").json()["status"] == "ready")
    lock = reviewer.put(f"/v1/requests/{name}/review", json={}).json()["lock"]
    for value in ("first", "second", "third"):
        judge(reviewer, name, lock, value)
    count = f"SELECT COUNT(*) FROM @corrections WHERE request_id = '{name}'"
    until(lambda: asked(gateway_settings, count) == [(3,)])
    latest = asked(gateway_settings, f"SELECT value FROM @corrections_latest WHERE request_id = '{name}'")
    assert latest == [("third",)]
    assert [each.correction_id for each in on_topic(gateway_settings, name)] == [f"{name}/{n}" for n in (1, 2, 3)]


def test_corrections_are_exported_alike_from_the_table_and_the_topic(served, reviewer, gateway_settings, tmp_path):
    name = corrected(reviewer, "twice told")
    until(lambda: asked(gateway_settings, f"SELECT 1 FROM @corrections WHERE request_id = '{name}'"))
    of_table = {each.correction_id: each for each in from_table(gateway_settings, None)}
    of_topic = {each.correction_id: each for each in from_topic(gateway_settings, None)}
    assert of_table[f"{name}/1"] == of_topic[f"{name}/1"]
    assert f"{name}/1" not in {each.correction_id for each in from_table(gateway_settings, now() + timedelta(hours=1))}
    (row,) = json.loads(
        served.docbeam("corrections", "export", str(tmp_path / "sets"), "--use-case", "receipt", "--output", "json")
    )
    # The stand-in for the job gives no places, so that there is nothing to be measured on.
    assert row["left_out"]["no place"] >= 1
    assert not (tmp_path / "sets").exists()


def test_what_bigquery_does_not_take_is_told_once_it_does(served, reviewer, gateway_settings, tmp_path: Path):
    cut_off = served.another(
        tmp_path / "g.log", "bigquery.endpoint=http://127.0.0.1:9", "gateway.resend_seconds=2",
        "gateway.group=nobody",
    )  # fmt: skip
    served.stop()
    try:
        cut_off.start()
        with httpx.Client(base_url=cut_off.address, headers=reviewer.headers, timeout=40) as client:
            name = corrected(client, "kept")
            until(lambda: [line for line in cut_off.lines() if "not told yet" in line["message"]])
            assert len(on_topic(gateway_settings, name)) >= 1
            cut_off.kill()
        served.start()
        wanted = f"SELECT DISTINCT value FROM @corrections WHERE request_id = '{name}'"
        assert until(lambda: asked(gateway_settings, wanted)) == [("kept",)]
    finally:
        stop_all([cut_off])
