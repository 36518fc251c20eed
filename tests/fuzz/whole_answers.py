"""From what the steps left of a document to what is written of it: nothing on the way may raise or be left out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from connections.kafka.outgoing import size
from connections.row_drafts import draft_of
from schemas.part import Answer, DocumentPart
from schemas.result import AnalysisResult
from schemas.wire import RecordCodec
from tests.fuzz.hostile import KAFKA
from tests.fuzz.stand_ins import registry, survives
from transforms.coders import AnswerCoder
from transforms.publish_results import _fit, _PublishResult

_CODEC = RecordCodec(AnalysisResult)


@lru_cache(maxsize=1)
def publishing_step() -> _PublishResult:
    registry().replies["subjects/docbeam.results-value"] = (
        200,
        {"id": 1, "subject": "s", "version": 1, "schema": "{}"},
    )
    return _PublishResult(KAFKA, registry().settings)


def check_answer(answer: Answer) -> Answer:
    """The answer leaves as one record that fits and can be read, and its row can be sent or is refused in words."""
    survives(AnswerCoder(), [answer])
    fit = _fit(answer, KAFKA)
    forms = list(publishing_step().forms(fit))
    for meaning, _ in forms:
        assert meaning.delivery == answer.delivery
        assert meaning.result.request_id == answer.result.request_id
    whole = forms[0][1]
    assert size(whole) <= KAFKA.max_message_bytes
    assert whole.value is not None
    assert _CODEC.from_avro(whole.value[5:], _CODEC.schema).request_id == answer.result.request_id
    draft_of(fit)
    return fit


def check_part(part: DocumentPart, before: DocumentPart, model: str) -> None:
    """One more outcome on each page, or an error for all of them."""
    survives_part(part)
    assert (part.delivery, part.request, part.document, part.page_range) == (
        before.delivery, before.request, before.document, before.page_range,
    )  # fmt: skip
    if part.errors:
        return
    assert [page.number for page in part.pages] == [page.number for page in before.pages]
    for page, earlier in zip(part.pages, before.pages, strict=True):
        assert page.outcomes[:-1] == earlier.outcomes
        assert page.outcomes[-1].model == model


def survives_part(part: Any) -> None:
    from transforms.coders import DocumentPartCoder

    survives(DocumentPartCoder(), [part])
