"""Whatever is inside passes from step to step as it is."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

from hypothesis import given
from hypothesis import strategies as st

from schemas.part import Answer, DeadLetter, Delivery, DocumentPart, ReceivedRecord, ReceivedRequest
from tests.docbeam.record_strategies import any_of
from tests.fuzz.hostile import FEW, HEADERS, one_of_these
from tests.fuzz.stand_ins import survives
from transforms.coders import (
    AnswerCoder,
    DeadLetterCoder,
    DeliveryCoder,
    DocumentPartCoder,
    ReceivedRecordCoder,
    ReceivedRequestCoder,
)

_CODERS = {
    Delivery: DeliveryCoder(),
    ReceivedRecord: ReceivedRecordCoder(),
    ReceivedRequest: ReceivedRequestCoder(),
    DocumentPart: DocumentPartCoder(),
    Answer: AnswerCoder(),
    DeadLetter: DeadLetterCoder(),
}
_OWN = {
    "key": st.none() | st.binary(),
    "value": st.none() | st.binary() | one_of_these([b"\xff" * 70_000, b"\x00" * 9]),
    "headers": HEADERS,
    "echo": HEADERS,
}


def _any(kind: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    return st.builds(kind, **{name: _OWN[name] if name in _OWN else any_of(hints[name]) for name in names})


@FEW
@given(st.one_of(*(_any(kind) for kind in _CODERS)))
def test_any_record_is_the_same_behind_its_coder(record: Any) -> None:
    survives(_CODERS[type(record)], [record])
