"""The commands against a real broker and registry, and the BigQuery emulator."""

from __future__ import annotations

import dataclasses
import json
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from google.cloud import bigquery
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from clients.tables import create_tables
from config.load import load_settings
from config.settings import Settings
from connections.reduced_rows import stand_in
from connections.row_letters import letter_of
from connections.rows import Rows
from connections.schema_registry import client, register, written_schema_id
from connections.warehouse import warehouse
from connections.writer_schemas import NotGiven, writer_schema
from devstack.endpoints import Endpoints
from docbeam.exit_codes import ExitCode
from docbeam.main import program
from schemas.bigquery import RESULTS, result_row, table_schema
from schemas.errors import DocbeamError, ErrorCode
from schemas.fields import FieldKind, FieldState
from schemas.frames import unframe
from schemas.part import Answer, Delivery
from schemas.request import AnalysisRequest
from schemas.result import AnalysisResult, Field, PageResult, ResultStatus, Timings
from schemas.wire import RecordCodec, frame

pytestmark = pytest.mark.stack
START = datetime(2031, 5, 1, 12, tzinfo=UTC)


@dataclasses.dataclass(frozen=True)
class Place:
    """Topics and a dataset of one test's own."""

    flags: tuple[str, ...]
    file: Path

    @property
    def settings(self) -> Settings:
        return load_settings(self.flags, file=self.file, environment={}).settings

    def docbeam(self, *arguments: str) -> Result:
        chosen = [part for flag in self.flags for part in ("--set", flag)]
        return CliRunner().invoke(program, ["--config", str(self.file), *chosen, *arguments])

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        done = self.docbeam(*arguments, "--output", "json")
        assert done.exit_code == ExitCode.OK, done.output
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found


@pytest.fixture
def place(stack: Endpoints) -> Place:
    name = f"t{uuid.uuid4().hex[:10]}"
    flags = (
        f"kafka.requests_topic={name}.requests",
        f"kafka.results_topic={name}.results",
        f"kafka.dead_letters_topic={name}.dead-letters",
        f"kafka.corrections_topic={name}.corrections",
        f"kafka.group={name}",
        "kafka.partitions=2",
        f"bigquery.dataset={name}",
    )
    return Place(flags, stack.settings_file)


@pytest.fixture
def topics(place: Place) -> Place:
    assert place.docbeam("topics", "create").exit_code == ExitCode.OK
    return place


@pytest.fixture
def publish(topics: Place) -> Iterator[Callable[..., None]]:
    producer = KafkaProducer(bootstrap_servers=topics.settings.kafka.bootstrap)

    def send(
        topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]] | None = None
    ) -> None:
        producer.send(topic, key=key, value=value, headers=headers or []).get(30)

    yield send
    producer.close()


def test_topics_are_created_once_and_then_left_alone(place: Place) -> None:
    assert place.docbeam("topics", "check").exit_code == ExitCode.NOT_READY
    assert {row["state"] for row in place.rows("topics", "create")} == {"created"}
    again = place.rows("topics", "create")
    assert {row["state"] for row in again} == {"ok"}
    assert {row["partitions"] for row in again} == {2}
    assert {row["state"] for row in place.rows("topics", "check")} == {"ok"}


def test_a_topic_that_differs_from_the_settings_is_told_and_not_changed(topics: Place) -> None:
    wider = replace(topics, flags=(*topics.flags, "kafka.partitions=3"))
    rows = wider.rows("topics", "create")
    assert {(row["state"], row["partitions"]) for row in rows} == {("warn", 2)}
    larger = replace(topics, flags=(*topics.flags, "kafka.max_message_bytes=20000000")).docbeam("topics", "check")
    assert larger.exit_code == ExitCode.NOT_READY
    assert "max.message.bytes" in larger.stdout


def test_schemas_are_registered_once(place: Place) -> None:
    assert place.docbeam("schemas", "check", "--registry").exit_code == ExitCode.NOT_READY
    first = place.rows("schemas", "register")
    assert place.rows("schemas", "register") == first
    assert place.docbeam("schemas", "check", "--registry").exit_code == ExitCode.OK
    level = client(place.settings.registry).get_compatibility(f"{place.settings.kafka.requests_topic}-value")
    assert level == "BACKWARD_TRANSITIVE"


def test_an_incompatible_schema_is_refused(place: Place) -> None:
    other = {
        "type": "record",
        "name": "AnalysisRequest",
        "namespace": "docbeam",
        "fields": [{"name": "n", "type": "int"}],
    }
    register(f"{place.settings.kafka.requests_topic}-value", other, place.settings.registry)
    done = place.docbeam("schemas", "register")
    assert done.exit_code == ExitCode.FAILED
    assert f"{place.settings.kafka.requests_topic}-value" in done.stderr
    assert "not registered" in done.stderr


def test_what_was_sent_is_what_the_job_will_read(topics: Place, tmp_path: Path) -> None:
    document = tmp_path / "a form.pdf"
    document.write_bytes(b"%PDF-1.7")
    done = topics.docbeam(
        "send", str(document), "gs://bucket/b.pdf", "--use-case", "receipt", "--id-prefix", "order",
        "--parameter", "language=de", "--client-id", "shop",
    )  # fmt: skip
    assert done.exit_code == ExitCode.OK, done.output
    assert done.stdout.split() == ["order-1", "order-2"]
    assert "location_forbidden" in done.stderr
    records = {record.key: record for record in _records(topics, topics.settings.kafka.requests_topic)}
    assert set(records) == {b"order-1", b"order-2"}
    record = records[b"order-1"]
    framed = unframe(record.value)
    schema = writer_schema(framed.schema_id, topics.settings.registry)
    assert not isinstance(schema, NotGiven)
    request = RecordCodec(AnalysisRequest).from_avro(framed.body, schema)
    assert request.document.location == document.as_uri()
    assert (request.use_case, request.parameters, request.client_id) == ("receipt", {"language": "de"}, "shop")
    headers = dict(record.headers)
    assert headers["ce_type"] == b"docbeam.analysis.request"
    assert set(headers) - {"ce_type"} == {
        "ce_id", "ce_source", "ce_specversion", "ce_time", "content-type", "traceparent",
    }  # fmt: skip
    assert len(headers["traceparent"].split(b"-")) == 4


def test_without_topics_sending_ends_with_3_and_says_how_to_create_them(place: Place) -> None:
    done = place.docbeam("send", "gs://bucket/a.pdf", "--use-case", "receipt")
    assert done.exit_code == ExitCode.NOT_READY
    assert "docbeam topics create" in done.stderr


def test_the_newest_result_is_received_in_the_order_of_the_ids(topics: Place, publish: Callable[..., None]) -> None:
    for result in (
        _result("a", ResultStatus.FAILED),
        _result("b", ResultStatus.COMPLETE),
        _result("other", ResultStatus.COMPLETE),
        _result("a", ResultStatus.COMPLETE),
    ):
        publish(topics.settings.kafka.results_topic, result.request_id.encode(), _framed(topics, result))
    done = topics.docbeam("receive", "b", "a")
    assert done.exit_code == ExitCode.OK, done.output
    received = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(result["request_id"], result["status"]) for result in received] == [("b", "complete"), ("a", "complete")]
    table = topics.docbeam("receive", "a", "--since", "1h", "--output", "table")
    assert table.stdout.splitlines()[1].split()[:2] == ["a", "complete"]


def test_waiting_for_a_result_that_does_not_come_ends_with_3(topics: Place, publish: Callable[..., None]) -> None:
    publish(topics.settings.kafka.results_topic, b"a", _framed(topics, _result("a", ResultStatus.COMPLETE)))
    done = topics.docbeam("receive", "a", "b", "--wait", "--timeout", "1")
    assert done.exit_code == ExitCode.NOT_READY
    assert [json.loads(line)["request_id"] for line in done.stdout.splitlines()] == ["a"]
    assert "no result within 1 s: b." in done.stderr


def test_sending_with_wait_prints_the_result(topics: Place, publish: Callable[..., None]) -> None:
    publish(topics.settings.kafka.results_topic, b"early", _framed(topics, _result("early", ResultStatus.PARTIAL)))
    done = topics.docbeam(
        "send", "gs://bucket/a.pdf", "--use-case", "receipt", "--id", "early", "--wait", "--timeout", "30"
    )
    assert done.exit_code == ExitCode.OK, done.output
    assert json.loads(done.stdout)["status"] == "partial"


def test_a_dead_letter_is_replayed_once_as_it_came(topics: Place, publish: Callable[..., None]) -> None:
    dead = topics.settings.kafka.dead_letters_topic
    told = [("__connect.errors.stage", b"decode requests"), ("docbeam.error.code", b"unknown_schema")]
    publish(dead, b"k", b"\0garbage", [("traceparent", b"00-x"), *told])
    publish(dead, b"row", None, [("__connect.errors.stage", b"insert rows"), ("docbeam.row_id", b"row@x")])
    publish(dead, b"tired", b"x", [("docbeam.attempts", b"5"), *told])

    (dry,) = topics.rows("replay", "--dead-letters", "--dry-run")
    assert (dry["would_send"], dry["would_store"], dry["rows_gone"], dry["tried_too_often"]) == (1, 0, 1, 1)
    assert list(_records(topics, topics.settings.kafka.requests_topic)) == []

    done = topics.docbeam("replay", "--dead-letters")
    assert done.exit_code == ExitCode.OK, done.output
    assert "send these requests anew: row" in done.stderr
    (record,) = _records(topics, topics.settings.kafka.requests_topic)
    assert (record.key, record.value) == (b"k", b"\0garbage")
    assert record.headers == [("traceparent", b"00-x"), ("docbeam.attempts", b"1")]

    (again,) = topics.rows("replay", "--dead-letters")
    assert again["sent"] == 0
    (asked,) = topics.rows("replay", "--dead-letters", "--id", "k", "--dry-run")
    assert asked["would_send"] == 1


def test_a_refused_row_is_stored_by_a_replay_and_seen_instead_of_its_stand_in(
    topics: Place, publish: Callable[..., None]
) -> None:
    assert topics.docbeam("tables", "create").exit_code == ExitCode.OK
    kafka, table = topics.settings.kafka, topics.settings.bigquery
    results = {name: replace(_result(name, ResultStatus.COMPLETE), fields=(_field("Ada"),)) for name in "abc"}
    results["b"] = replace(results["b"], pages=tuple(PageResult(number) for number in range(1, 500)))
    sink = Rows(table)
    for name, result in results.items():
        row_id = f"{name}@{kafka.requests_topic}/0/7"
        place = Delivery(kafka.requests_topic, 0, 7, 7, START)
        assert sink.insert(Answer(place, stand_in(result))).result(60).refused is None
        value, headers = letter_of(result, row_id)
        stage = ("__connect.errors.stage", b"insert rows")
        if name == "c":
            # Too large for a message: the publisher leaves the value out.
            event = str(uuid.uuid5(uuid.NAMESPACE_URL, f"docbeam:{place.key}:{name}")).encode()
            publish(kafka.results_topic, name.encode(), _framed(topics, result), [("ce_id", event)])
            value = None
        publish(kafka.dead_letters_topic, name.encode(), value, [*headers, stage])
    publish(kafka.dead_letters_topic, b"odd", b'{"row_id": 5}', [("docbeam.row_id", b"odd@x/0/1"), stage])
    names = f"SELECT request_id FROM {table.dataset}.fields_latest ORDER BY request_id"
    with warehouse(table) as client:
        assert list(client.query(names).result()) == []

        (dry,) = topics.rows("replay", "--dead-letters", "--dry-run")
        assert (dry["would_send"], dry["would_store"], dry["rows_gone"]) == (0, 4, 0)
        (done,) = topics.rows("replay", "--dead-letters")
        assert (done["sent"], done["stored"], done["rows_refused"], done["rows_gone"]) == (0, 3, 1, 0)

        assert [row.request_id for row in client.query(names).result()] == ["a", "b", "c"]
        latest = f"SELECT request_id, ARRAY_LENGTH(pages) AS pages FROM {table.dataset}.results_latest"
        assert {row.request_id: row.pages for row in client.query(latest).result()} == {"a": 0, "b": 499, "c": 0}
        assert list(client.query(f"SELECT * FROM {table.dataset}.failures").result()) == []
    (again,) = topics.rows("replay", "--dead-letters", "--max-attempts", "1")
    assert (again["stored"], again["tried_too_often"]) == (0, 1), "it is a dead letter again, and counted"
    assert list(_records(topics, kafka.requests_topic)) == []


def test_rows_are_not_replayed_into_a_table_that_is_not_there(topics: Place, publish: Callable[..., None]) -> None:
    value, headers = letter_of(_result("a", ResultStatus.COMPLETE), "a@t/0/1")
    dead = topics.settings.kafka.dead_letters_topic
    publish(dead, b"a", value, [*headers, ("__connect.errors.stage", b"insert rows")])
    publish(dead, b"k", b"garbage", [("__connect.errors.stage", b"decode requests")])
    done = topics.docbeam("replay", "--dead-letters")
    assert done.exit_code == ExitCode.NOT_READY
    assert "docbeam tables create" in done.stderr
    assert list(_records(topics, topics.settings.kafka.requests_topic)) == []
    assert topics.docbeam("tables", "create").exit_code == ExitCode.OK
    (row,) = topics.rows("replay", "--dead-letters")
    assert (row["sent"], row["stored"]) == (1, 1)


def test_only_requests_whose_newest_result_may_be_retried_are_sent_again(
    topics: Place, publish: Callable[..., None]
) -> None:
    kafka = topics.settings.kafka
    sent = topics.docbeam("send", *["gs://bucket/a.pdf"] * 3, "--use-case", "receipt", "--id-prefix", "r")
    assert sent.exit_code == ExitCode.OK, sent.output
    retryable = DocbeamError(ErrorCode.FETCH_TIMEOUT, "too slow").item("open documents")
    final = DocbeamError(ErrorCode.DOCUMENT_ENCRYPTED, "locked").item("open documents")
    for result in (
        replace(_result("r-1", ResultStatus.FAILED), errors=(retryable,)),
        replace(_result("r-2", ResultStatus.FAILED), errors=(final,)),
        replace(_result("r-3", ResultStatus.FAILED), errors=(retryable,)),
        _result("r-3", ResultStatus.COMPLETE),
        replace(_result("gone", ResultStatus.FAILED), errors=(retryable,)),
    ):
        publish(kafka.results_topic, result.request_id.encode(), _framed(topics, result))
    (row,) = topics.rows("replay", "--failed-retryable")
    assert (row["sent"], row["request_gone"]) == (1, 1)
    first, second = [record for record in _records(topics, kafka.requests_topic) if record.key == b"r-1"]
    assert first.value == second.value
    assert second.headers == [*first.headers, ("docbeam.attempts", b"1")]
    assert len(list(_records(topics, kafka.requests_topic))) == 4


def test_tables_are_created_once_and_views_show_the_newest_row(place: Place) -> None:
    assert place.docbeam("tables", "check").exit_code == ExitCode.NOT_READY
    created = place.rows("tables", "create")
    assert [row["state"] for row in created] == ["created"] * 8
    assert {row["state"] for row in place.rows("tables", "create")} == {"ok"}
    assert {row["state"] for row in place.rows("tables", "check")} == {"ok"}
    assert {row["state"] for row in place.rows("tables", "migrate")} == {"ok"}

    settings = place.settings.bigquery
    bigquery_client = warehouse(settings)
    live = bigquery_client.get_table(f"{settings.project}.{settings.dataset}.{settings.table}")
    assert (live.time_partitioning.field, live.clustering_fields) == ("received_at", list(RESULTS.cluster))
    error = DocbeamError(ErrorCode.FETCH_TIMEOUT, "too slow").item("open documents")
    results = [
        replace(_result("a", ResultStatus.FAILED), errors=(error,)),
        replace(_result("a", ResultStatus.COMPLETE, later=60), fields=(_field("Ada"),)),
        replace(_result("b", ResultStatus.FAILED), errors=(error,)),
    ]
    rows = [result_row(result, f"row-{number}") for number, result in enumerate(results)]
    assert bigquery_client.insert_rows_json(live, rows) == []

    def ask(query: str) -> list[tuple[Any, ...]]:
        return [
            tuple(row.values()) for row in bigquery_client.query(query.replace("@", f"{settings.dataset}.")).result()
        ]

    newest = ask("SELECT request_id, status FROM @results_latest ORDER BY request_id")
    assert newest == [("a", "complete"), ("b", "failed")]
    fields = ask("SELECT request_id, name, value, state, instance, review FROM @fields_latest")
    assert fields == [("a", "name", "Ada", "filled", 2, True)]
    failures = ask("SELECT request_id, code, stage, retryable FROM @failures")
    assert failures == [("b", "fetch_timeout", "open documents", True)]
    bigquery_client.close()


def test_a_view_of_an_older_release_is_brought_up_to_date(place: Place) -> None:
    settings = place.settings.bigquery
    older = (
        "SELECT * EXCEPT (n) FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY request_id) AS n FROM `@`) WHERE n = 99"
    )
    with warehouse(settings) as client:
        assert place.docbeam("tables", "create").exit_code == ExitCode.OK
        view = client.get_table(f"{settings.project}.{settings.dataset}.results_latest")
        view.view_query = older.replace("@", f"{settings.project}.{settings.dataset}.{settings.table}")
        client.update_table(view, ["view_query"])
        whole = replace(_result("a", ResultStatus.COMPLETE), fields=(_field("Ada"),))
        for result in (whole, stand_in(whole)):
            assert (
                client.insert_rows_json(f"{settings.dataset}.{settings.table}", [result_row(result, "a@t/0/1")]) == []
            )
        query = f"SELECT ARRAY_LENGTH(fields) AS fields FROM {settings.dataset}.results_latest"
        assert list(client.query(query).result()) == []
        assert place.docbeam("tables", "migrate").exit_code == ExitCode.OK
        assert [row.fields for row in client.query(query).result()] == [1], "though its stand-in was inserted later"


def test_a_column_that_is_missing_is_found_but_a_dry_run_adds_nothing(place: Place) -> None:
    _create_table(place, [column for column in table_schema() if column["name"] != "client_id"])
    assert place.docbeam("tables", "check").exit_code == ExitCode.NOT_READY
    row, other = place.rows("tables", "migrate", "--dry-run")
    assert (other["name"], other["state"]) == ("corrections", "ok")
    assert (row["state"], row["remark"]) == ("would change", "add client_id")
    assert "add client_id" in place.docbeam("tables", "check").stdout


def test_a_table_that_cannot_be_migrated_is_refused_with_the_reason(place: Place) -> None:
    _create_table(
        place,
        [dict(column) | ({"type": "INTEGER"} if column["name"] == "client_id" else {}) for column in table_schema()],
    )
    done = place.docbeam("tables", "migrate")
    assert done.exit_code == ExitCode.NOT_READY
    assert "client_id is INTEGER in the table and STRING in the schema" in done.stdout


@pytest.mark.skipif(
    "DOCBEAM_REAL_BIGQUERY_PROJECT" not in os.environ,
    reason="real service only: the emulator's table takes no more rows after a column was added",
)
def test_a_missing_column_is_added(place: Place) -> None:
    project = os.environ["DOCBEAM_REAL_BIGQUERY_PROJECT"]
    place = replace(place, flags=(*place.flags, "bigquery.endpoint=", f"bigquery.project={project}"))
    _create_table(place, [column for column in table_schema() if column["name"] != "client_id"])
    assert place.rows("tables", "migrate")[0]["state"] == "changed"
    assert {row["state"] for row in place.rows("tables", "check")} == {"ok"}


def _create_table(place: Place, columns: list[dict[str, Any]]) -> None:
    settings = place.settings.bigquery
    bigquery_client = warehouse(settings)
    bigquery_client.create_dataset(f"{settings.project}.{settings.dataset}")
    table = bigquery.Table(
        f"{settings.project}.{settings.dataset}.{settings.table}",
        [bigquery.SchemaField.from_api_repr(dict(column)) for column in columns],
    )
    table.time_partitioning = bigquery.TimePartitioning(type_="DAY", field="received_at")
    bigquery_client.create_table(table)
    create_tables(bigquery_client, settings)
    bigquery_client.close()


def _result(request_id: str, status: ResultStatus, later: int = 0) -> AnalysisResult:
    return AnalysisResult(request_id, "receipt", status, Timings(START, START + timedelta(seconds=1 + later)))


def _field(value: str) -> Field:
    return Field("name", FieldKind.TEXT, FieldState.FILLED, value=value, instance=2, review=True)


def _framed(place: Place, result: AnalysisResult) -> bytes:
    settings = place.settings
    subject = f"{settings.kafka.results_topic}-value"
    schema_id = written_schema_id(subject, "analysis_result", settings.registry)
    return frame(schema_id, RecordCodec(AnalysisResult).to_avro(result))


def _records(place: Place, topic: str) -> Iterator[Any]:
    consumer = KafkaConsumer(bootstrap_servers=place.settings.kafka.bootstrap)
    try:
        places = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(each) < ends[each] for each in places):
            for records in consumer.poll(500).values():
                yield from records
    finally:
        consumer.close()
