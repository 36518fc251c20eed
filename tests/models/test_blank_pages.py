"""Pages are laid on the blank page they were printed from, and on no other, whatever happened to them since."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont

from models.blank_pages.blanks import BlankPage, Blanks
from models.blank_pages.registration import Registration, register
from models.blank_pages.verdict import Verdict
from synthesis.geometry import transform
from synthesis.sheet import Sheet
from synthesis.wear import moving
from synthesis.wear.degrade import RECIPES

Pixels = npt.NDArray[np.uint8]
SIZE = (1275, 1650)
INNER = np.stack(np.meshgrid(np.linspace(0.1, 0.9, 9), np.linspace(0.1, 0.9, 9)), axis=2).reshape(-1, 2)


def drawn(seed: int, edition: int = 0) -> Pixels:
    """A form of sentences, lines, boxes and bands; another edition of it has other words in every sixth line."""
    random, other = np.random.default_rng(seed), np.random.default_rng(1000 + edition)
    picture = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(picture)
    pen.text((90, 50), f"Form {seed * 37} {sentence(random, 2)}", 0, ImageFont.load_default(44))
    y = 130
    while y < 1560:
        words, others, size = sentence(random, 6), sentence(other, 6), int(random.choice([18, 20, 22]))
        start, band, box = int(random.integers(60, 200)), random.random() < 0.12, random.random() < 0.4
        words = others if edition and y % 6 == 0 else words
        if band:
            pen.rectangle((60, y - 4, 1215, y + 28), 30)
        pen.text((start, y), words, 255 if band else 0, ImageFont.load_default(size))
        if box:
            pen.rectangle((1100, y, 1200, y + 26), outline=30, width=2)
        if not band and not box:
            pen.line((int(random.integers(600, 900)), y + 26, 1200, y + 26), 40, 2)
        y += int(random.integers(30, 52))
    return np.asarray(picture, dtype=np.uint8).copy()


def sentence(random: np.random.Generator, words: int) -> str:
    letters = list("aabcdeeefghiiklmnnooprrssttuvwy")
    return " ".join("".join(random.choice(letters, int(random.integers(2, 11)))) for _ in range(words)).capitalize()


def filled(blank: Pixels, seed: int, entries: int = 40) -> Pixels:
    page, random = blank.copy(), np.random.default_rng(seed)
    for _ in range(entries):
        place = int(random.integers(80, 1000)), int(random.integers(130, 1600))
        text = "".join(random.choice(list("abcdefghklmnoprstuvw 12345"), 12))
        cv2.putText(page, text, place, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 0.8, 60, 2, cv2.LINE_AA)
    return page


def on_paper(page: Pixels) -> Sheet:
    return Sheet(page, 150, np.eye(3))


def error(found: Registration, truth: npt.NDArray[np.float64], size: tuple[int, ...]) -> float:
    """The worst of nineteen in twenty points, in pixels of the page, where `truth` are pixels."""
    there = found.map(INNER) * (size[1], size[0])
    return float(np.percentile(np.hypot(*(there - truth).T), 95))


@pytest.fixture(scope="module")
def blanks() -> Blanks:
    return Blanks([BlankPage(f"form-{seed}", page, drawn(10 * seed + page)) for seed in (1, 2, 3) for page in (1, 2)])


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_filled_page_lies_where_it_was_laid_whatever_it_went_through(blanks: Blanks, recipe: str, turns: int) -> None:
    blank = blanks.pages[turns]
    image = filled(blank.pixels, turns)
    sheet = on_paper(np.repeat(image[:, :, None], 3, axis=2) if recipe == "photograph" else image)
    sheet = moving.quarter_turn(RECIPES[recipe](sheet, 7 + turns), turns)
    found = register(sheet.image, blanks)
    assert (found.form, found.page, found.turn) == (blank.form, blank.page, 90 * turns)
    assert found.verdict is Verdict.REGISTERED
    assert error(found, transform(sheet.matrix, INNER * SIZE), sheet.image.shape) < 1.0
    assert found.residual_px < 1.5


@pytest.mark.parametrize("scale", [0.8, 1.25])
def test_a_page_that_was_shrunk_or_enlarged_by_a_copier_is_found(blanks: Blanks, scale: float) -> None:
    matrix = np.array([[scale, 0, 60 if scale < 1 else -150], [0, scale, 90 if scale < 1 else -200], [0, 0, 1.0]])
    page = moving.warp(filled(blanks.pages[2].pixels, 5), matrix, *SIZE)
    found = register(page, blanks)
    assert (found.form, found.page, found.registered) == ("form-2", 1, True)
    assert error(found, transform(matrix, INNER * SIZE), page.shape) < 1.0


def test_curled_paper_is_followed(blanks: Blanks) -> None:
    image = filled(blanks.pages[1].pixels, 3)
    x, y = np.meshgrid(np.arange(SIZE[0], dtype=np.float32), np.arange(SIZE[1], dtype=np.float32))
    wave = 7 * np.sin(2 * np.pi * x / SIZE[0])
    page = np.asarray(cv2.remap(image, x, y - wave, cv2.INTER_LINEAR, borderValue=(255,)), dtype=np.uint8)
    found = register(page, blanks)
    truth = INNER * SIZE
    truth[:, 1] += 7 * np.sin(2 * np.pi * INNER[:, 0])
    assert found.registered
    assert error(found, truth, page.shape) < 1.0
    assert found.placement is not None
    flat = np.hypot(*(found.placement.flat().map(INNER) * SIZE - truth).T)
    assert np.percentile(flat, 95) > 2


def test_a_torn_and_stained_page_lies_as_well_as_a_whole_one(blanks: Blanks) -> None:
    page = filled(blanks.pages[0].pixels, 4)
    cv2.fillPoly(page, [np.array([(0, 0), (700, 0), (0, 500)], np.int32)], (255,))
    cv2.circle(page, (900, 1200), 130, (90,), -1)
    cv2.putText(page, "RECEIVED", (300, 900), cv2.FONT_HERSHEY_DUPLEX, 4, 30, 12)
    found = register(page, blanks)
    assert (found.form, found.page, found.registered) == ("form-1", 1, True)
    assert error(found, INNER * SIZE, page.shape) < 1.0


def test_pages_of_other_forms_and_pages_that_are_none_are_refused(blanks: Blanks) -> None:
    speckled = np.random.default_rng(1).integers(0, 256, (1100, 850), dtype=np.uint8)
    strangers = [filled(drawn(seed), seed) for seed in range(100, 106)]
    empty = [np.full((1100, 850), 255, np.uint8), np.zeros((40, 30), np.uint8), np.zeros((1, 1), np.uint8)]
    for page in (*strangers, speckled, *empty):
        found = register(page, blanks)
        assert not found.registered
        assert found.verdict is not Verdict.REGISTERED


def test_another_edition_that_nobody_registered_is_refused(blanks: Blanks) -> None:
    for edition in (1, 2):
        found = register(filled(drawn(11, edition), edition, 30), blanks)
        assert found.verdict is Verdict.OTHER_PRINT


def test_of_two_registered_editions_the_right_one_wins() -> None:
    editions = Blanks([BlankPage(f"form-{edition}", 1, drawn(11, edition)) for edition in (0, 1, 2)])
    for edition in (0, 1, 2):
        sheet = RECIPES["photocopy"](on_paper(filled(drawn(11, edition), 8, 30)), edition)
        found = register(sheet.image, editions)
        assert (found.form, found.registered) == (f"form-{edition}", True)


def test_without_blank_pages_nothing_is_registered() -> None:
    found = register(drawn(1), Blanks([]))
    assert (found.form, found.page, found.verdict) == (None, None, Verdict.NOTHING_ALIKE)
    with pytest.raises(ValueError, match="lies on no blank page"):
        found.map(INNER)


def test_the_same_page_gets_the_same_answer_twice(blanks: Blanks) -> None:
    page = filled(blanks.pages[5].pixels, 9)
    first, second = register(page, blanks), register(page, blanks)
    assert np.array_equal(first.map(INNER), second.map(INNER))
