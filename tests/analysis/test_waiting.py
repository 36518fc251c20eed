"""A model's duration is what it took; waiting for a child is told apart, and once however many children answered."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analysis.ask_model import ModelQuestion, ask_model
from analysis.waiting import Stretch, waited
from analysis.worker import Worker, close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from models.registry import find_model
from schemas.document import DocumentFacts
from schemas.result import Outcome, PageResult

SMALL = PageResult(1)
SLEPT = 700.0
"""Milliseconds that the model takes."""


@pytest.fixture(params=[1, 2])
def here(tmp_path: Path, installed_plugins: Path, request: pytest.FixtureRequest) -> Iterator[Worker]:
    """A worker of one child, or of two."""
    settings = AnalysisSettings(children=request.param, memory_mb=700)
    yield worker(DocumentSettings(cache_dir=tmp_path / "cache"), settings)
    close_workers()


def asked(here: Worker, path: Path, number: int = 0, page: PageResult = SMALL) -> Outcome:
    card = find_model("hostile").card
    card = card.model_copy(update={"limits": card.limits.model_copy(update={"shares": 2})})
    document = DocumentFacts("file:///one.png", media_type="image/png", page_count=1, sha256=str(number) * 64)
    options = {"deed": "interval", "value": str(SLEPT / 1000)}
    (answered,) = ask_model(ModelQuestion(card, options, document, path, f"t/0/{number}"), [page], here)
    return answered.outcomes[-1]


def test_those_who_wait_are_told_no_longer_a_duration(here: Worker, one_page: Path) -> None:
    with ThreadPoolExecutor(4) as callers:
        outcomes = list(callers.map(lambda number: asked(here, one_page, number), range(4)))
    assert [outcome.duration_ms for outcome in outcomes] == pytest.approx([SLEPT] * 4, rel=0.3)
    # Of four on one child the last waits for three, and on two for one.
    assert max(outcome.waited_ms for outcome in outcomes) > SLEPT * (0.8 if here.children.size == 2 else 2.4)


def test_what_a_child_slept_before_is_neither_work_nor_waiting(here: Worker, one_page: Path) -> None:
    for number in range(3):
        asked(here, one_page, number)
    last = asked(here, one_page)
    assert last.duration_ms == pytest.approx(SLEPT, rel=0.3)
    assert last.waited_ms < SLEPT / 2


def test_shares_of_a_page_add_their_work_and_not_their_waiting(here: Worker, one_page: Path) -> None:
    asked(here, one_page)
    outcome = asked(here, one_page, page=PageResult(1, 2000, 1000))
    shares = here.children.size
    assert outcome.duration_ms == pytest.approx(SLEPT * shares, rel=0.3)
    assert len(outcome.prediction.labels) == shares


@pytest.mark.parametrize(
    ("at_work", "seconds"),
    [
        ([], 10),
        ([(2, 5)], 7),
        ([(0, 10)], 0),
        ([(1, 4), (2, 6)], 5),
        ([(1, 9), (2, 3)], 2),
        ([(6, 8), (1, 3)], 6),
        ([(-1, 2), (8, 11)], 6),
    ],
)
def test_only_time_in_which_no_child_works_is_waited(at_work: list[tuple[float, float]], seconds: float) -> None:
    assert waited(Stretch(0, 10), [Stretch(*each) for each in at_work]) == seconds
