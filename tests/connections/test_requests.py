"""A request is read by the schema it names; a registry that is away, or wrong for a moment, buries nothing."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

import pytest
from registry_stand_in import DENIED, NO_SUBJECT, Registry, given

from config.settings import SourceSettings
from connections.requests import decode_avro
from connections.writer_schemas import Said, answers_otherwise
from schemas.errors import DocbeamError, ErrorCode
from schemas.frames import GUID_HEADER
from schemas.part import Delivery, ReceivedRecord
from schemas.released import newest_schema
from schemas.request import AnalysisRequest, DocumentReference
from schemas.wire import RecordCodec, frame

CODEC = RecordCodec(AnalysisRequest)
REQUEST = AnalysisRequest("r-1", DocumentReference("gs://bucket/document"), "receipt")
SUBJECT = "subjects/requests-value/versions"
X, KNOWN = "schemas/ids/7", "schemas/ids/3"


@pytest.fixture
def registry() -> Iterator[Registry]:
    made = Registry()
    yield made
    made.close()


@pytest.fixture
def sane(registry: Registry) -> Registry:
    """One that knows the topic's subject."""
    registry.replies[SUBJECT] = (200, [1])
    return registry


def record(value: bytes | None, **headers: bytes) -> ReceivedRecord:
    delivery = Delivery("requests", 0, 5, 5, datetime.now(UTC))
    return ReceivedRecord(delivery, b"key", value, tuple(headers.items()))


def valid(schema_id: int = 7, request: AnalysisRequest = REQUEST) -> ReceivedRecord:
    return record(frame(schema_id, CODEC.to_avro(request)))


def newer(schema_id: int = 7) -> ReceivedRecord:
    """A request that only its own schema can read."""
    return record(frame(schema_id, b"\x02!" + CODEC.to_avro(REQUEST)))


def newer_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(json.dumps(newest_schema("analysis_request")))
    schema["fields"].insert(0, {"name": "added", "type": "string"})
    return schema


def code_of(attempt: Callable[[], object]) -> ErrorCode | None:
    try:
        attempt()
    except DocbeamError as error:
        return error.code
    return None


@pytest.fixture
def waiting() -> Callable[..., Future[AnalysisRequest]]:
    """Decode on a thread of its own, which nobody waits for when the test fails."""

    def start(*arguments: Any) -> Future[AnalysisRequest]:
        found: Future[AnalysisRequest] = Future()
        threading.Thread(target=lambda: found.set_result(decode_avro(*arguments)), daemon=True).start()
        return found

    return start


def test_the_schema_of_the_registry_decides_even_where_a_released_one_would_read_the_bytes(sane: Registry) -> None:
    schema = json.loads(json.dumps(newest_schema("analysis_request")))
    schema["fields"][0]["name"], schema["fields"][2]["name"] = "use_case", "request_id"
    sane.replies[X] = given(schema)
    found = decode_avro(valid(request=AnalysisRequest("receipt", REQUEST.document, "r-1")), sane.settings)
    assert (found.request_id, found.use_case) == ("r-1", "receipt")


def test_a_schema_is_asked_for_once(sane: Registry) -> None:
    sane.replies[X] = given(newer_schema())
    assert [decode_avro(newer(), sane.settings) for _ in range(5)] == [REQUEST] * 5
    assert sane.asked[X] == 1


def test_a_schema_is_found_by_its_guid(sane: Registry) -> None:
    guid = uuid.uuid4()
    sane.replies[f"schemas/guids/{guid}"] = given(newer_schema())
    body = b"\x02!" + CODEC.to_avro(REQUEST)
    assert decode_avro(record(body, **{GUID_HEADER: b"\x01" + guid.bytes}), sane.settings) == REQUEST


def spread(registry: Registry) -> None:
    """The newer schema, its document defined by one schema and what that holds by another."""
    schema = newer_schema()
    place = next(each for each in schema["fields"] if each["name"] == "document")
    document, place["type"] = place["type"], "com.acme.Document"
    document |= {"name": "Document", "namespace": "com.acme"}
    note = {"name": "note", "type": ["null", "string"]}
    texts = {"type": "record", "name": "Texts", "namespace": "com.acme.parts", "fields": [note]}
    document["fields"].append({"name": "texts", "type": ["null", "com.acme.parts.Texts"]})
    registry.replies[X] = given(
        schema, references=[{"name": "com.acme.Document", "subject": "doc/value", "version": 2}]
    )
    inner = [{"name": "com.acme.parts.Texts", "subject": "texts", "version": 1}]
    registry.replies["subjects/doc%2Fvalue/versions/2"] = given(document, references=inner)
    registry.replies["subjects/texts/versions/1"] = given(texts)


def test_a_schema_that_refers_to_others_is_read_with_those(sane: Registry) -> None:
    spread(sane)
    body = CODEC.to_avro(REQUEST)
    # After the document's four fields the fifth, null, and before the request's others the added text.
    end = len(b"\x06r-1") + len(b"\x28gs://bucket/document") + 3
    request = record(frame(7, b"\x02!" + body[:end] + b"\0" + body[end:]))
    assert [decode_avro(request, sane.settings) for _ in range(3)] == [REQUEST] * 3
    assert sane.asked["subjects/texts/versions/1"] == 1


BAD: dict[str, tuple[int, Any]] = {
    "no login": (401, {"error_code": 40101, "message": "Unauthorized"}),
    "no right": (403, {"error_code": 40301, "message": "Forbidden"}),
    "too many": (429, {}),
    "broken": (500, {"error_code": 50001, "message": "Error in the backend data store"}),
    "unavailable": (503, b"<html>503</html>"),
    "a page for 404": (404, b"<html>not found</html>"),
    "a page": (200, b"<html>welcome</html>"),
    "empty": (200, b""),
    "nothing": (200, b"null"),
    "a list": (200, []),
    "a number for a schema": (200, {"schema": 7}),
    "no schema": (200, {"id": 7}),
    "deep": (200, b"[" * 300_000),
    "huge": (200, b'{"schema": "' + b" " * 2_000_000 + b'"}'),
    "moved": (302, b""),
    "silent": (200, None),
}
FOREIGN: dict[str, tuple[int, Any]] = {
    "protobuf": given('syntax = "proto3"; message A {}', schemaType="PROTOBUF"),
    "references": given(newer_schema(), references=[{"name": "A", "subject": "a", "version": 1}]),
}


@pytest.mark.parametrize("reply", [*BAD.values(), DENIED], ids=[*BAD, "denied"])
def test_a_request_that_a_released_schema_reads_never_waits_for_a_registry_that_gives_none(
    registry: Registry, reply: tuple[int, Any]
) -> None:
    registry.replies[X] = reply
    registry.otherwise = (503, b"")
    assert [decode_avro(valid(), registry.settings) for _ in range(20)] == [REQUEST] * 20
    assert registry.asked[X] == 1, "each record asked again"


@pytest.mark.parametrize("reply", [*BAD.values(), *FOREIGN.values()], ids=[*BAD, *FOREIGN])
def test_an_id_that_gets_nothing_usable_from_a_sane_registry_is_a_dead_letter_to_be_sent_again(
    sane: Registry, reply: tuple[int, Any]
) -> None:
    sane.replies[X] = reply
    with pytest.raises(DocbeamError) as refused:
        decode_avro(newer(), sane.settings)
    assert refused.value.code is ErrorCode.SCHEMA_UNAVAILABLE
    assert refused.value.item().retryable
    assert sane.asked[X] >= 3, "it was believed at once"


def test_a_registry_that_only_lists_subjects_is_sane_enough_to_give_up_one_id(registry: Registry) -> None:
    registry.replies = {X: (500, {}), SUBJECT: NO_SUBJECT, "subjects": (200, ["other-value"])}
    assert code_of(lambda: decode_avro(newer(), registry.settings)) is ErrorCode.SCHEMA_UNAVAILABLE


@pytest.mark.parametrize("reply", FOREIGN.values(), ids=list(FOREIGN))
def test_bytes_of_another_format_are_not_guessed_at(sane: Registry, reply: tuple[int, Any]) -> None:
    sane.replies[X] = reply
    assert code_of(lambda: decode_avro(valid(), sane.settings)) is ErrorCode.SCHEMA_UNAVAILABLE


@pytest.mark.parametrize("reply", [BAD["no login"], BAD["a list"], BAD["silent"], DENIED], ids=str)
def test_a_record_waits_while_the_registry_answers_for_nothing_and_is_read_when_it_does(
    registry: Registry, reply: tuple[int, Any], waiting: Callable[..., Future[AnalysisRequest]]
) -> None:
    registry.otherwise = reply
    found = waiting(newer(), registry.settings)
    registry.wait_until_asked(X, 4 if reply[1] is not None else 2)
    assert not found.done()
    registry.replies[X] = given(newer_schema())
    assert found.result(timeout=60) == REQUEST


def test_an_unknown_id_is_a_dead_letter_when_it_was_denied_for_a_while(sane: Registry) -> None:
    assert code_of(lambda: decode_avro(newer(), sane.settings)) is ErrorCode.UNKNOWN_SCHEMA
    assert sane.asked[X] >= 3, "it was believed at once"
    asked = sane.asked[X]
    assert code_of(lambda: decode_avro(newer(), sane.settings)) is ErrorCode.UNKNOWN_SCHEMA
    assert sane.asked[X] == asked + 1, "garbage waits anew each time, or is not asked for again"


def test_a_registry_that_knows_an_earlier_id_may_deny_another(registry: Registry) -> None:
    registry.replies = {KNOWN: given(newer_schema()), SUBJECT: NO_SUBJECT}
    assert decode_avro(newer(3), registry.settings) == REQUEST
    assert code_of(lambda: decode_avro(newer(), registry.settings)) is ErrorCode.UNKNOWN_SCHEMA


def test_one_no_among_other_answers_buries_nothing(sane: Registry) -> None:
    schema = given(newer_schema())
    sane.replies[X] = lambda place: (DENIED, (500, {}), DENIED, schema)[min(place, 3)]
    assert decode_avro(newer(), sane.settings) == REQUEST


def test_a_registry_that_came_back_empty_buries_nothing(
    registry: Registry, waiting: Callable[..., Future[AnalysisRequest]]
) -> None:
    registry.replies = {KNOWN: given(newer_schema()), SUBJECT: (200, [1]), "subjects": (200, ["requests-value"])}
    assert decode_avro(newer(3), registry.settings) == REQUEST
    registry.replies = {SUBJECT: NO_SUBJECT, "subjects": (200, ["others-value"])}
    found = waiting(newer(), registry.settings)
    assert decode_avro(valid(), registry.settings) == REQUEST
    assert decode_avro(newer(3), registry.settings) == REQUEST, "what was given once is kept"
    registry.wait_until_asked(X, 5)
    assert not found.done()
    registry.replies = {X: given(newer_schema()), SUBJECT: (200, [1])}
    assert found.result(timeout=60) == REQUEST


def test_a_record_that_waits_holds_no_other(
    registry: Registry, waiting: Callable[..., Future[AnalysisRequest]]
) -> None:
    """Neither while it sleeps, nor while the registry keeps silent to it."""
    settings = registry.settings.model_copy(update={"timeout_seconds": 30.0})
    registry.replies = {f"schemas/ids/{number}": (200, None) for number in range(10, 18)}
    stuck = [waiting(newer(number), settings) for number in range(10, 18)]
    for number in range(10, 18):
        registry.wait_until_asked(f"schemas/ids/{number}", 1)
    registry.replies[X] = given(newer_schema())
    assert decode_avro(newer(), settings) == REQUEST
    assert decode_avro(valid(9), settings) == REQUEST
    assert not any(each.done() for each in stuck)
    registry.replies = {f"schemas/ids/{number}": given(newer_schema()) for number in range(10, 18)}
    registry.speak()
    assert [each.result(timeout=60) for each in stuck] == [REQUEST] * 8


def test_an_answer_that_never_ends_costs_a_time_out(sane: Registry) -> None:
    """Byte after byte, each in time."""
    ending = threading.Event()
    sent = 0

    def drip(handler: Any) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not ending.is_set() and sent < 2_000:
            handler.wfile.write(b" ")
            sent += 1
            time.sleep(0.05)

    sane.server.RequestHandlerClass.do_GET = drip  # type: ignore[attr-defined]
    assert decode_avro(valid(), sane.settings) == REQUEST
    ending.set()
    assert sent < 1_000


UNUSABLE = {
    "a bare string": json.dumps("string"),
    "no schema": "{}",
    "nested": "[" * 60_000,
    "recursive": json.dumps(
        {"type": "record", "name": "A", "fields": [{"name": "a", "type": {"type": "array", "items": "A"}}]}
    ),
}


@pytest.mark.parametrize("text", UNUSABLE.values(), ids=list(UNUSABLE))
def test_a_schema_that_may_do_harm_is_a_dead_letter_of_its_own(sane: Registry, text: str) -> None:
    sane.replies[X] = given(text)
    for _ in range(3):
        with pytest.raises(DocbeamError) as refused:
            decode_avro(newer(), sane.settings)
        assert (refused.value.code, refused.value.item().retryable) == (ErrorCode.UNUSABLE_SCHEMA, False)
    assert sane.asked[X] == 1


def test_bytes_that_the_registrys_schema_does_not_read_are_not_tried_with_others(sane: Registry) -> None:
    sane.replies[X] = given(newer_schema())
    assert code_of(lambda: decode_avro(valid(), sane.settings)) is ErrorCode.UNDECODABLE_RECORD


def test_a_guess_has_to_be_a_valid_request(sane: Registry) -> None:
    """Bytes that a released schema reads, but not as anything a client would ask."""
    by_chance = AnalysisRequest("r-1", DocumentReference(""), "No Use Case")
    assert code_of(lambda: decode_avro(valid(request=by_chance), sane.settings)) is ErrorCode.UNKNOWN_SCHEMA


def test_a_request_beyond_the_limit_is_refused_with_the_limit() -> None:
    nowhere = Registry()
    nowhere.close()
    with pytest.raises(DocbeamError, match=r"2006 bytes; source\.max_request_bytes is 2000") as refused:
        decode_avro(record(frame(7, b"x" * 2001)), nowhere.settings, SourceSettings(max_request_bytes=2000))
    assert refused.value.code is ErrorCode.UNDECODABLE_RECORD


@pytest.mark.parametrize("value", [None, b"", b"\0", b"\0\0\0\0", b"garbage", b"\x01\0\0\0\x07"])
def test_a_value_without_a_frame_asks_nobody(value: bytes | None) -> None:
    nowhere = Registry()
    nowhere.close()
    assert code_of(lambda: decode_avro(record(value), nowhere.settings)) is ErrorCode.UNDECODABLE_RECORD


def test_whether_a_registry_is_to_be_believed_is_asked_once_a_second_for_each_kind_of_no(registry: Registry) -> None:
    registry.replies = {SUBJECT: NO_SUBJECT, "subjects": (200, ["others-value"])}
    believed = {
        said: [answers_otherwise(said, "requests-value", registry.settings) for _ in range(5)]
        for said in (Said.UNKNOWN, Said.ODD)
    }
    # One that lists its subjects and does not have this one may have lost it.
    assert believed == {Said.UNKNOWN: [False] * 5, Said.ODD: [True] * 5}
    assert registry.asked[SUBJECT] == 2
