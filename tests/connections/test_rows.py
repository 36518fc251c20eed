"""Rows are stored, or refused for themselves; a BigQuery that takes no rows is waited for."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from connections.row_drafts import row_id
from connections.row_letters import letter_of, row_of
from connections.rows import Rows
from schemas.bigquery import result_row, row_problem, table_schema
from schemas.errors import ErrorCode
from schemas.prediction import Prediction, TextLine, Word
from schemas.result import AnalysisResult, Outcome, OutcomeState, PageResult, ResultStatus
from tests.connections.insert_all_server import (
    InsertAllServer,
    Reply,
    Table,
    answer,
    codes,
    each_refused,
    fine,
    hasty,
    if_any,
    inserted,
    refused,
    status,
    whole,
)

REFUSED = ErrorCode.ROW_REFUSED


@pytest.fixture
def server() -> Iterator[InsertAllServer]:
    made = InsertAllServer()
    yield made
    made.close()


@pytest.fixture
def rows(server: InsertAllServer) -> Rows:
    return hasty(server.settings)


def reset(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.close()


def truncated(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}")
    handler.close_connection = True


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    try:
        for _ in range(8):
            handler.wfile.write(b" ")
            time.sleep(0.5)
    except OSError:
        pass


def redirected(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")


AWAY: dict[str, Reply] = {
    **{f"status {code}": status(code) for code in (400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504)},
    **{f"page with status {code}": status(code, b"<html>proxy</html>") for code in (200, 404, 502)},
    "status 200 with an error": lambda rows: (200, {"error": {"code": 500, "message": "no"}}),
    "status 200 with a list": lambda rows: (200, []),
    "status 200 without a body": status(200, b""),
    "status 202": status(202, {}),
    "every row invalid": each_refused,
    "unknown reason": lambda rows: (
        200, {"insertErrors": [{"index": place, "errors": "?"} for place, _ in enumerate(rows)]},
    ),
    "no index": lambda rows: (200, {"insertErrors": [{"errors": [{"reason": "invalid"}]}]}),
    "index out of range": lambda rows: (200, {"insertErrors": [{"index": 99, "errors": []}]}),
    "no list of errors": lambda rows: (200, {"insertErrors": None}),
    "errors that are numbers": lambda rows: (200, {"insertErrors": [7]}),
    "reset": lambda rows: (0, reset),
    "truncated": lambda rows: (0, truncated),
    "silence": lambda rows: (0, silent),
    "dripping": lambda rows: (0, dripping),
    "redirect": lambda rows: (0, redirected),
}  # fmt: skip


@pytest.mark.parametrize("kind", AWAY)
def test_a_service_that_takes_no_rows_is_waited_for(server: InsertAllServer, rows: Rows, kind: str) -> None:
    patience = 4 if kind in ("silence", "dripping") else 80
    # What a redirect leads to answers with JSON, too.
    server.columns = table_schema()
    server.replies = [AWAY[kind]] * patience + [fine]
    assert codes(inserted(rows, answer("a"), answer("b", 1))) == [None, None]
    assert server.stored() == ["a", "b"]


def test_a_service_away_before_it_is_reached_for_the_first_time_is_waited_for(server: InsertAllServer) -> None:
    rows = hasty(server.settings.model_copy(update={"endpoint": "http://127.0.0.1:9", "timeout_seconds": 0.2}))
    future = rows.insert(answer("a"))
    time.sleep(0.5)
    assert not future.done()


@pytest.mark.parametrize("reply", [status(400), status(500), status(503), each_refused])
def test_a_lone_poison_row_is_found_by_its_stand_in(server: InsertAllServer, rows: Rows, reply: Reply) -> None:
    server.replies = [if_any(whole("b"), reply)]
    assert codes(inserted(rows, answer("b"))) == [REFUSED]
    assert server.stored() == []
    assert server.stored(whole=False) == ["b"]
    told = server.table[0]
    assert [error["code"] for error in told["errors"]] == ["row_refused"]
    assert (told["status"], told["row_id"]) == ("complete", "b@t/0/0")


@pytest.mark.parametrize("reply", [status(400), status(500), each_refused])
def test_poison_rows_are_found_among_good_ones(server: InsertAllServer, rows: Rows, reply: Reply) -> None:
    server.replies = [if_any(whole("b", "d"), reply)]
    outcomes = inserted(rows, *(answer(name, place) for place, name in enumerate("abcde")))
    assert codes(outcomes) == [None, REFUSED, None, REFUSED, None]
    assert server.stored() == ["a", "c", "e"]
    assert server.stored(whole=False) == ["b", "d"]


def test_neighbours_in_the_same_request_are_stored_at_once(server: InsertAllServer, rows: Rows) -> None:
    server.replies = [lambda table: refused(table, whole("b"))]
    outcomes = inserted(rows, *(answer(name, place) for place, name in enumerate("abc")))
    assert codes(outcomes) == [None, REFUSED, None]
    assert [outcome.retries > 0 for outcome in outcomes] == [False, True, False]


def test_a_row_whose_stand_in_fails_too_is_found_by_a_neighbour(server: InsertAllServer, rows: Rows) -> None:
    server.replies = [if_any(lambda row: row["request_id"] == "b", status(500))]
    outcomes = inserted(rows, *(answer(name, place) for place, name in enumerate("abc")))
    assert codes(outcomes) == [None, REFUSED, None]
    assert server.stored() == ["a", "c"]
    assert len({row["insert_id"] for row in server.table}) == 2, "BigQuery drops what was sent twice by its insert id"


def test_a_stand_in_never_takes_the_insert_id_of_its_row(server: InsertAllServer, rows: Rows) -> None:
    server.replies = [if_any(whole("b"), status(500))]
    inserted(rows, answer("b"))
    server.replies = [fine]
    inserted(rows, answer("b"))
    assert len({row["insert_id"] for row in server.table}) == 2


def test_a_repeat_has_the_same_insert_id_however_long_the_request_id_is(server: InsertAllServer, rows: Rows) -> None:
    inserted(rows, answer("x" * 128))
    inserted(rows, answer("x" * 128))
    first, second = (row["insert_id"] for row in server.table)
    assert first == second
    assert len(first) <= 128


def test_rows_refused_while_whole_rows_of_neighbours_are_refused_too_wait(server: InsertAllServer, rows: Rows) -> None:
    inserted(rows, answer("early"))
    server.replies = [if_any(lambda row: row["pages"] != [], status(500))]
    futures = [rows.insert(answer(name, place)) for place, name in enumerate("ab")]
    time.sleep(1.5)
    assert [future.done() for future in futures] == [False, False]
    server.replies = [fine]
    assert [future.result(60).refused for future in futures] == [None, None]


def test_a_forgotten_migration_is_waited_for_without_a_stand_in(server: InsertAllServer, rows: Rows) -> None:
    columns = json.loads(json.dumps(table_schema()))
    pages = next(column for column in columns if column["name"] == "pages")
    pages["fields"] = [column for column in pages["fields"] if column["name"] != "dpi"]
    server.columns = columns
    server.replies = [if_any(lambda row: row["pages"] != [], each_refused)]
    future = rows.insert(answer("a"))
    time.sleep(1)
    assert not future.done()
    assert server.table == []
    # In this order: a right table that still refuses whole rows would be given the row's stand-in.
    server.replies, server.columns = [fine], table_schema()
    assert future.result(60).refused is None
    assert [row["request_id"] for row in server.table] == ["a"]


def test_a_row_that_fits_no_table_is_not_sent_and_its_stand_in_is(server: InsertAllServer, rows: Rows) -> None:
    first = answer("a")
    page = PageResult(1, dpi=float("nan"))
    broken = replace(first, result=replace(first.result, pages=(page,)))
    assert codes(inserted(rows, broken, answer("b", 1))) == [REFUSED, None]
    assert server.stored() == ["b"]
    assert server.stored(whole=False) == ["a"]
    hopeless = replace(first.result, timings=replace(first.result.timings, fetch_ms=float("inf")))
    assert codes(inserted(rows, answer("c", 2, hopeless))) == [REFUSED]
    assert len(server.requests) <= 2


def words(count: int) -> AnalysisResult:
    quad = (0.1, 0.1, 0.2, 0.1, 0.2, 0.2, 0.1, 0.2)
    line = TextLine("w" * 1000, quad, 0.5, tuple(Word("w", quad, 0.123456789) for _ in range(count)))
    outcome = Outcome("ocr", OutcomeState.FOUND, prediction=Prediction(lines=(line,)))
    return replace(answer("large").result, pages=(PageResult(1, outcomes=(outcome,)),))


def test_a_row_too_large_for_a_request_is_sent_without_its_words(server: InsertAllServer, rows: Rows) -> None:
    assert codes(inserted(rows, answer("large", 0, words(120_000)))) == [None]
    (row,) = server.table
    (line,) = row["pages"][0]["outcomes"][0]["prediction"]["lines"]
    assert (line["words"], line["text"]) == ([], "w" * 1000)
    assert [error["code"] for error in row["errors"]] == ["result_too_large"]
    assert row["status"] == "complete"


def test_a_row_that_the_service_finds_too_large_is_shrunk_and_not_buried(server: InsertAllServer, rows: Rows) -> None:
    server.replies = [if_any(lambda row: len(json.dumps(row)) > 8_000, status(413))]
    assert codes(inserted(rows, answer("large", 0, words(100)))) == [None]
    assert ["result_too_large"] in [[error["code"] for error in row["errors"]] for row in server.table]
    assert server.stored() == ["large"]


def test_reasons_hold_nothing_of_the_row(server: InsertAllServer, rows: Rows) -> None:
    def quoting(rows: Table) -> tuple[int, Any]:
        error = {"reason": "invalid", "location": "pages[0].dpi", "message": "cannot convert 'secret' to integer"}
        return 200, {"insertErrors": [{"index": place, "errors": [error]} for place, _ in enumerate(rows)]}

    server.replies = [if_any(whole("b"), quoting)]
    (outcome,) = inserted(rows, answer("b"))
    assert outcome.refused is not None
    assert outcome.refused.message == "refused (invalid at pages[0].dpi)"
    assert outcome.retries > 0


def test_a_letter_gives_back_the_row_small_or_large() -> None:
    for result in (answer("a").result, words(500)):
        value, headers = letter_of(result, "a@t/0/0")
        assert len(value or b"") < 10_000
        found = row_of(value, dict(headers))
        assert found is not None
        assert row_problem(found) is None
        assert found | {"inserted_at": 0} == result_row(result, "a@t/0/0") | {"inserted_at": 0}


@pytest.mark.parametrize(
    ("value", "encoding"), [(None, b""), (b"", b""), (b"[]", b""), (b"\0", b"gzip"), (b"[" * 100_000, b"")]
)
def test_letters_of_others_hold_no_row(value: bytes | None, encoding: bytes) -> None:
    assert row_of(value, {"content-encoding": encoding}) is None


def test_many_rows_at_once_over_a_service_that_fails_in_every_way_end_as_they_should(server: InsertAllServer) -> None:
    lot = random.Random(11)
    # A poison row whose last answer were 413 would end otherwise: stored with less in it.
    bad = [reply for kind, reply in AWAY.items() if kind not in ("silence", "dripping", "status 413")]
    poison = {f"r{number}" for number in range(0, 150, 30)}

    def flapping(rows: Table) -> tuple[int, Any]:
        if lot.random() < 0.4:
            return lot.choice(bad)(rows)
        return if_any(whole(*poison), lot.choice([status(500), status(400), each_refused]))(rows)

    server.replies = [flapping]
    rows = hasty(server.settings.model_copy(update={"attempts": 5}))
    answers = [answer(f"r{number}", number) for number in range(150)]
    outcomes = dict(zip((each.result.request_id for each in answers), inserted(rows, *answers), strict=True))
    assert {name for name, outcome in outcomes.items() if outcome.refused} == poison
    assert set(server.stored()) == set(outcomes) - poison
    assert poison <= set(server.stored(whole=False))
    ids = {row_id(each): each for each in answers}
    for row in server.table:
        assert ids[row["row_id"]].result.request_id == row["request_id"]
        if row["pages"]:
            assert row["document"]["location"] == f"file:///{row['request_id']}.png"
    assert ResultStatus.COMPLETE.value in {row["status"] for row in server.table}
