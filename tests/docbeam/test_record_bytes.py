"""Records survive their wire formats whole, and no bytes can raise anything but an error with a code."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_strategies import REQUESTS, RESULTS

from schemas.errors import DocbeamError, ErrorCode
from schemas.frames import GUID_HEADER, unframe
from schemas.request import AnalysisRequest
from schemas.result import AnalysisResult
from schemas.wire import RecordCodec, frame

REQUEST = RecordCodec(AnalysisRequest)
RESULT = RecordCodec(AnalysisResult)
ACCEPTABLE = (None, ErrorCode.UNDECODABLE_RECORD)
many = settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))


@many
@given(REQUESTS, st.integers(1, 2**32 - 1))
def test_a_request_comes_back_from_its_frame(request: AnalysisRequest, schema_id: int) -> None:
    framed = unframe(frame(schema_id, REQUEST.to_avro(request)))
    assert framed.schema_id == schema_id
    assert REQUEST.from_avro(framed.body, REQUEST.schema) == request


@many
@given(RESULTS)
def test_a_result_comes_back_from_avro_and_from_json(result: AnalysisResult) -> None:
    assert RESULT.from_avro(RESULT.to_avro(result), RESULT.schema) == result
    assert RESULT.from_json(RESULT.to_json(result)) == result
    assert RESULT.from_json(json.dumps(RESULT.to_plain(result))) == result


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=400))
def test_garbage_is_refused_with_a_code(garbage: bytes) -> None:
    assert _code(lambda: REQUEST.from_avro(garbage, REQUEST.schema)) in ACCEPTABLE
    assert _code(lambda: RESULT.from_avro(garbage, RESULT.schema)) in ACCEPTABLE
    assert _code(lambda: REQUEST.from_json(garbage)) in ACCEPTABLE
    assert _code(lambda: unframe(garbage)) in ACCEPTABLE


@many
@given(REQUESTS, st.data())
def test_a_damaged_request_is_refused_with_a_code_or_is_another_request(
    request: AnalysisRequest, data: st.DataObject
) -> None:
    body = bytearray(REQUEST.to_avro(request))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(body[: data.draw(st.integers(0, len(body)))])
    assert _code(lambda: REQUEST.from_avro(damaged, REQUEST.schema)) in ACCEPTABLE


def test_bytes_after_the_record_are_refused() -> None:
    body = REQUEST.to_avro(
        REQUEST.from_json('{"request_id": "a", "document": {"location": "gs://b/c"}, "use_case": "d"}')
    )
    with pytest.raises(DocbeamError, match="after the end"):
        REQUEST.from_avro(body + b"\0", REQUEST.schema)


def test_a_guid_in_the_header_names_the_schema() -> None:
    guid = uuid.uuid4()
    framed = unframe(b"body", [("other", b"x"), (GUID_HEADER, b"\x01" + guid.bytes)])
    assert (framed.schema_id, framed.body) == (guid, b"body")


def _code(attempt: Callable[[], object]) -> ErrorCode | None:
    """The code it fails with; any other exception goes on."""
    try:
        attempt()
    except DocbeamError as error:
        return error.code
    return None
