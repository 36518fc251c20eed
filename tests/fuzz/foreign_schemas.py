"""Requests as other writers frame them: released schemas, schemas of their own, and no schemas at all."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from schemas.released import released_schemas
from schemas.request import REQUEST_ID, AnalysisRequest, DocumentReference
from schemas.wire import RecordCodec
from tests.fuzz.hostile import ANY_TEXT, DELIVERIES, JSON_LIKE, TEXT, damaged, mostly

_CODEC = RecordCodec(AnalysisRequest)
_LEAVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string", "A", "docbeam.B", "AnalysisRequest"]
_FIELDS = ["request_id", "document", "use_case", "parameters", "client_id", "submitted_at", "location", "x"]
_SIZES = st.integers(-1, 20) | st.sampled_from([2**31, 2**63, True, "4"])

REQUESTS: st.SearchStrategy[AnalysisRequest] = st.builds(
    AnalysisRequest,
    mostly(st.from_regex(REQUEST_ID, fullmatch=True), TEXT),
    st.builds(
        DocumentReference,
        mostly(st.just("gs://bucket/a.pdf"), TEXT | st.just("x" * 2049)),
        mostly(st.none(), TEXT),
        mostly(st.none(), TEXT | st.just("0" * 64)),
        mostly(st.none(), TEXT),
    ),
    mostly(st.sampled_from(["receipt", "application-form"]), TEXT),
    st.dictionaries(TEXT, TEXT, max_size=3),
    TEXT,
    st.none() | DELIVERIES.map(lambda delivery: delivery.received_at),
)

BODIES: st.SearchStrategy[bytes] = (
    REQUESTS.map(_CODEC.to_avro) | damaged(REQUESTS.map(_CODEC.to_avro)) | st.binary(max_size=60)
)
"""Behind the schema id."""
LINES: st.SearchStrategy[bytes] = (
    REQUESTS.map(lambda request: _CODEC.to_json(request).encode())
    | damaged(REQUESTS.map(lambda request: _CODEC.to_json(request).encode()))
    | JSON_LIKE.map(lambda told: json.dumps(told).encode())
    | st.binary(max_size=60)
)
"""Of a bounded run."""
_RELEASED = list(released_schemas("analysis_request").values())


def _named(kind: str, **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(["A", "B", "AnalysisRequest", "docbeam.A"]) | ANY_TEXT
    return st.fixed_dictionaries({"type": st.just(kind), "name": names, **more}, optional={"namespace": ANY_TEXT})


def _types(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    field = st.fixed_dictionaries(
        {"name": st.sampled_from(_FIELDS) | ANY_TEXT, "type": inner},
        optional={"default": JSON_LIKE, "aliases": st.lists(st.sampled_from(_FIELDS))},
    )
    return st.one_of(
        st.lists(inner, max_size=3),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
        st.fixed_dictionaries({"type": st.just("map"), "values": inner}),
        st.fixed_dictionaries({"type": inner}, optional={"logicalType": st.sampled_from(["timestamp-millis", "uuid"])}),
        _named("record", fields=st.lists(field, max_size=4)),
        _named("enum", symbols=st.lists(ANY_TEXT, max_size=3)),
        _named("fixed", size=_SIZES),
    )


SCHEMAS: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(list(released_schemas("analysis_request").values())),
    st.recursive(st.sampled_from(_LEAVES), _types, max_leaves=10),
    JSON_LIKE,
)
"""Of a registry, before they are text."""


@st.composite
def _changed(draw: st.DrawFn) -> Any:
    """A released schema with fields of other types and names, or other fields."""
    schema = json.loads(json.dumps(draw(st.sampled_from(list(released_schemas("analysis_request").values())))))
    for field in schema["fields"]:
        if draw(st.integers(0, 5)) == 5:
            field[draw(st.sampled_from(["type", "name"]))] = draw(SCHEMAS | st.sampled_from(_FIELDS))
    return schema


def _reply(schema: Any) -> tuple[int, Any]:
    return 200, {"schema": json.dumps(schema)}


REPLIES: st.SearchStrategy[tuple[int, Any]] = st.one_of(
    st.integers(0, len(_RELEASED) - 1).map(lambda place: _reply(_RELEASED[place])),
    SCHEMAS.map(_reply),
    _changed().map(_reply),
    st.tuples(
        st.just(200),
        st.fixed_dictionaries({"schema": JSON_LIKE}, optional={"schemaType": JSON_LIKE, "references": JSON_LIKE}),
    ),
    st.tuples(
        st.sampled_from([200, 204, 301, 400, 401, 403, 404, 418, 429, 500, 503]),
        JSON_LIKE | st.binary(max_size=40) | st.builds(lambda code: {"error_code": code}, JSON_LIKE),
    ),
    st.just((404, {"error_code": 40403})),
).map(lambda reply: (reply[0], b"null" if reply[1] is None else reply[1]))
"""What a registry says of an id: status and body."""
