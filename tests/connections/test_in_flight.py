"""The source is throttled by what is unfinished, not by how far the oldest unfinished record lies back."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections import in_flight
from connections.in_flight import InFlight
from connections.offsets import Chain
from connections.settled import Settled


def nobody() -> Settled | None:
    return None


def room(flow: InFlight, position: int, limit: int = 8, read_ahead: int = 1000) -> int:
    return flow.wait_for_room(position, limit, read_ahead, 0.0, nobody)


@given(st.integers(0, 50), st.lists(st.integers(0, 3), min_size=1, max_size=40), st.data())
def test_what_is_handed_on_and_not_finished_is_counted(start: int, gaps: list[int], data: st.DataObject) -> None:
    flow, chain = InFlight(), Chain(start)
    flow.start(start)
    flow.hear(chain.settled)
    links, position = [], start
    for gap in gaps:
        links.append((position, position + gap))
        flow.delivered(position + gap)
        position += gap + 1
    finished = data.draw(st.lists(st.sampled_from(links), unique=True))
    for before, offset in finished:
        chain.finish(before, offset + 1)
        flow.hear(chain.settled)
    assert flow.unfinished() == len(links) - len(finished)


def test_one_slow_record_takes_one_place() -> None:
    flow, chain = InFlight(), Chain(100)
    flow.start(100)
    flow.hear(chain.settled)
    for offset in range(100, 130):
        flow.delivered(offset)
        if offset > 100:
            chain.finish(offset, offset + 1)
            flow.hear(chain.settled)
    assert chain.low == 100
    assert room(flow, 130) == 7
    assert room(flow, 130, read_ahead=20) == 0, "it must not be read ahead without end"
    assert room(flow, 130, read_ahead=33) == 3


def test_nothing_is_read_before_the_groups_offset_is_known() -> None:
    flow = InFlight()
    flow.start(0)
    assert room(flow, 0) == 0


def test_what_another_process_read_counts_as_unfinished() -> None:
    flow = InFlight()
    flow.start(20)
    flow.hear(Settled(10, frozenset({12, 13})))
    assert flow.unfinished() == 8
    flow.hear(Settled(18, frozenset()))
    assert flow.unfinished() == 2


def test_older_news_changes_nothing() -> None:
    flow = InFlight()
    flow.start(0)
    for told in (Settled(5, frozenset({7})), Settled(3, frozenset({4, 6})), Settled(5)):
        flow.hear(told)
    for offset in (5, 6, 7):
        flow.delivered(offset)
    assert flow.unfinished() == 2, "7 is finished, whatever came after"
    flow.hear(Settled(8))
    assert flow.unfinished() == 0


def test_a_record_is_counted_once_also_where_the_group_is_not_known_yet() -> None:
    flow = InFlight()
    flow.start(20)
    flow.delivered(20)
    assert flow.unfinished() == 1
    flow.hear(Settled(10, frozenset({20})))
    assert flow.unfinished() == 10, "what another process read, and nothing of ours"


def test_a_stall_is_counted_from_the_last_room_or_finished_work(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(in_flight.time, "monotonic", lambda: clock[0])
    flow = InFlight()
    flow.start(0)
    flow.hear(Settled(0))
    clock[0] += 5000
    assert room(flow, 0, limit=1) == 1
    flow.delivered(0)
    clock[0] += 400
    assert room(flow, 1, limit=1) == 0
    assert flow.seconds_without_progress() == 400
    flow.hear(Settled(0, frozenset({3})))
    clock[0] += 7
    assert flow.seconds_without_progress() == 7
    flow.forgive()
    assert flow.seconds_without_progress() == 0


def test_whoever_waits_for_room_hears_of_it_from_the_committing_step() -> None:
    flow = InFlight()
    flow.start(0)
    flow.hear(Settled(0))
    flow.delivered(0)
    found: list[int] = []
    waiting = threading.Thread(target=lambda: found.append(flow.wait_for_room(1, 1, 1000, 60.0, nobody)))
    waiting.start()
    flow.hear(Settled(1))
    waiting.join(timeout=30)
    assert found == [1]


def test_whoever_waits_for_room_asks_the_broker_too() -> None:
    flow = InFlight()
    flow.start(0)
    flow.hear(Settled(0))
    flow.delivered(0)
    assert flow.wait_for_room(1, 1, 1000, 30.0, lambda: Settled(1)) == 1


def test_the_broker_is_asked_at_once_and_again_however_short_the_wait() -> None:
    flow = InFlight()
    flow.start(0)
    flow.hear(Settled(0))
    flow.delivered(0)
    assert flow.wait_for_room(1, 1, 1000, 0.2, lambda: Settled(1)) == 1
    flow.delivered(1)
    answers = iter([None, None, Settled(2)])
    assert flow.wait_for_room(2, 1, 1000, 60.0, lambda: next(answers)) == 1


def test_the_broker_is_not_asked_without_a_pause() -> None:
    flow = InFlight()
    asked: list[int] = []
    assert flow.wait_for_room(0, 1, 1000, 0.6, lambda: asked.append(1)) == 0
    assert 1 <= len(asked) <= 3


def test_after_a_stall_it_is_counted_anew() -> None:
    flow = InFlight()
    flow.start(4)
    flow.hear(Settled(0))
    for offset in range(4, 8):
        flow.delivered(offset)
    assert flow.unfinished() == 8
    flow.forgive()
    # As every look at the partition does.
    flow.start(8)
    assert flow.unfinished() == 0
    flow.hear(Settled(2, frozenset({5})))
    assert flow.unfinished() == 0


def test_a_stall_before_the_groups_offset_is_known_is_forgiven_as_well() -> None:
    flow = InFlight()
    flow.start(4)
    flow.delivered(4)
    flow.forgive()
    assert flow.unfinished() == 0
    flow.hear(Settled(2))
    assert flow.unfinished() == 2, "what another process read between the group's offset and the start"
