"""A whole record fits, whatever it is about, and says what was left out; nothing goes that need not."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kafka.record.default_records import DefaultRecordBatchBuilder

from connections.kafka.outgoing import OutgoingRecord, fewer_headers, fitted, headers_size
from connections.kafka.record_building import sendable_headers, sendable_value
from schemas.part import Header

_LIMIT = 65_536
_ANY_NAME = st.text(st.characters(), max_size=20)  # Lone surrogates are among them.
_OWN = tuple((f"__connect.errors.{index}", b"x" * 5000) for index in range(14))


def _written_bytes(record: OutgoingRecord) -> int:
    headers = sendable_headers((*record.carried, *record.headers))
    value = sendable_value(record.key, record.value)
    return int(DefaultRecordBatchBuilder.estimate_size_in_bytes(record.key, value, headers))


def _bytes(largest: int) -> st.SearchStrategy[bytes]:
    return st.integers(0, largest).map(bytes) | st.binary(max_size=20)


@settings(deadline=None)
@given(
    key=st.none() | _bytes(100_000),
    value=st.none() | _bytes(100_000),
    carried=st.lists(st.tuples(_ANY_NAME, st.none() | _bytes(30_000)), max_size=30).map(tuple),
    many=st.integers(0, 7000),
)
@example(key=None, value=bytes(60_000), carried=(("h", bytes(30_000)),), many=0)
@example(key=bytes(100_000), value=None, carried=(("\ud800", None),), many=6500)
def test_every_record_fits_and_keeps_our_headers(
    key: bytes | None, value: bytes | None, carried: tuple[Header, ...], many: int
) -> None:
    whole = OutgoingRecord("t", key, value, _OWN, carried + (("many", b"1234"),) * many)
    found = fitted(whole, _LIMIT)
    assert _written_bytes(found) <= _LIMIT
    assert found.headers == tuple((name, text[:4096]) for name, text in _OWN)
    told = dict(found.carried)
    assert found.value == value or told["docbeam.value_omitted_bytes"] == str(len(value or b"")).encode()
    assert found.key == key or told["docbeam.key_omitted_bytes"] == str(len(key or b"")).encode()
    if "docbeam.headers_omitted" not in told:
        assert len(found.carried) - sum(name in told for name in _TOLD) == len(whole.carried)


_TOLD = ("docbeam.value_omitted_bytes", "docbeam.key_omitted_bytes")


@pytest.mark.parametrize(
    ("whole", "left"),
    [
        (
            OutgoingRecord("t", b"k", bytes(5_990_000), (), (("h", bytes(300_000)), ("small", b"1"))),
            ("key", "value", "small"),
        ),
        (
            OutgoingRecord("t", b"k", b"v", (), (("h", b"x" * 1000),) * 6500 + (("small", b"1"),)),
            ("key", "value", "small"),
        ),
        (OutgoingRecord("t", b"k" * 6_000_000, b"v", (), (("small", b"1"),)), ("value", "small")),
        (OutgoingRecord("t", b"k", b"v" * 6_000_000, (), (("small", b"1"),)), ("key", "small")),
        (OutgoingRecord("t", b"k" * 4_000_000, b"v" * 4_000_000, (), (("small", b"1"),)), ("value", "small")),
    ],
)
def test_only_what_is_in_the_way_goes(whole: OutgoingRecord, left: tuple[str, ...]) -> None:
    found = fitted(whole, 6_000_000)
    kept = [name for name in ("key", "value") if getattr(found, name) is not None]
    assert (*kept, *(["small"] if ("small", b"1") in found.carried else [])) == left
    assert _written_bytes(found) <= 6_000_000


def test_a_record_that_fits_is_left_alone() -> None:
    whole = OutgoingRecord("t", None, None, (("ours", None),), (("theirs", None), ("theirs", b"twice")))
    assert fitted(whole, _LIMIT) == whole


def test_of_headers_the_largest_and_last_go() -> None:
    headers = (("a", bytes(50)), ("b", bytes(500)), ("c", bytes(50)), ("d", bytes(50)))
    found = fewer_headers(headers, headers_size(headers[:1] * 2))
    assert found == (headers[0], headers[2], ("docbeam.headers_omitted", b"2"))
