"""The golden case of a new package: a filled copy, and what is true of it as far as docbeam reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.engine import Engine
from analysis.worker import close_workers, worker
from clients.making_use_cases.filled_copy import Drawn, draw_filled_copy
from config.settings import Settings
from forms.registry import RegisteredForm
from schemas.fields import FieldState
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import AnalysisResult, Field

_USE_CASE = "known-form"
"""Does what the new one does; the new one is not installed yet."""


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """What was written, and what was left out of it."""

    fields: int
    filled: int
    misread: tuple[str, ...]
    """Fields that came out otherwise than drawn; a test of them would hold an error fast."""


def write_golden_case(registered: RegisteredForm, folder: Path, settings: Settings) -> GoldenCase:
    """Write `folder`/filled.pdf and filled.json; reads the copy once, as a job would.

    `settings` name the folder of forms, if the form is in one.
    """
    copy = folder / "filled.pdf"
    drawn = draw_filled_copy(registered.form, registered.folder, copy)
    read = {field.name: field for field in _read(copy, registered.form.name, settings).fields}
    right = {name: _told(field) for name, field in read.items() if _is_as_drawn(field, drawn)}
    text = json.dumps(right, indent=2, ensure_ascii=False)
    (folder / "filled.json").write_text(text + "\n", encoding="utf-8")
    names = {field.name for field in registered.form.fields}
    return GoldenCase(len(right), len(drawn.keys() & right.keys()), tuple(sorted(names - right.keys())))


def _read(copy: Path, form: str, settings: Settings) -> AnalysisResult:
    allow = (*settings.documents.allow, copy.parent.resolve().as_uri() + "/")
    request = AnalysisRequest("golden", DocumentReference(copy.resolve().as_uri()), _USE_CASE, {"form": form})
    here = worker(settings.documents.model_copy(update={"allow": allow}), settings.analysis)
    try:
        with Engine(here) as engine:
            return next(engine.answer([request]))
    finally:
        close_workers()


def _is_as_drawn(field: Field, drawn: Drawn) -> bool:
    if field.name in drawn:
        return field.state is FieldState.FILLED and field.value == drawn[field.name]
    return field.state is FieldState.BLANK


def _told(field: Field) -> Mapping[str, str | None]:
    return {"state": field.state.value, "value": field.value}
