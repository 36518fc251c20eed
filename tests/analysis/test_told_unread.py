"""Writing that nobody has read makes a result partial, unless something else was found at its place."""

from __future__ import annotations

import pytest

from analysis.unread_text import unread_text
from schemas.errors import ErrorCode
from schemas.prediction import (
    Checkbox,
    CheckboxState,
    Prediction,
    Signature,
    SignatureKind,
    TextLine,
    TextState,
    Word,
    box_quad,
)
from schemas.result import Outcome, OutcomeState, PageResult

PLACE = box_quad(0.1, 0.5, 0.4, 0.53)
SIGNED = Prediction(signatures=(Signature(SignatureKind.SIGNATURE, box_quad(0.12, 0.45, 0.45, 0.55), 0.9),))
READ = TextLine("Name", box_quad(0.1, 0.1, 0.2, 0.12), 0.9)


def told(line, *others, read=1):
    found = (Prediction(lines=(*[READ] * read, line)), *others)
    outcomes = tuple(Outcome(name, OutcomeState.FOUND, prediction=one) for name, one in zip("abc", found, strict=False))
    return unread_text(PageResult(3, 1000, 1400, outcomes=outcomes))


def test_a_line_that_could_not_be_read_is_told_with_its_page():
    error = told(TextLine("", PLACE, 0.0, state=TextState.UNREAD))
    assert error is not None
    assert (error.code, error.page, error.retryable) == (ErrorCode.TEXT_UNREAD, 3, False)
    assert "of 2 lines of writing 1" in error.message


@pytest.mark.parametrize(
    ("line", "others"),
    [
        (TextLine("read", PLACE, 0.9), ()),
        (TextLine("", PLACE, 0.0, state=TextState.UNREAD), (SIGNED,)),
        (TextLine("", box_quad(0.1, 0.5, 0.12, 0.515), 0.0, state=TextState.UNREAD), ()),
    ],
)
def test_what_was_read_signatures_and_single_signs_are_not(line, others):
    assert told(line, *others) is None


def test_a_line_among_many_is_left_to_say_so_itself():
    line = TextLine("", PLACE, 0.0, state=TextState.UNREAD)
    assert told(line, read=7) is not None
    assert told(line, read=8) is None


def test_of_a_partly_read_line_the_unread_word_counts():
    box = box_quad(0.1, 0.5, 0.12, 0.53)
    words = (Word("\ufffd", box, 0.0), Word("Urgent", box_quad(0.13, 0.5, 0.4, 0.53), 0.9))
    line = TextLine("\ufffd Urgent", PLACE, 0.0, words, TextState.PARTLY_READ)
    marked = Prediction(checkboxes=(Checkbox(CheckboxState.TICKED, box, 0.9),))
    assert told(line, marked) is None
    name = TextLine("Nguy\ufffdn", PLACE, 0.0, (Word("Nguy\ufffdn", PLACE, 0.0),), TextState.PARTLY_READ)
    assert told(name, marked) is not None
