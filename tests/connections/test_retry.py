"""Who waits says so, and not each for himself."""

from __future__ import annotations

import logging

import pytest

from connections.retry import Pauses, until_it_answers


def test_many_who_wait_for_the_same_say_it_once(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("tests.retry")

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
    said = [record.getMessage() for record in caplog.records]
    assert said == ["the store is away; trying again", "the broker is away; trying again"]
