"""Whatever is to leave: a record that fits, that Kafka's own format holds, and that says what it is about."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from kafka.record.default_records import DefaultRecordBatchBuilder

from connections.kafka import record_building
from connections.kafka.outgoing import OutgoingRecord, size
from connections.kafka.record_batches import Bounds, batches, records_of
from documents.geometry import quarter_turn_step
from schemas.errors import ErrorCode, ErrorItem
from schemas.part import Answer, DeadLetter
from schemas.request import REQUEST_ID
from schemas.result import AnalysisResult, Outcome, OutcomeState, PageResult
from schemas.wire import RecordCodec
from tests.docbeam.record_strategies import any_of
from tests.fuzz.hostile import ANY_FLOAT, ANY_INT, ANY_TEXT, DELIVERIES, FEW, HEADERS, KAFKA, one_of_these, slipped
from tests.fuzz.odd_answers import FULL
from tests.fuzz.whole_answers import check_answer, publishing_step
from transforms.publish_dead_letters import _PublishDeadLetter
from transforms.publish_results import _fit

_FOUND = OutcomeState.FOUND
_BYTES = st.none() | st.binary(max_size=20) | one_of_these([b"", b"k" * 70_000, b"k" * 65_300, b"v" * 300_000])
_MANY = one_of_these(
    [(), (("h", b"x"),) * 5000, (("h" * 40_000, None),) * 9, tuple((f"n{i}", b"v" * i) for i in range(900))]
)
_PAGES = (
    PageResult(1, 900, 1200, 200.0, (quarter_turn_step(900, 1200, 1),), (Outcome("m", _FOUND, prediction=FULL),)),
)
_CODEC = RecordCodec(AnalysisResult)
_HEADERS = st.builds(lambda few, many: few + many, HEADERS, _MANY)
_ERRORS = st.builds(
    ErrorItem, st.sampled_from(ErrorCode), ANY_TEXT, ANY_TEXT, st.none() | st.integers(1, 9), st.booleans()
)


@FEW
@given(letter=st.builds(DeadLetter, DELIVERIES, _ERRORS, _BYTES, _BYTES, _HEADERS))
def test_any_dead_letter_leaves(letter: DeadLetter) -> None:
    forms = list(_PublishDeadLetter(KAFKA).forms(letter))
    assert all(element == letter for element, _ in forms)
    _check([record for _, record in forms])
    last = forms[-1][1]
    assert last.key is not None


@FEW
@given(
    delivery=DELIVERIES, result=any_of(AnalysisResult), request_id=st.from_regex(REQUEST_ID, fullmatch=True),
    echo=_HEADERS, times=st.integers(1, 40), spare=st.none() | st.integers(-9, 3000),
)  # fmt: skip
def test_any_answer_leaves(
    delivery: Any, result: AnalysisResult, request_id: str, echo: Any, times: int, spare: int | None
) -> None:
    result = replace(result, request_id=request_id)
    if spare is None:
        result = replace(result, pages=result.pages * times, errors=result.errors * times)
    else:
        # All but as large as a record may be.
        room = KAFKA.max_message_bytes - spare - len(_CODEC.to_avro(result))
        result = replace(result, client_id=result.client_id + "x" * room)
    fit = check_answer(Answer(delivery, result, echo))
    _check([record for _, record in publishing_step().forms(fit)])


@FEW
@given(
    delivery=DELIVERIES, result=any_of(AnalysisResult, ANY_FLOAT),
    pages=slipped(_PAGES, ANY_INT | ANY_FLOAT | ANY_TEXT | st.none()),
)  # fmt: skip
def test_any_answer_is_fitted_whatever_came_into_it(delivery: Any, result: AnalysisResult, pages: Any) -> None:
    fit = _fit(Answer(delivery, replace(result, pages=pages)), KAFKA)
    assert fit.result.request_id == result.request_id
    _check([record for _, record in publishing_step().forms(fit)])


def _check(records: list[OutgoingRecord]) -> None:
    """Each fits, the later ones are no larger, and Kafka's builder writes what our reading finds again."""
    for record in records:
        assert size(record) <= KAFKA.max_message_bytes
        headers = (*record.carried, *record.headers)
        record_building.install()
        builder = DefaultRecordBatchBuilder(
            magic=2, compression_type=0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1,
            batch_size=2**40,
        )  # fmt: skip
        value = record_building.sendable_value(record.key, record.value)
        builder.append(0, None, record.key, value, record_building.sendable_headers(headers))
        built = bytes(builder.build())
        assert len(built) <= size(record)
        (batch,) = batches(built)
        assert batch is not None
        (found,) = records_of(batch, Bounds(len(built), len(built)))
        assert (found.key, found.value, found.headers, found.problem) == (record.key, record.value, headers, None)
    for before, after in pairwise(records):
        assert size(after) <= max(size(before), KAFKA.max_message_bytes // 4)
