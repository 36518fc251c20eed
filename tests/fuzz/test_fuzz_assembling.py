"""Whatever parts of a delivery come in which order: one answer, with what there is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from schemas.document import DocumentFacts, PageRange
from schemas.errors import ErrorCode, ErrorItem
from schemas.part import Answer, DocumentPart
from schemas.request import AnalysisRequest
from schemas.result import PageResult
from tests.docbeam.record_strategies import any_of
from tests.fuzz.hostile import DELIVERIES, FEW, HEADERS
from tests.fuzz.stand_ins import Cell, ChildHere, Timer, outputs_of, settings_here, worker_with
from tests.fuzz.whole_answers import check_answer
from transforms import assemble_results
from transforms.assemble_results import _AnswerSingle, _Split, _WaitForParts
from transforms.coders import DocumentPartCoder

_TIMER = "timer"


def _in_measured_time(page: PageResult) -> PageResult:
    """Times are ours, not a child's: no two of them are beyond all numbers together."""
    return replace(page, outcomes=tuple(replace(each, duration_ms=each.duration_ms % 1e9) for each in page.outcomes))


_PARTS = st.builds(
    DocumentPart,
    DELIVERIES,
    any_of(AnalysisRequest),
    any_of(DocumentFacts) | st.none(),
    st.lists(any_of(PageResult).map(_in_measured_time), max_size=1).map(tuple),
    rejected=st.booleans(),
    errors=st.lists(any_of(ErrorItem), max_size=1).map(tuple),
    echo=HEADERS,
).filter(lambda part: all(error.code is not ErrorCode.PART_MISSING for error in _errors(part)))
"""What no step gives a part: assembling alone says that one is missing."""
_ODD = st.tuples(st.integers(-2, 9) | st.just(2**31), st.integers(0, 5))
"""A part's number, and of how many: of a document that was cut in another way meanwhile."""


@FEW
@given(
    first=_PARTS, parts=st.integers(2, 4),
    events=st.lists(st.one_of(st.integers(0, 3), st.integers(0, 3), st.just(_TIMER), _ODD), min_size=1, max_size=14),
)  # fmt: skip
def test_parts_in_any_order_are_one_answer(first: DocumentPart, parts: int, events: list[Any]) -> None:
    here = worker_with(ChildHere())
    waiting = _Waiting()
    with patch.object(assemble_results, "worker", lambda *_: here):
        for event in [*events, _TIMER]:
            if event is _TIMER:
                waiting.time_passes()
                continue
            number, of = event if isinstance(event, tuple) else (event % parts + 1, parts)
            part = replace(first, page_range=PageRange(2 * number - 1, 2 * number, number, of))
            ((tag, same),) = outputs_of(_Split(), part)
            assert same == part
            if tag:
                waiting.comes(part)
                continue
            (answer,) = [each for _, each in outputs_of(_AnswerSingle(*settings_here()), part)]
            check_answer(answer)


class _Waiting:
    """The waiting step with the state of one delivery, and what may be expected of it."""

    def __init__(self) -> None:
        self._step = _WaitForParts(*settings_here())
        self._parts, self._answered, self._timer = Cell(DocumentPartCoder()), Cell(), Timer()
        self._came: list[DocumentPart] = []
        self._told = False

    def comes(self, part: DocumentPart) -> None:
        """A part, perhaps not for the first time."""
        states = {"parts": self._parts, "answered": self._answered, "give_up": self._timer}
        if not self._told and all(part.page_range != each.page_range for each in self._came):
            self._came.append(part)
        found = [answer for _, answer in outputs_of(self._step, (part.delivery.key, part), **states)]
        assert not found or len(self._alike()) == part.page_range.parts, "answered without all that may come"
        self._gives(found)
        assert not self._parts.read() or self._timer.due is not None, "nobody ends the waiting"

    def time_passes(self) -> None:
        """Until the timer, if one is set: what waits is answered, what was answered is forgotten."""
        if self._timer.due is None:
            return
        had, self._timer.due = bool(self._parts.read()), None
        found = list(self._step.give_up(self._parts, self._answered, self._timer))
        assert len(found) == had
        self._gives(found)
        if not found:
            self._told, self._came = False, []

    def _alike(self) -> set[int]:
        """Numbers of those that came and belong to the first."""
        of = self._came[0].page_range.parts
        return {part.page_range.part for part in self._came if part.page_range.parts == of}

    def _gives(self, answers: list[Answer]) -> None:
        for answer in answers:
            assert not self._told, "a second answer"
            self._told = True
            of, alike = self._came[0].page_range.parts, self._alike()
            missing = [error for error in answer.result.errors if error.code is ErrorCode.PART_MISSING]
            assert len(missing) == len(set(range(1, of + 1)) - alike)
            assert (answer.delivery, answer.echo) == (self._came[0].delivery, self._came[0].echo)
            check_answer(answer)


def _errors(part: DocumentPart) -> list[Any]:
    pages = [error for page in part.pages for error in [page.error, *(each.error for each in page.outcomes)] if error]
    return [*part.errors, *pages]
