"""What is sent to BigQuery fits the table, and what would not is found before it is sent."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_strategies import ANY_FLOAT_RESULTS, RESULTS

from connections.reduced_rows import reductions, stand_in
from connections.row_letters import letter_of, row_of
from schemas import bigquery
from schemas.bigquery import result_row, row_problem, table_schema
from schemas.result import AnalysisResult
from schemas.table_difference import difference

many = settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))


@many
@given(RESULTS)
def test_every_finite_result_has_a_row_that_fits(result: AnalysisResult) -> None:
    row = result_row(result, "a@b")
    assert row_problem(row) is None
    json.dumps(row, allow_nan=False)


@many
@given(RESULTS)
def test_what_stands_in_for_a_row_fits_as_well(result: AnalysisResult) -> None:
    for smaller in (stand_in(result), *reductions(result)):
        row = result_row(smaller, "a@b")
        assert row_problem(row) is None
        assert (row["request_id"], row["status"]) == (result.request_id, result.status.value)


@many
@given(ANY_FLOAT_RESULTS)
def test_every_row_has_a_letter_that_any_reader_of_json_can_read(result: AnalysisResult) -> None:
    value, headers = letter_of(result, "a@b")
    row = row_of(value, dict(headers))
    assert row is not None
    json.dumps(row, allow_nan=False)
    assert set(row) == {column["name"] for column in table_schema()}


@many
@given(ANY_FLOAT_RESULTS)
def test_a_number_that_is_not_finite_is_found_wherever_it_is(result: AnalysisResult) -> None:
    problem = row_problem(result_row(result, "a@b"))
    if _all_finite(asdict(result)):
        assert problem is None
    else:
        assert problem is not None
        assert problem.endswith("not a finite number")


@many
@given(RESULTS, st.data())
def test_a_lost_or_foreign_column_is_found(result: AnalysisResult, data: st.DataObject) -> None:
    row = result_row(result, "a@b")
    name = data.draw(st.sampled_from(sorted(row)))
    lost = {key: value for key, value in row.items() if key != name}
    assert row_problem(lost) == f"{name}: missing"
    assert row_problem(row | {"surprise": 1}) == "surprise: no such column"


def test_partition_and_clusters_are_columns_of_the_table() -> None:
    columns = {column["name"]: column for column in table_schema()}
    assert columns[bigquery.RESULTS.partition]["type"] == "TIMESTAMP"
    assert set(bigquery.RESULTS.cluster) <= set(columns)


@many
@given(st.data())
def test_a_table_that_lacks_columns_at_any_depth_is_completed_in_one_step(data: st.DataObject) -> None:
    wanted = table_schema()
    live = _thinned(wanted, data)
    found = difference(live, wanted)
    assert not found.refused
    assert difference(found.columns, wanted).is_none
    assert [column["name"] for column in found.columns[: len(live)]] == [column["name"] for column in live]
    assert all(column.get("mode") != "REQUIRED" for column in found.columns if column["name"] in found.added), (
        "BigQuery adds no required columns"
    )


def test_what_cannot_be_changed_in_place_is_refused_and_named() -> None:
    wanted = [
        {"name": "a", "type": "STRING", "mode": "REQUIRED"},
        {
            "name": "r",
            "type": "RECORD",
            "mode": "NULLABLE",
            "fields": [{"name": "b", "type": "FLOAT", "mode": "NULLABLE"}],
        },
    ]
    live = [
        {"name": "a", "type": "STRING", "mode": "REPEATED"},
        {"name": "r", "type": "STRUCT", "fields": [{"name": "b", "type": "INT64"}]},
        {"name": "old", "type": "STRING", "mode": "REQUIRED"},
    ]
    refused = difference(live, wanted).refused
    assert len(refused) == 3
    assert refused[0].startswith("a is REPEATED")
    assert refused[1].startswith("r.b is INTEGER in the table and FLOAT")
    assert refused[2].startswith("old is required")


def test_names_of_types_and_case_of_columns_make_no_difference() -> None:
    wanted = [{"name": "seen", "type": "BOOLEAN", "mode": "REQUIRED"}]
    assert difference([{"name": "Seen", "type": "BOOL", "mode": "NULLABLE"}], wanted).is_none


def test_a_required_column_that_may_now_be_null_is_relaxed() -> None:
    wanted = [{"name": "a", "type": "STRING", "mode": "NULLABLE"}]
    found = difference([{"name": "a", "type": "STRING", "mode": "REQUIRED"}], wanted)
    assert (found.relaxed, found.columns[0]["mode"]) == (["a"], "NULLABLE")


def _thinned(columns: Any, data: st.DataObject) -> list[dict[str, Any]]:
    kept = [dict(column) for column in columns if data.draw(st.booleans())] or [dict(columns[0])]
    for column in kept:
        if column["type"] == "RECORD":
            column["fields"] = _thinned(column["fields"], data)
    return kept


def _all_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(_all_finite(item) for item in value.values())
    return all(_all_finite(item) for item in value) if isinstance(value, (list, tuple)) else True
