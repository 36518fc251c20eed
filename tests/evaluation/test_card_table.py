"""Measured numbers go into the card, and nothing else of the card changes."""

from __future__ import annotations

import tomllib

import pytest

from evaluation import CardError, card_to_write, evaluate, write_card
from models.card import read_card
from tests.evaluation.page import Page

CARD = '''# A comment at the top.
name = "told-lines"
version = "7"
summary = "s"
licence = "MIT"
adapter = "adapter:Told"
input = "any"
output = "lines"
training_data = "none"
notes = """
[[metrics]] in a note is no metric.
"""

[limits]
max_batch = 4

# Kept: measured elsewhere.
[[metrics]]
data = "other"
name = "cer"
value = 0.5
count = 3

[[metrics]]
data = "set"
name = "word_f1"
value = 0.1
count = 1
# Said of the rows below.

[[metrics]]
data = "set"
subset = "all, engine light"
name = "word_f1"
value = 0.2
count = 1
'''


@pytest.fixture
def measured(told_model, folder_of):
    word = {"words": [{"text": "Ann", "box": [10, 10, 60, 20]}]}
    line = {"text": "Ann", "quad": [10, 10, 60, 10, 60, 20, 10, 20], "confidence": 0.9, "words": []}
    folder, options = folder_of([Page("", word, {"lines": [line]}, "a"), Page("", word, {}, "b")])
    found = evaluate(told_model("lines"), folder, options=options, deskew=False)
    # The options of this test are paths; the plain measuring has none.
    return type(found)(
        **{name: getattr(found, name) for name in found.__dataclass_fields__ if name != "variant"}, variant=""
    )


def test_rows_of_the_same_set_are_replaced_and_all_else_stays(measured, tmp_path):
    card = tmp_path / "card.toml"
    card.write_text(CARD)
    write_card(card, measured)
    text = card.read_text()
    rows = {(row.data, row.subset, row.name): row for row in read_card(tmp_path).metrics}
    assert rows["set", "all", "word_f1"].value == pytest.approx(0.6667)
    assert rows["set", "a", "word_f1"].value == 1.0
    assert rows["set", "all", "word_f1"].count == 2
    assert rows["set", "all", "word_f1"].low is not None
    assert rows["other", "all", "cer"].value == 0.5
    assert rows["set", "all, engine light", "word_f1"].value == 0.2
    before, after = tomllib.loads(CARD), tomllib.loads(text)
    assert {**before, "metrics": 0} == {**after, "metrics": 0}
    for kept in ("# A comment at the top.", "# Kept: measured elsewhere.", "# Said of the rows below."):
        assert kept in text
    write_card(card, measured)
    assert card.read_text() == text


def test_a_file_that_is_no_card_is_left_alone(measured, tmp_path):
    card = tmp_path / "card.toml"
    card.write_text("name = 3\n")
    with pytest.raises(CardError):
        write_card(card, measured)
    assert card.read_text() == "name = 3\n"


def test_a_model_that_failed_on_every_page_gets_no_numbers(told_model, folder_of, tmp_path):
    card = tmp_path / "card.toml"
    card.write_text(CARD)
    folder, options = folder_of([Page("", {"words": []}, "raise")])
    found = evaluate(told_model("lines"), folder, options=options, deskew=False)
    with pytest.raises(CardError, match="told to"):
        write_card(card, found)
    assert card.read_text() == CARD


def test_only_a_model_in_a_source_folder_has_a_card_to_write(told_model, tmp_path):
    folder = tmp_path / "site" / "told_lines_model"
    assert card_to_write(told_model("lines")) == folder / "card.toml"
