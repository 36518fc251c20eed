"""One request to BigQuery says of each row whether it was taken; what is not understood has taken none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connections.insert_all import InsertAll, NotUnderstood, Refusal, Row, encoded
from schemas.bigquery import result_row
from tests.connections.insert_all_server import InsertAllServer, answer, fine, status

ROWS = [encoded(result_row(answer(name).result, name)) for name in "abc"]


@pytest.fixture
def server() -> Iterator[InsertAllServer]:
    made = InsertAllServer()
    yield made
    made.close()


@pytest.fixture
def table(server: InsertAllServer) -> InsertAll:
    return InsertAll(server.settings)


def refusing(*entries: Any) -> Any:
    return lambda rows: (200, {"kind": "k", "insertErrors": list(entries)})


def test_rows_go_to_the_table_of_the_settings_and_bad_ones_are_to_be_skipped(
    server: InsertAllServer, table: InsertAll
) -> None:
    assert table.send(ROWS) == [None, None, None]
    ((path, _, beside),) = server.asked
    assert path == "/bigquery/v2/projects/docbeam/datasets/docbeam/tables/results/insertAll?prettyPrint=false"
    assert beside == {"skipInvalidRows": True}
    assert [row["row_id"] for row in server.table] == ["a", "b", "c"]
    assert [row["insert_id"] for row in server.table] == [row.insert_id for row in ROWS]


def test_each_refused_row_is_told_by_its_place(server: InsertAllServer, table: InsertAll) -> None:
    entries = [{"index": 2, "errors": [{"reason": "invalid"}]}, {"index": 0, "errors": [{"reason": "stopped"}]}]
    server.replies = [refusing(*entries)]
    assert table.send(ROWS) == [Refusal("refused (stopped)"), None, Refusal("refused (invalid)")]


def test_a_place_may_be_told_as_text(server: InsertAllServer, table: InsertAll) -> None:
    server.replies = [lambda rows: (200, {"insertErrors": [{"index": "1", "errors": []}]})]
    assert table.send(ROWS) == [None, Refusal("refused"), None]


@pytest.mark.parametrize("index", [3, -1, True, 1.0, None, "", "3", "-1", "²", "1 ", [1]])
def test_a_place_that_is_none_has_taken_no_row(index: Any, server: InsertAllServer, table: InsertAll) -> None:
    server.replies = [lambda rows: (200, {"insertErrors": [{"index": index, "errors": []}]})]
    assert table.send(ROWS) == [Refusal("HTTP 200 that refuses rows without saying which")] * 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "HTTP 200 without JSON"),
        (b"<html>", "HTTP 200 without JSON"),
        ([], "HTTP 200 with another answer than that of insertAll"),
        ({"error": {}}, "HTTP 200 with another answer than that of insertAll"),
        ({"error": {}, "insertErrors": []}, "HTTP 200 with another answer than that of insertAll"),
        ({"insertErrors": {}}, "HTTP 200 with another answer than that of insertAll"),
        ({"insertErrors": ["x"]}, "HTTP 200 that refuses rows without saying which"),
    ],
)
def test_an_answer_of_another_shape_has_taken_no_row(
    body: Any, told: str, server: InsertAllServer, table: InsertAll
) -> None:
    server.replies = [lambda rows: (200, body)]
    assert table.send(ROWS) == [Refusal(told)] * 3


@pytest.mark.parametrize("body", [{}, {"insertErrors": []}])
def test_an_answer_without_errors_has_taken_all(body: Any, server: InsertAllServer, table: InsertAll) -> None:
    server.replies = [lambda rows: (200, body)]
    assert table.send(ROWS) == [None] * 3


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ([{"reason": "invalid", "location": "pages[0].dpi"}], " (invalid at pages[0].dpi)"),
        ([{"reason": "invalid", "location": ""}], " (invalid)"),
        ([{"reason": "invalid", "location": "Miller, John"}], " (invalid)"),
        ([{"reason": "invalid", "location": "a" * 201}], " (invalid)"),
        ([{"reason": "Miller, John"}], ""),
        ([{"reason": "i" * 61}], ""),
        ([{}, 7, {"reason": "stopped"}], " (stopped)"),
        ([{"reason": "invalid"}, {"reason": "stopped"}, {"reason": "invalid"}], " (invalid; stopped)"),
        ([{"reason": letter} for letter in "abcdef"], " (a; b; c; d; e)"),
        ("invalid", ""),
        (None, ""),
    ],
)
def test_reasons_are_said_by_their_codes_alone(
    errors: Any, said: str, server: InsertAllServer, table: InsertAll
) -> None:
    server.replies = [lambda rows: (200, {"insertErrors": [{"index": 0, "errors": errors}]})]
    assert table.send(ROWS)[0] == Refusal(f"refused{said}")
    server.replies = [status(400, {"error": {"errors": errors}})]
    assert table.send(ROWS) == [Refusal(f"HTTP 400{said}")] * 3


@pytest.mark.parametrize("body", [b"", [], {}, {"error": 7}])
def test_another_status_has_taken_no_row(body: Any, server: InsertAllServer, table: InsertAll) -> None:
    for code in (202, 400, 413, 500):
        server.replies = [status(code, body)]
        assert table.send(ROWS) == [Refusal(f"HTTP {code}", too_large=code == 413)] * 3


def test_an_answer_that_does_not_end_is_left(server: InsertAllServer, table: InsertAll) -> None:
    server.replies = [status(200, b" " * 4_000_000 + b"{}")]
    assert table.send(ROWS) == [Refusal("HTTP 200 with an answer that does not end")] * 3
    server.replies = [status(200, b" " * 3_999_998 + b"{}")]
    assert table.send(ROWS) == [None] * 3


def test_who_does_not_answer_is_told_by_the_kind_of_error(server: InsertAllServer) -> None:
    gone = InsertAll(server.settings.model_copy(update={"endpoint": "http://127.0.0.1:9"}))
    assert gone.send(ROWS) == [Refusal("ConnectionError")] * 3
    with pytest.raises(requests.ConnectionError):
        gone.columns()


def test_a_connection_is_kept_while_all_is_well(server: InsertAllServer, table: InsertAll) -> None:
    server.replies = [fine, fine, status(500), fine, fine]
    for _ in range(5):
        table.send(ROWS)
    table.close()
    table.send(ROWS)
    ports = [port for _, port, _ in server.asked]
    assert ports[0] == ports[1] == ports[2]
    assert ports[3] == ports[4]
    assert len(set(ports)) == 3, "after trouble, and after it was closed, another"


@pytest.mark.parametrize("code", [429, 500, 502, 503])
def test_columns_of_a_service_in_trouble_are_not_known(code: int, server: InsertAllServer, table: InsertAll) -> None:
    server.described = status(code, {"schema": {"fields": [{"name": "a"}]}})
    with pytest.raises(NotUnderstood, match=f"HTTP {code}"):
        table.columns()


@pytest.mark.parametrize(
    ("code", "body", "told"),
    [
        (200, {"schema": {"fields": [{"name": "a"}]}}, [{"name": "a"}]),
        (200, {"schema": {"fields": []}}, None),
        (200, {"schema": {"fields": {"name": "a"}}}, None),
        (200, {"schema": []}, None),
        (200, {}, None),
        (200, b"<html>", None),
        (404, {"schema": {"fields": [{"name": "a"}]}}, None),
        (501, {"schema": {"fields": [{"name": "a"}]}}, None),
    ],
)
def test_columns_are_told_or_not(code: int, body: Any, told: Any, server: InsertAllServer, table: InsertAll) -> None:
    server.described = status(code, body)
    assert table.columns() == told


def test_repeats_share_an_insert_id_and_a_stand_in_has_its_own() -> None:
    row = result_row(answer("a").result, "a@t/0/\ud800")
    whole, again, other = encoded(row), encoded(dict(row)), encoded({**row, "row_id": "b"})
    spare = encoded(row, whole=False)
    assert whole == again
    assert len({whole.insert_id, other.insert_id, spare.insert_id}) == 3
    assert (whole.whole, spare.whole) == (True, False)
    assert isinstance(whole, Row)
    assert len(whole.insert_id) == 64
