"""No schema and no bytes of a stranger end, hold or swell the process that decodes them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from fastavro import _read_py
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.avro_reader import avro_reader
from schemas.errors import DocbeamError, ErrorCode
from schemas.released import released_schemas
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import AnalysisResult
from schemas.wire import Body, RecordCodec
from schemas.writer_schema import MAX_CHARACTERS, MAX_DEPTH, MAX_FREE, MAX_TYPES, WriterSchema, vetted

REQUEST, RESULT = RecordCodec(AnalysisRequest), RecordCodec(AnalysisResult)
ACCEPTABLE = (None, ErrorCode.UNDECODABLE_RECORD, ErrorCode.UNUSABLE_SCHEMA)
MANY = 2**50


def long(number: int) -> bytes:
    """An Avro long."""
    rest = (number << 1) ^ (number >> 63)
    found = bytearray()
    while rest > 0x7F:
        found.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*found, rest])


def record(*fields: Any, name: str = "AnalysisRequest") -> dict[str, Any]:
    """A record of fields x0, x1... of these types."""
    return {
        "type": "record",
        "name": name,
        "fields": [{"name": f"x{place}", "type": each} for place, each in enumerate(fields)],
    }


def laughs(leaf: str, levels: int = 30) -> dict[str, Any]:
    """A record that expands to 2 ** levels leaves."""
    inner: Any = leaf
    for level in range(levels):
        first = record(inner, name=f"L{level}")
        first["fields"].append({"name": "again", "type": f"L{level - 1}" if level else leaf})
        inner = first
    return record(inner)


def nested(levels: int) -> Any:
    """An array of arrays of..."""
    inner: Any = "int"
    for _ in range(levels):
        inner = {"type": "array", "items": inner}
    return record(inner)


def deep_records(levels: int) -> Any:
    """An array of records in each other, each around one more."""
    inner: Any = "boolean"
    for level in range(levels):
        inner = record(inner, name=f"D{level}")
    return record({"type": "array", "items": inner})


UNUSABLE: dict[str, Any] = {
    "no JSON": "{",
    "nothing": "",
    "a bare string": json.dumps("string"),
    "an enum": {"type": "enum", "name": "E", "symbols": ["a"]},
    "a union": ["null", record("int")],
    "a number": "7",
    "300 kB of nesting": "[" * 300_000,
    "nesting within 64 kB": "[" * 60_000,
    "nesting of types": nested(40),
    "recursive": record({"type": "array", "items": "AnalysisRequest"}),
    "recursive through another": record({**record(["null", "AnalysisRequest"], name="B")}),
    "large": {**record("int"), "doc": "x" * MAX_CHARACTERS},
    "billion laughs": laughs("null"),
    "billion laughs with bytes": laughs("int"),
    "array of nulls": record({"type": "array", "items": "null"}),
    "array of empty records": record({"type": "array", "items": record(name="E")}),
    "array of records of nothing": record({"type": "array", "items": record("null", record(name="E"), name="N")}),
    "array of fixed of 0": record({"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}}),
    "array of much for a byte": record({"type": "array", "items": record("int", *["null"] * 100, name="N")}),
    "array of records in records": deep_records(MAX_FREE + 1),
    "array of unions of much": record({"type": "array", "items": ["int", record(*["null"] * 100, name="N")]}),
    "map of much for a byte": record({"type": "map", "values": record(*["null"] * 100, name="N")}),
    "names nothing": record("Missing"),
    "defined twice": record(record("int", name="A"), record("int", name="A")),
    "names that are none": record("int", name="a b"),
    "fields that are none": {"type": "record", "name": "R", "fields": [1]},
    "fields twice": {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}] * 2},
    "a size of text": record({"type": "fixed", "name": "F", "size": "9"}),
    "a namespace of numbers": {**record("int"), "namespace": 7},
    "an empty union": record([]),
    "a union in a union": record(["null", ["null", "int"]]),
}


@pytest.mark.parametrize("told", UNUSABLE.values(), ids=list(UNUSABLE))
def test_a_schema_that_may_do_harm_is_refused_before_it_is_used(told: Any) -> None:
    text = told if isinstance(told, str) else json.dumps(told)
    with pytest.raises(DocbeamError) as refused:
        vetted(text)
    assert refused.value.code is ErrorCode.UNUSABLE_SCHEMA
    assert len(refused.value.message) < 200


@pytest.mark.parametrize("contract", ["analysis_request", "analysis_result"])
def test_what_docbeam_released_may_be_decoded_with(contract: str) -> None:
    for schema in released_schemas(contract).values():
        vetted(json.dumps(schema))


def test_what_does_not_decide_how_bytes_are_read_is_ignored() -> None:
    request = AnalysisRequest("r-1", DocumentReference("gs://b/d"), "receipt")
    schema = json.loads(json.dumps(released_schemas("analysis_request")[1]))
    schema["fields"][0]["type"] = {"type": "string", "logicalType": "uuid", "avro.java.string": "String"}
    schema["fields"].append(
        {"name": "priority", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10**9, "scale": 10**9}}
    )
    body = REQUEST.to_avro(request) + long(9) + b"\x7f" * 9
    assert REQUEST.from_avro(body, vetted(json.dumps(schema))) == request


def test_a_producer_may_count_milliseconds() -> None:
    schema = json.loads(json.dumps(released_schemas("analysis_request")[1]))
    (submitted,) = (field for field in schema["fields"] if field["name"] == "submitted_at")
    submitted["type"] = {"type": "long", "logicalType": "timestamp-millis"}
    del submitted["default"]
    body = REQUEST.to_avro(AnalysisRequest("r-1", DocumentReference("gs://b/d"), "receipt"))[:-1] + long(
        1_700_000_000_000
    )
    found = REQUEST.from_avro(body, vetted(json.dumps(schema)))
    assert found.submitted_at is not None
    assert found.submitted_at.isoformat() == "2023-11-14T22:13:20+00:00"


PAST_THE_END: dict[str, tuple[Any, bytes]] = {
    "array of fixed": ({"type": "array", "items": {"type": "fixed", "name": "F", "size": 8}}, long(MANY)),
    "array of floats": ({"type": "array", "items": "float"}, long(MANY) + b"1234"),
    "array of booleans": ({"type": "array", "items": "boolean"}, long(MANY)),
    "array of strings": ({"type": "array", "items": "string"}, long(MANY) + long(5)),
    "map of doubles": ({"type": "map", "values": "double"}, long(MANY) + long(1) + b"a"),
    "map of nulls": ({"type": "map", "values": "null"}, long(MANY) + long(1) + b"a"),
    "count below none": ({"type": "array", "items": "int"}, long(-MANY) + long(MANY)),
    "block of fewer bytes than none": ({"type": "array", "items": "int"}, long(-3) + long(-MANY)),
    "least count": ({"type": "array", "items": "boolean"}, long(-(2**63)) + long(7)),
    "string": ("string", long(MANY) + b"ab"),
    "string of fewer than none": ("string", long(-5) + b"abcdefghij"),
    "bytes": ("bytes", long(2**31) + b"ab"),
    "fixed": ({"type": "fixed", "name": "F", "size": 2**31}, b"ab"),
    "enum": ({"type": "enum", "name": "E", "symbols": ["a"]}, b""),
    "union": (["null", "int"], long(9)),
    "long": ("long", b"\x80"),
}


@pytest.mark.parametrize("read", [False, True], ids=["skipped", "read"])
@pytest.mark.parametrize(("told", "body"), PAST_THE_END.values(), ids=list(PAST_THE_END))
def test_bytes_that_promise_more_than_there_is_are_refused_at_once(told: Any, body: bytes, read: bool) -> None:
    schema = record(told)
    if read:
        # The field that the reader wants, so that it is not only skipped.
        schema["fields"][0]["name"] = "request_id"
    with pytest.raises(DocbeamError) as refused:
        REQUEST.from_avro(body, vetted(json.dumps(schema)))
    assert refused.value.code is ErrorCode.UNDECODABLE_RECORD


WORST: dict[str, tuple[Any, bytes]] = {
    "arrays in arrays": (nested(MAX_DEPTH - 2), b"\x02" * 20_000),
    "empty arrays": (
        record({"type": "array", "items": {"type": "array", "items": "int"}}),
        long(MANY) + b"\0" * 20_000,
    ),
    "many fields without bytes": (
        record({"type": "array", "items": record("int", *["null"] * (MAX_FREE - 1), name="N")}),
        long(MANY) + b"\0" * 20_000,
    ),
    "many types once": (laughs("null", 10), b""),
    "unions": (
        record({"type": "array", "items": ["null", *(record("int", name=f"B{n}") for n in range(500))]}),
        long(MANY) + b"\0" * 20_000,
    ),
    "records in records": (deep_records(MAX_FREE), long(MANY) + b"\0" * 5_000),
}


@pytest.mark.parametrize(("told", "body"), WORST.values(), ids=list(WORST))
def test_the_worst_of_what_is_let_through_costs_a_multiple_of_its_bytes(told: Any, body: bytes) -> None:
    assert visits(vetted(json.dumps(told)), body) <= bound(body)


def bound(body: bytes) -> int:
    return 2 * MAX_TYPES + (1 + MAX_FREE) * len(body)


def visits(writer: WriterSchema, body: bytes) -> int:
    """Values that fastavro's same algorithm in Python looks at, whether it reads them or skips them."""
    counted = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal counted
        if event == "call" and frame.f_code.co_name in ("read_data", "skip_data"):
            counted += 1
            assert counted <= bound(body), "it goes on and on"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("fastavro.schemaless_reader", _read_py.schemaless_reader)
            avro_reader(writer, AnalysisRequest)(Body(body))
    except AssertionError:
        raise
    except Exception:
        pass
    finally:
        sys.setprofile(before)
    return counted


def test_a_body_is_read_once() -> None:
    """Each read takes a byte, but for the empty ones that follow a length."""
    parameters = {str(number): "" for number in range(2_000)}
    body = REQUEST.to_avro(AnalysisRequest("r", DocumentReference("gs://b/d"), "receipt", parameters))
    reads = 0

    class Counted(Body):
        def read(self, size: int) -> bytes:
            nonlocal reads
            reads += 1
            return super().read(size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("schemas.wire.Body", Counted)
        REQUEST.from_avro(body, REQUEST.schema)
    assert reads <= 2 * len(body)


NAMES = st.sampled_from(["A", "B", "C", "AnalysisRequest", "docbeam.DocumentReference", "", "a b", "null"])
KEYS = st.sampled_from(["request_id", "document", "use_case", "parameters", "submitted_at", "x", "y"])
PRIMITIVES = st.sampled_from(["null", "boolean", "int", "long", "float", "double", "bytes", "string"])
ODD: st.SearchStrategy[Any] = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.floats(), st.just({}))


def compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    field = st.fixed_dictionaries({"name": st.one_of(KEYS, ODD), "type": inner}, optional={"default": ODD})
    logical = st.sampled_from(["decimal", "uuid", "date", "timestamp-micros", "timestamp-millis", "duration", 7])
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
        st.fixed_dictionaries({"type": st.just("map"), "values": inner}),
        st.fixed_dictionaries(
            {"type": st.just("record"), "name": NAMES, "fields": st.lists(field, max_size=6)},
            optional={"namespace": st.one_of(NAMES, ODD), "aliases": ODD},
        ),
        st.fixed_dictionaries({"type": st.just("enum"), "name": NAMES, "symbols": st.lists(st.text(max_size=2))}),
        st.fixed_dictionaries({"type": st.just("fixed"), "name": NAMES, "size": st.integers(-1, 20)}),
        st.fixed_dictionaries({"type": PRIMITIVES, "logicalType": logical}, optional={"precision": ODD, "scale": ODD}),
        st.lists(inner, max_size=4),
    )


TYPES = st.recursive(st.one_of(PRIMITIVES, NAMES, ODD), compound, max_leaves=12)
SCHEMAS = st.builds(
    lambda fields: {"type": "record", "name": "AnalysisRequest", "fields": fields},
    st.lists(st.fixed_dictionaries({"name": KEYS, "type": TYPES}), max_size=7, unique_by=lambda field: field["name"]),
)
NUMBERS = st.sampled_from([long(number) for number in (0, 1, 2, 3, -1, -2, MANY, -MANY, 2**63 - 1, -(2**63))])
BODIES = st.lists(st.one_of(NUMBERS, st.binary(max_size=6)), max_size=20).map(b"".join)
many = settings(deadline=None, max_examples=400, suppress_health_check=list(HealthCheck))


@many
@given(st.one_of(SCHEMAS, TYPES), BODIES)
def test_any_schema_and_any_body_give_a_request_or_a_code(told: Any, body: bytes) -> None:
    text = json.dumps(told)
    assert code_of(lambda: REQUEST.from_avro(body, vetted(text))) in ACCEPTABLE
    assert code_of(lambda: RESULT.from_avro(body, vetted(text))) in ACCEPTABLE


@many
@given(SCHEMAS, BODIES)
def test_any_vetted_schema_costs_a_multiple_of_the_bytes(told: Any, body: bytes) -> None:
    try:
        writer = vetted(json.dumps(told))
    except DocbeamError:
        return
    assert visits(writer, body) <= bound(body)


@many
@given(st.text(max_size=60))
def test_any_text_is_a_schema_or_a_code(text: str) -> None:
    assert code_of(lambda: vetted(text)) in ACCEPTABLE


def code_of(attempt: Callable[[], object]) -> ErrorCode | None:
    """The code it fails with; any other exception goes on."""
    try:
        attempt()
    except DocbeamError as error:
        return error.code
    return None
