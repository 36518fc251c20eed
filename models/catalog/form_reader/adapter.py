"""The model: lays each page on the blank page it is most like, and reads the fields of the form there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from forms.form import MARKS, Box, FieldKind, Form, FormField, FormPage, Place
from forms.registry import RegisteredForm, all_forms
from models.blank_pages.blanks import BlankPage, Blanks
from models.blank_pages.registration import Registration, register
from models.catalog.form_reader.laid_page import DPI, LaidPage, laid_page, printed
from models.catalog.form_reader.marked_fields import MarkedBox, read_marks
from models.catalog.form_reader.text_fields import read_text
from models.catalog.form_reader.written import Written, written_in
from models.contract import Model, PageImage
from models.ink import Ink, grey_of
from schemas.errors import DocbeamError, ErrorCode
from schemas.fields import FieldState
from schemas.form_reading import FormFieldReading, FormReading
from schemas.prediction import Prediction, Quad, corner_quad
from schemas.reading import Region, RegionKind

FORM_OPTION = "form"
SIGNED = "signed"
NOT_ASKED_FOR = "not_asked_for"
NO_FORMS = "no_forms"
"""None is registered: `docbeam form new`, and the setting analysis.forms."""
_SIGNED_SHARE = 0.01
"""Of a signature's place, as much ink as somebody's name has at least."""
_POINTS_PER_INCH = 72
_KEPT = 4
"""Blank pages whose print is kept as it is laid (30 MB each): a stack holds few forms."""
_LEAST_VISIBLE = 0.3
"""Of a box, as much must be free of print for ink to be missed in it."""
_ALLOWED = 10.0
"""Times the error a form allows: confidences are of single fields, the error is of all that are taken."""


class FormReader(Model):
    """Pages of registered forms with their fields; other pages get a verdict that says why they were not read.

    Page option `form`: names or families, with commas between; pages of other forms are `not_asked_for`.
    """

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Read the registered forms. Raises FormError for forms that are not whole."""
        del artifacts
        self._forms = all_forms()
        self._pages = [(each, page) for each in self._forms.values() for page in each.form.pages]
        self._numbers = {(each.form.name, page.number): place for place, (each, page) in enumerate(self._pages)}
        self._blanks = Blanks([_blank(each, page) for each, page in self._pages])
        self._ways = lru_cache(maxsize=_KEPT)(self._drawn_ways)

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page, with a form in it."""
        return [Prediction(form=self._read(page)) for page in pages]

    def _read(self, page: PageImage) -> FormReading:
        if not self._pages:
            return FormReading("", "", 0, NO_FORMS)
        registration = register(page.pixels, self._blanks)
        if registration.form is None or registration.page is None:
            return FormReading("", "", 0, registration.verdict.value)
        form = self._forms[registration.form].form
        wanted = {name.strip() for name in page.options.get(FORM_OPTION, "").split(",") if name.strip()}
        verdict = registration.verdict.value
        if registration.registered and wanted and not wanted & {form.name, form.family}:
            verdict = NOT_ASKED_FOR
        read = registration.registered and verdict != NOT_ASKED_FOR
        return FormReading(
            form=form.name,
            version=form.version,
            page=registration.page,
            verdict=verdict,
            family=form.family,
            turn=registration.turn,
            residual_px=round(registration.residual_px, 3) if np.isfinite(registration.residual_px) else None,
            agreement=round(registration.agreement, 4),
            fields=self._fields(page, registration, form) if read else (),
        )

    def _fields(self, page: PageImage, registration: Registration, form: Form) -> tuple[FormFieldReading, ...]:
        assert registration.placement is not None
        assert registration.page is not None
        # The readers of boxes look at grey pages: once for the page and not once a field.
        image = replace(page, pixels=grey_of(page.pixels))
        ways = self._ways(self._numbers[form.name, registration.page])
        here = _PageOfForm(image, registration, laid_page(image.pixels, registration.placement, ways))
        found = []
        for field in form.fields:
            places = [place for place in field.places if place.page == registration.page]
            if places:
                found.append(self._field(field, places, here, form))
        return tuple(found)

    def _drawn_ways(self, number: int) -> tuple[Ink, ...]:
        """How a blank page may be printed: with the frames of its fields, and without."""
        registered, page = self._pages[number]
        content = [_grey(registered.folder / page.content)] if page.content else []
        size = round(page.width_points / _POINTS_PER_INCH * DPI), round(page.height_points / _POINTS_PER_INCH * DPI)
        return tuple(printed(each, size) for each in (self._blanks.pages[number].pixels, *content))

    def _field(self, field: FormField, places: Sequence[Place], page: _PageOfForm, form: Form) -> FormFieldReading:
        allowed = field.review_error if field.review_error is not None else form.review_error
        if field.kind in MARKS:
            found = self._marks(field, places, page)
        elif field.kind is FieldKind.SIGNATURE:
            found = _signature(field, page, places[0].box)
        else:
            found = self._text(field, page, places[0].box)
        return replace(found, review=found.review or found.confidence < 1 - _ALLOWED * allowed)

    def _marks(self, field: FormField, places: Sequence[Place], page: _PageOfForm) -> FormFieldReading:
        quads = [page.quad(place.box) for place in places]
        readings = self.used["checkbox"].read(page.image, [Region(quad, RegionKind.CHECKBOX) for quad in quads])
        mark = read_marks(
            field.kind,
            [
                MarkedBox(place.value, reading, _new_ink(written_in(page.laid, place.box)))
                for place, reading in zip(places, readings, strict=True)
            ],
        )
        sure = round(mark.confidence, 4)
        return FormFieldReading(
            field.name, field.kind, mark.state, mark.value, "", sure, mark.rejected, quads[mark.place]
        )

    def _text(self, field: FormField, page: _PageOfForm, box: Box) -> FormFieldReading:
        text = read_text(field, written_in(page.laid, box), self.used["ocr"])
        return FormFieldReading(
            field.name,
            field.kind,
            text.state,
            text.value,
            text.raw_text,
            round(text.confidence, 4),
            text.rejected,
            page.quad(box),
            text.alternatives,
        )


class _PageOfForm:
    """A page, and how it lies on its blank page."""

    def __init__(self, image: PageImage, registration: Registration, laid: LaidPage) -> None:
        self.image = image
        self.laid = laid
        self._registration = registration

    def quad(self, box: Box) -> Quad:
        """A place of the blank page, in pixels of the page."""
        height, width = self.image.pixels.shape[:2]
        left, top, right, bottom = box
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        return corner_quad(self._registration.map(corners) * (width, height))


def _signature(field: FormField, page: _PageOfForm, box: Box) -> FormFieldReading:
    share = written_in(page.laid, box).share
    sure = 0.5 if abs(share - _SIGNED_SHARE) < _SIGNED_SHARE / 2 else 0.99
    state, value = (FieldState.FILLED, SIGNED) if share >= _SIGNED_SHARE else (FieldState.BLANK, "")
    return FormFieldReading(field.name, field.kind, state, value, "", sure, quad=page.quad(box))


def _new_ink(written: Written) -> float | None:
    return written.share if written.visible >= _LEAST_VISIBLE else None


def _blank(registered: RegisteredForm, page: FormPage) -> BlankPage:
    return BlankPage(registered.form.name, page.number, _grey(registered.folder / page.image))


def _grey(path: Path) -> npt.NDArray[np.uint8]:
    pixels: npt.NDArray[np.uint8] | None = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise DocbeamError(
            ErrorCode.MODEL_UNAVAILABLE, f"{path} is no picture; make the form again with `docbeam form new`"
        )
    return pixels
