"""Rows are stored, or refused for themselves; a BigQuery that is away is waited for."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from config.settings import BigQuerySettings
from connections.rows import insert_answers
from schemas.errors import ErrorCode
from schemas.part import Answer, Delivery
from schemas.request import now
from schemas.result import AnalysisResult, ResultStatus, Timings

Reply = Callable[[list[str]], tuple[int, dict[str, Any]]]


class Warehouse:
    """Answers insertAll as told, one reply after another; the last one stays."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.stored: list[str] = []
        self.requests: list[list[str]] = []
        warehouse = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["rows"]
                ids = [row["json"]["request_id"] for row in rows]
                warehouse.requests.append(ids)
                reply = warehouse.replies.pop(0) if len(warehouse.replies) > 1 else warehouse.replies[0]
                status, body = reply(ids)
                if status == 200:
                    refused = {error["index"] for error in body.get("insertErrors", ())}
                    warehouse.stored += [name for place, name in enumerate(ids) if place not in refused]
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.settings = BigQuerySettings(endpoint=f"http://127.0.0.1:{self.server.server_port}", attempts=2)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    made = Warehouse()
    yield made
    made.server.shutdown()


def answers(*names: str) -> list[Answer]:
    return [
        Answer(
            Delivery("t", 0, place, place, datetime.now(UTC)),
            AnalysisResult(name, "receipt", ResultStatus.COMPLETE, Timings(now(), now())),
        )
        for place, name in enumerate(names)
    ]


def fine(ids: list[str]) -> tuple[int, dict[str, Any]]:
    return 200, {}


def away(status: int) -> Reply:
    return lambda ids: (status, {"error": {"message": "not now", "errors": []}})


def codes(problems: list[Any]) -> list[ErrorCode | None]:
    return [problem and problem.code for problem in problems]


@pytest.mark.parametrize("status", [503, 403, 404, 429])
def test_a_service_that_is_away_is_waited_for(warehouse: Warehouse, status: int) -> None:
    warehouse.replies = [away(status), away(status), away(status), fine]
    assert codes(insert_answers(answers("a", "b"), warehouse.settings)) == [None, None]
    assert warehouse.stored == ["a", "b"]


def test_a_refused_row_does_not_take_its_neighbours_along(warehouse: Warehouse) -> None:
    def refuse_b(ids: list[str]) -> tuple[int, dict[str, Any]]:
        if "b" not in ids:
            return fine(ids)
        reasons = ["invalid" if name == "b" else "stopped" for name in ids]
        errors = [{"index": place, "errors": [{"reason": reason}]} for place, reason in enumerate(reasons)]
        return 200, {"insertErrors": errors}

    warehouse.replies = [refuse_b]
    assert codes(insert_answers(answers("a", "b", "c"), warehouse.settings)) == [None, ErrorCode.ROW_REFUSED, None]
    assert sorted(warehouse.stored) == ["a", "c"]


@pytest.mark.parametrize("status", [400, 500])
def test_a_row_that_fails_every_request_it_is_in_is_found(warehouse: Warehouse, status: int) -> None:
    warehouse.replies = [lambda ids: away(status)(ids) if "b" in ids else fine(ids)]
    assert codes(insert_answers(answers("a", "b", "c"), warehouse.settings)) == [None, ErrorCode.ROW_REFUSED, None]
    assert sorted(warehouse.stored) == ["a", "c"]


def test_a_row_that_does_not_fit_the_table_is_not_sent(warehouse: Warehouse) -> None:
    warehouse.replies = [fine]
    first, second = answers("a", "b")
    broken = AnalysisResult("a", "receipt", ResultStatus.COMPLETE, Timings(now(), now(), fetch_ms=float("nan")))
    problems = insert_answers([Answer(first.delivery, broken), second], warehouse.settings)
    assert codes(problems) == [ErrorCode.ROW_REFUSED, None]
    assert warehouse.stored == ["b"]
