"""The model: lays each page on the blank page it is most like, and reads the fields of the form there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from forms.form import MARKS, Box, FieldKind, Form, FormField, Place
from forms.rules.checking import Checked, check
from models.blank_pages.hidden import Hidden
from models.blank_pages.registered_blanks import registered_blanks
from models.blank_pages.registration import Registration, register
from models.catalog.form_reader.barcode_fields import read_barcode
from models.catalog.form_reader.box_ink import new_ink
from models.catalog.form_reader.field_confidence import FieldConfidence, group_of
from models.catalog.form_reader.laid_page import DPI, BlankPrint, LaidPage, blank_print, laid_page
from models.catalog.form_reader.marked_fields import NO_INK, MarkBelief, MarkedBox, corrected, read_marks
from models.catalog.form_reader.strokes import Strokes, pixel_box
from models.catalog.form_reader.text_fields import read_text
from models.catalog.form_reader.typed import DrawnText, Typed, drawn_on, drawn_text, typed_mark, typed_value
from models.catalog.form_reader.written import Written, written_in
from models.contract import Model, PageImage
from models.ink import grey_of
from schemas.fields import FieldState, ValueOrigin
from schemas.form_reading import FormFieldReading, FormReading
from schemas.prediction import Prediction, Quad, corner_quad
from schemas.reading import Reading, Region, RegionKind

FORM_OPTION = "form"
SIGNED = "signed"
NOT_ASKED_FOR = "not_asked_for"
NO_FORMS = "no_forms"
"""None is registered: `docbeam form new`, and the setting analysis.forms."""
HIDDEN = "hidden"
"""What fields say that were not read: something lies over them, or they are torn or cut off."""
_MOST_HIDDEN = 0.2
"""Of a field, more than this unseen may hide part of its value; less is for a person to look at."""
_SIGNED = 150
"""Pixels of ink that somebody's name has at least, however large its place: a stroke of 8 mm with a thin pen."""
_SURELY_SIGNED = 300
_POINTS_PER_INCH = 72
_KEPT = 4
"""Blank pages whose print is kept as it is laid (30 MB each): a stack holds few forms."""


class FormReader(Model):
    """Pages of registered forms with their fields; other pages get a verdict that says why they were not read.

    `confidence` is what the readers' confidences are worth for fields, `belief` when a box is marked.

    Page option `form`: names or families, with commas between; pages of other forms are `not_asked_for`.
    """

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Read the registered forms. Raises FormError for forms that are not whole."""
        self.confidence = FieldConfidence.of(artifacts["confidence"])
        self.belief = MarkBelief.of(artifacts["marks"])
        self._registered = registered_blanks()
        self._prints = lru_cache(maxsize=_KEPT)(self._blank_print)

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page, with a form in it."""
        return [Prediction(form=self._read(page)) for page in pages]

    def _read(self, page: PageImage) -> FormReading:
        if not self._registered.pages:
            return FormReading("", "", 0, NO_FORMS)
        registration = register(page.pixels, self._registered.blanks)
        if registration.form is None or registration.page is None:
            return FormReading("", "", 0, registration.verdict.value)
        form = self._registered.forms[registration.form].form
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
            pages_with_fields=tuple(sorted({place.page for field in form.fields for place in field.places})),
            sha256=self._registered.sha256(form.name),
        )

    def boxes_of(self, page: PageImage) -> tuple[str, Mapping[str, Sequence[MarkedBox]]]:
        """The form that a page is registered as, and what is seen in the boxes of its fields, by their names.

        ("", {}) for a page of no form; `training.form_reader.fit_marks` asks.
        """
        registration = register(page.pixels, self._registered.blanks)
        if not registration.registered or registration.form is None or registration.page is None:
            return "", {}
        form = self._registered.forms[registration.form].form
        here = self._page_of_form(page, registration, form)
        return form.name, self._boxes(_marks_on(form, registration.page), here)

    def _fields(self, page: PageImage, registration: Registration, form: Form) -> tuple[FormFieldReading, ...]:
        assert registration.page is not None
        here = self._page_of_form(page, registration, form)
        marks = self._marks(form, registration.page, here)
        fields = [(field, places) for field in form.fields if (places := field.places_on(registration.page))]
        return tuple(self._field(field, places, here, form, marks.get(field.name)) for field, places in fields)

    def _page_of_form(self, page: PageImage, registration: Registration, form: Form) -> _PageOfForm:
        assert registration.placement is not None
        assert registration.page is not None
        # The readers of boxes look at grey pages: once for the page and not once a field.
        image = replace(page, pixels=grey_of(page.pixels))
        blank = self._prints(self._registered.number(form.name, registration.page))
        places = [place for field in form.fields for place in field.places_on(registration.page)]
        return _PageOfForm(image, registration, laid_page(image.pixels, registration.placement, blank), places)

    def _boxes(self, fields: Mapping[str, Sequence[Place]], page: _PageOfForm) -> dict[str, Sequence[MarkedBox]]:
        places = [place for own in fields.values() for place in own]
        if not places:
            return {}
        regions = [Region(page.quad(place.box), RegionKind.CHECKBOX) for place in places]
        seen = iter(
            MarkedBox(place.value, reading, page.new_ink(place))
            for place, reading in zip(places, self.used["checkbox"].read(page.image, regions), strict=True)
        )
        return {name: [next(seen) for _ in own] for name, own in fields.items()}

    def _blank_print(self, number: int) -> BlankPrint:
        """How a blank page may be printed: with the frames of its fields, and without."""
        (_, page), blank = self._registered.pages[number], self._registered.blanks.pages[number]
        size = round(page.width_points / _POINTS_PER_INCH * DPI), round(page.height_points / _POINTS_PER_INCH * DPI)
        return blank_print([blank.pixels] if blank.plain is None else [blank.pixels, blank.plain], size)

    def _field(
        self,
        field: FormField,
        places: Sequence[Place],
        page: _PageOfForm,
        form: Form,
        mark: FormFieldReading | None,
    ) -> FormFieldReading:
        allowed = field.review_error if field.review_error is not None else form.review_error
        hidden = page.hidden
        if max(hidden.share(place.box) for place in places) > _MOST_HIDDEN:
            return _not_seen(field, page.quad(places[0].box))
        if mark is not None:
            found = mark
        elif page.content and (typed := typed_value(field, [page.quad(places[0].box)], page.content)):
            found = _as_typed(field, form, typed, [page.quad(places[0].box)])
        elif field.kind is FieldKind.SIGNATURE:
            found = _signature(field, page, places[0])
        elif field.kind is FieldKind.BARCODE:
            found = _barcode(field, page, places[0])
        else:
            found = self._text(field, form, page, places[0])
        sure = self.confidence.of_field(group_of(field.kind, found.state, found.origin), found.confidence)
        unsure = sure < self.confidence.least(allowed) or any(hidden.touches(place.box) for place in places)
        return replace(found, confidence=sure, review=found.review or unsure)

    def _marks(self, form: Form, number: int, page: _PageOfForm) -> dict[str, FormFieldReading]:
        """The fields of boxes on a page of the form; the network looks at those of which a PDF says nothing itself."""
        places = _marks_on(form, number)
        fields = {field.name: field for field in form.fields if field.name in places}
        quads = {name: [page.quad(place.box) for place in own] for name, own in places.items()}
        found = {}
        for name, own in places.items():
            typed = page.typed_mark(fields[name], own, quads[name])
            if typed is not None:
                found[name] = _as_typed(fields[name], form, typed, quads[name])
        boxes = self._boxes({name: own for name, own in places.items() if name not in found}, page)
        for name, seen in corrected(boxes, self.belief).items():
            kind = fields[name].kind
            mark = read_marks(kind, seen, self.belief)
            sure, quad = round(mark.confidence, 4), quads[name][mark.place]
            found[name] = FormFieldReading(name, kind, mark.state, mark.value, "", sure, mark.rejected, quad)
        return found

    def _text(self, field: FormField, form: Form, page: _PageOfForm, place: Place) -> FormFieldReading:
        if page.drawn is not None and (typed := drawn_text(field, place.box, page.drawn)):
            return _as_typed(field, form, typed, [page.quad(place.box)])
        settled = read_text(field, form, page.written(place), self.used["ocr"])
        return _told(field, settled.reading, page.quad(place.box), settled.rule)


class _PageOfForm:
    """A page, and how it lies on its blank page."""

    def __init__(self, image: PageImage, registration: Registration, laid: LaidPage, places: Sequence[Place]) -> None:
        self.image = image
        self.laid = laid
        self.content = image.pdf
        self._registration = registration
        self._places = places

    def written(self, place: Place) -> Written:
        """What is in one of the places of the form's fields on this page."""
        box = pixel_box(place.box, self.laid.writing.shape)
        return written_in(self.laid, self._strokes, self._places.index(place), box)

    @property
    def hidden(self) -> Hidden:
        """What of the blank page cannot be seen here."""
        assert self._registration.hidden is not None
        return self._registration.hidden

    def new_ink(self, place: Place) -> float:
        """How much of a box has been inked since it was printed."""
        return new_ink(self.laid, pixel_box(place.box, self.laid.writing.shape))

    def typed_mark(self, field: FormField, places: Sequence[Place], quads: Sequence[Quad]) -> Typed | None:
        """What the buttons of the PDF itself say, if it has some there."""
        if self.content is None:
            return None
        untouched = all(self.new_ink(place) < NO_INK for place in places)
        return typed_mark(field, places, quads, self.content, untouched)

    @cached_property
    def _strokes(self) -> Strokes:
        return Strokes(self.laid, [place.box for place in self._places])

    @cached_property
    def drawn(self) -> DrawnText | None:
        """The text that a PDF draws on this page."""
        if self.content is None or not self.content.text:
            return None
        height, width = self.image.pixels.shape[:2]
        places = [place.box for place in self._places]
        return drawn_on(self.laid, self._registration, self.content, (width, height), places)

    def quad(self, box: Box) -> Quad:
        """A place of the blank page, in pixels of the page."""
        height, width = self.image.pixels.shape[:2]
        left, top, right, bottom = box
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        return corner_quad(self._registration.map(corners) * (width, height))


def _marks_on(form: Form, page: int) -> dict[str, list[Place]]:
    """The boxes of the form's fields on a page of it, by the fields' names."""
    return {field.name: own for field in form.fields if field.kind in MARKS and (own := field.places_on(page))}


def _told(
    field: FormField, reading: Reading, quad: Quad, rule: str = "", origin: ValueOrigin = ValueOrigin.PIXELS
) -> FormFieldReading:
    return FormFieldReading(
        field.name,
        field.kind,
        reading.state,
        reading.value,
        reading.raw_text,
        round(reading.confidence, 4),
        reading.rejected,
        quad,
        reading.alternatives,
        origin,
        rule,
    )


def _not_seen(field: FormField, quad: Quad) -> FormFieldReading:
    return FormFieldReading(field.name, field.kind, FieldState.NOT_READ, quad=quad, rule=HIDDEN, review=True)


def _as_typed(field: FormField, form: Form, typed: Typed, quads: Sequence[Quad]) -> FormFieldReading:
    reading = typed.reading
    checked = Checked(reading.value) if field.kind in MARKS else check(field, form, reading.value)
    checked_reading = replace(reading, value=checked.value, rejected=bool(checked.rule))
    return _told(field, checked_reading, quads[typed.place], checked.rule, typed.origin)


def _signature(field: FormField, page: _PageOfForm, place: Place) -> FormFieldReading:
    written = page.written(place)
    ink = written.amount + written.pale
    # A stroke or two may be the end of a name that was written beside its place; what is pale may come from behind.
    sure = 0.5 if ink > 0 and written.amount < _SURELY_SIGNED else 0.99
    state, value = (FieldState.FILLED, SIGNED) if ink >= _SIGNED else (FieldState.BLANK, "")
    return FormFieldReading(field.name, field.kind, state, value, "", sure, quad=page.quad(place.box))


def _barcode(field: FormField, page: _PageOfForm, place: Place) -> FormFieldReading:
    quad = page.quad(place.box)
    codes = (code for earlier in page.image.earlier.values() for code in earlier.barcodes)
    return _told(field, read_barcode(quad, codes, page.written(place)), quad)
