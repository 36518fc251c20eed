"""A worker with one child and short limits, and documents to give it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.apply_step import apply_step
from analysis.open_document import open_document
from analysis.worker import Worker, close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from schemas.part import Delivery, DocumentPart, ReceivedRequest
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import Outcome, OutcomeState
from use_cases.contract import Apply

OpenPart = Callable[..., DocumentPart]
Do = Callable[..., Outcome]


@pytest.fixture
def here(tmp_path: Path, installed_plugins: Path) -> Iterator[Worker]:
    """A worker of one child."""
    documents = DocumentSettings(allow=(tmp_path.as_uri() + "/",), cache_dir=tmp_path / "cache", pages_per_part=3)
    analysis = AnalysisSettings(
        children=1, memory_mb=700, conclude_seconds=2, start_seconds=40, attempts_dir=tmp_path / "attempts"
    )
    yield worker(documents, analysis)
    close_workers()


@pytest.fixture
def pages_tiff(tmp_path: Path) -> Path:
    """Three pages with a black block of another size each."""
    pages = []
    for number in range(1, 4):
        pixels = np.full((400, 300), 255, np.uint8)
        pixels[50 : 50 + 40 * number, 50:250] = 0
        pages.append(Image.fromarray(pixels))
    path = tmp_path / "pages.tiff"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


@pytest.fixture
def open_part(here: Worker) -> OpenPart:
    """Open a document for a use case; its first part."""

    def open_it(path: Path, use_case: str, **parameters: str) -> DocumentPart:
        request = AnalysisRequest("r-1", DocumentReference(path.as_uri()), use_case, parameters)
        return open_document(ReceivedRequest(Delivery("t", 0, 0, 0, datetime.now(UTC)), request), here)[0]

    return open_it


@pytest.fixture
def one_page(tmp_path: Path) -> Path:
    """One page with a black block."""
    pixels = np.full((400, 300), 255, np.uint8)
    pixels[50:100, 50:250] = 0
    path = tmp_path / "one.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def do(here: Worker, one_page: Path, open_part: OpenPart) -> Do:
    """Let the model `hostile` do something in a child; its outcome."""

    def do_it(deed: str, value: str = "") -> Outcome:
        part = open_part(one_page, "misbehaving", deed=deed, value=value)
        return apply_step(part, Apply("hostile"), here).pages[0].outcomes[-1]

    return do_it


def said(outcome: Outcome) -> str:
    """What the model has answered."""
    assert outcome.state is OutcomeState.FOUND, outcome.error
    return outcome.prediction.labels[0].value


@pytest.fixture
def read_notes(here: Worker, pages_tiff: Path, open_part: OpenPart) -> DocumentPart:
    """The three pages as `notes`, after its models."""
    part = open_part(pages_tiff, "notes")
    for model in ("deskew", "ink-share"):
        part = apply_step(part, Apply(model), here)
    return part
