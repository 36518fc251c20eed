"""A large page is asked about in shares, by several children at once; what is found is that of the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.ask_model import ModelQuestion, ask_model
from analysis.page_shares import joined
from analysis.worker import Worker, close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from models.card import Limits, ModelCard
from models.registry import find_model
from schemas.document import DocumentFacts
from schemas.errors import ErrorCode
from schemas.prediction import Checkbox, CheckboxState, Label, Prediction, Signature, SignatureKind, TextLine, box_quad
from schemas.result import Outcome, OutcomeState, PageResult, TransformStep

LARGE = PageResult(1, 2000, 1000)


@pytest.fixture
def two(tmp_path: Path, installed_plugins: Path) -> Iterator[Worker]:
    """A worker of two children."""
    yield worker(DocumentSettings(cache_dir=tmp_path / "cache"), AnalysisSettings(children=2, memory_mb=700))
    close_workers()


@pytest.fixture
def one(tmp_path: Path, installed_plugins: Path) -> Iterator[Worker]:
    """A worker of one child."""
    yield worker(DocumentSettings(cache_dir=tmp_path / "cache"), AnalysisSettings(children=1, memory_mb=700))
    close_workers()


def asked(here: Worker, path: Path, page: PageResult, deed: str, value: str) -> Outcome:
    card = find_model("hostile").card
    card = card.model_copy(update={"limits": card.limits.model_copy(update={"shares": 2})})
    document = DocumentFacts("file:///one.png", media_type="image/png", page_count=1, sha256="1" * 64)
    (answered,) = ask_model(ModelQuestion(card, {"deed": deed, "value": value}, document, path, "t/0/1"), [page], here)
    return answered.outcomes[-1]


def values(outcome: Outcome) -> list[str]:
    return [label.value for label in outcome.prediction.labels]


def test_two_children_are_at_work_on_a_large_page_at_the_same_time(two: Worker, one_page: Path) -> None:
    outcome = asked(two, one_page, LARGE, "interval", "0.7")
    first, second = ([float(time) for time in value.split()] for value in values(outcome))
    assert max(first[0], second[0]) < min(first[1], second[1])


def test_each_share_is_asked_about_once(two: Worker, one_page: Path) -> None:
    told = values(asked(two, one_page, LARGE, "crash", "share none"))
    assert told == ["Share(number=0, of=2)", "Share(number=1, of=2)"]


def test_small_pages_and_workers_of_one_child_are_asked_about_as_a_whole(two: Worker, one_page: Path) -> None:
    assert values(asked(two, one_page, PageResult(1, 1000, 1000), "crash", "share none")) == ["Share(number=0, of=1)"]


def test_a_worker_of_one_child_asks_about_the_whole(one: Worker, one_page: Path) -> None:
    assert values(asked(one, one_page, LARGE, "crash", "share none")) == ["Share(number=0, of=1)"]


@pytest.mark.parametrize("share", ["share 0", "share 1"])
def test_a_share_that_fails_fails_the_page(two: Worker, one_page: Path, share: str) -> None:
    outcome = asked(two, one_page, LARGE, "crash", share)
    assert outcome.state is OutcomeState.FAILED
    assert outcome.error is not None
    assert outcome.error.code is ErrorCode.MODEL_CRASHED
    assert outcome.prediction == Prediction()


def test_what_shares_found_is_put_together_in_reading_order_of_the_straightened_page() -> None:
    # Upside down: what is read first lies lowest on the source page.
    turned = TransformStep("quarter turn", (-1, 0, 100, 0, -1, 100, 0, 0, 1), 100, 100)
    page = PageResult(1, 100, 100, transforms=(turned,))

    def line(text: str, left: float, top: float) -> TextLine:
        return TextLine(text, box_quad(left, top, left + 0.2, top + 0.05), 0.9)

    box = Checkbox(CheckboxState.EMPTY, box_quad(0, 0, 0.1, 0.1), 0.9)
    name = Signature(SignatureKind.SIGNATURE, box_quad(0, 0, 0.1, 0.1), 0.9)
    shares = [
        Prediction(lines=(line("second", 0.1, 0.61),), checkboxes=(box,)),
        Prediction(
            lines=(line("first", 0.7, 0.6), line("third", 0.7, 0.3)), signatures=(name,), labels=(Label("a", "b", 1),)
        ),
    ]
    found = joined(shares, page)
    assert [each.text for each in found.lines] == ["first", "second", "third"]
    assert (found.checkboxes, found.signatures, found.labels) == ((box,), (name,), (Label("a", "b", 1),))


def test_only_findings_that_add_up_come_in_shares() -> None:
    card = find_model("deskew").card
    with pytest.raises(ValueError, match="shares of skew do not add up; only those of lines"):
        ModelCard.model_validate({**card.model_dump(), "limits": Limits(shares=2).model_dump()})
