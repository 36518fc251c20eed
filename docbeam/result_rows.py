"""Results as table rows for people: one a page, or one a result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.fields import FieldState
from schemas.prediction import CheckboxState, PageQuality, Signature
from schemas.result import AnalysisResult, OutcomeState, PageResult

COLUMNS = (
    "document",
    "status",
    "page",
    "turned",
    "skew",
    "quality",
    "type",
    "lines",
    "boxes",
    "signatures",
    "form",
    "fields",
    "seconds",
    "errors",
)


FIELD_COLUMNS = ("document", "copy", "page", "field", "kind", "state", "value", "confidence", "review", "rule")
SUMMARY_COLUMNS = ("request_id", "status", "use_case", "pages", "fields", "errors", "finished_at")


def summary_row(result: AnalysisResult) -> dict[str, Any]:
    """A result in one line, by SUMMARY_COLUMNS."""
    filled = sum(1 for field in result.fields if field.state is FieldState.FILLED)
    return {
        "request_id": result.request_id,
        "status": result.status.value,
        "use_case": result.use_case,
        "pages": len(result.pages),
        "fields": f"{filled} of {len(result.fields)} filled" if result.fields else "",
        "errors": sorted({error.code.value for error in result.errors}),
        "finished_at": result.timings.finished_at.isoformat(timespec="seconds"),
    }


def result_rows(result: AnalysisResult, name: str) -> Iterator[dict[str, Any]]:
    """A row for each page; one row for a result without pages."""
    if not result.pages:
        yield {"document": name, "status": result.status.value, "errors": _errors(result)}
        return
    for page in result.pages:
        first = page is result.pages[0]
        yield {
            "document": name if first else "",
            "status": result.status.value if first else "",
            "page": page.number,
            **_findings(page),
            **_form(page),
            "seconds": f"{sum(outcome.duration_ms for outcome in page.outcomes) / 1000:.1f}",
            "errors": _errors(result) if first else "",
        }


def _findings(page: PageResult) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(("turned", "skew", "quality", "type"), "")
    row |= dict.fromkeys(("lines", "boxes", "signatures"), "-")
    for outcome in page.outcomes:
        prediction = outcome.prediction
        if prediction.skew is not None:
            row["turned"] = f"{prediction.skew.quarter_turns * 90}°" if prediction.skew.turned else ""
            row["skew"] = f"{prediction.skew.angle_degrees:+.1f}°"
        if prediction.quality is not None:
            row["quality"] = _quality(prediction.quality)
        for score in prediction.types[:1]:
            row["type"] = f"{score.document_type if score.accepted else 'other'} {score.score:.2f}"
        shown = _counted(outcome.state)
        if outcome.model == "ocr":
            row["lines"] = shown if shown else len(prediction.lines)
        elif outcome.model == "checkbox":
            marked = sum(box.state is not CheckboxState.EMPTY for box in prediction.checkboxes)
            row["boxes"] = shown if shown else f"{marked} of {len(prediction.checkboxes)}"
        elif outcome.model == "signature":
            row["signatures"] = shown if shown else _signatures(prediction.signatures)
    return row


def _signatures(found: Sequence[Signature]) -> int | str:
    """How many there are, and with a question mark how many more there may be."""
    unsure = sum(not signature.sure for signature in found)
    return f"{len(found) - unsure} +{unsure}?" if unsure else len(found)


def _form(page: PageResult) -> dict[str, Any]:
    for outcome in page.outcomes:
        form = outcome.prediction.form
        if form is not None and form.registered:
            filled = sum(field.state is FieldState.FILLED for field in form.fields)
            review = sum(field.review for field in form.fields)
            return {
                "form": f"{form.form} {form.version} p{form.page}",
                "fields": f"{filled} of {len(form.fields)} filled" + (f", {review} for review" if review else ""),
            }
        if form is not None:
            return {"form": form.verdict.replace("_", " "), "fields": "-"}
    return {"form": "", "fields": ""}


def field_rows(result: AnalysisResult, name: str) -> Iterator[dict[str, Any]]:
    """A row for each field that the use case concluded, by FIELD_COLUMNS."""
    for field in result.fields:
        yield {
            "document": name,
            "copy": field.instance or "",
            "page": field.page or "",
            "field": field.name,
            "kind": field.kind.value,
            "state": field.state.value,
            "value": field.value or "",
            "confidence": "" if field.confidence is None else f"{field.confidence:.2f}",
            "review": "review" if field.review else "",
            "rule": field.rule,
        }


def copy_remarks(result: AnalysisResult, name: str) -> Iterator[str]:
    """A sentence for each copy of a form that is not whole, or not alone."""
    for copy in result.copies:
        said = [
            f"{_pages(copy.missing)} of the form {'are' if len(copy.missing) > 1 else 'is'} missing"
            if copy.missing
            else "",
            f"{_pages(copy.duplicates)} of the file {'say' if len(copy.duplicates) > 1 else 'says'} the same again"
            if copy.duplicates
            else "",
            f"{_pages(copy.extra)} of the file {'belong' if len(copy.extra) > 1 else 'belongs'} to no registered form"
            if copy.extra
            else "",
        ]
        if any(said):
            yield f"{name}: copy {copy.instance} ({copy.form} {copy.version}): {', '.join(filter(None, said))}"


def _pages(numbers: Sequence[int]) -> str:
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _quality(quality: PageQuality) -> str:
    named = (found.defect.value.replace("_", " ") for found in quality.defects if found.exceeded)
    return ", ".join(named) or "good"


def _counted(state: OutcomeState) -> str:
    return "" if state in (OutcomeState.FOUND, OutcomeState.NOTHING_FOUND) else state.value.replace("_", " ")


def _errors(result: AnalysisResult) -> str:
    return ", ".join(dict.fromkeys(error.code.value for error in result.errors))
