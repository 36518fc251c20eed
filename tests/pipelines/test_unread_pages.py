"""A file with writing that cannot be read, or with nothing but a notice, comes out as such."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis.engine import Engine
from analysis.worker import close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from schemas.errors import ErrorCode
from schemas.prediction import TextState
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import ResultStatus

FOREIGN = ("Фамилия: Иванова", "Дата рождения: 14 мая", "Nguyễn Thị Hường", "Family name: Miller")
NOTICE = (
    "Please wait... If this message is not eventually",
    "replaced by the proper contents of the document,",
    "your viewer may not be able to display this type.",
)
KNOWN = ("Application for a loan", "Family name: Miller", "Date of birth: 14/05/1987", "Amount 25,000 EUR")


def page(path: Path, lines: tuple[str, ...]) -> None:
    pixels = np.full((900, 1100, 3), 255, np.uint8)
    for number, line in enumerate(lines):
        cv2.putText(pixels, line, (60, 120 + 140 * number), (0, 0, 0), cv2.FontFace("uni"), 34)
    cv2.imwrite(str(path), pixels)


@pytest.fixture
def answers(tmp_path: Path):
    page(tmp_path / "foreign.png", FOREIGN)
    page(tmp_path / "known.png", KNOWN)
    page(tmp_path / "notice.png", NOTICE)
    documents = DocumentSettings(allow=(tmp_path.as_uri() + "/",), cache_dir=tmp_path / "cache")
    requests = [
        AnalysisRequest(name, DocumentReference(f"{tmp_path.as_uri()}/{name}.png"), "any-form")
        for name in ("foreign", "known", "notice")
    ]
    try:
        with Engine(worker(documents, AnalysisSettings(children=1))) as engine:
            yield {result.request_id: result for result in engine.answer(requests)}
    finally:
        close_workers()


def test_a_page_of_unread_writing_or_of_a_printed_notice_is_not_complete(answers):
    states = {
        name: [line.state for outcome in result.pages[0].outcomes for line in outcome.prediction.lines]
        for name, result in answers.items()
    }
    assert answers["foreign"].status is ResultStatus.PARTIAL
    assert [error.code for error in answers["foreign"].errors] == [ErrorCode.TEXT_UNREAD]
    assert states["foreign"] == [TextState.UNREAD, TextState.UNREAD, TextState.PARTLY_READ, TextState.READ]
    assert answers["notice"].status is ResultStatus.PARTIAL
    assert [error.code for error in answers["notice"].errors] == [ErrorCode.DOCUMENT_XFA]
    assert answers["known"].status is ResultStatus.COMPLETE
    assert states["known"] == [TextState.READ] * 4
