"""What has ended is counted once since the start and once since it was last asked for."""

from __future__ import annotations

import threading

import pytest

from analysis.observe import APPLY, ASSEMBLE, OPEN, Collected, Span, forget, observe, observed_by, span, tell
from analysis.tally import Counted, Tally


def test_results_pages_and_times_are_counted_by_what_they_are_about() -> None:
    tally = Tally()
    for each in (
        Span(OPEN, outcome="opened", milliseconds=10.4),
        Span(APPLY, "ocr", 1, "found", None, 100.0),
        Span(APPLY, "ocr", 2, "failed", "model_failed", 50.0),
        Span(APPLY, "deskew", 1, "found", None, 40.0),
        Span(ASSEMBLE, outcome="complete", milliseconds=5.0),
        Span(ASSEMBLE, outcome="failed", milliseconds=5.0),
        Span(ASSEMBLE, outcome="complete", milliseconds=5.0),
    ):
        tally.ended(each)
    counted = tally.since_last()
    assert counted == tally.total
    assert counted.results == {"complete": 2, "failed": 1}
    assert counted.pages == {"ocr": 2, "deskew": 1}
    assert counted.milliseconds == {OPEN: 10, "ocr": 150, "deskew": 40, ASSEMBLE: 15}
    assert counted.slowest == ("ocr", 150 / 215)


def test_the_total_stays_and_the_rest_begins_anew() -> None:
    tally = Tally()
    tally.ended(Span(ASSEMBLE, outcome="complete", milliseconds=2))
    assert tally.since_last().results == {"complete": 1}
    assert tally.since_last() == Counted()
    tally.ended(Span(ASSEMBLE, outcome="complete", milliseconds=2))
    assert tally.since_last().results == {"complete": 1}
    assert tally.total.results == {"complete": 2}


def test_where_nothing_took_any_time_nothing_is_slowest() -> None:
    assert Counted().slowest is None
    tally = Tally()
    tally.ended(Span(ASSEMBLE, outcome="complete", milliseconds=0.4))
    assert tally.total.slowest is None
    tally.ended(Span(ASSEMBLE, outcome="complete", milliseconds=1))
    assert tally.total.slowest == (ASSEMBLE, 1.0)


def test_a_block_tells_its_stage_model_page_and_outcome() -> None:
    here = Collected()
    with observed_by(here):
        with span(APPLY, "ocr", 3) as seen:
            seen.outcome, seen.code = "failed", "model_failed"
        with pytest.raises(KeyError), span(OPEN):
            raise KeyError
    first, second = here.spans
    assert (first.stage, first.model, first.page, first.outcome, first.code) == (
        APPLY,
        "ocr",
        3,
        "failed",
        "model_failed",
    )
    assert (second.stage, second.outcome) == (OPEN, "KeyError")
    assert 0 < first.milliseconds < 60_000


def test_who_observes_a_block_hears_of_nothing_else_and_of_no_other_thread() -> None:
    outer, inner, everywhere = Collected(), Collected(), Collected()
    observe(everywhere)
    try:
        with observed_by(outer):
            tell(Span("1"))
            with observed_by(inner):
                tell(Span("2"), Span("3"))
                other = threading.Thread(target=lambda: tell(Span("4")))
                other.start()
                other.join()
            tell(Span("5"))
    finally:
        forget(everywhere)
    tell(Span("6"))
    told = [[each.stage for each in observer.spans] for observer in (outer, inner, everywhere)]
    assert told == [["1", "2", "3", "5"], ["2", "3"], ["1", "2", "3", "4", "5"]]


def test_forgetting_one_leaves_the_others_and_forgetting_it_again_does_no_harm() -> None:
    gone, stays = Collected(), Collected()
    for each in (gone, stays):
        observe(each)
    try:
        forget(gone)
        forget(gone)
        tell(Span("1"))
    finally:
        forget(stays)
    assert (len(gone.spans), len(stays.spans)) == (0, 1)
