"""Whatever a group's offsets say, and in whatever order work ends: offsets are told, and only go on."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from kafka.structs import OffsetAndMetadata

from connections import offsets
from connections.in_flight import InFlight
from connections.offsets import Committer, GroupOffsets, chain_from
from connections.settled import Settled, settled
from schemas.part import Delivery
from tests.fuzz.hostile import ANY_TEXT, DELIVERIES, FEW, INT64, TEXT, damaged
from tests.fuzz.stand_ins import Cell, outputs_of
from transforms import commit_offsets
from transforms.commit_offsets import _Commit, _keyed

_NUMBERS = (
    st.integers(0, 40).map(str)
    | st.sampled_from([2**31, 2**63, -(2**63), 10**30]).map(str)
    | st.just("9" * 4400)
    | INT64.map(str)
)
_RANGES = st.lists(
    st.lists(_NUMBERS | st.sampled_from(["", "x", "\u0663", "1_0", "0-999999"]), max_size=3).map("-".join), max_size=9
)
_PARTS = st.tuples(st.just("docbeam1"), TEXT, TEXT, _NUMBERS | TEXT, _RANGES.map(",".join)).map(";".join)
METADATA = st.one_of(
    st.none(),
    ANY_TEXT,
    _PARTS,
    damaged(_PARTS.map(lambda text: text.encode("utf-8", "replace"))).map(lambda raw: raw.decode("utf-8", "replace")),
    st.integers(1, 200).map(lambda many: "docbeam1;j;t;0;" + ",".join(f"{n}000000-{n}999999" for n in range(many))),
)
"""What stands beside an offset: ours, another program's, and what nobody wrote."""
_MOST_FINISHED = 100_000


class _Group:
    """A group as kafka-python's consumer tells of it."""

    def __init__(self, committed: OffsetAndMetadata | None) -> None:
        self._committed = committed
        self.told: list[OffsetAndMetadata] = []

    def assignment(self) -> set[Any]:
        return set()

    def assign(self, partitions: Any) -> None:
        """Any will do."""

    def committed(self, partition: Any, metadata: bool, timeout_ms: int) -> OffsetAndMetadata | None:
        return self._committed

    def commit(self, told: Any, timeout_ms: int) -> None:
        (committed,) = told.values()
        committed.metadata.encode()
        self.told.append(committed)


@FEW
@given(offset=INT64, metadata=METADATA)
def test_any_metadata_says_something_that_can_be_said_again(offset: int, metadata: str | None) -> None:
    said = settled(offset, metadata)
    assert said.offset == offset
    assert len(said.finished) <= _MOST_FINISHED
    again = settled(offset, said.metadata())
    assert again.finished <= said.finished
    assert (again.job, again.topic_id) == (said.job, said.topic_id)
    flow = InFlight()
    flow.start(0)
    flow.delivered(5)
    flow.hear(said)
    assert flow.wait_for_room(10, 8, 1000, 0, lambda: None) >= 0


@FEW
@given(
    delivery=DELIVERIES, begun=st.none() | st.tuples(st.integers(-1, 60) | INT64, METADATA), low=st.integers(0, 50),
    gaps=st.lists(st.integers(0, 5), min_size=1, max_size=9), order=st.permutations(range(9)),
    again=st.lists(st.integers(0, 8), max_size=4),
    bundles=st.integers(1, 4),
)  # fmt: skip
def test_the_work_of_a_partition_ends_in_any_order_over_any_offset(
    delivery: Delivery, begun: Any, low: int, gaps: list[int], order: list[int], again: list[int], bundles: int
) -> None:
    group = _Group(None if begun is None else OffsetAndMetadata(begun[0], begun[1], -1))
    asked = GroupOffsets(offsets.KafkaSettings())
    asked._consumer = group
    committer = Committer(offsets.KafkaSettings(), "job")
    committer._offsets = asked
    elements, before = [], low
    for gap in gaps:
        elements.append(
            _keyed(
                Delivery(
                    delivery.topic, delivery.partition, before + gap, before, delivery.received_at, delivery.incarnation
                )
            )
        )
        before += gap + 1
    ended = [elements[place] for place in order if place < len(elements)]
    ended += [elements[place] for place in again if place < len(elements)]
    chain = Cell()
    with (
        patch.object(offsets, "group_offsets", lambda _: asked),
        patch.object(commit_offsets, "committer", lambda *_: committer),
    ):
        for bundle in (ended[place : place + bundles] for place in range(0, len(ended), bundles)):
            moved = outputs_of(_Commit(offsets.KafkaSettings(), "job"), *bundle, chain=chain)
            assert {name for _, name in moved} <= {delivery.partition_key}
    told = [committed.offset for committed in group.told]
    assert told == sorted(told)
    links = chain_from(chain.read())
    start = low if begun is None or begun[0] < 0 else begun[0]
    if start <= low:
        assert links.low == (before if start == low else start)
    assert links.settled.offset >= min(start, low)
    settled(links.low, Settled(links.low, links.settled.finished).metadata())
