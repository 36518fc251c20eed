"""What people said becomes sets that the evaluation reads, of the very documents that were judged."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest

import evaluation
from config.settings import DocumentSettings
from docbeam.samples import sample_folder
from documents.cache import DocumentCache
from evaluation.corrected_documents import CorrectionExport
from evaluation.folder import read_folder
from schemas.correction import Correction, Judgement
from schemas.document import DocumentFacts
from schemas.fields import FieldKind, FieldState
from schemas.result import Field

SAMPLE = sample_folder() / "receipt-grocer.png"
FACTS = DocumentFacts(
    SAMPLE.as_uri(), "image/png", sha256=hashlib.sha256(SAMPLE.read_bytes()).hexdigest(), page_count=1
)
PLACE = (0.05, 0.05, 0.95, 0.05, 0.95, 0.1, 0.05, 0.1)
SHOP = Field("shop", FieldKind.TEXT, FieldState.FILLED, "QUAYSlDE", confidence=0.3, page=1, quad=PLACE, review=True)


def said(number: int, field: Field, value: str | None, state: FieldState = FieldState.FILLED, request: str = "a:b"):
    return Correction(
        f"{request}/{number}", request, "receipt", datetime(2031, 5, 1, tzinfo=UTC), Judgement.CORRECTED, field, state,
        value, document=FACTS,
    )  # fmt: skip


@pytest.fixture
def export(tmp_path: Path) -> CorrectionExport:
    settings = DocumentSettings(allow=(f"file://{sample_folder()}/",))
    return CorrectionExport(tmp_path / "sets", settings, DocumentCache(tmp_path / "cache", 10_000_000), {})


def test_judged_fields_are_measured_by_the_evaluation(export, tmp_path):
    box = replace(SHOP, name="box", kind=FieldKind.CHECKBOX, value="on")
    export.add(
        [
            said(1, SHOP, "QUAYSIDE GROCER"),
            said(2, box, "off", FieldState.BLANK),
            said(3, replace(SHOP, name="torn"), None, FieldState.UNREADABLE),
            said(4, replace(SHOP, name="nowhere", quad=None), "x"),
            said(5, replace(SHOP, name="signed", kind=FieldKind.SIGNATURE), "signed"),
            said(6, replace(SHOP, name="unsigned", kind=FieldKind.SIGNATURE), None, FieldState.BLANK),
        ]
    )
    done = export.close()
    assert (done.fields, done.pages, done.refused) == ({"ocr": 1, "checkbox": 1, "signature": 1}, 1, {})
    assert done.left_out == {"unreadable": 1, "no place": 1, "blank signature": 1}
    (case,) = read_folder(tmp_path / "sets" / "ocr")
    height, width = cv2.imread(str(SAMPLE)).shape[:2]
    (crop,) = case.truth["crops"]
    assert (crop["text"], crop["kind"], case.subset) == ("QUAYSIDE GROCER", "text", "receipt")
    assert crop["box"] == pytest.approx([0.05 * width, 0.05 * height, 0.95 * width, 0.1 * height], abs=0.1)
    (case,) = read_folder(tmp_path / "sets" / "checkbox")
    assert case.truth == {"boxes": [{"box": crop["box"], "state": "empty"}], "complete": False}
    asked = {"ocr": "crop_exact", "checkbox": "state_accuracy", "signature": "region_recall"}
    for model, metric in asked.items():
        assert evaluation.evaluate(model, tmp_path / "sets" / model).metrics[metric].count == 1


def test_a_document_that_has_changed_or_may_not_be_read_is_named_and_left_out(export, tmp_path):
    changed = replace(said(1, SHOP, "x", request="changed"), document=replace(FACTS, sha256="0" * 64))
    elsewhere = replace(said(1, SHOP, "x", request="elsewhere"), document=replace(FACTS, location="file:///etc/passwd"))
    for each in (changed, elsewhere, said(1, SHOP, "x")):
        export.add([each])
    done = export.close()
    assert {name: reason.partition(":")[0] for name, reason in done.refused.items()} == {
        "changed": "document_changed",
        "elsewhere": "location_forbidden",
    }
    assert [case.name for case in read_folder(tmp_path / "sets" / "ocr")] == ["files/a%3Ab-1.png"]


def test_a_set_that_is_there_is_not_written_over(export, tmp_path):
    export.add([said(1, SHOP, "x")])
    export.close()
    with pytest.raises(FileExistsError, match="name another folder"):
        CorrectionExport(tmp_path / "sets", DocumentSettings(), DocumentCache(tmp_path / "other", 1), {})
