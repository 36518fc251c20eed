"""Rows of results to BigQuery: stored, or refused for themselves. Imports no Beam."""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Sequence
from typing import Any

from google.api_core.exceptions import GoogleAPICallError
from google.cloud import bigquery

from config.settings import BigQuerySettings
from connections.warehouse import table_name, warehouse
from schemas.bigquery import result_row, row_problem
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Answer

log = logging.getLogger(__name__)
_BYTES = 4_000_000
"""Of one request: the service takes 10 MB, and JSON on the wire is a little more than here."""
_Batch = list[tuple[int, dict[str, Any]]]
"""Rows with the places of their answers."""
_Problems = list[DocbeamError | None]
_SERVER_ERROR = 500
_ABOUT_THE_ROWS = (400, 413, _SERVER_ERROR)
"""Status codes that a single row can cause; 500 only if it stays."""
_INNOCENT = frozenset({"stopped", "backendError", "timeout", "internalError"})
"""Reasons that BigQuery gives for rows with nothing wrong in them."""
_LONGEST_PAUSE = 30.0

_clients: dict[BigQuerySettings, bigquery.Client] = {}
_lock = threading.Lock()


def row_id(answer: Answer) -> str:
    """The same for every repeat of one delivery: what BigQuery may use to drop repeats, and views surely do."""
    return f"{answer.result.request_id}@{answer.delivery.key}"


def insert_answers(answers: Sequence[Answer], settings: BigQuerySettings) -> list[DocbeamError | None]:
    """For each answer None, or why BigQuery refuses its row. Waits while BigQuery takes no rows at all."""
    problems: _Problems = [None] * len(answers)
    batch: _Batch = []
    size = 0
    for index, answer in enumerate(answers):
        row = result_row(answer.result, row_id(answer))
        problem = row_problem(row)
        if problem:
            problems[index] = DocbeamError(ErrorCode.ROW_REFUSED, f"not sent: {problem}")
            continue
        length = len(json.dumps(row))
        if batch and size + length > _BYTES:
            _send(batch, problems, settings)
            batch, size = [], 0
        batch.append((index, row))
        size += length
    if batch:
        _send(batch, problems, settings)
    return problems


def _send(batch: _Batch, problems: _Problems, settings: BigQuerySettings) -> None:
    """Until each row is stored or refused for itself.

    A service that is away is no row's fault: to give up would lose rows whose results are published already, so
    this waits, the source pauses, and the group's lag shows it.
    """
    pause, tries = 0.5, 0
    while batch:
        tries += 1
        try:
            batch = _insert(batch, problems, settings)
            if not batch:
                return
            reason = "some rows were stopped"
        except _Unfit as unfit:
            if len(batch) > 1:
                # One row can fail the whole request: find it, so that its neighbours are stored.
                for entry in batch:
                    _send([entry], problems, settings)
                return
            if not unfit.may_pass or tries >= settings.attempts:
                problems[batch[0][0]] = DocbeamError(ErrorCode.ROW_REFUSED, unfit.reason)
                return
            reason = unfit.reason
        except _Away as away:
            reason = str(away)
            if tries % settings.attempts == 0:
                log.error("BigQuery takes no rows: %s; waiting (see `docbeam doctor`)", reason)
        time.sleep(pause * random.uniform(0.5, 1.0))
        pause = min(pause * 2, _LONGEST_PAUSE)


class _Unfit(Exception):
    """BigQuery answered that this request is wrong."""

    def __init__(self, reason: str, *, may_pass: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_pass = may_pass


class _Away(Exception):
    """BigQuery did not answer, or answered about itself: quota, permission, a table that is not there."""


def _insert(batch: _Batch, problems: _Problems, settings: BigQuerySettings) -> _Batch:
    """Send once; the rows that have to be sent again, through no fault of theirs."""
    try:
        answered = _client(settings).insert_rows_json(
            table_name(settings),
            [row for _, row in batch],
            row_ids=[row["row_id"] for _, row in batch],
            skip_invalid_rows=True,
            retry=None,
            timeout=settings.timeout_seconds,
        )
    except GoogleAPICallError as error:
        reason = f"HTTP {error.code}: {_short(error.message)}"
        if error.code in _ABOUT_THE_ROWS:
            raise _Unfit(reason, may_pass=error.code == _SERVER_ERROR) from None
        raise _Away(reason) from None
    except Exception as error:
        raise _Away(f"{type(error).__name__}: {_short(str(error))}") from None
    again: _Batch = []
    for entry in answered:
        reasons = {str(error.get("reason")) for error in entry["errors"]}
        if reasons <= _INNOCENT:
            again.append(batch[entry["index"]])
        else:
            index, _ = batch[entry["index"]]
            problems[index] = DocbeamError(ErrorCode.ROW_REFUSED, _short(json.dumps(entry["errors"])))
    return again


def _client(settings: BigQuerySettings) -> bigquery.Client:
    with _lock:
        if settings not in _clients:
            _clients[settings] = warehouse(settings)
        return _clients[settings]


def _short(text: str) -> str:
    return text[:300]
