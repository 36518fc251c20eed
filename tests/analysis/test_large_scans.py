"""Scans of 600 dpi are read within the memory a child has by default."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.apply_step import apply_step
from analysis.ask_model import ModelQuestion, ask_model
from analysis.worker import Worker, close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from models.registry import find_model
from schemas.document import DocumentFacts
from schemas.errors import ErrorCode
from schemas.result import OutcomeState, PageResult
from tests.analysis.conftest import OpenPart, said
from use_cases.contract import Apply

WIDTH, HEIGHT = 4960, 7016


@pytest.fixture
def here(tmp_path: Path, installed_plugins: Path) -> Iterator[Worker]:
    """A worker of one child with the memory of the default settings."""
    documents = DocumentSettings(allow=(tmp_path.as_uri() + "/",), cache_dir=tmp_path / "cache")
    yield worker(documents, AnalysisSettings(children=1, memory_mb=3072))
    close_workers()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Eight A4 pages of 34.8 megapixels in colour, a little askew."""
    pixels = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for row in range(400, 6600, 200):
        for column in range(400, 4500, 150):
            shift = column // 60
            pixels[row + shift : row + shift + 60, column : column + 100] = (180, 40, 40)
    page = Image.fromarray(pixels)
    path = tmp_path / "scan.tiff"
    page.save(path, save_all=True, append_images=[page] * 7, compression="tiff_deflate", dpi=(600, 600))
    return path


def test_every_page_is_read(scan: Path, here: Worker, open_part: OpenPart) -> None:
    part = open_part(scan, "notes")
    assert len(part.pages) == 8
    for model in ("deskew", "ink-share"):
        part = apply_step(part, Apply(model), here)
    assert [page.outcomes[-1].error for page in part.pages] == [None] * 8
    assert {outcome.state for page in part.pages for outcome in page.outcomes} == {OutcomeState.FOUND}
    assert all(page.transforms for page in part.pages), "not straightened, which doubles the pixels held"


def test_the_pixels_of_a_batch_are_bounded_and_do_not_count_as_growth_of_the_model(scan: Path, here: Worker) -> None:
    card = find_model("hostile").card
    card = card.model_copy(update={"limits": card.limits.model_copy(update={"memory_mb": 250, "max_batch": 8})})
    document = DocumentFacts("file:///scan.tiff", media_type="image/tiff", page_count=8, sha256="0" * 64)
    here.pace.took(card.name, 8, 0.001)
    question = ModelQuestion(card, {"deed": "together"}, document, scan)
    pages = ask_model(question, [PageResult(number) for number in range(1, 9)], here)
    # Each of 104 MB, in batches of at most 200 MB.
    assert [said(page.outcomes[-1]) for page in pages] == ["1"] * 8


def test_a_page_that_needs_more_memory_than_a_child_has_is_told_as_that(
    scan: Path, tmp_path: Path, installed_plugins: Path
) -> None:
    documents = DocumentSettings(allow=(tmp_path.as_uri() + "/",), cache_dir=tmp_path / "cache")
    small = worker(documents, AnalysisSettings(children=1, memory_mb=256))
    document = DocumentFacts("file:///scan.tiff", media_type="image/tiff", page_count=8, sha256="0" * 64)
    question = ModelQuestion(find_model("ink-share").card, {}, document, scan)
    try:
        (page,) = ask_model(question, [PageResult(1)], small)
    finally:
        close_workers()
    assert page.error is not None
    assert page.error.code is ErrorCode.PAGE_OUT_OF_MEMORY
