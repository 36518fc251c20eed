"""A question holds as many pages as a child answers in about two seconds."""

from __future__ import annotations

from analysis.pace import Pace


def test_a_model_that_nobody_has_seen_is_asked_about_one_page() -> None:
    pace = Pace()
    pace.took("other", 8, 0.1)
    assert pace.pages("ocr", 8) == 1


def test_a_question_takes_about_two_seconds_and_no_more_pages_than_the_model_takes() -> None:
    pace = Pace()
    pace.took("ocr", 4, 2.0)
    assert pace.pages("ocr", 8) == 4
    assert pace.pages("ocr", 3) == 3
    pace = Pace()
    pace.took("ocr", 1, 0.0)
    assert pace.pages("ocr", 64) == 64


def test_a_slow_model_is_asked_about_one_page_at_a_time() -> None:
    pace = Pace()
    pace.took("ocr", 1, 10.0)
    assert pace.pages("ocr", 8) == 1


def test_what_it_took_lately_counts_as_much_as_all_before() -> None:
    pace = Pace()
    pace.took("ocr", 2, 0.4)
    pace.took("ocr", 1, 0.8)
    assert pace.pages("ocr", 64) == 4, "half a second a page: between 0.2 and 0.8"
    pace.took("ocr", 1, 0.3)
    assert pace.pages("ocr", 64) == 5
