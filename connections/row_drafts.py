"""What is sent to BigQuery for one answer."""

from __future__ import annotations

from dataclasses import dataclass

from connections.insert_all import Row, encoded
from connections.reduced_rows import reductions, stand_in
from schemas.bigquery import result_row, row_problem
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Answer
from schemas.result import AnalysisResult

_LARGEST_ROW = 9_000_000
"""The service takes 10 MB in a request."""


def row_id(answer: Answer) -> str:
    """The same for every repeat of one delivery: what BigQuery may use to drop repeats, and views surely do."""
    return f"{answer.result.request_id}@{answer.delivery.key}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A row and the least that may stand in for it."""

    result: AnalysisResult
    row_id: str
    row: Row
    stand_in: Row | None
    misfit: DocbeamError | None = None
    """Why the whole row is never sent; `row` is its stand-in then."""


def draft_of(answer: Answer) -> Draft | DocbeamError:
    """The row, less what makes it too large; or why nothing at all can be sent."""
    name = row_id(answer)
    least = result_row(stand_in(answer.result), name)
    spare = None if row_problem(least) else encoded(least, whole=False)
    row = result_row(answer.result, name)
    problem = row_problem(row)
    if problem is None:
        return Draft(answer.result, name, _fitted(answer.result, encoded(row), name), spare)
    misfit = DocbeamError(ErrorCode.ROW_REFUSED, f"not sent: {problem}")
    return misfit if spare is None else Draft(answer.result, name, spare, None, misfit)


def _fitted(result: AnalysisResult, row: Row, name: str) -> Row:
    smaller = reductions(result)
    while len(row.body) > _LARGEST_ROW and (reduced := next(smaller, None)) is not None:
        row = encoded(result_row(reduced, name))
    return row
