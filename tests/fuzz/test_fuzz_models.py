"""Whatever a model or a use case of others answers: each page has one more outcome, and the rest goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from analysis import operations
from analysis.apply_step import apply_step
from analysis.assemble import assemble
from analysis.worker import Worker
from models.contract import Model, PageImage
from models.registry import find_model
from schemas.document import DocumentFacts, PageRange
from schemas.errors import ErrorCode
from schemas.part import Answer, DocumentPart
from schemas.prediction import Prediction
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import PageResult
from tests.fuzz.hostile import DELIVERIES, FEW
from tests.fuzz.odd_answers import FIELDS, PREDICTIONS, answers
from tests.fuzz.stand_ins import ChildHere, folder, settings_here, worker_with
from tests.fuzz.whole_answers import check_answer, check_part
from use_cases.catalog.receipt import Receipt
from use_cases.contract import Apply, Expect, Step

_STEPS = (Apply("deskew"), Apply("page-quality"), Expect("application-form"), Apply("ocr"))


class _Odd(Model):
    def __init__(self, answers: list[Any]) -> None:
        self.card = find_model("ocr").card
        self._answers = answers

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Nothing to load."""

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        answer = self._answers.pop(0) if self._answers else [Prediction()] * len(pages)
        if isinstance(answer, BaseException):
            raise answer
        # A list is meant to be one for each.
        return answer[: len(pages)] if type(answer) is list else answer  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def _worker() -> Worker:
    settings_here()
    pages = [Image.fromarray(np.full((40 + 9 * number, 60), 255, np.uint8)) for number in range(3)]
    pages[0].save(folder() / "documents" / "pages.tiff", save_all=True, append_images=pages[1:])
    return worker_with(ChildHere())


def _part(delivery: Any, first: int) -> DocumentPart:
    place = folder() / "documents" / "pages.tiff"
    location = place.as_uri()
    pages = PageRange(1, 2, 1, 2) if first == 1 else PageRange(3, 3, 2, 2)
    return DocumentPart(
        delivery,
        AnalysisRequest("r-1", DocumentReference(location), "receipt"),
        DocumentFacts(location, "image/tiff", sha256=sha256(place.read_bytes()).hexdigest(), page_count=3),
        tuple(PageResult(number) for number in pages.page_numbers),
        pages,
    )


@FEW
@given(
    delivery=DELIVERIES, first=st.sampled_from([1, 3]), given_=st.lists(answers(PREDICTIONS, 2), max_size=6),
    steps=st.lists(st.sampled_from(_STEPS), min_size=1, max_size=4), fields=answers(FIELDS, 2),
)  # fmt: skip
def test_whatever_a_model_answers_each_page_has_an_outcome_and_the_result_is_written(
    delivery: Any, first: int, given_: list[Any], steps: list[Step], fields: Any
) -> None:
    here = _worker()
    part = _part(delivery, first)
    models = {step.model: _Odd(list(given_)) for step in _STEPS}

    def conclude(self: Any, document: Any) -> Any:
        if isinstance(fields, BaseException):
            raise fields
        return fields

    with (
        patch.dict(operations._models, models, clear=True),
        patch.object(operations, "_pages", operations.PageStore(max_bytes=10_000_000)),
        patch.object(Receipt, "conclude", conclude),
    ):
        for step in steps:
            before, part = part, apply_step(part, step, here)
            check_part(part, before, step.model)
            assert not any(
                outcome.error and outcome.error.code is ErrorCode.INTERNAL_ERROR
                for page in part.pages
                for outcome in page.outcomes
            ), part.pages
        check_answer(Answer(delivery, assemble([part], here)))
