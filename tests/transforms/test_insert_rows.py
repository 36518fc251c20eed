"""Answers leave the step as stored deliveries, or as dead letters that hold the row."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam
import pytest
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from connections.row_letters import row_of
from connections.rows import rows_of
from schemas.part import Answer, DeadLetter
from tests.connections.insert_all_server import InsertAllServer, answer, if_any, status, whole
from transforms.insert_rows import REFUSED, InsertRows


@pytest.fixture
def server() -> Iterator[InsertAllServer]:
    made = InsertAllServer()
    made.settings = made.settings.model_copy(update={"attempts": 1})
    yield made
    made.close()


def test_a_bundle_ends_in_deliveries_and_letters_and_counts_them(server: InsertAllServer) -> None:
    server.replies = [if_any(whole("r7"), status(500))]
    answers = [answer(f"r{number}", number) for number in range(60)]

    def told(letter: DeadLetter) -> tuple[object, ...]:
        headers = dict(letter.headers)
        row = row_of(letter.value, headers) or {}
        return letter.delivery.offset, letter.key, letter.error.code.value, headers["docbeam.row_id"], len(row["pages"])

    pipeline = beam.Pipeline("FnApiRunner", PipelineOptions([]))
    outputs = pipeline | beam.Create(answers).with_output_types(Answer) | "insert rows" >> InsertRows(server.settings)
    offsets = outputs.inserted | beam.Map(lambda delivery: delivery.offset)
    assert_that(offsets, equal_to([number for number in range(60) if number != 7]), label="stored")
    letters = outputs[REFUSED] | beam.Map(told)
    assert_that(letters, equal_to([(7, b"r7", "row_refused", b"r7@t/0/7", 1)]), label="letters")
    result = pipeline.run()
    result.wait_until_finish()

    counted = {
        found.key.metric.name: found.committed
        for found in result.metrics().query(MetricsFilter().with_namespace("docbeam"))["counters"]
    }
    assert (counted["rows_inserted"], counted["rows_refused"]) == (59, 1)
    assert counted["bigquery_retries"] > 0
    assert server.stored() == sorted(f"r{number}" for number in range(60) if number != 7)
    assert len(server.requests) < 60, "rows that arrive together go together"


def test_the_table_is_shared_by_all_steps_and_closed_by_the_last(server: InsertAllServer) -> None:
    first, second = (rows_of.acquire(server.settings) for _ in range(2))
    assert first is second
    rows_of.release(server.settings)
    assert rows_of.acquire(server.settings) is first
    rows_of.release(server.settings)
    rows_of.release(server.settings)
    fresh = rows_of.acquire(server.settings)
    assert fresh is not first
    assert fresh.insert(answer("a")).result(30).refused is None
    rows_of.release(server.settings)
