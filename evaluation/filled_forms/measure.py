"""Reads every page of a folder of filled forms as a job would, and scores what was read."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from clients.making_forms import Wish, make_form, name_from
from config.plug_in_folders import FORMS
from config.settings import DocumentSettings
from documents.geometry import map_prediction
from documents.inspect import inspect
from documents.rasterise import rasterise
from evaluation.filled_forms.scoring import ReadPage, field_metrics, page_metrics, scored_fields
from evaluation.filled_forms.truth import FilledFile, TruePage, filled_files
from evaluation.folder import FolderError, name_of
from evaluation.result import Evaluation, Metrics
from forms.copies import copies
from forms.form import Form
from forms.registry import all_forms
from models.contract import Model, PageImage
from models.registry import load_model
from schemas.errors import DocbeamError
from schemas.prediction import Quad

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
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Register the blanks of `data` and read its files, at most `limit` of them.

    Raises FolderError for a folder out of format, FormError for a blank that cannot be registered.
    """
    files = filled_files(data, subset, limit)
    settings = DocumentSettings() if dpi is None else DocumentSettings(dpi=dpi)
    pages: dict[str, list[ReadPage]] = {}
    failures: list[str] = []
    with _registered(data) as names:
        model, forms = load_model(MODEL), {name: each.form for name, each in all_forms().items()}
        for number, file in enumerate(files, start=1):
            try:
                pages.setdefault(file.subset, []).extend(_read(file, names.get(file.form, ""), model, forms, settings))
            except DocbeamError as error:
                failures.append(f"{file.path.name}: {error.message}")
            if progress is not None:
                progress(number, len(files))
        return Evaluation(
            model=MODEL,
            version=model.card.version,
            data=name_of(data),
            metrics=_metrics([page for own in pages.values() for page in own]),
            subsets={name: _metrics(own) for name, own in pages.items()},
            failures=tuple(failures),
            protocol=_PROTOCOL,
        )


def _metrics(pages: Sequence[ReadPage]) -> Metrics:
    return page_metrics(pages) | field_metrics(scored_fields(pages))


@contextmanager
def _registered(data: Path) -> Iterator[dict[str, str]]:
    """The names under which the blanks of the folder are registered, as long as the context lasts."""
    blanks = sorted((data / "forms").glob("*/blank.pdf"))
    if not blanks:
        raise FolderError(f"{data}: no forms/NAME/blank.pdf")
    with tempfile.TemporaryDirectory(prefix="docbeam-forms-") as made:
        names = {blank.parent.name: name_from(Path(blank.parent.name)) for blank in blanks}
        for blank in blanks:
            make_form(blank, Wish(names[blank.parent.name]), Path(made))
        before = os.environ.get(FORMS.variable)
        os.environ[FORMS.variable] = made
        try:
            yield names
        finally:
            if before is None:
                del os.environ[FORMS.variable]
            else:
                os.environ[FORMS.variable] = before


def _read(
    file: FilledFile, form: str, model: Model, forms: dict[str, Form], settings: DocumentSettings
) -> list[ReadPage]:
    media_type = inspect(file.path, settings).media_type
    found = []
    for true in file.pages:
        raster = rasterise(file.path, media_type, true.number, settings)
        started = time.process_time()
        (prediction,) = model.predict([PageImage(true.number, raster.pixels, raster.dpi)])
        seconds = time.process_time() - started
        height, width = raster.pixels.shape[:2]
        reading = map_prediction(prediction, lambda quad, w=width, h=height: _fractions(quad, w, h)).form  # type: ignore[misc]
        assert reading is not None
        found.append((true, reading, seconds))
    told = copies([reading for _, reading, _ in found])
    pages = []
    for (true, reading, seconds), instance in zip(found, told, strict=True):
        own = forms.get(reading.form) if reading.registered and reading.form == form else None
        quads, boxes = _places(own, true, {field.name: field.quad for field in reading.fields})
        size = (0.0, 0.0) if own is None else _size(own, reading.page)
        pages.append(ReadPage(str(file.path), form, true, reading, instance, quads, boxes, size, seconds))
    return pages


def _fractions(quad: Quad, width: int, height: int) -> Quad:
    x1, y1, x2, y2, x3, y3, x4, y4 = (value / (height if place % 2 else width) for place, value in enumerate(quad))
    return (x1, y1, x2, y2, x3, y3, x4, y4)


def _places(form: Form | None, true: TruePage, told: dict[str, Quad | None]) -> tuple[np.ndarray, np.ndarray]:
    """Told quads and the boxes they stand for, of fields that have one place."""
    pairs = []
    for field in form.fields if form is not None else ():
        quad = told.get(field.name)
        places = [place for place in field.places if place.page == true.blank_page]
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
