"""Who waits says so, and not each for himself."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

import pytest

from connections import retry
from connections.retry import Pauses, until_it_answers, waited_for


@pytest.fixture
def log() -> logging.Logger:
    """Of a name of its own: what was said is remembered for a while, by the process."""
    return logging.getLogger(f"tests.retry.{uuid.uuid4()}")


def kind(error: Exception) -> str | None:
    """Values may be away, nothing else is."""
    return f"the store answers {error}" if isinstance(error, ValueError) else None


def test_many_who_wait_for_the_same_say_it_once(caplog: pytest.LogCaptureFixture, log: logging.Logger) -> None:
    def wait_for(reason: str) -> int:
        answers = iter([ValueError(), ValueError(), 7])

        def attempt() -> int:
            answer = next(answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return until_it_answers(attempt, lambda _: reason, log, pauses=Pauses(0.001, 0.001))

    with caplog.at_level(logging.WARNING, log.name):
        assert [wait_for("the store is away") for _ in range(20)] == [7] * 20
        assert wait_for("the broker is away") == 7
        assert wait_for("the store is away") == 7
    said = [record.getMessage() for record in caplog.records]
    assert said == ["the store is away; trying again", "the broker is away; trying again"]


def test_what_stays_away_is_said_again_after_a_while(
    caplog: pytest.LogCaptureFixture, log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(retry.time, "monotonic", lambda: clock[0])

    def attempt() -> int:
        if clock[0] < 1100:
            raise ValueError("503")
        return 7

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    with caplog.at_level(logging.WARNING, log.name):
        assert until_it_answers(attempt, kind, log, pauses=Pauses(10, 10), sleep=sleep) == 7
    assert [record.getMessage() for record in caplog.records] == ["the store answers 503; trying again"] * 2


def test_what_is_no_absence_is_raised_at_once(log: logging.Logger) -> None:
    slept: list[float] = []
    errors = iter([ValueError("503"), KeyError("a defect")])

    def attempt() -> int:
        raise next(errors)

    with pytest.raises(KeyError):
        until_it_answers(attempt, kind, log, sleep=slept.append)
    assert len(slept) == 1


def test_who_gives_up_raises_what_came_last_and_sleeps_no_longer_than_that(
    log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, slept = [1000.0], []
    monkeypatch.setattr(retry.time, "monotonic", lambda: clock[0])

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    def attempt() -> int:
        raise ValueError(str(clock[0]))

    with pytest.raises(ValueError, match=r"1000\.5"):
        until_it_answers(attempt, kind, log, pauses=Pauses(10, 10), give_up=0.5, sleep=sleep)
    assert slept == [0.5]


def test_who_waits_is_told_of_with_the_seconds_for_as_long_as_it_waits(
    log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(retry.time, "monotonic", lambda: clock[0])
    answers = iter([ValueError("503"), ValueError("503"), ValueError("504"), 7])
    told: list[dict[str, float]] = []

    def attempt() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def sleep(seconds: float) -> None:
        clock[0] += 8
        told.append({name: waited for name, waited in waited_for().items() if name.startswith("the store answers")})

    assert until_it_answers(attempt, kind, log, sleep=sleep) == 7
    assert told == [{"the store answers 503": 8}, {"the store answers 503": 16}, {"the store answers 504": 24}]
    assert not [name for name in waited_for() if name.startswith("the store answers")]


def test_two_who_wait_are_each_told_of(log: logging.Logger) -> None:
    told: list[set[str]] = []

    def waiting(reason: str, meanwhile: Callable[[], None] | None = None) -> None:
        answers = iter([ValueError(reason), None])

        def attempt() -> None:
            if (answer := next(answers)) is not None:
                raise answer

        def sleep(seconds: float) -> None:
            told.append({name for name in waited_for() if name.startswith("the store answers")})
            if meanwhile is not None:
                meanwhile()
                told.append({name for name in waited_for() if name.startswith("the store answers")})

        until_it_answers(attempt, kind, log, sleep=sleep)

    waiting("503", lambda: waiting("504"))
    assert told == [
        {"the store answers 503"},
        {"the store answers 503", "the store answers 504"},
        {"the store answers 503"},
    ]


def test_of_those_who_wait_for_the_same_the_longest_wait_is_told(
    log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(retry.time, "monotonic", lambda: clock[0])
    told: list[float] = []

    def waiting(meanwhile: Callable[[], None] | None) -> None:
        answers = iter([ValueError("503"), None])

        def attempt() -> None:
            if (answer := next(answers)) is not None:
                raise answer

        def sleep(seconds: float) -> None:
            clock[0] += 8
            told.append(waited_for()["the store answers 503"])
            if meanwhile is not None:
                meanwhile()

        until_it_answers(attempt, kind, log, sleep=sleep)

    waiting(lambda: waiting(None))
    assert told == [8, 16]
