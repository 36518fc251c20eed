"""Whatever a broker hands over: records in order, each once, none larger than allowed, and an end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connections.kafka.outgoing import FRAME_BYTES, headers_size
from schemas.errors import ErrorCode
from schemas.part import ReceivedRecord
from tests.connections.kafka_batches import HEAD
from tests.fuzz.hostile import FEW
from tests.fuzz.logs import BOUNDS, Log, LogReader, logs
from tests.fuzz.stand_ins import survives
from transforms.coders import ReceivedRecordCoder

_MOST_READS = 400


@FEW
@given(log=logs(), limit=st.integers(1, 9), aborted=st.lists(st.tuples(st.sampled_from([7, 8]), st.integers(0, 60))))
def test_any_log_is_read_to_its_end(log: Log, limit: int, aborted: list[tuple[int, int]]) -> None:
    told = [SimpleNamespace(producer_id=producer, first_offset=first) for producer, first in aborted]
    reader, position = LogReader(log.batches, told), HEAD.unpack_from(log.batches[0])[0]
    last = HEAD.unpack_from(log.batches[-1])[0]
    owed = set(log.owed)
    for _ in range(_MOST_READS):
        records = reader.read(position, limit, 0.1)
        _check(records, position, limit)
        for record in records:
            owed = {offset for offset in owed if not _first(record) <= offset <= record.delivery.offset}
        # As the source goes on: behind the last record, or over what is none.
        after = records[-1].delivery.offset + 1 if records else reader.position(position)
        assert after >= position
        position = after
        if position > last and position > max(log.owed, default=0):
            assert not owed, f"offsets {sorted(owed)} were left out"
            return
    raise AssertionError(f"after {_MOST_READS} reads still at {position}, {last} is not read")


def _check(records: Any, position: int, limit: int) -> None:
    assert len(records) <= limit
    for record in records:
        assert record.delivery.previous == position <= record.delivery.offset
        position = record.delivery.offset + 1
        assert _size(record) <= BOUNDS.record + FRAME_BYTES + 3 * 64
    survives(ReceivedRecordCoder(), records)


def _first(record: ReceivedRecord) -> int:
    """Of the offsets that it stands for."""
    if record.error is None or record.error.code is ErrorCode.RECORD_TOO_LARGE:
        return record.delivery.offset
    return int(dict(record.headers).get("docbeam.log.first_offset") or record.delivery.offset)


def _size(record: ReceivedRecord) -> int:
    return len(record.key or b"") + len(record.value or b"") + headers_size(record.headers)
