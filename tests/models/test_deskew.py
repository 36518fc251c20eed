"""How pages lie, asked through the registry as a worker does."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from documents.geometry import straighten_step
from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import Skew

Pixels = npt.NDArray[np.uint8]

PARAGRAPH = (
    "The applicant declares that the statements above are complete and",
    "true to the best of their knowledge, and that they will report any",
    "change of circumstances without delay until a decision has been made.",
    "Name, date of birth, address and telephone number are as shown in the",
    "identity document. Monthly income is stated after tax and deductions.",
)


@pytest.fixture(scope="module")
def deskew() -> Model:
    return load_model("deskew")


def look(model: Model, pixels: Pixels) -> Skew:
    (prediction,) = model.predict([PageImage(1, pixels)])
    assert prediction.skew is not None
    return prediction.skew


def written_page(height: int = 1600, width: int = 1150) -> Pixels:
    page = np.full((height, width), 250, np.uint8)
    cv2.putText(page, "Application for membership", (90, 130), cv2.FONT_HERSHEY_DUPLEX, 1.5, 20, 3, cv2.LINE_AA)
    for row in range(34):
        if row % 9 == 8:
            continue
        text = PARAGRAPH[row % len(PARAGRAPH)][: 40 if row % 9 == 7 else None]
        cv2.putText(page, text, (90, 220 + 38 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.78, 30, 2, cv2.LINE_AA)
    return page


def turned_counter_clockwise(page: Pixels, degrees: float) -> Pixels:
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=(250, 250, 250)), dtype=np.uint8)


def turned_whole(page: Pixels, degrees: float, paper: int) -> Pixels:
    """Turned counter-clockwise, on a canvas that holds all of it."""
    height, width = page.shape
    step = straighten_step(width, height, -degrees)
    matrix = np.array(step.matrix).reshape(3, 3)[:2]
    return np.asarray(cv2.warpAffine(page, matrix, (step.width, step.height), borderValue=(paper,) * 3), dtype=np.uint8)


def framed(page: Pixels, frame: str) -> Pixels:
    (height, width), inside = page.shape, 45
    if frame == "bed":
        page[:inside] = page[-inside:] = page[:, :inside] = page[:, -inside:] = 8
    elif frame == "two sides":
        page[:inside] = page[:, :inside] = 8
    elif frame == "rules at the sides":
        cv2.line(page, (inside, 0), (inside, height), 10, 4)
        cv2.line(page, (0, height - inside), (width, height - inside), 10, 4)
    else:
        cv2.rectangle(page, (inside, inside), (width - inside, height - inside), 8, 20 if frame == "thick" else 3)
        if frame == "double":
            cv2.rectangle(page, (inside + 14, inside + 14), (width - inside - 14, height - inside - 14), 8, 3)
    return page


def turned_clockwise(page: Pixels, quarters: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(page, -quarters))


@pytest.mark.parametrize("degrees", [-17.0, -4.3, -0.6, 0.4, 3.7, 12.0])
def test_the_angle_is_found_with_its_sign(deskew: Model, degrees: float) -> None:
    skew = look(deskew, turned_counter_clockwise(written_page(), degrees))
    assert skew.angle_degrees == pytest.approx(degrees, abs=0.1)
    assert skew.straightened
    assert skew.angle_confidence > 0.9


@pytest.mark.parametrize("paper", [250, 12], ids=["white around", "black around"])
@pytest.mark.parametrize("degrees", [-44.0, -31.5, -21.0, 19.6, 27.3, 40.0])
def test_far_turns_are_found_too(deskew: Model, degrees: float, paper: int) -> None:
    skew = look(deskew, turned_whole(written_page(), degrees, paper))
    assert skew.angle_degrees == pytest.approx(degrees, abs=0.15)
    assert skew.straightened
    assert skew.quarter_turns == 0


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_far_turns_and_quarter_turns_are_told_apart(deskew: Model, quarters: int) -> None:
    skew = look(deskew, turned_clockwise(turned_whole(written_page(), 33.0, 250), quarters))
    assert (skew.quarter_turns, skew.turned) == (quarters, True)
    assert skew.angle_degrees == pytest.approx(33.0, abs=0.15)


@pytest.mark.parametrize("drawn", [lambda: written_page(), lambda: one_line()], ids=["a page", "a line"])
@pytest.mark.parametrize("degrees", [-4.2, 0.83, 13.0])
@pytest.mark.parametrize("frame", ["thin", "thick", "double", "bed", "two sides", "rules at the sides"])
def test_the_text_decides_and_not_a_straight_frame_around_it(
    deskew: Model, frame: str, degrees: float, drawn: Callable[[], Pixels]
) -> None:
    page = framed(turned_whole(drawn(), degrees, 250), frame)
    assert look(deskew, page).angle_degrees == pytest.approx(degrees, abs=0.5 if drawn().mean() > 249 else 0.1)


def test_a_straight_page_is_left_alone(deskew: Model) -> None:
    skew = look(deskew, written_page())
    assert abs(skew.angle_degrees) < 0.1
    assert not skew.straightened
    assert not skew.turned


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("degrees", [-2.5, 0.0, 3.0])
def test_quarter_turns_are_counted_clockwise_and_do_not_change_the_angle(
    deskew: Model, quarters: int, degrees: float
) -> None:
    skew = look(deskew, turned_clockwise(turned_counter_clockwise(written_page(), degrees), quarters))
    assert skew.quarter_turns == quarters
    assert skew.turned == (quarters != 0)
    assert skew.angle_degrees == pytest.approx(degrees, abs=0.1)


def test_undoing_what_was_said_gives_the_page_back(deskew: Model) -> None:
    page = turned_clockwise(turned_counter_clockwise(written_page(), 3.2), 3)
    first = look(deskew, page)
    upright = np.ascontiguousarray(np.rot90(page, first.quarter_turns))
    again = look(deskew, turned_counter_clockwise(upright, -first.angle_degrees))
    assert again.quarter_turns == 0
    assert not again.straightened


def test_colour_and_resolution_do_not_matter(deskew: Model) -> None:
    page = turned_counter_clockwise(written_page(), 2.0)
    colour = cv2.cvtColor(cv2.resize(page, None, fx=2, fy=2), cv2.COLOR_GRAY2BGR)
    small = cv2.resize(page, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    assert look(deskew, np.asarray(colour, dtype=np.uint8)).angle_degrees == pytest.approx(2.0, abs=0.1)
    assert look(deskew, np.asarray(small, dtype=np.uint8)).angle_degrees == pytest.approx(2.0, abs=0.15)


def test_a_dark_scanner_edge_does_not_mislead(deskew: Model) -> None:
    page = turned_counter_clockwise(written_page(), -3.0)
    page[:, :60] = 5
    page[-50:] = 5
    assert look(deskew, page).angle_degrees == pytest.approx(-3.0, abs=0.15)


def one_line() -> Pixels:
    page = np.full((1600, 1150), 250, np.uint8)
    cv2.putText(page, PARAGRAPH[1], (90, 700), cv2.FONT_HERSHEY_SIMPLEX, 0.78, 30, 2, cv2.LINE_AA)
    return page


def few_words() -> Pixels:
    page = np.full((1600, 1150), 250, np.uint8)
    for text, place in (("Annex B", (480, 300)), ("Not applicable", (420, 900))):
        cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 30, 2, cv2.LINE_AA)
    return page


def empty_table() -> Pixels:
    page = np.full((1600, 1150), 250, np.uint8)
    for y in range(300, 901, 120):
        cv2.line(page, (120, y), (1030, y), 30, 2)
    for x in (120, 500, 1030):
        cv2.line(page, (x, 300), (x, 900), 30, 2)
    return page


def columns_only() -> Pixels:
    page = np.full((1600, 1150), 250, np.uint8)
    for x in (300, 850):
        cv2.line(page, (x, 200), (x, 1400), 30, 3)
    return page


@pytest.mark.parametrize("degrees", [-11.3, -2.2, 6.4])
@pytest.mark.parametrize(
    ("drawn", "within"), [(one_line, 0.1), (few_words, 0.5), (empty_table, 0.1), (columns_only, 0.1)]
)
def test_a_page_with_little_on_it_is_straightened(
    deskew: Model, drawn: Callable[[], Pixels], within: float, degrees: float
) -> None:
    skew = look(deskew, turned_counter_clockwise(drawn(), degrees))
    assert skew.angle_degrees == pytest.approx(degrees, abs=within)
    assert skew.straightened


def test_the_edge_of_an_open_lid_does_not_outvote_a_single_line(deskew: Model) -> None:
    page = turned_counter_clockwise(one_line(), 7.0)
    height = page.shape[0]
    wavy = 14 + np.round(6 * np.sin(np.arange(height) / 90)).astype(int)
    for row in range(height):
        page[row, : wavy[row]] = 20
    page[:18] = 20
    assert look(deskew, page).angle_degrees == pytest.approx(7.0, abs=0.15)


def test_less_on_a_page_means_less_confidence(deskew: Model) -> None:
    full, line, words = (
        look(deskew, turned_counter_clockwise(page, 3.0)) for page in (written_page(), one_line(), few_words())
    )
    assert full.angle_confidence >= line.angle_confidence > words.angle_confidence
    assert full.quarter_confidence > 0.95


@pytest.mark.parametrize(
    "page",
    [
        np.full((1400, 1000), 255, np.uint8),
        np.full((1400, 1000), 231, np.uint8),
        np.zeros((1400, 1000), np.uint8),
        np.full((1, 1), 255, np.uint8),
        np.zeros((3, 900), np.uint8),
        np.zeros((900, 2, 3), np.uint8),
    ],
    ids=["white", "grey", "black", "one pixel", "sliver", "narrow colour"],
)
def test_pages_without_lines_are_left_alone_and_said_to_be_unsure(deskew: Model, page: Pixels) -> None:
    skew = look(deskew, page)
    assert not skew.turned
    assert not skew.straightened
    assert skew.angle_degrees == 0
    assert skew.angle_confidence == 0


def test_noise_is_not_turned_into_an_angle(deskew: Model) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (1400, 1000)).astype(np.uint8)
    skew = look(deskew, noise)
    assert not skew.turned
    assert not skew.straightened


def test_pages_are_answered_in_order(deskew: Model) -> None:
    pages = [turned_counter_clockwise(written_page(), degrees) for degrees in (2.0, -2.0)]
    found = deskew.predict([PageImage(number, page) for number, page in enumerate(pages, 1)])
    assert [round(prediction.skew.angle_degrees) for prediction in found if prediction.skew] == [2, -2]


def test_natural_scans_are_measured_as_on_the_card(deskew: Model, evaluation_data: Path) -> None:
    folder = evaluation_data / "deskew"
    with (folder / "index.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["subset"] == "natural"]
    errors = []
    for row in rows:
        page = cv2.imread(str(folder / row["path"]), cv2.IMREAD_GRAYSCALE)
        assert page is not None
        skew = look(deskew, np.asarray(page, dtype=np.uint8))
        assert not skew.turned or skew.quarter_turns % 2
        errors.append(abs(skew.angle_degrees - float(row["label"])))
    rows_of = [m for m in deskew.card.metrics if (m.data, m.subset, m.name) == ("deskew", "natural", "aed_degrees")]
    (metric,) = rows_of
    assert len(errors) == metric.count
    assert float(np.mean(errors)) == pytest.approx(metric.value, abs=0.01)
