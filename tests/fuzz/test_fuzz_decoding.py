"""Whatever a record holds and the registry says of it: one request or one dead letter, with nothing lost."""

from __future__ import annotations

import time
import uuid
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config.settings import SourceSettings
from connections.requests import decode_avro, decode_json
from schemas.errors import DocbeamError, ErrorCode
from schemas.frames import GUID_HEADER
from schemas.part import DeadLetter, Header, ReceivedRecord, ReceivedRequest
from schemas.request import REQUEST_ID
from schemas.wire import frame
from tests.fuzz.foreign_schemas import BODIES, LINES, REPLIES
from tests.fuzz.hostile import DELIVERIES, FEW, HEADERS, TEXT, mostly
from tests.fuzz.stand_ins import no_pauses, outputs_of, registry, schema_ids, survives
from transforms.coders import DeadLetterCoder, ReceivedRequestCoder
from transforms.decode_requests import UNDECODABLE, _Decode

_USE_CASES = ("application-form", "receipt")
_MOST_SECONDS = 20
_SOURCE = SourceSettings(max_request_bytes=1024)


@FEW
@given(
    delivery=DELIVERIES, key=st.none() | st.binary(max_size=9), headers=HEADERS, body=BODIES, reply=REPLIES,
    how=mostly(st.sampled_from(["id", "id", "guid"]), st.sampled_from(["bare", "null"])),
)  # fmt: skip
def test_any_record_is_one_request_or_one_dead_letter(
    delivery: Any, key: bytes | None, headers: tuple[Header, ...], body: bytes, reply: Any, how: str
) -> None:
    number, guid = next(schema_ids), uuid.uuid4()
    here = registry()
    here.replies = {
        f"schemas/ids/{number}": reply,
        f"schemas/guids/{guid}": reply,
        # Without one of these nothing it says is believed, and the record waits.
        "subjects": (200, ["a"]),
        f"subjects/{delivery.topic}-value/versions": (200, [1]),
    }
    value: bytes | None = frame(number, body)
    if how == "guid":
        headers, value = (*headers, (GUID_HEADER, b"\x01" + guid.bytes)), body
    elif how != "id":
        value = body if how == "bare" else None
    record = ReceivedRecord(delivery, key, value, headers)
    with no_pauses():
        _check(record, partial(decode_avro, registry=here.settings, source=_SOURCE))


@FEW
@given(delivery=DELIVERIES, headers=HEADERS, value=LINES, message=TEXT, bad=mostly(st.just(False), st.just(True)))
def test_any_line_of_a_bounded_run_is_one_request_or_one_dead_letter(
    delivery: Any, headers: tuple[Header, ...], value: bytes, message: str, bad: bool
) -> None:
    error = DocbeamError(ErrorCode.BATCH_UNREADABLE, message).item("read requests") if bad else None
    _check(ReceivedRecord(delivery, None, value, headers, error), decode_json)


def _check(record: ReceivedRecord, decode: Any) -> None:
    began = time.monotonic()
    ((tag, found),) = outputs_of(_Decode(decode, _USE_CASES), record)
    assert time.monotonic() - began < _MOST_SECONDS
    assert found.delivery == record.delivery
    if tag == UNDECODABLE:
        assert (found.key, found.value, found.headers) == (record.key, record.value, record.headers)
        assert isinstance(found, DeadLetter)
        assert found.error.code is not ErrorCode.INTERNAL_ERROR, found.error.message
        survives(DeadLetterCoder(), [found])
        return
    assert isinstance(found, ReceivedRequest)
    assert REQUEST_ID.fullmatch(found.request.request_id)
    assert found.errors or found.request.use_case in _USE_CASES
    assert set(found.echo) <= set(record.headers)
    survives(ReceivedRequestCoder(), [found])
    assert len(ReceivedRequestCoder().encode(found)) < 10_000 + 20 * len(record.value or b"") + 2 * 3 * 1024
