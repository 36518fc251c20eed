"""Character errors by place."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.placed_text import character_errors, edit_distance, truth_items
from schemas.prediction import TextLine, Word, box_quad

WORDS = {
    "words": [
        {"text": "Total", "box": [10, 10, 60, 22]},
        {"text": "due:", "box": [65, 10, 100, 22]},
        {"text": "17", "box": [300, 11, 320, 22]},
        {"text": "Date", "box": [10, 40, 50, 52]},
    ]
}


def test_words_that_follow_each_other_are_one_item():
    assert sorted(item.source_text for item in truth_items(WORDS)) == ["17", "Date", "Total due:"]


def test_one_long_read_line_is_split_by_where_its_words_stand():
    words = (
        Word("Total", box_quad(10, 10, 60, 22), 1.0),
        Word("due:", box_quad(65, 10, 100, 22), 1.0),
        Word("17", box_quad(300, 11, 320, 22), 1.0),
    )
    lines = [TextLine("Total due: 17", box_quad(10, 10, 320, 22), 1.0, words)]
    assert character_errors(truth_items(WORDS), lines).count == len("Date")


def test_case_and_order_and_missing_spaces_do_not_count():
    lines = [
        TextLine("DATE", box_quad(10, 40, 50, 52), 1.0),
        TextLine("17", box_quad(300, 11, 320, 22), 1.0),
        TextLine("totaldue:", box_quad(10, 10, 100, 22), 1.0),
    ]
    assert character_errors(truth_items(WORDS), lines).count == 0


@settings(deadline=None)
@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_edit_distance_is_a_metric(a, b, c):
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert edit_distance(a, b) <= max(len(a), len(b))


def test_words_whose_boxes_overlap_are_not_shuffled():
    words = (Word("Total", box_quad(10, 10, 75, 22), 1.0), Word("due:", box_quad(60, 10, 100, 22), 1.0))
    lines = [
        TextLine("Total due:", box_quad(10, 10, 100, 22), 1.0, words),
        TextLine("17", box_quad(300, 11, 320, 22), 1.0),
        TextLine("Date", box_quad(10, 40, 50, 52), 1.0),
    ]
    assert character_errors(truth_items(WORDS), lines).count == 0
