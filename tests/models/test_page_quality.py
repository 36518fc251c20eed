"""Each defect is named on drawn pages, clean pages are left alone, and no page stops the model."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from evaluation.pages import open_page, straighten
from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import Defect, PageQuality, Prediction, Skew
from synthesis.sheet import new_sheet
from synthesis.wear.defects import DEFECTS

Page = npt.NDArray[np.uint8]
LOWER_IS_WORSE = (Defect.LOW_CONTRAST, Defect.TOO_DARK, Defect.LOW_RESOLUTION, Defect.BLANK)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("page-quality")


def letter(size: float = 0.8, paper: int = 245) -> Page:
    """A page of print with a frame and ruled lines; capitals are about 17 px high at size 0.8."""
    page = np.full((round(2060 * size), round(1600 * size)), paper, np.uint8)
    left, step = round(150 * size), round(52 * size)
    for row in range(32):
        text = f"{row + 3} The undersigned applies for the account named above"
        place = (left, round(220 * size) + step * row)
        cv2.putText(page, text, place, cv2.FONT_HERSHEY_DUPLEX, size, 30, max(1, round(1.6 * size)), cv2.LINE_AA)
    for row in range(3):
        y = round((1890 + 40 * row) * size)
        cv2.line(page, (left, y), (page.shape[1] - left, y), 60, max(1, round(2 * size)))
    return page


def spaced() -> Page:
    """Lines 100 px apart, letters 20 px high, the first at 230 and the last at 1430 of 1700 rows."""
    page = np.full((1700, 1500), 250, np.uint8)
    for line in range(13):
        place = (150, 230 + 100 * line)
        cv2.putText(page, "Name and address of the person insured", place, cv2.FONT_HERSHEY_DUPLEX, 1.0, 30, 2)
    return page


def judge(model: Model, page: Page, angle: float = 0.0) -> PageQuality:
    skew = Prediction(skew=Skew(0, 1.0, angle, 1.0, turned=False, straightened=angle != 0))
    (prediction,) = model.predict([PageImage(1, page, None, {}, {"deskew": skew} if angle else {})])
    assert prediction.quality is not None
    return prediction.quality


def named(quality: PageQuality) -> set[Defect]:
    return {found.defect for found in quality.defects if found.exceeded}


def damaged(page: Page, defect: Defect, strength: float, seed: int = 1) -> Page:
    return DEFECTS[defect](new_sheet(page, 150), strength, np.random.default_rng(seed)).image


@pytest.mark.parametrize("size", [0.5, 0.8, 1.6, 3.8])
def test_a_clean_page_of_any_resolution_has_no_defect(model: Model, size: float) -> None:
    quality = judge(model, letter(size))
    assert named(quality) == set()
    assert quality.acceptable
    assert {found.defect for found in quality.defects} == set(Defect)


@pytest.mark.parametrize(
    ("degrees", "straightened", "named_so"), [(17.0, False, True), (17.0, True, False), (0.9, False, False)]
)
def test_an_angle_that_was_not_sure_enough_to_be_undone_is_a_defect(
    model: Model, degrees: float, straightened: bool, named_so: bool
) -> None:
    skew = Skew(0, 0.9, degrees, 0.3, turned=False, straightened=straightened)
    (found,) = model.predict([PageImage(1, letter(), earlier={"deskew": Prediction(skew=skew)})])
    assert found.quality is not None
    assert (Defect.NOT_STRAIGHT in named(found.quality)) is named_so
    assert not (named_so and found.quality.acceptable)


def test_nothing_found_is_told_from_a_defect_found(model: Model) -> None:
    (clean,) = model.predict([PageImage(1, letter())])
    (blank,) = model.predict([PageImage(1, np.full((1400, 1000), 250, np.uint8))])
    assert clean.is_empty
    assert clean.quality is not None
    assert not blank.is_empty


@pytest.mark.parametrize(
    "kind",
    [
        lambda page: np.asarray(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), dtype=np.uint8),
        lambda page: np.where(page > 140, 255, 0).astype(np.uint8),
        lambda page: np.asarray(page * np.linspace(1, 0.6, page.shape[1]), dtype=np.uint8),
        lambda page: np.ascontiguousarray(page[::-1, ::-1]),
    ],
    ids=["colour", "black and white", "in uneven light", "upside down"],
)
def test_pages_of_every_kind_pass(model: Model, kind: Callable[[Page], Page]) -> None:
    assert named(judge(model, kind(letter()))) == set()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("defect", "strength"),
    [
        (Defect.BLUR, 0.6),
        (Defect.LOW_CONTRAST, 0.8),
        (Defect.TOO_DARK, 0.7),
        (Defect.GLARE, 0.5),
        (Defect.NOISE, 0.6),
        (Defect.LOW_RESOLUTION, 0.85),
        (Defect.BLANK, 1.0),
    ],
)
def test_a_defect_is_named_with_advice_and_stands_first(
    model: Model, defect: Defect, strength: float, seed: int
) -> None:
    quality = judge(model, damaged(letter(), defect, strength, seed))
    assert not quality.acceptable
    (found,) = (one for one in quality.defects if one.defect is defect)
    assert found.exceeded
    assert (found.value < found.threshold) == (defect in LOWER_IS_WORSE)
    assert found.advice.endswith(".")
    assert [one.exceeded for one in quality.defects] == sorted((one.exceeded for one in quality.defects), reverse=True)


@pytest.mark.parametrize("defect", [Defect.BLUR, Defect.NOISE, Defect.LOW_CONTRAST, Defect.TOO_DARK])
def test_a_stronger_defect_measures_worse(model: Model, defect: Defect) -> None:
    def measure(strength: float) -> float:
        quality = judge(model, damaged(letter(), defect, strength))
        return next(found.value for found in quality.defects if found.defect is defect)

    measured = [measure(strength) for strength in (0.1, 0.3, 0.5)]
    assert measured == sorted(measured, reverse=defect in LOWER_IS_WORSE)
    assert measured[0] != measured[2]


def test_text_that_runs_into_a_side_is_cut_off_there(model: Model) -> None:
    page = letter()
    cut = judge(model, page[:, : page.shape[1] // 2])
    assert named(cut) == {Defect.CUT_OFF}
    (found,) = (one for one in cut.defects if one.exceeded)
    assert found.quad is not None
    assert found.quad[0] > page.shape[1] * 0.4
    assert found.quad[2] == page.shape[1] // 2


def test_a_page_cut_between_two_lines_is_cut_off(model: Model) -> None:
    page = letter()
    base = round(220 * 0.8) + round(52 * 0.8) * 16
    assert Defect.CUT_OFF in named(judge(model, page[: base + 8]))


@pytest.mark.parametrize("rows", [slice(0, 670), slice(1070, None)], ids=["upper part", "lower part"])
def test_a_part_of_a_page_is_cut_off_though_the_knife_left_room_before_the_next_line(model: Model, rows: slice) -> None:
    assert Defect.CUT_OFF in named(judge(model, spaced()[rows]))


def test_a_landscape_page_with_even_margins_is_not_cut_off(model: Model) -> None:
    assert Defect.CUT_OFF not in named(judge(model, spaced()[340:1506]))


def slip(height: int, left: int, top: int, lines: int, pitch: int) -> Page:
    """A landscape slip of 1200 px across with print in its upper part, capitals 20 px high."""
    page = np.full((height, 1200), 250, np.uint8)
    for line in range(lines):
        place = (left, top + 20 + pitch * line)
        cv2.putText(page, "Please return this part with your payment", place, cv2.FONT_HERSHEY_DUPLEX, 0.9, 30, 2)
    return page


@pytest.mark.parametrize(
    ("height", "left", "top", "lines", "pitch"),
    [(420, 40, 30, 1, 0), (420, 60, 24, 3, 60), (640, 30, 20, 5, 44), (800, 50, 45, 8, 70), (560, 90, 36, 2, 90)],
)
@pytest.mark.parametrize("turned", [False, True], ids=["at the top", "at the bottom"])
def test_a_landscape_slip_with_a_narrow_margin_is_complete(
    model: Model, height: int, left: int, top: int, lines: int, pitch: int, turned: bool
) -> None:
    page = slip(height, left, top, lines, pitch)
    assert named(judge(model, np.ascontiguousarray(page[::-1, ::-1]) if turned else page)) == set()


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("above", [True, False], ids=["letterhead", "footer"])
def test_print_set_close_to_the_edge_of_a_letter_is_no_cut(model: Model, above: bool, lines: int) -> None:
    page = np.full((1700, 1250), 250, np.uint8)
    page[200:1500] = letter()[176:1476, :1250]
    for line in range(lines):
        place = (130, 34 + 30 * line) if above else (130, 1684 - 30 * line)
        cv2.putText(page, "Example Company, 12 High Street, Anytown", place, cv2.FONT_HERSHEY_DUPLEX, 0.7, 30, 1)
    assert Defect.CUT_OFF not in named(judge(model, page[:, :1250]))


@pytest.mark.parametrize("lean", [0, 4])
def test_rules_from_edge_to_edge_are_no_cut_and_rules_that_end_are(model: Model, lean: int) -> None:
    for left, cut in ((0, False), (150, True)):
        page = letter()
        height, width = page.shape[:2]
        for row in range(60, height - 60, 40):
            cv2.line(page, (left, row), (width, row + lean), 60, 2)
        assert (Defect.CUT_OFF in named(judge(model, page))) is cut


@pytest.mark.parametrize("angle", [-6.0, 0.4, 3.0])
@pytest.mark.parametrize("cut", [True, False])
def test_the_corners_that_straightening_adds_hide_no_cut(model: Model, angle: float, cut: bool) -> None:
    page = letter()
    page = page[:, : page.shape[1] // 2] if cut else page
    height, width = page.shape
    turn = np.radians(angle)
    across, down = abs(np.cos(turn)), abs(np.sin(turn))
    size = int(np.ceil(width * across + height * down)), int(np.ceil(width * down + height * across))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    matrix[:, 2] += (size[0] / 2 - width / 2, size[1] / 2 - height / 2)
    shown = cv2.warpAffine(page, matrix, size, flags=cv2.INTER_CUBIC, borderValue=255)
    assert (Defect.CUT_OFF in named(judge(model, np.asarray(shown, dtype=np.uint8), angle))) == cut


def test_a_dark_scanner_edge_is_no_cut(model: Model) -> None:
    page = letter()
    page[:, :18] = 20
    page[:14] = 25
    assert named(judge(model, page)) == set()


def test_glare_says_where_it_is(model: Model) -> None:
    page = letter()
    found = next(one for one in judge(model, damaged(page, Defect.GLARE, 0.4)).defects if one.exceeded)
    assert found.defect is Defect.GLARE
    assert found.quad is not None
    assert 0 <= found.quad[0] < found.quad[2] <= page.shape[1] + 60
    assert 0 <= found.quad[1] < found.quad[5] <= page.shape[0] + 60


@pytest.mark.parametrize(
    "page",
    [
        np.zeros((1, 1), np.uint8),
        np.full((1, 1, 3), 255, np.uint8),
        np.full((1, 900), 128, np.uint8),
        np.full((900, 2), 128, np.uint8),
        np.zeros((1200, 900), np.uint8),
        np.full((1200, 900, 3), 255, np.uint8),
        np.full((8000, 6000), 250, np.uint8),
        np.random.default_rng(1).integers(0, 256, (900, 700, 3), dtype=np.uint8),
        np.indices((600, 500)).sum(axis=0).astype(np.uint8) % 2 * 255,
    ],
    ids=["black dot", "white dot", "row", "column", "black", "white", "8000 px", "noise", "chequered"],
)
def test_no_page_stops_it_and_none_of_these_is_acceptable(model: Model, page: Page) -> None:
    quality = judge(model, page)
    assert not quality.acceptable
    assert all(np.isfinite(found.value) for found in quality.defects)
    for found in quality.defects:
        assert found.quad is None or min(found.quad) >= 0


def test_black_pages_are_dark_and_blank_ones_are_not(model: Model) -> None:
    assert named(judge(model, np.zeros((1200, 900), np.uint8))) == {Defect.TOO_DARK, Defect.BLANK}
    assert named(judge(model, np.full((1200, 900), 255, np.uint8))) == {Defect.BLANK}


def test_pages_are_answered_in_order(model: Model) -> None:
    pages = [letter(), np.full((900, 700), 255, np.uint8), letter()]
    found = model.predict([PageImage(number, page) for number, page in enumerate(pages, 1)])
    assert [one.quality.acceptable for one in found if one.quality] == [True, False, True]


def test_real_forms_are_seldom_called_bad(model: Model, evaluation_data: Path) -> None:
    deskew = load_model("deskew")
    with (evaluation_data / "ocr_forms" / "index.csv").open(encoding="utf-8", newline="") as index:
        files = [evaluation_data / "ocr_forms" / row["path"] for row in csv.DictReader(index)][::2]
    wrong = 0
    for file in files:
        page = straighten(open_page(file, {}), deskew).shown
        (prediction,) = model.predict([page])
        wrong += not prediction.is_empty
    assert wrong <= max(1, 0.05 * len(files))
