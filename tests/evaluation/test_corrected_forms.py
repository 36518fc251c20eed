"""What people said of copies of a known form becomes a set of filled forms, which the evaluation of forms reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clients.making_forms import Wish, make_form
from config.settings import DocumentSettings
from docbeam.samples import sample_folder
from documents.cache import DocumentCache
from evaluation.corrected_documents import CorrectionExport
from evaluation.corrected_forms import FORMS
from evaluation.filled_forms.measure import evaluate_filled_forms
from forms.registry import RegisteredForm, all_forms
from schemas.correction import Correction, Judgement
from schemas.document import DocumentFacts
from schemas.fields import FieldKind, FieldState
from schemas.result import Field

SAMPLE = sample_folder() / "application-fax.png"
FACTS = DocumentFacts(
    SAMPLE.as_uri(), "image/png", sha256=hashlib.sha256(SAMPLE.read_bytes()).hexdigest(), page_count=1
)


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, RegisteredForm]:
    folder = tmp_path_factory.mktemp("forms")
    made = make_form(sample_folder() / "application-form-blank.pdf", Wish("loan"), folder)
    # As a person edits it: under this name the PDF knows no field.
    toml = made.folder / "form.toml"
    toml.write_text(toml.read_text().replace('name = "account_number"', 'name = "konto"'))
    return all_forms(folder)


@pytest.fixture
def export(tmp_path: Path, forms: Mapping[str, RegisteredForm]) -> CorrectionExport:
    settings = DocumentSettings(allow=(f"file://{sample_folder()}/",))
    return CorrectionExport(tmp_path / "sets", settings, DocumentCache(tmp_path / "cache", 10_000_000), forms)


def said(name: str, kind: FieldKind, value: str | None, number: int = 1) -> Correction:
    state = FieldState.FILLED if value else FieldState.BLANK
    return Correction(
        f"r/{number}", "r", "known-form", datetime(2031, 5, 1, tzinfo=UTC), Judgement.CONFIRMED,
        Field(name, kind, state, value, page=1, instance=1), state, value,
        form="loan", form_version="1", document=FACTS,
    )  # fmt: skip


def test_every_kind_of_judged_field_is_measured_under_the_names_of_the_form(export, tmp_path):
    right = said("konto", FieldKind.TEXT, "2267540918")
    wrong = replace(said("other", FieldKind.TEXT, "not what is there"), read=replace(right.read, name="last_name"))
    export.add([right, wrong])
    done = export.close()
    assert done.fields == {FORMS: 2}
    assert (done.left_out, done.forms_missing, done.refused) == ({}, {}, {})
    found = evaluate_filled_forms(tmp_path / "sets" / FORMS)
    assert found.metrics["registered"].value == 1
    assert (found.metrics["field_exact"].value, found.metrics["field_exact"].count) == (0.5, 2)
    # How pages lie and which copies the file holds was not judged.
    assert not found.metrics["pages_right"].count
    assert not found.metrics["instances_right"].count


def test_what_is_not_of_the_form_as_it_is_here_is_named(export, tmp_path):
    field = said("konto", FieldKind.CHOICE, "x")
    export.add(
        [
            replace(field, form_version="2"),
            replace(field, form="other"),
            replace(field, state=FieldState.UNREADABLE),
            said("no such field", FieldKind.TEXT, "x"),
        ]
    )
    done = export.close()
    assert not done.fields
    assert done.forms_missing == {"loan 2": 1, "other 1": 1}
    assert not (tmp_path / "sets" / FORMS / "index.csv").exists()
    assert done.left_out == {"no place": 3, "unreadable": 1}
