"""A results table over HTTP that misbehaves as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from config.settings import BigQuerySettings
from connections.retry import Pauses
from connections.rows import RowOutcome, Rows
from schemas.document import DocumentFacts
from schemas.errors import ErrorCode
from schemas.part import Answer, Delivery
from schemas.request import now
from schemas.result import AnalysisResult, PageResult, ResultStatus, Timings

Table = list[dict[str, Any]]
Reply = Callable[[Table], tuple[int, Any]]
"""Of the rows of a request: status and body, as JSON unless bytes; or a function that answers by itself."""
OK = 200


def fine(rows: Table) -> tuple[int, Any]:
    return OK, {"kind": "bigquery#tableDataInsertAllResponse"}


def status(code: int, body: Any = None) -> Reply:
    return lambda rows: (code, {"error": {"message": "not now", "errors": []}} if body is None else body)


def each_refused(rows: Table) -> tuple[int, Any]:
    return refused(rows, lambda row: True)


def refused(rows: Table, guilty: Callable[[dict[str, Any]], bool]) -> tuple[int, Any]:
    """Only these, as the service does when it is asked to skip them."""
    places = [place for place, row in enumerate(rows) if guilty(row)]
    return OK, fine(rows)[1] | {
        "insertErrors": [{"index": place, "errors": [{"reason": "invalid"}]} for place in places]
    }


def if_any(guilty: Callable[[dict[str, Any]], bool], reply: Reply) -> Reply:
    return lambda rows: reply(rows) if any(guilty(row) for row in rows) else fine(rows)


def whole(*names: str) -> Callable[[dict[str, Any]], bool]:
    """Rows of these requests, but not their stand-ins."""
    return lambda row: row["request_id"] in names and row["pages"] != []


class InsertAllServer:
    """Answers with `replies`, one after the other; the last one stays."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [fine]
        self.columns: Any = None
        """Of the table, if it tells them."""
        self.table: Table = []
        """Everything taken, repeats included."""
        self.requests: list[list[str]] = []
        self.asked: list[tuple[str, int, dict[str, Any]]] = []
        """Path, port of the client, and what was sent beside the rows."""
        self.described: Reply | None = None
        """How the table is described, whatever `columns` says."""
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                whole = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                sent = whole.pop("rows")
                rows = [row["json"] | {"insert_id": row["insertId"]} for row in sent]
                with server._lock:
                    server.asked.append((self.path, self.client_address[1], whole))
                    server.requests.append([row["request_id"] for row in rows])
                    reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
                    code, body = reply(rows)
                    if isinstance(body, dict) and "kind" in body:
                        refused = {error["index"] for error in body.get("insertErrors", ())}
                        server.table += [row for place, row in enumerate(rows) if place not in refused]
                if callable(body):
                    body(self)
                else:
                    self.answer(code, body)

            def do_GET(self) -> None:
                if server.described is not None:
                    self.answer(*server.described([]))
                elif server.columns is None:
                    self.send_error(501)
                else:
                    self.answer(OK, {"schema": {"fields": server.columns}})

            def answer(self, code: int, body: Any) -> None:
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.settings = BigQuerySettings(
            endpoint=f"http://127.0.0.1:{self._server.server_port}", attempts=3, timeout_seconds=2
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def stored(self, *, whole: bool = True) -> list[str]:
        """The requests with a row, sorted, each once; their stand-ins instead of whole rows if so wished."""
        return sorted(
            {row["request_id"] for row in self.table if (row["pages"] != []) is whole},
        )


def hasty(settings: BigQuerySettings) -> Rows:
    return Rows(settings, lambda: Pauses(first=0.01, longest=0.05))


def answer(name: str, place: int = 0, result: AnalysisResult | None = None) -> Answer:
    page = PageResult(1, width=100, height=200)
    facts = DocumentFacts(f"file:///{name}.png", "image/png", 10, "0" * 64, 1)
    made = AnalysisResult(name, "receipt", ResultStatus.COMPLETE, Timings(now(), now()), document=facts, pages=(page,))
    return Answer(Delivery("t", 0, place, place, datetime.now(UTC)), result or made)


def inserted(rows: Rows, *answers: Answer, seconds: float = 60) -> list[RowOutcome]:
    futures = [rows.insert(each) for each in answers]
    return [future.result(seconds) for future in futures]


def codes(outcomes: list[RowOutcome]) -> list[ErrorCode | None]:
    return [outcome.refused and outcome.refused.code for outcome in outcomes]
