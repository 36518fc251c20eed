"""Reads every page of a folder of filled forms as a job would, and scores what was read."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from clients.making_forms import Wish, make_form, name_from
from config.plug_in_folders import FORMS
from config.settings import DocumentSettings
from documents.geometry import content_on_page, map_prediction
from documents.media_type import PDF, detect_media_type
from documents.pdf_content import pdf_content
from evaluation.filled_forms.samples import samples_of
from evaluation.filled_forms.scoring import ReadPage, field_metrics, page_metrics, scored_fields
from evaluation.filled_forms.truth import FilledFile, TruePage, filled_files
from evaluation.folder import FolderError, name_of
from evaluation.pages import open_page
from evaluation.reliability import reliability
from evaluation.result import Evaluation, Metrics
from forms.copies import PiledPage, copies
from forms.form import Form
from forms.form_file import FORM_FILE
from forms.registry import all_forms
from models.catalog.form_reader.adapter import FormReader
from models.catalog.form_reader.field_confidence import FieldConfidence
from models.contract import Model, PageImage
from models.registry import find_model, load_model
from schemas.errors import DocbeamError
from schemas.form_reading import FormReading
from schemas.prediction import Quad

Progress = Callable[[int, int], None]
"""Told how many files of how many were read."""
MODEL = "form-reader"
_PIXELS_PER_POINT = 150 / 72
_PROTOCOL = (
    "The blanks of the folder are registered, all of them. registered: of pages of registered forms, told as such. "
    "false_accept: of other pages, told as one. pages_right: blank page, turn and copy. residual_p95_px: distance of "
    "told corners of fields, at 150 dpi, flat pages. Exact: state and value, without regard to spaces. "
    "straight_through: fields that need no person. seconds_per_page: CPU. Intervals: Wilson, bootstrap over pages."
)


def evaluate_filled_forms(
    data: Path,
    *,
    subset: str | None = None,
    limit: int | None = None,
    dpi: float | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Register the blanks of `data` and read its files, at most `limit` of them.

    Raises FolderError for a folder out of format, FormError for a blank that cannot be registered.
    """
    files = filled_files(data, subset, limit)
    settings = DocumentSettings() if dpi is None else DocumentSettings(dpi=dpi)
    with registered(data) as names:
        pages, failures = _pages(files, names, load_model(MODEL), settings, progress)
    everything = [page for own in pages.values() for page in own]
    samples = tuple(sample for name, own in pages.items() for sample in samples_of(own, name, dpi))
    return Evaluation(
        model=MODEL,
        version=find_model(MODEL).card.version,
        data=name_of(data),
        metrics=_metrics(everything),
        subsets={name: _metrics(own) for name, own in pages.items()} | _by_kind(everything),
        failures=tuple(failures),
        protocol=_PROTOCOL,
        samples=samples,
        reliability=reliability(samples),
    )


def read_pages(data: Path, confidence: FieldConfidence, progress: Progress | None = None) -> list[ReadPage]:
    """The pages of all files of `data`, read with `confidence` in place of the model's own, to fit it anew.

    Raises as `evaluate_filled_forms` does, and FolderError for a file that cannot be read.
    """
    with registered(data) as names:
        model = load_model(MODEL)
        assert isinstance(model, FormReader)
        model.confidence = confidence
        pages, failures = _pages(filled_files(data), names, model, DocumentSettings(), progress)
    if failures:
        raise FolderError("; ".join(failures))
    return [page for own in pages.values() for page in own]


def _pages(
    files: Sequence[FilledFile],
    names: Mapping[str, str],
    model: Model,
    settings: DocumentSettings,
    progress: Progress | None,
) -> tuple[dict[str, list[ReadPage]], list[str]]:
    """The pages by subset, and of files that cannot be read why."""
    forms = {name: each.form for name, each in all_forms().items()}
    pages: dict[str, list[ReadPage]] = {}
    failures: list[str] = []
    for number, file in enumerate(files, start=1):
        try:
            pages.setdefault(file.subset, []).extend(_read(file, names.get(file.form, ""), model, forms, settings))
        except DocbeamError as error:
            failures.append(f"{file.path.name}: {error.message}")
        if progress is not None:
            progress(number, len(files))
    return pages, failures


def _metrics(pages: Sequence[ReadPage]) -> Metrics:
    return page_metrics(pages) | field_metrics(scored_fields(pages))


def _by_kind(pages: Sequence[ReadPage]) -> dict[str, Metrics]:
    """As subsets: the fields of each kind, over all files."""
    fields = scored_fields(pages)
    kinds = dict.fromkeys(each.true.kind for each in fields)
    return {
        f"kind:{kind}": {
            name: measured
            for name, measured in field_metrics([each for each in fields if each.true.kind == kind]).items()
            if measured.count
        }
        for kind in kinds
    }


@contextmanager
def registered(data: Path) -> Iterator[dict[str, str]]:
    """The names under which the forms of the folder are registered, as long as the context lasts.

    A folder with a form.toml is a form as it is; of others the blank is made one.
    """
    folders = sorted({each.parent for name in ("blank.pdf", FORM_FILE) for each in (data / "forms").glob(f"*/{name}")})
    if not folders:
        raise FolderError(f"{data}: neither forms/NAME/{FORM_FILE} nor forms/NAME/blank.pdf")
    with tempfile.TemporaryDirectory(prefix="docbeam-forms-") as made:
        names = {}
        for folder in folders:
            if (folder / FORM_FILE).is_file():
                names[folder.name] = folder.name
                shutil.copytree(folder, Path(made) / folder.name)
            else:
                names[folder.name] = name_from(Path(folder.name))
                make_form(folder / "blank.pdf", Wish(names[folder.name]), Path(made))
        before = os.environ.get(FORMS.variable)
        os.environ[FORMS.variable] = made
        try:
            yield names
        finally:
            if before is None:
                del os.environ[FORMS.variable]
            else:
                os.environ[FORMS.variable] = before


def page_image(path: Path, number: int, settings: DocumentSettings) -> PageImage:
    """A page as a job hands it to the model. Raises DocbeamError for one that cannot be drawn."""
    image = open_page(path, {}, settings, number).source
    if detect_media_type(path) != PDF:
        return image
    height, width = image.pixels.shape[:2]
    return replace(image, pdf=content_on_page(pdf_content(path, number), (), width, height))


def _read(
    file: FilledFile, form: str, model: Model, forms: dict[str, Form], settings: DocumentSettings
) -> list[ReadPage]:
    found = []
    for true in file.pages:
        image = page_image(file.path, true.number, settings)
        height, width = image.pixels.shape[:2]
        started = time.process_time()
        (prediction,) = model.predict([image])
        seconds = time.process_time() - started
        reading = map_prediction(prediction, lambda quad, w=width, h=height: _fractions(quad, w, h)).form  # type: ignore[misc]
        assert reading is not None
        found.append((true, reading, seconds, (width, height)))
    told = _instances([(true.number, reading) for true, reading, *_ in found])
    pages = []
    for true, reading, seconds, pixels in found:
        own = forms.get(reading.form) if reading.registered and reading.form == form else None
        quads, boxes = _places(own, true, {field.name: field.quad for field in reading.fields})
        size = (0.0, 0.0) if own is None else _size(own, reading.page)
        instance = told.get(true.number)
        pages.append(ReadPage(str(file.path), form, true, reading, instance, quads, boxes, size, seconds, pixels))
    return pages


def _instances(pages: Sequence[tuple[int, FormReading]]) -> dict[int, int]:
    """By page the number of its copy."""
    return {
        number: copy.instance
        for copy in copies([PiledPage(number, reading) for number, reading in pages])
        for number in (*copy.pages, *copy.duplicates)
    }


def _fractions(quad: Quad, width: int, height: int) -> Quad:
    x1, y1, x2, y2, x3, y3, x4, y4 = (value / (height if place % 2 else width) for place, value in enumerate(quad))
    return (x1, y1, x2, y2, x3, y3, x4, y4)


def _places(form: Form | None, true: TruePage, told: dict[str, Quad | None]) -> tuple[np.ndarray, np.ndarray]:
    """Told quads and the boxes they stand for, of fields that have one place."""
    pairs = []
    for field in form.fields if form is not None else ():
        quad = told.get(field.name)
        places = field.places_on(true.blank_page or 0)
        if quad is not None and len(places) == 1:
            left, top, right, bottom = places[0].box
            pairs.append((quad, (left, top, right, top, right, bottom, left, bottom)))
    if not pairs:
        return np.zeros((0, 4, 2)), np.zeros((0, 4, 2))
    quads, boxes = (np.array(each, dtype=np.float64).reshape(-1, 4, 2) for each in zip(*pairs, strict=True))
    return quads, boxes


def _size(form: Form, number: int) -> tuple[float, float]:
    page = next(each for each in form.pages if each.number == number)
    return page.width_points * _PIXELS_PER_POINT, page.height_points * _PIXELS_PER_POINT
