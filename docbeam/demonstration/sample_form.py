"""The sample form as a known form, and how its fields came back."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clients.making_forms import Wish, make_form
from docbeam.samples import Sample, sample_folder

NAME = "sample-application"
USE_CASE = "known-form"
READ_OUT = "application-skewed.jpg"
"""Of this sample every field is printed."""
FIELDS_COLUMNS = ("document", "fields", "filled", "as_written", "for_review", "wrong_unmarked")
FIELD_COLUMNS = ("field", "value", "confidence", "review")


def make_sample_form(folder: Path) -> Path:
    """Make the form from its blank in `folder`, anew; answers `folder`, absolute."""
    shutil.rmtree(folder / NAME, ignore_errors=True)
    made = make_form(sample_folder() / "application-form-blank.pdf", Wish(NAME, title="Sample application"), folder)
    return made.folder.parent.absolute()


def fields_row(what: str, sample: Sample, fields: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """What became of one document's fields, held against what was written."""
    known = [field for field in fields if field["name"] in sample.truth]
    right = [field for field in known if _is_right(field, sample.truth[field["name"]])]
    return {
        "document": what,
        "fields": len(fields),
        "filled": sum(field["state"] == "filled" for field in fields),
        "as_written": f"{len(right)} of {len(known)}",
        "for_review": sum(bool(field["review"]) for field in fields),
        "wrong_unmarked": sum(not field["review"] for field in known if field not in right),
    }


def field_row(field: Mapping[str, Any]) -> dict[str, object]:
    """One field as it is printed."""
    return {
        "field": field["name"],
        "value": field["value"] if field["value"] is not None else f"({field['state']})",
        "confidence": "" if field["confidence"] is None else f"{field['confidence']:.2f}",
        "review": "review" if field["review"] else "",
    }


def _is_right(field: Mapping[str, Any], true: str) -> bool:
    value = field["value"] or ""
    if field["kind"] == "checkbox":
        return (value == "on") == (true != "empty")
    if field["kind"] == "signature":
        return bool(field["state"] == "filled") == (true not in ("", "empty"))
    return "".join(value.split()) == "".join(true.split())
