"""Requests as the serialisers of other languages and registries write them, with schemas of their own."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime
from typing import Any

import fastavro
import pytest

from schemas.errors import DocbeamError, ErrorCode
from schemas.frames import GUID_HEADER, unframe
from schemas.request import AnalysisRequest, DocumentReference, as_avro_means, check_request
from schemas.wire import RecordCodec

CODEC = RecordCodec(AnalysisRequest)
WHEN = datetime(2026, 3, 4, 5, 6, 7, 891_000, UTC)
MICROS = 1_772_600_767_891_000
REQUEST = AnalysisRequest("r-1", DocumentReference("gs://b/d", "image/png"), "receipt", {"form": "a"}, "c-1", WHEN)
JAVA_STRING = {"type": "string", "avro.java.string": "String"}


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def record(name: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


REFERENCE = record("Reference", field("location", "string"), field("media_type", ["null", "string"]))
OURS = (
    field("request_id", "string"),
    field("document", REFERENCE),
    field("use_case", "string"),
    field("parameters", {"type": "map", "values": "string"}),
    field("client_id", "string"),
    field("submitted_at", {"type": "long", "logicalType": "timestamp-micros"}),
)
VALUES: dict[str, Any] = {
    "request_id": "r-1",
    "document": {"location": "gs://b/d", "media_type": "image/png"},
    "use_case": "receipt",
    "parameters": {"form": "a"},
    "client_id": "c-1",
    "submitted_at": MICROS,
}


def read(schema: Any, values: dict[str, Any]) -> AnalysisRequest:
    """The request in what a producer has written with its own schema."""
    body = io.BytesIO()
    fastavro.schemaless_writer(body, _without_logical(schema), values, strict=True)
    return as_avro_means(CODEC.from_avro(body.getvalue(), schema))


def _without_logical(told: Any) -> Any:
    """So that values are given as they are on the wire."""
    if isinstance(told, dict):
        return {key: _without_logical(value) for key, value in told.items() if key != "logicalType"}
    return [_without_logical(each) for each in told] if isinstance(told, list) else told


def with_field(name: str, kind: Any, value: Any, **more: Any) -> tuple[Any, dict[str, Any]]:
    """Our schema and values with another field in the place of that name."""
    fields = [field(name, kind, **more) if each["name"] == name else each for each in OURS]
    return record("Request", *fields), {**VALUES, name: value}


def in_document(kind: Any, value: Any, name: str = "media_type") -> tuple[Any, dict[str, Any]]:
    reference = record("Reference", field("location", "string"), field(name, kind))
    return with_field("document", reference, {"location": "gs://b/d", name: value})


def renamed(names: dict[str, str], **more: Any) -> tuple[Any, dict[str, Any]]:
    fields = [{**each, "name": names.get(each["name"], each["name"]), **more.get(each["name"], {})} for each in OURS]
    return record("Request", *fields), {names.get(name, name): value for name, value in VALUES.items()}


CAMEL = {"request_id": "requestId", "use_case": "useCase", "client_id": "clientId", "submitted_at": "submittedAt"}
PASCAL = {name: name.title().replace("_", "") for name in VALUES}
SYMBOLS = {"type": "enum", "name": "UseCase", "symbols": ["other", "receipt"]}
PAIRS = {"type": "array", "items": record("Pair", field("key", "string"), field("value", "string"))}
UNDERSTOOD: dict[str, tuple[Any, dict[str, Any]]] = {
    "as ours": (record("Request", *OURS), VALUES),
    "another namespace": (record("Anfrage", *OURS, namespace="com.acme.forms"), VALUES),
    "a nested class of Java": (record("Request", *OURS, namespace="com.acme.Forms$"), VALUES),
    "a generic class of .NET": (record("Request`1".replace("`", "_"), *OURS, namespace="Acme.Forms+Inner"), VALUES),
    "other order": (record("Request", *reversed(OURS)), VALUES),
    "strings of Java": with_field("use_case", JAVA_STRING, "receipt"),
    "strings of Java that may be null": with_field("client_id", ["null", JAVA_STRING], "c-1", default=None),
    "null last": with_field("client_id", ["string", "null"], "c-1"),
    "union of one": with_field("use_case", ["string"], "receipt"),
    "union of text and bytes": with_field("client_id", ["null", "bytes", "string"], "c-1"),
    "enum": with_field("use_case", SYMBOLS, "receipt"),
    "enum that may be null": with_field("use_case", ["null", SYMBOLS], "receipt"),
    "bytes": with_field("request_id", "bytes", b"r-1"),
    "fixed text": with_field("request_id", {"type": "fixed", "name": "Three", "size": 3}, b"r-1"),
    "document may be null": with_field("document", ["null", REFERENCE], VALUES["document"]),
    "camel case": renamed(CAMEL),
    "pascal case": renamed(PASCAL),
    "aliases": renamed({"use_case": "kind"}, use_case={"aliases": ["use_case"]}),
    "aliases spelled otherwise": renamed({"use_case": "kind"}, use_case={"aliases": ["other", "useCase"]}),
    "more fields": (
        record("Request", field("trace", {"type": "array", "items": "long"}), *OURS, field("priority", "int")),
        {**VALUES, "trace": [1, 2], "priority": 3},
    ),
    "a type that another field defines": (
        record("Request", field("before", REFERENCE), *[{**OURS[1], "type": "Reference"} if n == 1 else each
                                                        for n, each in enumerate(OURS)]),
        {**VALUES, "before": {"location": "x", "media_type": None}},
    ),
    "a decimal nobody reads": (
        record("Request", field("x", {"type": "bytes", "logicalType": "decimal", "precision": 9}), *OURS),
        {**VALUES, "x": b"\1"},
    ),
    "a union nobody reads": (record("Request", field("x", ["null", "long", PAIRS]), *OURS), {**VALUES, "x": 7}),
    "milliseconds": with_field("submitted_at", {"type": "long", "logicalType": "timestamp-millis"}, MICROS // 1000),
    "local milliseconds": with_field(
        "submitted_at", ["null", {"type": "long", "logicalType": "local-timestamp-millis"}], MICROS // 1000
    ),
    "nanoseconds": with_field("submitted_at", {"type": "long", "logicalType": "timestamp-nanos"}, MICROS * 1000),
    "bare milliseconds": with_field("submitted_at", "long", MICROS // 1000),
    "bare microseconds": with_field("submitted_at", ["null", "long"], MICROS),
    "bare nanoseconds": with_field("submitted_at", "long", MICROS * 1000),
    "seconds and a fraction": with_field("submitted_at", "double", MICROS / 1e6),
    "a time as text": with_field("submitted_at", "string", "2026-03-04T05:06:07.891Z"),
    "a time as text without zone": with_field("submitted_at", "string", "2026-03-04T05:06:07.891"),
    "a time as Java writes it": with_field("submitted_at", "string", "2026-03-04T06:06:07.891+01:00[Europe/Berlin]"),
    "ticks of .NET": with_field("submitted_at", "long", 621_355_968_000_000_000 + 10 * MICROS),
    "keys and values": with_field("parameters", PAIRS, [{"key": "form", "value": "a"}]),
    "parameters as a record": with_field(
        "parameters", record("Parameters", field("form", "string"), field("other", ["null", "string"])),
        {"form": "a", "other": None},
    ),
    "parameters of several types": with_field(
        "parameters", {"type": "map", "values": ["null", "long", "string"]}, {"form": "a", "gone": None}
    ),
    "empty text for null": (
        with_field("document", record("R", *REFERENCE["fields"], field("sha256", "string")),
                   {**VALUES["document"], "sha256": ""})
    ),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "values"), UNDERSTOOD.values(), ids=list(UNDERSTOOD))
def test_what_is_plain_is_understood(schema: Any, values: dict[str, Any]) -> None:
    assert read(schema, values) == REQUEST


@pytest.mark.parametrize("name", ["parameters", "client_id", "submitted_at"])
def test_what_has_a_default_may_be_null_or_not_there(name: str) -> None:
    kind = next(each["type"] for each in OURS if each["name"] == name)
    expected = CODEC.to_plain(REQUEST) | {name: CODEC.to_plain(AnalysisRequest("", DocumentReference(""), ""))[name]}
    assert CODEC.to_plain(read(*with_field(name, ["null", kind], None))) == expected
    fields = [each for each in OURS if each["name"] != name]
    assert CODEC.to_plain(read(record("R", *fields), {k: v for k, v in VALUES.items() if k != name})) == expected


def test_empty_text_is_no_time() -> None:
    assert read(*with_field("submitted_at", "string", "")).submitted_at is None


@pytest.mark.parametrize("symbol", ["any_form", "ANY_FORM", "Any_Form"])
def test_a_symbol_that_cannot_have_dashes_names_a_use_case_with_them(symbol: str) -> None:
    kind = {"type": "enum", "name": "UseCase", "symbols": ["OTHER", symbol]}
    assert check_request(read(*with_field("use_case", kind, symbol))).use_case == "any-form"


def test_numbers_are_text_where_text_is_wanted() -> None:
    assert read(*with_field("request_id", "long", 42)).request_id == "42"
    assert read(*in_document("long", 1_700_000_000_000_000, "generation")).document.generation == "1700000000000000"
    parameters = {"type": "map", "values": ["boolean", "int", "double", "string"]}
    found = read(*with_field("parameters", parameters, {"a": True, "b": 7, "c": 0.5, "d": "e"})).parameters
    assert found == {"a": "true", "b": "7", "c": "0.5", "d": "e"}


def test_a_uuid_is_its_text_however_it_is_stored() -> None:
    number = uuid.uuid4()
    as_text = {"type": "string", "logicalType": "uuid"}
    as_bytes = {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}
    assert read(*with_field("request_id", as_text, str(number))).request_id == str(number)
    assert read(*with_field("request_id", as_bytes, number.bytes)).request_id == str(number)


def test_a_hash_in_capitals_is_the_same_hash() -> None:
    assert read(*in_document("string", "AB" * 32, "sha256")).document.sha256 == "ab" * 32


DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
REFUSED: dict[str, tuple[tuple[Any, dict[str, Any]], str]] = {
    "null": (with_field("request_id", ["null", "string"], None), "request_id: null, but it needs a value"),
    "null inside": (
        with_field("document", record("R", field("location", ["null", "string"])), {"location": None}),
        "document.location: null, but it needs a value",
    ),
    "no document": (with_field("document", ["null", REFERENCE], None), "document: null, but it needs a value"),
    "not there": ((record("R", *OURS[1:]), VALUES), "request_id: missing"),
    "not there inside": (with_field("document", record("R", field("url", "string")), {"url": "x"}),
                         "document.location: missing"),
    "a record for text": (with_field("use_case", record("R", field("a", "int")), {"a": 1}),
                          "use_case: a record, but it must be text"),
    "a list for text": (with_field("use_case", {"type": "array", "items": "string"}, ["a"]),
                        "use_case: a list, but it must be text"),
    "text for a record": (with_field("document", "string", "gs://b/d"), "document: text, but it must be a record"),
    "bytes that are no text": (with_field("request_id", "bytes", b"\xff\xfe"), "request_id: bytes that are no UTF-8"),
    "a decimal": (with_field("request_id", DECIMAL, b"\1"), "request_id: a decimal, but it must be text"),
    "no time": (with_field("submitted_at", "string", "yesterday"), "submitted_at: no time"),
    "a time of day": (
        with_field("submitted_at", {"type": "int", "logicalType": "time-millis"}, 1000),
        "submitted_at: a time of day, but it must be a time with its date",
    ),
    "a time beyond the calendar": (
        with_field("submitted_at", {"type": "long", "logicalType": "timestamp-millis"}, 2**62),
        "submitted_at: a time beyond the calendar",
    ),
    "text for a map": (with_field("parameters", "string", "form=a"), "parameters: text, but it must be a map"),
    "records in a map": (
        with_field("parameters", {"type": "map", "values": record("R", field("a", "int"))}, {"form": {"a": 1}}),
        "parameters.form: a record, but it must be text",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("written", "reason"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_understood_names_the_field_and_the_reason(
    written: tuple[Any, dict[str, Any]], reason: str
) -> None:
    schema, values = written
    names = {each["name"] for each in schema["fields"]}
    with pytest.raises(DocbeamError) as refused:
        read(schema, {name: value for name, value in values.items() if name in names})
    assert refused.value.code is ErrorCode.UNDECODABLE_RECORD
    assert refused.value.message.startswith(reason)


@pytest.mark.parametrize(("left", "place"), [(0, "request_id"), (6, "document.location"), (15, "document.media_type")])
def test_bytes_that_end_too_early_name_where(left: int, place: str) -> None:
    with pytest.raises(DocbeamError, match=f"{place}: the bytes end here"):
        CODEC.from_avro(CODEC.to_avro(REQUEST)[:left], CODEC.schema)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([field("document", record("D", field("a", "Missing")))], "field a: it refers to a type that it does not"),
        ([field("tags", {"type": "array", "items": "null"})], "field tags: values in a array take no bytes"),
        ([field("next", ["null", "R"])], "field next: it is recursive"),
    ],
)
def test_a_schema_that_cannot_be_used_says_which_field_is_why(fields: list[Any], reason: str) -> None:
    with pytest.raises(DocbeamError) as refused:
        CODEC.from_avro(b"", record("R", *fields))
    assert refused.value.code is ErrorCode.UNUSABLE_SCHEMA
    assert refused.value.message.startswith(f"the schema cannot be used: {reason}")


def test_json_behind_a_schemas_id_is_called_what_it_is() -> None:
    with pytest.raises(DocbeamError, match=r"request_id: .*; behind the schema id it looks like JSON"):
        CODEC.from_avro(b'{"request_id":"r"}', CODEC.schema)


GUID = uuid.uuid4()
LONG = (7).to_bytes(8, "big")


@pytest.mark.parametrize(
    ("value", "headers", "schema_id", "body"),
    [
        (b"\0\0\0\0\7body", {}, 7, b"body"),
        (b"\0" + LONG + b"body", {}, 7, b"body"),
        (b"\0\0\0\0\7", {}, 7, b""),
        (b"body", {GUID_HEADER: b"\1" + GUID.bytes}, GUID, b"body"),
        (b"body", {GUID_HEADER: b"\0\0\0\0\7"}, 7, b"body"),
        (b"body", {"apicurio.value.globalId": LONG, "apicurio.value.encoding": b"BINARY"}, 7, b"body"),
        (b"body", {"apicurio.value.contentId": LONG}, 7, b"body"),
        (b"\0\0\0\0\7body", {"apicurio.value.globalId": b"7", "other": b"x"}, 7, b"body"),
    ],
)
def test_each_registrys_frame_says_the_schema(
    value: bytes, headers: dict[str, bytes], schema_id: int | uuid.UUID, body: bytes
) -> None:
    framed = unframe(value, list(headers.items()))
    assert (framed.schema_id, framed.body) == (schema_id, body)


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        (b'{"request_id": "r"}', {}, "it looks like JSON"),
        (b'\xef\xbb\xbf [{"request_id": "r"}]', {}, "it looks like JSON"),
        (b"", {}, "the value is empty"),
        (b"\x1f\x8b\x08" + bytes(20), {}, "packed with gzip"),
        (bytes(4) + b"0123456789abcdef" * 2 + b"body", {}, "the registry of Azure"),
        (b"body", {"content-type": b"avro/binary+" + b"0123456789abcdef" * 2}, "the registry of Azure"),
        (b"\xc3\x01" + bytes(8), {}, "Avro's single object"),
        (b"Obj\x01", {}, "a file of Avro objects"),
        (b"\x03\x00" + bytes(16), {}, "AWS Glue"),
        (b"%PDF-1.7", {}, "where one is stored"),
        (b"\x06r-1", {}, "does not start with byte 0"),
        (b"{}", {"apicurio.value.globalId": LONG, "apicurio.value.encoding": b"JSON"}, "binary encoding"),
    ],
)
def test_what_has_no_frame_is_called_what_it_is(value: bytes, headers: dict[str, bytes], reason: str) -> None:
    with pytest.raises(DocbeamError, match=reason) as refused:
        unframe(value, list(headers.items()))
    assert refused.value.code is ErrorCode.UNDECODABLE_RECORD
