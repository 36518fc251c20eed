"""Values that nobody should send, as hypothesis strategies, and how often the tests of the suite try them."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from config.settings import KafkaSettings
from schemas.part import Delivery, Header
from tests.docbeam.record_strategies import any_of

FUZZING = "DOCBEAM_FUZZ"
"""Set in the environment of those who look for new inputs; the suite tries the same ones each time."""
FEW = settings(
    max_examples=25 if FUZZING in os.environ else 20,
    deadline=None,
    derandomize=FUZZING not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)
"""How often a property is tried in one go."""

KAFKA = KafkaSettings(bootstrap="127.0.0.1:9", max_message_bytes=65_536, delivery_seconds=1)
"""The smallest records that are allowed; nobody is there."""

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""As it comes out of UTF-8: no lone surrogates."""
_TEXTS = ("", "\ud800", "\x00", "a" * 5000, "\U0001f600" * 300)
_INTEGERS = (0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, -(10**400))


def one_of_these(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    """As `sampled_from`, for values that nobody wants to see in full."""
    return st.integers(0, len(values) - 1).map(lambda place: values[place])


ANY_TEXT = TEXT | st.text(max_size=8) | one_of_these(_TEXTS)
INT64 = st.integers(-(2**63), 2**63 - 1)
ANY_INT = one_of_these(_INTEGERS) | INT64
ANY_FLOAT = st.floats() | st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 7.5, -0.0])

HEADERS: st.SearchStrategy[tuple[Header, ...]] = st.lists(
    st.tuples(
        TEXT | st.sampled_from(["traceparent", "tracestate", "kafka_correlationId", "__value_schema_id", "ce_id"]),
        st.none()
        | st.binary(max_size=20)
        | one_of_these([b"", b"\x01" + bytes(16), b"\xff" * 17, b"x" * 1024, b"x" * 1025, b"y" * 40_000]),
    ),
    max_size=6,
).map(tuple)

DELIVERIES: st.SearchStrategy[Delivery] = st.builds(
    Delivery,
    st.sampled_from(["requests", "a.b-c_d"]),
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**48 - 1),
    st.integers(0, 2**48 - 1),
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["", "1.", "3.AAAA-_zz"]),
)

JSON_LEAF = st.none() | st.booleans() | ANY_INT | ANY_FLOAT | ANY_TEXT
JSON_LIKE: st.SearchStrategy[Any] = st.recursive(
    JSON_LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def damaged(draw: st.DrawFn, data: st.SearchStrategy[bytes], most: int = 6) -> bytes:
    """Bytes with a few of them changed, cut out, repeated or put in."""
    found = bytearray(draw(data))
    for _ in range(draw(st.integers(0, most))):
        place = draw(st.integers(0, max(0, len(found) - 1)))
        kind = draw(st.integers(0, 3))
        if kind == 0 and found:
            found[place] ^= 1 << draw(st.integers(0, 7))
        elif kind == 1:
            del found[place : place + draw(st.integers(1, 16))]
        elif kind == 2:
            found[place:place] = found[place : place + draw(st.integers(1, 16))]
        else:
            found[place:place] = draw(st.binary(min_size=1, max_size=8))
    return bytes(found)


@st.composite
def slipped(draw: st.DrawFn, value: Any, odd: st.SearchStrategy[Any]) -> Any:
    """A value in which one thing, somewhere, is another."""
    if draw(st.integers(0, 9)) == 9:
        return draw(odd)
    if isinstance(value, dict) and value:
        name = draw(st.sampled_from(sorted(value)))
        return {**value, name: draw(slipped(value[name], odd))}
    if isinstance(value, list | tuple) and value:
        place = draw(st.integers(0, len(value) - 1))
        return type(value)([*value[:place], draw(slipped(value[place], odd)), *value[place + 1 :]])
    if is_dataclass(value) and not isinstance(value, type):
        name = draw(st.sampled_from([field.name for field in fields(value)]))
        return replace(value, **{name: draw(slipped(getattr(value, name), odd))})
    return draw(odd)


def mostly(value: st.SearchStrategy[Any], otherwise: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """`value`, and now and then something else."""
    return st.integers(0, 7).flatmap(lambda chance: otherwise if chance == 7 else value)


def record_of(kind: type) -> st.SearchStrategy[Any]:
    """Any record as it may be once it is inside: 64-bit integers, finite numbers, Unicode."""
    return any_of(kind)
