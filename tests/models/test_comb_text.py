"""What a row of cells says: each by itself, or with what is expected of words."""

from __future__ import annotations

import pytest

from models.catalog.ocr.field.characters import ReadCharacter
from models.catalog.ocr.field.comb_text import comb_spelling, in_cells, in_words
from models.catalog.ocr.language.character_prior import CharacterPrior
from models.catalog.ocr.language.expectations import Spelling
from models.catalog.ocr.language.lexicon import Lexicon

SPELLING = comb_spelling(Spelling(CharacterPrior.of(["MARIA", "ANNA", "MARTA"], least=1), Lexicon(["Maria", "Anna"])))


def cell(*answers: tuple[str, float]) -> ReadCharacter:
    (text, probability), *others = answers
    return ReadCharacter(text, probability, tuple(others))


def sure(text: str) -> list[ReadCharacter]:
    return [cell(("" if sign == " " else sign, 0.98), ("X", 0.01)) for sign in text]


def test_a_known_word_settles_a_weak_cell() -> None:
    read = [*sure("MA"), cell(("K", 0.6), ("R", 0.35)), *sure("IA")]
    assert in_cells(read)[0].text == "MAKIA"
    best, second, *_ = in_words(read, SPELLING)
    assert (best.text, best.known) == ("MARIA", 1.0)
    assert best.characters == (0.98, 0.98, 0.35, 0.98, 0.98)
    assert best.likely > 0.5 > second.likely


def test_a_clear_cell_is_never_overruled() -> None:
    read = [*sure("MA"), cell(("K", 0.999), ("R", 0.0005)), *sure("IA")]
    best = in_words(read, SPELLING)[0]
    assert (best.text, best.known) == ("MAKIA", 0.0)


def test_words_keep_the_space_between_them_however_many_cells_it_has() -> None:
    read = sure(" ANNA  MARIA ")
    assert in_words(read, SPELLING)[0].text == in_cells(read)[0].text == "ANNA  MARIA"
    assert in_words(read, SPELLING)[0].known == 1.0
    assert len(in_words(read, SPELLING)[0].characters) == len("ANNA  MARIA")


@pytest.mark.parametrize("read", [[], sure("   ")])
def test_empty_cells_say_nothing(read: list[ReadCharacter]) -> None:
    for found in (in_words(read, SPELLING), in_cells(read)):
        assert (found[0].text, found[0].characters) == ("", ())


def test_other_readings_differ_and_come_likeliest_first() -> None:
    read = [cell(("1", 0.6), ("7", 0.3), ("4", 0.1)), cell(("", 0.7), ("8", 0.3))]
    found = in_cells(read)
    assert {one.text for one in found} == {"1", "7", "4", "18"}
    assert len({one.text for one in found}) == len(found)
    likely = [one.likely for one in found[1:]]
    assert likely == sorted(likely, reverse=True)
    assert found[0].likely == pytest.approx(0.42)
