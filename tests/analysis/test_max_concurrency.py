"""A card may say how often its model runs at a time, however many children there are."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from analysis.ask_model import ModelQuestion, ask_model
from analysis.worker import Worker, close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from models.registry import find_model
from schemas.document import DocumentFacts
from schemas.result import PageResult
from tests.analysis.conftest import said


@pytest.fixture
def two(tmp_path: Path, installed_plugins: Path) -> Iterator[Worker]:
    """A worker of two children."""
    documents = DocumentSettings(cache_dir=tmp_path / "cache")
    yield worker(documents, AnalysisSettings(children=2, memory_mb=700))
    close_workers()


def intervals(limit: int, here: Worker, path: Path) -> list[tuple[float, float]]:
    """When the model was at work for each of four documents, by the one clock of the machine."""
    card = find_model("hostile").card
    card = card.model_copy(update={"limits": card.limits.model_copy(update={"max_concurrency": limit})})

    def ask(number: int) -> tuple[float, float]:
        document = DocumentFacts("file:///one.png", media_type="image/png", page_count=1, sha256=str(number) * 64)
        question = ModelQuestion(card, {"deed": "interval", "value": "0.7"}, document, path, f"t/0/{number}")
        (page,) = ask_model(question, [PageResult(1)], here)
        began, ended = said(page.outcomes[-1]).split()
        return float(began), float(ended)

    with ThreadPoolExecutor(4) as callers:
        return sorted(callers.map(ask, range(4)))


def overlap(found: list[tuple[float, float]]) -> bool:
    return any(second[0] < first[1] for first, second in pairwise(found))


def test_it_runs_no_more_often_than_its_card_allows(two: Worker, one_page: Path) -> None:
    assert overlap(intervals(0, two, one_page)), "two children never worked at a time, so nothing is proved"
    assert not overlap(intervals(1, two, one_page))
