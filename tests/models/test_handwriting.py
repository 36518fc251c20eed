"""The reader of handwriting: lines are made alike, CTC is decoded, words are read."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

import models.catalog.ocr
from models.artifacts import verified_artifacts
from models.card import read_card
from models.catalog.ocr.field.formats import is_usual
from models.catalog.ocr.field.handwriting import Asked, HandwritingReader, limited
from models.catalog.ocr.field.ink_line import HEIGHT, WIDEST, drawn_lines, ink_line
from models.catalog.ocr.language.alphabets import CropKind
from models.catalog.ocr.language.character_prior import CharacterPrior
from models.catalog.ocr.language.ctc import best_path, probabilities_of
from models.catalog.ocr.language.expectations import Form, Spelling
from models.catalog.ocr.language.lexicon import Lexicon
from models.catalog.ocr.language.prefix_beam import search
from models.catalog.ocr.language.word_decoding import WordDecoder
from models.catalog.ocr.page.line_traits import CHANNELS, ROWS, TENSOR
from models.runtimes.onnx import Network
from models.runtimes.onnx_file import beyond, until, with_properties


def _word(rows: int = 80, columns: int = 300, shade: int = 30) -> np.ndarray:
    crop = np.full((rows, columns), 245, dtype=np.uint8)
    cv2.putText(crop, "word", (60, 56), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.4, shade, 2, cv2.LINE_AA)
    return crop


def test_a_line_is_cut_to_its_ink_at_the_height_the_networks_read() -> None:
    line = ink_line(_word())
    assert line is not None
    wide = ink_line(_word(columns=900))
    assert line.shape[0] == HEIGHT
    assert wide is not None
    assert np.array_equal(line, wide)


def test_a_long_line_is_squeezed_to_the_limit() -> None:
    line = ink_line(np.tile(_word(), (1, 20)))
    assert line is not None
    assert line.shape == (HEIGHT, WIDEST)


def test_paper_without_ink_is_no_line() -> None:
    assert ink_line(np.full((60, 200), 230, dtype=np.uint8)) is None
    assert ink_line(np.full((3, 3), 230, dtype=np.uint8)) is None


@pytest.mark.parametrize("place", ["rule", "frame"])
def test_rules_and_frames_do_not_change_the_line_much(place: str) -> None:
    crop = _word()
    if place == "rule":
        crop[66:68] = 40
    else:
        crop[2:4], crop[-4:-2], crop[:, 2:4], crop[:, -4:-2] = 40, 40, 40, 40
    plain, furnished = ink_line(_word()), ink_line(crop)
    assert plain is not None
    assert furnished is not None
    assert abs(plain.shape[1] - furnished.shape[1]) <= 8
    resized = cv2.resize(furnished, (plain.shape[1], HEIGHT))
    assert np.corrcoef(plain.ravel(), resized.ravel())[0, 1] > 0.85


def test_a_stroke_across_a_rule_stays_whole() -> None:
    mask = np.zeros((60, 200), dtype=np.uint8)
    mask[40:42] = 1
    mask[10:55, 100:103] = 1
    drawn = drawn_lines(mask)
    assert drawn[40:42, :90].all()
    assert not drawn[40:42, 100:103].any()


def test_pale_ink_on_grey_paper_becomes_as_dark_as_black_ink() -> None:
    pale = (_word(shade=150).astype(np.float32) * 0.85).astype(np.uint8)
    line = ink_line(pale)
    assert line is not None
    assert line.min() < 30
    assert np.median(line) > 225


def test_the_best_path_drops_blanks_and_repeats() -> None:
    probabilities = np.full((6, 3), 0.1)
    for column, label in enumerate((1, 1, 0, 1, 2, 2)):
        probabilities[column, label] = 0.8
    assert [label for label, _ in best_path(np.log(probabilities).astype(np.float32))] == [1, 1, 2]


def _scores(columns: int, classes: int = 3) -> np.ndarray:
    raw = np.random.default_rng(columns).normal(0, 2, size=(columns, classes))
    return np.asarray(raw - np.logaddexp.reduce(raw, axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.parametrize("columns", range(1, 6))
def test_the_probability_of_a_text_is_the_sum_over_all_its_paths(columns: int) -> None:
    scores = _scores(columns)
    texts: dict[str, float] = {}
    for path in itertools.product(range(3), repeat=columns):
        text = "".join("ab"[label - 1] for label, _ in itertools.groupby(path) if label)
        texts[text] = texts.get(text, 0.0) + float(np.exp(sum(scores[range(columns), path])))
    found = search(scores, "ab", Form(lambda text: True), width=100, unlikely=-50.0, hopeless=0.0)
    assert found[0].text == max(texts, key=lambda text: texts[text])
    assert {one.text: np.exp(one.seen) for one in found} == pytest.approx(texts, rel=1e-3)
    assert {one.text: one.share for one in found} == pytest.approx(texts, rel=1e-3)


def test_an_alphabet_leaves_only_its_characters() -> None:
    raw = np.random.default_rng(1).normal(size=(9, 6)).astype(np.float32)
    scores = limited(raw - np.logaddexp.reduce(raw, axis=1, keepdims=True), [2, 3])
    assert {label for label, _ in best_path(scores)} <= {2, 3}
    assert np.exp(scores).sum(axis=1) == pytest.approx(np.ones(9), abs=1e-5)


def test_a_model_cut_in_two_computes_what_it_computed_whole() -> None:
    model = _recogniser()
    line = np.random.default_rng(5).uniform(-1, 1, size=(1, 3, HEIGHT, 96)).astype(np.float32)
    whole, first, rest = (
        Network(model),
        *(Network(model, partial(cut, tensor=TENSOR)) for cut in (until, beyond)),
    )
    expected, seen = whole(line), first(line)
    scores = rest(seen)
    assert seen.shape == (1, CHANNELS, ROWS, 24)
    assert np.allclose(scores, expected, atol=1e-5)


@pytest.mark.parametrize("cut", [until, beyond])
def test_a_model_is_not_cut_at_a_tensor_that_nothing_makes(cut: Callable[[bytes, str], bytes]) -> None:
    with pytest.raises(ValueError, match="no node of the model makes 'nothing'"):
        cut(_recogniser().read_bytes(), "nothing")


def test_properties_are_read_back() -> None:
    model = with_properties(_recogniser().read_bytes(), {"alphabet": '"äb"', "long": "x" * 300})
    found = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).get_modelmeta().custom_metadata_map
    assert found["alphabet"] == '"äb"'
    assert found["long"] == "x" * 300
    assert "character" in found


def _recogniser() -> Path:
    folder = Path(next(iter(models.catalog.ocr.__path__)))
    return verified_artifacts(read_card(folder), folder)["recogniser"]


def test_a_word_and_a_number_are_read() -> None:
    reader = _reader()
    ours, printed = reader.read_both(_line(_word()))
    assert printed is not None
    assert (ours.text, printed.text) == ("word", "word")
    assert len(ours.characters) == 4
    assert 0.5 < ours.confidence <= 1
    assert reader.read_both(_line(_word()), sure=ours.confidence) == (ours, None)
    number = np.full((80, 320), 245, dtype=np.uint8)
    cv2.putText(number, "4207", (60, 56), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.4, 30, 2, cv2.LINE_AA)
    assert reader.read(_line(number), Asked("0123456789")).text == "4207"
    assert set(reader.read(_line(number), Asked("abc")).text) <= set("abc")


def _line(crop: np.ndarray) -> np.ndarray:
    line = ink_line(crop)
    assert line is not None
    return line


def test_the_prior_settles_what_the_network_leaves_open() -> None:
    prior = CharacterPrior.of(["cat", "cat", "act"], least=1)
    assert prior.log_probability("c", "a") > prior.log_probability("c", "e")
    scores = np.full((5, 5), -12.0, dtype=np.float32)
    for column, (likely, other) in enumerate(((2, 2), (0, 0), (3, 1), (0, 0), (4, 4))):
        scores[column, [likely, other]] = np.log(0.51), np.log(0.49)
    assert [label for label, _ in best_path(scores)] == [2, 3, 4]
    unknown = Lexicon([])
    assert search(scores, "acet", Spelling(prior, unknown, weight=1.0))[0].text == "cat"
    assert search(scores, "acet", Spelling(prior, unknown, weight=0.0))[0].text == "cet"
    assert search(scores, "acet", Spelling(prior, Lexicon(["Cat"]), weight=0.0))[0].text == "cat"


def test_a_known_word_counts_as_soon_as_it_is_complete() -> None:
    alphabet, scores = "acet ", np.full((7, 6), -12.0, dtype=np.float32)
    for column, sign in enumerate("c?t c?t"):
        if sign == "?":
            scores[column, [alphabet.index("e") + 1, alphabet.index("a") + 1]] = np.log(0.6), np.log(0.4)
        else:
            scores[column, alphabet.index(sign) + 1] = -0.01
    expected = Spelling(CharacterPrior.of(["e"], least=1), Lexicon(["cat"]), weight=0.0, bonus=0.0)
    # By the end of the second word "cat ..." would be gone if only whole texts were compared with the lexicon.
    assert search(scores, alphabet, expected, width=2)[0].text == "cat cat"


def test_empty_columns_between_characters_change_nothing() -> None:
    spelling = Spelling(CharacterPrior.of(["cat", "act"], least=1), Lexicon(["cat"]))
    scores = np.full((7, 5), -12.0, dtype=np.float32)
    for column, label in enumerate((0, 2, 0, 1, 0, 4, 0)):
        scores[column, label] = -0.001
    stretched = np.repeat(scores, np.where(scores[:, 0] > -1, 9, 1), axis=0)
    short, long = (WordDecoder("acet", spelling).decode(one) for one in (scores, stretched))
    assert short.text == long.text == "cat"
    assert long.probabilities == pytest.approx(short.probabilities)
    assert long.signs == pytest.approx(short.signs, abs=0.1)


def test_a_wide_line_of_noise_is_searched_like_any_other() -> None:
    raw = np.random.default_rng(3).normal(0, 1, size=(320, 88))
    scores = np.asarray(raw - np.logaddexp.reduce(raw, axis=1, keepdims=True), dtype=np.float32)
    found = search(scores, "".join(map(chr, range(33, 120))), Spelling(CharacterPrior.of(["a"]), Lexicon([])))
    assert all(np.isfinite([one.seen, one.share]).all() for one in found)
    assert sum(one.share for one in found) == pytest.approx(1.0)


def test_a_date_gets_the_sign_back_that_the_network_hardly_saw() -> None:
    alphabet, text = "0123456789.", "04.12.57"
    scores = np.full((2 * len(text), len(alphabet) + 1), -20.0, dtype=np.float32)
    scores[1::2, 0] = -0.001
    for number, sign in enumerate(text):
        scores[2 * number, alphabet.index(sign) + 1] = -0.001
    scores[4, [0, alphabet.index(".") + 1]] = np.log(0.9), np.log(0.1)
    assert search(scores, alphabet, Form(lambda text: True))[0].text == "0412.57"
    assert search(scores, alphabet, Form(partial(is_usual, CropKind.DATE)))[0].text == text


def test_a_prior_is_packed_and_unpacked() -> None:
    prior = CharacterPrior.of(["one", "two"], least=1)
    again = CharacterPrior.unpacked(prior.packed())
    assert again.log_probability("on", "e") == prior.log_probability("on", "e")


def test_a_lexicon_counts_words_whatever_their_case_and_leaves_figures_and_single_letters_out() -> None:
    lexicon = Lexicon.unpacked(Lexicon(["Maria", "O'Brien", "full-time"]).packed())
    assert lexicon.known("MARIA O'Brien, full-time") == (3, 3)
    assert lexicon.known("(Maria) J. xyz 42 4b") == (1, 2)
    assert lexicon.known("12/03/1999") == lexicon.known("") == (0, 0)


def test_each_character_has_the_probability_of_its_best_column() -> None:
    scores = np.log(np.array([[0.1, 0.8, 0.1], [0.2, 0.7, 0.1], [0.9, 0.05, 0.05], [0.3, 0.1, 0.6]], dtype=np.float32))
    assert probabilities_of(scores, [1, 2]) == pytest.approx([0.8, 0.6], abs=1e-5)
    assert probabilities_of(scores[:1], [1, 2]) == [0.0, 0.0]


def _reader() -> HandwritingReader:
    folder = Path(next(iter(models.catalog.ocr.__path__)))
    artifacts = verified_artifacts(read_card(folder), folder)
    return HandwritingReader(artifacts["recogniser"], artifacts["handwriting"], Spelling.of(artifacts["spelling"]))
