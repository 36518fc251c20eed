"""Whatever BigQuery answers and whatever the row holds: a delivery that is done with, or a dead letter with the row."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from config.settings import BigQuerySettings
from connections.insert_all import InsertAll, NotUnderstood
from connections.row_letters import row_of
from connections.rows import Rows
from schemas.bigquery import row_problem, table_schema
from schemas.part import Answer, DeadLetter, Delivery
from schemas.result import AnalysisResult
from tests.docbeam.record_strategies import any_of
from tests.fuzz.hostile import ANY_FLOAT, DELIVERIES, FEW, HEADERS, JSON_LIKE
from tests.fuzz.stand_ins import AT, no_pauses, outputs_of, survives
from transforms.coders import DeadLetterCoder, DeliveryCoder
from transforms.insert_rows import REFUSED, _InsertRows

_SETTINGS = BigQuerySettings(endpoint="http://127.0.0.1:9", attempts=1)
_ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "index": st.integers(-1, 2) | st.sampled_from(["0", "\u0661", "9" * 5000]) | JSON_LIKE,
        "errors": st.lists(st.dictionaries(st.sampled_from(["reason", "location", "message"]), JSON_LIKE)) | JSON_LIKE,
    },
)
_CONTENTS = st.one_of(
    st.binary(max_size=20),
    JSON_LIKE.map(lambda told: _json(told)),
    st.fixed_dictionaries({"insertErrors": st.lists(_ENTRIES, max_size=2) | JSON_LIKE}).map(lambda told: _json(told)),
    st.fixed_dictionaries({"error": st.fixed_dictionaries({"errors": st.lists(_ENTRIES) | JSON_LIKE})}).map(
        lambda told: _json(told)
    ),
    st.integers(0, 1).map(lambda place: (b"[" * 100_000, b'{"a":' * 100_000)[place]),
)
_TABLES = st.one_of(
    JSON_LIKE,
    st.fixed_dictionaries({"schema": st.fixed_dictionaries({"fields": st.lists(JSON_LIKE, max_size=2) | JSON_LIKE})}),
    st.integers(0, 50).map(lambda place: {"schema": {"fields": list(table_schema()[: place or None])}}),
)
_REPLIES = st.tuples(st.sampled_from([200, 200, 200, 204, 302, 400, 403, 404, 413, 429, 500, 503]), _CONTENTS)
_RAISED = st.sampled_from([ConnectionError(), ValueError("x"), NotUnderstood("y"), KeyError(), RecursionError()])


def _json(told: Any) -> bytes:
    try:
        return json.dumps(told).encode()
    except ValueError:
        return b"1" * 5000


class _Service:
    """Answers as told, then takes everything."""

    def __init__(self, posts: list[Any], gets: list[Any]) -> None:
        self._posts, self._gets = list(posts), list(gets)
        self.rows: list[dict[str, Any]] = []

    def ask(self, method: str, url: str, body: bytes | None) -> tuple[int, bytes]:
        left = self._posts if method == "POST" else self._gets
        reply = left.pop(0) if left else (200, b"{}" if method == "POST" else _table())
        if method == "POST":
            self.rows += [row["json"] for row in json.loads(body or b"")["rows"]]
        if isinstance(reply, BaseException):
            raise reply
        return reply


@lru_cache(maxsize=1)
def _table() -> bytes:
    return _json({"schema": {"fields": list(table_schema())}})


@FEW
@given(
    delivery=DELIVERIES, echo=HEADERS, results=st.lists(any_of(AnalysisResult, ANY_FLOAT), min_size=1, max_size=2),
    posts=st.lists(_REPLIES | _RAISED, max_size=12),
    gets=st.lists(st.tuples(st.sampled_from([200, 404, 500]), _TABLES.map(_json) | _CONTENTS) | _RAISED, max_size=4),
)  # fmt: skip
def test_any_row_is_stored_or_becomes_a_dead_letter(
    delivery: Any, echo: Any, results: list[AnalysisResult], posts: list[Any], gets: list[Any]
) -> None:
    answers = [Answer(delivery, result, echo) for result in results]
    service = _Service(posts, gets)
    step = _InsertRows(_SETTINGS)
    with no_pauses(), patch.object(InsertAll, "_ask", lambda _, *asked: service.ask(*asked)):
        step._rows = Rows(_SETTINGS)
        found = outputs_of(step, *answers, **AT)
    assert len(found) == len(answers)
    for (tag, output), _ in zip(found, answers, strict=True):
        if tag != REFUSED:
            assert isinstance(output, Delivery)
            survives(DeliveryCoder(), [output])
            continue
        assert isinstance(output, DeadLetter)
        survives(DeadLetterCoder(), [output])
        row = row_of(output.value, dict(output.headers))
        assert row is not None, "the letter holds no row"
        assert row["request_id"] in [result.request_id for result in results]
    for row in service.rows:
        assert row_problem(row) is None
