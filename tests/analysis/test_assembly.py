"""Whatever happens to the parts of a delivery, it is answered once: with all of them if they came in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from analysis.assembly import REMEMBERED, Assembly, Step, give_up, wait
from schemas.document import PageRange
from schemas.part import Delivery, DocumentPart
from schemas.request import AnalysisRequest, DocumentReference

PATIENCE = 100.0


def part(number: int, of: int, offset: int = 0) -> DocumentPart:
    request = AnalysisRequest("r-1", DocumentReference("gs://bucket/a"), "notes")
    delivery = Delivery("t", 0, offset, offset, datetime(2026, 1, 1, tzinfo=UTC))
    return DocumentPart(delivery, request, page_range=PageRange(number, number, number, of))


def numbers(step: Step) -> list[int] | None:
    return None if step.answer is None else sorted(each.page_range.part for each in step.answer)


def test_the_last_part_brings_the_answer_and_the_first_sets_the_timer() -> None:
    first = wait(Assembly(), part(2, 3), 10.0, PATIENCE)
    assert (numbers(first), first.timer) == (None, 10.0 + PATIENCE)
    second = wait(first.state, part(1, 3), 50.0, PATIENCE)
    assert (numbers(second), second.timer) == (None, None), "the wait is counted from the first part"
    last = wait(second.state, part(3, 3), 60.0, PATIENCE)
    assert numbers(last) == [1, 2, 3]
    assert last.state == Assembly(answered=True)


def test_a_part_that_comes_again_is_not_counted_twice() -> None:
    state = wait(Assembly(), part(1, 3), 0.0, PATIENCE).state
    state = wait(state, part(2, 3), 0.0, PATIENCE).state
    again = wait(state, part(2, 3), 1.0, PATIENCE)
    assert again == Step(state)


def test_a_part_after_the_answer_starts_no_second() -> None:
    answered = wait(wait(Assembly(), part(1, 2), 0.0, PATIENCE).state, part(2, 2), PATIENCE - 1, PATIENCE)
    assert answered.timer == 2 * PATIENCE - 1, "remembered as long as a first part would wait"
    late = wait(answered.state, part(1, 2), PATIENCE, PATIENCE)
    assert late == Step(answered.state, late=True)
    assert give_up(answered.state, 2 * PATIENCE, PATIENCE) == Step(Assembly())


def test_when_patience_ends_the_answer_is_what_is_there_and_remembered_for_longer() -> None:
    state = wait(Assembly(), part(2, 3), 0.0, PATIENCE).state
    given_up = give_up(state, PATIENCE, PATIENCE)
    assert numbers(given_up) == [2]
    assert given_up.timer == PATIENCE + REMEMBERED * PATIENCE
    assert wait(given_up.state, part(1, 3), PATIENCE + 1, PATIENCE) == Step(Assembly(answered=True), late=True)
    assert give_up(given_up.state, given_up.timer, PATIENCE) == Step(Assembly())


def test_parts_of_another_delivery_and_of_another_cut_do_not_belong() -> None:
    state = wait(Assembly(), part(1, 2), 0.0, PATIENCE).state
    assert wait(state, part(2, 2, offset=7), 0.0, PATIENCE) == Step(state)
    assert wait(state, part(2, 3), 0.0, PATIENCE) == Step(state)


class Engine:
    """The least an engine does: state by key, one timer each, events in order of time."""

    def __init__(self) -> None:
        self.states: dict[str, Assembly] = {}
        self.timers: dict[str, float] = {}
        self.answers: dict[str, list[Sequence[DocumentPart]]] = {}

    def deliver(self, arrived: DocumentPart, now: float) -> None:
        self.fire(now)
        key = arrived.delivery.key
        self.take(key, wait(self.states.get(key, Assembly()), arrived, now, PATIENCE))

    def fire(self, now: float) -> None:
        due = sorted((time, key) for key, time in self.timers.items() if time <= now)
        for time, key in due:
            del self.timers[key]
            self.take(key, give_up(self.states[key], time, PATIENCE))

    def take(self, key: str, step: Step) -> None:
        self.states[key] = step.state
        if step.timer is not None:
            self.timers[key] = step.timer
        if step.answer is not None:
            self.answers.setdefault(key, []).append(step.answer)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[float, DocumentPart]]:
    """Parts of up to three deliveries at any time, in any order, some lost, some repeated."""
    events: list[tuple[float, DocumentPart]] = []
    for offset in range(draw(st.integers(1, 3))):
        of = draw(st.integers(2, 5))
        times = {number: draw(st.lists(st.floats(0, 1.9 * PATIENCE), max_size=3)) for number in range(1, of + 1)}
        # An answer is remembered for as long as a part may be waited for; later repeats are new deliveries to all.
        forgotten = max(min(each, default=PATIENCE) for each in times.values()) + PATIENCE
        events += [(now, part(number, of, offset)) for number in times for now in times[number] if now < forgotten]
    return sorted(events, key=lambda event: event[0])


@given(histories())
def test_each_delivery_is_answered_once_and_completely_if_all_its_parts_came_in_time(
    history: list[tuple[float, DocumentPart]],
) -> None:
    engine = Engine()
    for now, arrived in history:
        engine.deliver(arrived, now)
    engine.fire(float("inf"))
    by_delivery: dict[str, dict[int, float]] = {}
    for now, arrived in history:
        by_delivery.setdefault(arrived.delivery.key, {}).setdefault(arrived.page_range.part, now)
    assert set(engine.answers) == set(by_delivery)
    parts_of: Mapping[str, int] = {arrived.delivery.key: arrived.page_range.parts for _, arrived in history}
    for key, arrivals in by_delivery.items():
        (answer,) = engine.answers[key]
        assert {each.delivery.key for each in answer} == {key}
        ends = min(arrivals.values()) + PATIENCE
        in_time = sorted(number for number, now in arrivals.items() if now < ends)
        answered = sorted(each.page_range.part for each in answer)
        assert answered == in_time
        assert (len(answered) == parts_of[key]) == (len(in_time) == parts_of[key])
    engine.fire(float("inf"))
    assert all(state == Assembly() for state in engine.states.values()), "nothing is kept for ever"
    assert not engine.timers
