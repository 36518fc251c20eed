"""What the looks of a line tell: whether a hand wrote it, and nothing where the file is another's."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

import models.catalog.ocr
from models.artifacts import verified_artifacts
from models.card import read_card
from models.catalog.ocr.page.line_confidence import LineConfidence, features
from models.catalog.ocr.page.line_kinds import LineKinds, may_have_accents
from models.catalog.ocr.page.line_traits import (
    CHANNELS,
    COLUMN_COUNT,
    COUNT,
    ROWS,
    TENSOR,
    column_traits,
    traits_of,
)
from models.catalog.ocr.page.recognition import LineRecogniser, ReadLine
from models.runtimes.onnx import Network
from models.runtimes.onnx_file import showing, until
from synthesis.filled.writing import FontHand, Printer
from synthesis.fonts import TEST_HANDS, TRAINING_PRINTS, FontFolder


@pytest.fixture(scope="module")
def artifacts() -> dict[str, Path]:
    folder = Path(models.catalog.ocr.__path__[0])
    return dict(verified_artifacts(read_card(folder), folder))


@pytest.fixture(scope="module")
def recogniser(artifacts: dict[str, Path]) -> LineRecogniser:
    return LineRecogniser(artifacts["recogniser"])


def line_of(cover: np.ndarray) -> np.ndarray:
    grey = np.pad(250 - 220 * cover, 8, constant_values=250).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))


def test_hands_that_no_model_trains_on_look_more_written_than_print(
    fonts: FontFolder, artifacts: dict[str, Path], recogniser: LineRecogniser
) -> None:
    kinds, random = LineKinds(artifacts["line_kinds"]), np.random.default_rng(2)
    texts = ("Margaret Okafor", "12 Chestnut Street", "please call back")

    def looks(writer: FontHand | Printer) -> list[float]:
        read = [recogniser.read(line_of(writer.write(text, 30, random).cover)) for text in texts]
        return [kinds.by_hand(line.traits) for line in read]

    written = [odds for face in TEST_HANDS for odds in looks(FontHand(fonts, face))]
    printed = [odds for face in TRAINING_PRINTS for odds in looks(Printer(fonts, face))]
    assert np.mean(np.array(printed) < 0) > 0.9
    assert np.median(written) > np.percentile(printed, 90)


def test_the_same_scores_are_worth_less_by_hand(artifacts: dict[str, Path]) -> None:
    known = LineConfidence(artifacts["confidence"])
    line = ReadLine("Okafor", (0.97, 0.9, 0.96, 0.99, 0.93, 0.97), (0.1, 0.25, 0.4, 0.55, 0.7, 0.85))
    printed, written = (known.of_word(line, 0, 6, 0.9, odds) for odds in (-8.0, 8.0))
    assert 0 < written < printed - 0.05 < 1
    assert features(line.confidences, line.confidence, 0.9, 0.0).shape == (10,)


def test_a_shown_tensor_changes_nothing_and_is_what_the_first_part_gives(artifacts: dict[str, Path]) -> None:
    pixels = np.random.default_rng(1).uniform(-1, 1, (1, 3, 48, 160)).astype(np.float32)
    path = artifacts["recogniser"]
    scores, features_ = Network(path, partial(showing, tensor=TENSOR)).outputs(pixels)
    assert np.array_equal(scores, Network(path)(pixels))
    assert np.allclose(features_, Network(path, partial(until, tensor=TENSOR))(pixels), atol=1e-4)
    assert traits_of(features_[0], 0.5).shape == (COUNT,)
    with pytest.raises(ValueError, match="no node"):
        showing(path.read_bytes(), "another")


def test_a_line_nobody_has_read_has_no_letters_to_look_at(artifacts: dict[str, Path]) -> None:
    line = ReadLine("a", (0.9,), (0.5,))
    assert LineKinds(artifacts["line_kinds"]).lacking(line) == ([], [])
    with pytest.raises(ValueError, match="no recogniser"):
        line.column_traits()


def test_a_file_for_other_traits_is_refused(artifacts: dict[str, Path], tmp_path: Path) -> None:
    with np.load(artifacts["line_kinds"]) as stored:
        arrays = dict(stored)
    arrays["of_scripts"] = arrays["of_scripts"][:-1]
    np.savez(tmp_path / "line_kinds.npz", **arrays)
    with pytest.raises(ValueError, match="other traits"):
        LineKinds(tmp_path / "line_kinds.npz")


def test_a_column_is_told_by_those_around_it_and_a_line_of_one_by_itself() -> None:
    features = np.random.default_rng(1).normal(0, 1, (CHANNELS, ROWS, 9)).astype(np.float32)
    traits = column_traits(features)
    assert traits.shape == (9, COLUMN_COUNT)
    assert np.allclose(traits[4, : COLUMN_COUNT // 2], features[:, :, 2:7].mean(axis=2).ravel(), atol=1e-6)
    assert np.allclose(traits[4, COLUMN_COUNT // 2 :], features[:, :, 2:7].max(axis=2).ravel())
    assert np.allclose(column_traits(features[:, :, :1])[0].reshape(2, -1), features[:, :, 0].ravel(), atol=1e-6)


@pytest.mark.parametrize(
    ("sign", "may"), [("e", True), ("Ơ", True), ("đ", True), ("n", False), ("ő", False), ("好", False)]
)
def test_vowels_and_d_may_stand_for_letters_with_more_accents(sign: str, may: bool) -> None:
    assert may_have_accents(sign) is may
