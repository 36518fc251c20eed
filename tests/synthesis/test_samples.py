from __future__ import annotations

import dataclasses

import numpy as np
import pypdf
import pypdfium2
import pytest
from PIL import Image, UnidentifiedImageError

from docbeam.samples import Sample, sample_folder, sample_requests
from schemas.errors import ErrorCode
from schemas.prediction import CheckboxState, SignatureKind
from schemas.result import ResultStatus
from synthesis.forms.form import FieldKind
from synthesis.forms.layout import Layout
from synthesis.geometry import transform

SAMPLES = sample_requests()
FORMS = [sample for sample in SAMPLES if sample.place]
BESIDES = {"manifest.toml", "__init__.py", "application-form-blank.png", "application-form-blank.pdf"}


def _name(sample: Sample) -> str:
    return sample.file


def _pages(sample: Sample) -> list[Image.Image]:
    if sample.path.suffix == ".pdf":
        with pypdfium2.PdfDocument(sample.path) as document:
            return [page.render(scale=100 / 72).to_pil().convert("L") for page in document]
    with Image.open(sample.path) as image:
        return [image.convert("L")]


def test_manifest_and_folder_name_the_same_files() -> None:
    files = {path.name for path in sample_folder().iterdir() if path.is_file()}
    assert files - BESIDES == {sample.file for sample in SAMPLES}
    assert len(SAMPLES) == len({sample.file for sample in SAMPLES})


def test_samples_stay_small() -> None:
    assert sum(path.stat().st_size for path in sample_folder().iterdir() if path.is_file()) <= 4_000_000


def test_every_way_to_end_is_shown() -> None:
    statuses = [sample.expected_status for sample in SAMPLES]
    assert statuses.count(ResultStatus.COMPLETE) >= 9
    assert ResultStatus.REJECTED in statuses
    assert {sample.expected_code for sample in SAMPLES} == {
        None,
        ErrorCode.DOCUMENT_ENCRYPTED,
        ErrorCode.PAGE_UNREADABLE,
    }
    for sample in SAMPLES:
        assert (sample.expected_status is ResultStatus.FAILED) == (sample.expected_code is not None)
        assert sample.provenance
        assert sample.use_case in ("application-form", "receipt")


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.expected_code is None], ids=_name)
def test_good_samples_open(sample: Sample) -> None:
    pages = _pages(sample)
    assert len(pages) == (2 if "attachment" in sample.file else 1)
    for page in pages:
        assert min(page.size) >= 500
        assert np.asarray(page).std() > 5


def test_the_encrypted_sample_asks_for_a_password() -> None:
    [sample] = [s for s in SAMPLES if s.expected_code is ErrorCode.DOCUMENT_ENCRYPTED]
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(sample.path)
    with pypdfium2.PdfDocument(sample.path, password="northmere") as document:
        assert len(document) == 1


def test_the_truncated_sample_looks_like_a_jpeg_and_breaks_off() -> None:
    [sample] = [s for s in SAMPLES if s.expected_code is ErrorCode.PAGE_UNREADABLE]
    with Image.open(sample.path) as image, pytest.raises((OSError, UnidentifiedImageError)):
        image.load()


@pytest.mark.parametrize("sample", FORMS, ids=_name)
def test_truth_names_every_field_in_its_own_words(sample: Sample, layout: Layout) -> None:
    assert list(sample.truth) == list(layout.fields)
    for name, placed in layout.fields.items():
        if placed.kind in (FieldKind.CHECKBOX, FieldKind.RADIO):
            assert CheckboxState(sample.truth[name]) is not CheckboxState.UNREADABLE
        elif placed.kind is FieldKind.SIGNATURE:
            assert SignatureKind(sample.truth[name]) in (SignatureKind.SIGNATURE, SignatureKind.EMPTY)


@pytest.mark.parametrize("sample", FORMS, ids=_name)
def test_truth_is_where_place_says(sample: Sample, layout: Layout) -> None:
    image = np.asarray(_pages(sample)[0])
    size = np.array(image.shape[::-1])
    matrix = np.array(sample.place).reshape(3, 3)

    def ink(name: str) -> float:
        """How much darker than its own paper the inside of a field is."""
        box = layout.fields[name].box.inset(2.2)
        grid = np.stack(np.meshgrid(np.linspace(box.left, box.right, 60), np.linspace(box.top, box.bottom, 40)), -1)
        columns, rows = (transform(matrix, grid.reshape(-1, 2)) * size).astype(int).T
        levels = image[rows, columns].astype(float)
        return float(np.percentile(levels, 90) - levels.mean())

    boxes = [name for name in layout.fields if layout.fields[name].kind in (FieldKind.CHECKBOX, FieldKind.RADIO)]
    marked = [ink(name) for name in boxes if sample.truth[name] != CheckboxState.EMPTY]
    empty = [ink(name) for name in boxes if sample.truth[name] == CheckboxState.EMPTY]
    if "filled" not in sample.truth.values():
        assert np.mean(marked) > np.mean(empty) + 20
    texts = [name for name, field in layout.fields.items() if field.kind is FieldKind.TEXT]
    written = [ink(name) for name in texts if sample.truth[name]]
    assert min(written) > 1.5
    assert len(written) >= 9


def test_a_sample_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SAMPLES[0].file = "other"  # type: ignore[misc]


def test_the_blank_pdf_is_a_fillable_form_with_the_fields_of_the_layout(layout: Layout) -> None:
    reader = pypdf.PdfReader(sample_folder() / "application-form-blank.pdf")
    fields = reader.get_fields()
    radios = {name for name, placed in layout.fields.items() if placed.kind is FieldKind.RADIO}
    assert set(layout.fields) - radios <= set(fields)
    assert fields["marital_status"]["/FT"] == "/Btn"
    assert len(reader.pages[0]["/Annots"]) == len(layout.fields)
    height = float(reader.pages[0].mediabox.height)
    for annotation in reader.pages[0]["/Annots"]:
        widget = annotation.get_object()
        if widget.get("/T") == "last_name":
            left, bottom, right, top = (float(value) for value in widget["/Rect"])
            box = layout.fields["last_name"].writing
            assert (left, height - top, right, height - bottom) == pytest.approx(
                (box.left, box.top, box.right, box.bottom), abs=0.6
            )
