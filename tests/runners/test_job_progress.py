"""What the running job says once a minute, and what it keeps to itself."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.observe import APPLY, ASSEMBLE, OPEN, Span, forget, observe, span, tell
from analysis.tally import Tally
from config.settings import KafkaSettings, Settings
from connections.retry import Pauses, until_it_answers, waited_for
from runners.job_process import JobProcess
from runners.job_progress import JobProgress, minute_line
from runners.job_report import JobReport, read_report


@pytest.fixture
def tally() -> Iterator[Tally]:
    counting = Tally()
    observe(counting)
    yield counting
    forget(counting)


def _line(tally: Tally, waiting: int | None = 0, **services: float) -> str | None:
    return minute_line(tally.since_last(), tally.total, waiting, services)


def test_an_idle_job_says_nothing(tally: Tally) -> None:
    assert _line(tally) is None
    tell(Span(ASSEMBLE, outcome="complete"))
    assert _line(tally) is not None
    assert _line(tally) is None


def test_results_lag_and_what_takes_most_of_the_time_are_said(tally: Tally) -> None:
    tell(Span(OPEN, outcome="opened", milliseconds=500))
    for _ in range(3):
        tell(Span(APPLY, "ocr", 1, "found", None, 2000.0), Span(ASSEMBLE, outcome="complete"))
    tell(Span(ASSEMBLE, outcome="failed"))
    assert _line(tally, waiting=7) == (
        "last minute: 4 results (3 complete, 1 failed), 4 since the start; 7 requests wait; "
        "most of the time: ocr (92%, 2.0 s a page, waits for a child included)"
    )


def test_what_waits_without_results_is_said_with_the_reason(tally: Tally) -> None:
    assert _line(tally, waiting=3) == "last minute: no results, 0 since the start; 3 requests wait"
    assert "Kafka does not answer" in str(_line(tally, waiting=None))
    said = _line(tally, waiting=0, **{"BigQuery answers 503": 40.2})
    assert said is not None
    assert said.endswith("waits for 40 s: BigQuery answers 503")


def test_a_service_that_is_away_can_be_named_while_it_is_waited_for() -> None:
    seen: list[dict[str, float]] = []

    def attempt() -> str:
        if len(seen) < 2:
            raise ConnectionError
        return "here"

    def look(_: float) -> None:
        seen.append(_of_the_store())

    log = logging.getLogger("test")
    answered = until_it_answers(attempt, lambda _: "the store is away", log, pauses=Pauses(0.1, 0.1), sleep=look)
    assert answered == "here"
    assert [list(each) for each in seen] == [["the store is away"]] * 2
    assert _of_the_store() == {}


def _of_the_store() -> dict[str, float]:
    """Threads of other tests in this process may wait for something too."""
    return {reason: seconds for reason, seconds in waited_for().items() if "store" in reason}


def test_a_failure_that_is_not_about_being_away_is_waited_for_no_longer() -> None:
    def attempt() -> None:
        raise LookupError if tries else ConnectionError

    tries: list[float] = []
    away = {ConnectionError: "the store is away"}
    with pytest.raises(LookupError):
        until_it_answers(attempt, lambda error: away.get(type(error)), logging.getLogger("test"), sleep=tries.append)
    assert len(tries) == 1
    assert _of_the_store() == {}


def test_the_last_report_counts_what_was_finished_and_a_broker_that_is_away_does_not_hold_it(
    tally: Tally, tmp_path: Path
) -> None:
    progress = JobProgress(tally, KafkaSettings(bootstrap="127.0.0.1:9"), tmp_path)
    progress.start()
    assert read_report(tmp_path).runs
    tell(Span(ASSEMBLE, outcome="partial"))
    progress.finish()
    report = read_report(tmp_path)
    assert (report.results, report.waiting) == ({"partial": 1}, None)


def test_what_has_to_outlive_a_job_does_not_lie_in_the_folder_that_ends_with_it(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "import os, sys; print(os.environ['TMPDIR']); print(sys.stdin.read())"]
    job = JobProcess(Settings(), tmp_path / "prism", tmp_path, tmp_path / "ends", "INFO", program)
    assert job.wait() == 0
    temporary, order = job.last_lines
    assert temporary == str(tmp_path / "ends")
    settings = json.loads(order)["settings"]
    for kept in (settings["documents"]["cache_dir"], settings["analysis"]["attempts_dir"]):
        assert Path(kept).is_absolute()
        assert not Path(kept).is_relative_to(temporary)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"unknown": 1}', "null"])
def test_a_report_that_cannot_be_read_is_an_empty_one(content: str, tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(content)
    assert read_report(tmp_path) == JobReport()


def test_a_span_tells_its_duration_and_the_exception_that_ended_it(tally: Tally) -> None:
    heard: list[Span] = []

    class Hears:
        def ended(self, span: Span) -> None:
            heard.append(span)

    hears = Hears()
    observe(hears)
    try:
        with pytest.raises(KeyError), span("publish", page=3):
            raise KeyError
        with span("publish") as seen:
            seen.outcome = "stored"
    finally:
        forget(hears)
    with span("publish"):
        pass
    assert [(each.stage, each.page, each.outcome) for each in heard] == [
        ("publish", 3, "KeyError"),
        ("publish", None, "stored"),
    ]
    assert all(each.milliseconds >= 0 for each in heard)
