"""What was read of each page of filled forms, as evidence that can be drawn: sheets of wrong fields, reliability."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evaluation.filled_forms.scoring import ReadPage, ScoredField, scored_fields
from evaluation.folder import Case
from evaluation.sample import Answer, Mark, Role, Sample
from schemas.prediction import Quad, corner_quad

FIELD = "field"
"""The question that all fields answer, whatever their kind."""
_BLANK = "(blank)"


def samples_of(pages: Sequence[ReadPage], subset: str, dpi: float | None) -> list[Sample]:
    """One for each page; each field that was read answers two questions: `field`, and one that is called as its kind.

    `dpi` is at which pages of PDFs were drawn.
    """
    return [_sample(page, subset, dpi) for page in pages]


def _sample(page: ReadPage, subset: str, dpi: float | None) -> Sample:
    path = Path(page.file)
    case = Case(path, f"{page.file}#{page.true.number}", page.form, {}, subset, "", page.true.number, dpi)
    answers: list[Answer] = []
    marks: list[Mark] = []
    for field in scored_fields([page]):
        if field.read is None:
            continue
        quad = _pixels(field.read.quad, page.pixels)
        for question in (FIELD, field.true.kind):
            answers.append(Answer(question, field.read.confidence, field.right, _true(field), _said(field), quad))
        if quad is not None and not field.right:
            marks.append(Mark(Role.WRONG, quad, _said(field)))
    return Sample(
        case,
        {},
        float(len(marks)),
        marks,
        answers=answers,
        remark=f"page {page.true.number}, {len(marks)} fields wrong",
    )


def _true(field: ScoredField) -> str:
    return (field.true.value or field.true.kind) if field.true.filled else _BLANK


def _said(field: ScoredField) -> str:
    assert field.read is not None
    return field.read.value or (_BLANK if field.read.state == "blank" else f"({field.read.state})")


def _pixels(quad: Quad | None, size: tuple[int, int]) -> Quad | None:
    return corner_quad(np.array(quad).reshape(4, 2) * size) if quad is not None else None
