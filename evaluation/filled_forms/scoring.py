"""Numbers from pages with truth and what was read of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.filled_forms.truth import TrueField, TruePage
from evaluation.placed_text import edit_distance
from evaluation.reliability import area_under_curve
from evaluation.statistics import Measured, fraction, ratio
from schemas.fields import FieldState
from schemas.form_reading import FormFieldReading, FormReading

_MARKS = ("checkbox", "radio")
_TEXTS = ("text", "comb", "number", "date", "choice")
_POINTS = 72


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page: what is true, what was read, and at what cost."""

    file: str
    form: str
    """True name of the registered form; empty where none is."""
    true: TruePage
    read: FormReading
    instance: int | None
    """Number of the copy, as told."""
    quads: np.ndarray
    """(fields, 4, 2) places told, in fractions of the page, of the fields that are true there."""
    boxes: np.ndarray
    """(fields, 4, 2) the same in fractions of the blank page."""
    size_px: tuple[float, float]
    """Width and height of the blank page at 150 dpi."""
    seconds: float
    pixels: tuple[int, int]
    """Width and height of the page as it was read."""


@dataclass(frozen=True, slots=True)
class ScoredField:
    """A field that is true, and the reading of it."""

    true: TrueField
    read: FormFieldReading | None
    """None where it was not read."""
    page: int

    @property
    def right(self) -> bool:
        """State and value are those that are true."""
        return (
            self.read is not None
            and (self.read.state is FieldState.FILLED) == self.true.filled
            and (not self.true.filled or self.same_text(self.read.value))
        )

    def same_text(self, value: str) -> bool:
        """Without regard to spaces; for copied words without case."""
        true, said = (" ".join(text.split()) for text in (self.true.value, value))
        return true.casefold() == said.casefold() if "words" in self.true.note else true == said


def scored_fields(pages: Iterable[ReadPage]) -> list[ScoredField]:
    """All fields that are true on pages of registered forms."""
    found = []
    for number, page in enumerate(pages):
        read = {field.name: field for field in page.read.fields} if _is_right_form(page) else {}
        found += [ScoredField(field, read.get(field.name), number) for field in page.true.fields.values()]
    return found


def page_metrics(pages: Sequence[ReadPage]) -> dict[str, Measured]:
    """Which pages were recognised, and how exactly they lie."""
    own = [page for page in pages if page.form and page.true.blank_page is not None]
    others = [page for page in pages if not (page.form and page.true.blank_page is not None)]
    registered = [page for page in own if _is_right_form(page)]
    residuals = [away for page in registered if page.true.matrix is not None for away in _away(page)]
    right = [
        _is_right_form(page)
        and page.read.page == page.true.blank_page
        and page.read.turn == page.true.turn
        and page.instance == page.true.instance
        for page in own
        if page.true.turn is not None
    ]
    found = {
        "registered": fraction(len(registered), len(own)),
        "false_accept": fraction(sum(page.read.registered for page in others), len(others)),
        "pages_right": fraction(sum(right), len(right)),
        "instances_right": fraction(*_instances(pages)),
        "seconds_per_page": ratio([(page.seconds, 1.0) for page in pages]),
    }
    if residuals:
        found["residual_p95_px"] = Measured(float(np.percentile(residuals, 95)), count=len(residuals))
    return found


def field_metrics(fields: Sequence[ScoredField]) -> dict[str, Measured]:
    """How well fields were read."""
    texts = [each for each in fields if each.true.kind in _TEXTS]
    filled = [each for each in texts if each.true.filled]
    read = [each for each in fields if each.read is not None]
    taken = [each for each in read if each.read is not None and not each.read.review]
    hands = [each for each in filled if each.true.ink in ("font", "strokes")]
    characters = [_errors(each) for each in filled]
    metrics = {
        "field_exact": _right(filled),
        "print_exact": _right([each for each in filled if each.true.ink == "print"]),
        "hand_exact": _right(hands),
        "comb_character": _comb_characters(filled),
        "cer": ratio(characters) if characters else Measured(None),
        "blank_accuracy": fraction(sum(_state_right(each) for each in fields), len(fields)),
        "checkbox_accuracy": _right([each for each in fields if each.true.kind == "checkbox"]),
        "radio_accuracy": _right([each for each in fields if each.true.kind == "radio"]),
        "signature_accuracy": fraction(
            sum(_state_right(each) for each in fields if each.true.kind == "signature"),
            sum(each.true.kind == "signature" for each in fields),
        ),
        "straight_through": fraction(len(taken), len(fields)),
        "straight_through_error": fraction(sum(not each.right for each in taken), len(taken)),
    }
    confidence = np.array([each.read.confidence for each in read if each.read is not None], dtype=np.float64)
    right = np.array([each.right for each in read], dtype=bool)
    metrics["field_auroc"] = area_under_curve(confidence, right, np.array([each.page for each in read]))
    return metrics


def _is_right_form(page: ReadPage) -> bool:
    return page.read.registered and page.read.form == page.form and page.true.blank_page is not None


def _away(page: ReadPage) -> list[float]:
    """Distances of told corners from the true ones, in pixels of the blank page at 150 dpi."""
    told = page.quads.reshape(-1, 2)
    through = np.c_[told, np.ones(len(told))] @ np.linalg.inv(np.array(page.true.matrix)).T
    away = (through[:, :2] / through[:, 2:] - page.boxes.reshape(-1, 2)) * page.size_px
    return [float(distance) for distance in np.linalg.norm(away, axis=1)]


def _instances(pages: Sequence[ReadPage]) -> tuple[int, int]:
    """Of true copies, those whose pages were told as one copy and no other's."""
    files: dict[str, list[ReadPage]] = {}
    for page in pages:
        files.setdefault(page.file, []).append(page)
    right = total = 0
    for own in files.values():
        known = [page for page in own if page.form and page.true.turn is not None]
        for instance in {page.true.instance for page in known if page.true.instance is not None}:
            told = {page.instance for page in own if page.true.instance == instance}
            others = {page.instance for page in own if page.true.instance != instance}
            total += 1
            right += len(told) == 1 and None not in told and not told & others
    return right, total


def _right(fields: Sequence[ScoredField]) -> Measured:
    return fraction(sum(each.right for each in fields), len(fields))


def _state_right(field: ScoredField) -> bool:
    return field.read is not None and (field.read.state is not FieldState.BLANK) == field.true.filled


def _errors(field: ScoredField) -> tuple[float, float]:
    said = field.read.value if field.read is not None else ""
    return float(edit_distance(field.true.value, said)), float(len(field.true.value))


def _comb_characters(fields: Sequence[ScoredField]) -> Measured:
    combs = [each for each in fields if each.true.kind == "comb"]
    total = sum(len(each.true.value) for each in combs)
    wrong = sum(min(_errors(each)[0], len(each.true.value)) for each in combs)
    return fraction(round(total - wrong), total)
