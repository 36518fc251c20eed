"""Text of a form's field: what a reader thinks of beside its answer, and the rule that decides between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.catalog.form_reader.text_fields import read_text
from models.catalog.form_reader.written import Written
from models.contract import PageImage, RegionReader
from schemas.fields import Alternative, FieldState
from schemas.prediction import Prediction
from schemas.reading import Reading, Region, RegionKind
from tests.forms.small_form import field, form


class Answering(RegionReader):
    """Answers every region of a kind alike."""

    def __init__(self, **answers: Reading) -> None:
        self._answers = answers

    def load(self, artifacts: Mapping[str, Path]) -> None:
        del artifacts

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        return [Prediction() for _ in pages]

    def read(self, page: PageImage, regions: Sequence[Region]) -> Sequence[Reading]:
        return [self._answers.get(region.kind, self._answers["text"]) for region in regions]


def said(value: str, sure: float, *others: tuple[str, float], **more: Any) -> Reading:
    return Reading(
        FieldState.FILLED, value, sure, value, alternatives=tuple(Alternative(*other) for other in others), **more
    )


def written(amount: float = 500.0) -> Written:
    grey = np.full((40, 200), 255, np.uint8)
    grey[10:30, 20:180:8] = 0
    return Written(grey, np.asarray(grey == 0, np.uint8), (20, 10, 180, 30), (0, 0, 200, 40), amount, 1.0, 0.0, 0.0)


def test_an_alternative_that_is_a_date_goes_before_an_answer_that_is_none() -> None:
    reader = Answering(text=said("O3/45/2026", 0.2), date=said("03/45/2026", 0.7, ("03/15/2026", 0.25)))
    settled = read_text(field(kind="date"), form(country="US"), written(), reader)
    assert (settled.reading.value, settled.reading.raw_text, settled.rule) == ("03/15/2026", "03/45/2026", "")
    assert settled.reading.confidence == 0.25


def test_what_the_other_way_of_reading_says_is_an_alternative_too() -> None:
    reader = Answering(text=said("March 5, 2026", 0.4), date=said("11/45/2026", 0.5))
    settled = read_text(field(kind="date"), form(), written(), reader)
    assert (settled.reading.value, settled.reading.confidence) == ("March 5, 2026", 0.4)
    assert settled.reading.alternatives == (Alternative("11/45/2026", 0.5),)


def test_a_value_that_breaks_a_rule_stays_as_read_and_is_for_a_person() -> None:
    settled = read_text(field(pattern=r"\d{4}"), form(), written(), Answering(text=said("47 11", 0.99)))
    assert (settled.reading.value, settled.reading.raw_text) == ("47 11", "47 11")
    assert (settled.rule, settled.reading.rejected) == ("does not match the pattern", True)


def test_cells_are_compared_without_the_spaces_between_them() -> None:
    comb = field(kind="comb", cells=5, format="postcode", country="DE")
    reader = Answering(text=said("1 0 1 I 5", 0.6, ("1 0 1 1 5", 0.3)), digits=said("10 115", 0.9))
    assert read_text(comb, form(), written(), reader).reading.value == "10115"
    lettered = field(kind="comb", cells=5, pattern="[A-Z]{5}")
    reader = Answering(text=said("A B C D 8", 0.6, ("A B C D B", 0.3)))
    assert read_text(lettered, form(), written(), reader).reading.value == "ABCDB"


@pytest.mark.parametrize("kind", ["text", "date", "number", "choice"])
def test_blank_unreadable_and_endless_text_is_answered(kind: str) -> None:
    asked = field(kind=kind, choices=["a"] if kind == "choice" else [])
    assert read_text(asked, form(), written(0), Answering()).reading.state is FieldState.BLANK
    nothing = Reading(FieldState.UNREADABLE)
    assert read_text(asked, form(), written(), Answering(text=nothing)).reading == nothing
    endless = read_text(asked, form(), written(), Answering(text=said("1" * 100_000, 0.9)))
    assert endless.rule == ("" if kind == "text" else "longer than 1000 characters")
    assert RegionKind.TEXT == "text"
