"""What is derived from the records is what the records say, and old records stay readable."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import fastavro
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_strategies import any_of

from docbeam.main import program
from schemas.avro_schema import CONTRACTS, avro_schema, plain
from schemas.bigquery import table_schema
from schemas.errors import ErrorCode
from schemas.generated_files import ROOT, drifted, error_rows
from schemas.released import newest_schema, released_schemas
from schemas.wire import RecordCodec


def test_nothing_has_drifted() -> None:
    assert drifted() == [], "run `docbeam schemas generate`"
    assert CliRunner().invoke(program, ["schemas", "check"]).exit_code == 0


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_newest_released_schema_is_the_record(name: str) -> None:
    assert newest_schema(name) == avro_schema(CONTRACTS[name])
    assert list(released_schemas(name)) == list(range(1, len(released_schemas(name)) + 1))


@pytest.mark.parametrize("name", CONTRACTS)
@settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_any_released_schema_wrote_is_read_by_today_s_record(name: str, data: st.DataObject) -> None:
    codec: RecordCodec[Any] = RecordCodec(CONTRACTS[name])
    whole = plain(data.draw(any_of(CONTRACTS[name])))
    for writer in released_schemas(name).values():
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, fastavro.parse_schema(writer), whole)
        assert isinstance(codec.from_avro(buffer.getvalue(), writer), CONTRACTS[name])


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_field_added_with_a_default_is_filled_in_for_older_records(name: str) -> None:
    codec: RecordCodec[Any] = RecordCodec(CONTRACTS[name])
    newest = newest_schema(name)
    older = newest | {"fields": [field for field in newest["fields"] if "default" not in field]}
    required = {field["name"] for field in older["fields"]}
    sample = next(
        {key: value for key, value in plain(record).items() if key in required} for record in _one_of(CONTRACTS[name])
    )
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(older), sample)
    assert isinstance(codec.from_avro(buffer.getvalue(), older), CONTRACTS[name])


def test_every_error_code_is_in_the_docs_with_its_meaning() -> None:
    page = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    for code in ErrorCode:
        assert f"| `{code.value}` |" in page
        assert code.meaning.text in page
    assert len(error_rows()) == len(ErrorCode)


def _one_of(kind: type) -> list[Any]:
    found: list[Any] = []

    @settings(database=None, max_examples=1, suppress_health_check=list(HealthCheck))
    @given(any_of(kind))
    def collect(record: Any) -> None:
        found.append(record)

    collect()
    return found


# https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#reserved_keywords
RESERVED = """
all and any array as asc assert_rows_modified at between by case cast collate contains create cross cube
current default define desc distinct else end enum escape except exclude exists extract false fetch following
for from full group grouping groups hash having if ignore in inner intersect interval into is join lateral
left like limit lookup merge natural new no not null nulls of on or order outer over partition preceding proto
qualify range recursive respect right rollup rows select set some struct tablesample then to treat true union
unbounded unnest using when where window with within
"""


def test_no_column_is_a_word_that_queries_would_have_to_quote() -> None:
    def names(columns: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        for column in columns:
            yield column["name"]
            yield from names(column.get("fields", ()))

    assert not set(RESERVED.split()) & set(names(table_schema()))
