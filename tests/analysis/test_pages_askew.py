"""An angle nobody is sure of is carried on: models that need a straight page fail there, and say why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.apply_step import apply_step
from analysis.assemble import assemble
from analysis.worker import Worker
from schemas.errors import ErrorCode
from schemas.prediction import Prediction, Skew
from schemas.result import Outcome, OutcomeState, ResultStatus
from tests.analysis.conftest import OpenPart
from use_cases.contract import Apply


@pytest.mark.parametrize("model", ["checkbox", "signature"])
def test_models_that_need_a_straight_page_fail_on_one_askew_and_others_do_not(
    model: str, here: Worker, pages_tiff: Path, open_part: OpenPart
) -> None:
    askew = Skew(0, 0.3, 24.0, 0.3, turned=False, straightened=False)
    skews = (askew, replace(askew, straightened=True, angle_confidence=0.9), replace(askew, angle_degrees=0.4))
    part = open_part(pages_tiff, "notes")
    pages = tuple(
        replace(page, outcomes=(Outcome("deskew", OutcomeState.FOUND, prediction=Prediction(skew=skew)),))
        for page, skew in zip(part.pages, skews, strict=True)
    )
    part = apply_step(replace(part, pages=pages), Apply(model), here)
    part = apply_step(part, Apply("ink-share"), here)
    asked, others = zip(*(page.outcomes[1:] for page in part.pages), strict=True)
    assert [outcome.state is OutcomeState.FAILED for outcome in asked] == [True, False, False]
    assert asked[0].error is not None
    assert (asked[0].error.code, asked[0].error.page) == (ErrorCode.PAGE_NOT_STRAIGHT, 1)
    assert all(outcome.state is OutcomeState.FOUND for outcome in others)
    assert assemble([part], here).status is ResultStatus.PARTIAL


def test_a_page_that_was_a_negative_says_so(here: Worker, tmp_path: Path, open_part: OpenPart) -> None:
    from PIL import Image

    from tests.documents.test_tone import sheet

    path = tmp_path / "film.tiff"
    pages = [Image.fromarray(pixels) for pixels in (sheet(), 255 - sheet())]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    part = apply_step(open_part(path, "notes"), Apply("deskew"), here)
    assert [page.negative for page in part.pages] == [False, True]
