"""The same work without a runner, children or a broker: what the job is measured against, and a way to call it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from analysis.apply_step import straighten
from analysis.asked_pages import asked_pages, drawing_settings
from analysis.operations import apply_model
from config.settings import DocumentSettings
from documents.inspect import inspect
from models.registry import find_model
from schemas.prediction import Prediction
from schemas.result import Outcome, OutcomeState, PageResult
from use_cases.contract import Apply, Expect
from use_cases.registry import all_use_cases

_PREDICTION = TypeAdapter(Prediction)


def analyse_plainly(documents: Iterable[tuple[Path, str]]) -> list[tuple[PageResult, ...]]:
    """The pages of each (document, use case), every step applied in this process.

    Raises what the document or a model raises: no isolation, no limits, no bypassing.
    """
    return [_analyse(path, use_case) for path, use_case in documents]


def _analyse(path: Path, use_case: str) -> tuple[PageResult, ...]:
    settings = DocumentSettings()
    found = inspect(path, settings)
    pages = [PageResult(number) for number in range(1, found.page_count + 1)]
    for step in all_use_cases()[use_case].use_case.steps:
        asked = pages[:1] if isinstance(step, Expect) else pages
        options = dict(step.options) if isinstance(step, Apply) else {"expected": step.document_type}
        told = apply_model(
            _nowhere,
            step.model,
            options,
            str(path),
            found.media_type,
            str(path),
            asked_pages(find_model(step.model).card, asked),
            drawing_settings(settings),
        )
        pages[: len(asked)] = [_with(page, step.model, answer) for page, answer in zip(asked, told, strict=True)]
    return tuple(pages)


def _with(page: PageResult, model: str, answer: dict[str, Any]) -> PageResult:
    prediction = _PREDICTION.validate_python(answer["prediction"])
    outcome = Outcome(model, OutcomeState.FOUND, answer["version"], answer["sha256"], prediction=prediction)
    page = replace(page, width=answer["width"], height=answer["height"], outcomes=(*page.outcomes, outcome))
    return straighten(page) if prediction.skew is not None else page


def _nowhere(*_: object) -> None:
    """Nobody watches the stages of a plain loop."""
