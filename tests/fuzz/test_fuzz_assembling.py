"""Whatever parts of a delivery come in which order: one answer, with what there is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from schemas.document import PageRange
from schemas.part import Answer, DocumentPart
from schemas.result import OutcomeState
from tests.docbeam.record_strategies import any_of
from tests.fuzz.hostile import DELIVERIES, FEW, HEADERS
from tests.fuzz.stand_ins import Cell, ChildHere, Timer, outputs_of, settings_here, worker_with
from tests.fuzz.whole_answers import check_answer
from transforms import assemble_results
from transforms.assemble_results import _AnswerSingle, _Split, _WaitForParts
from transforms.coders import DocumentPartCoder

_SMALL = st.integers(1, 4)
_PARTS = st.builds(
    lambda part, number, parts: replace(part, page_range=PageRange(2 * number - 1, 2 * number, number, parts)),
    any_of(DocumentPart),
    _SMALL | st.integers(-2, 2**31),
    st.shared(_SMALL, key="parts") | st.shared(_SMALL, key="parts") | _SMALL,
)
_TIMER = "timer"


@FEW
@given(
    delivery=DELIVERIES,
    echo=HEADERS,
    events=st.lists(_PARTS | st.just(_TIMER), min_size=1, max_size=8),
    shuffle=st.randoms(),
)
def test_parts_in_any_order_are_one_answer(delivery: Any, echo: Any, events: list[Any], shuffle: Any) -> None:
    here = worker_with(ChildHere())
    step = _WaitForParts(*settings_here())
    parts, answered, timer = Cell(DocumentPartCoder()), Cell(), Timer()
    found: list[Answer] = []
    since = 0
    with patch.object(assemble_results, "worker", lambda *_: here):
        for event in [*events, _TIMER]:
            if event is _TIMER:
                if timer.due is None:
                    continue
                had = bool(parts.read())
                timer.due = None
                new = list(step.give_up(parts, answered, timer))
                assert len(new) == had
                # Without parts the delivery is forgotten: what comes now is a new one.
                since = since if had else 0
            else:
                part = replace(event, delivery=delivery, echo=echo)
                ((tag, same),) = outputs_of(_Split(), part)
                assert same == part
                if not tag:
                    new = [answer for _, answer in outputs_of(_AnswerSingle(*settings_here()), part)]
                    assert len(new) == 1
                    _check(new[0], [part])
                    continue
                states = {"parts": parts, "answered": answered, "give_up": timer}
                new = [answer for _, answer in outputs_of(step, (delivery.key, part), **states)]
            since += len(new)
            assert since <= 1
            found += new
        assert not parts.read() or timer.due is not None
    for answer in found:
        assert (answer.delivery, answer.echo) == (delivery, echo)
        check_answer(answer)


def _check(answer: Answer, parts: list[DocumentPart]) -> None:
    assert answer.result.request_id == parts[0].request.request_id
    states = [outcome.state for part in parts for page in part.pages for outcome in page.outcomes]
    assert not parts[0].errors or answer.result.errors or answer.result.status == "rejected"
    assert set(states) <= set(OutcomeState)
    check_answer(answer)
