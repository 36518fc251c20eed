"""Negatives are read as the page they are of; dark pictures and dark desks are none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from documents.tone import positive
from tests.documents.test_rasterise import read, saved

Pixels = npt.NDArray[np.uint8]


def sheet(size: tuple[int, int] = (1100, 850)) -> Pixels:
    pixels = np.full(size, 245, np.uint8)
    for row in range(80, size[0] - 60, 60):
        cv2.putText(pixels, "Request for a parking permit", (60, row), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 20, 2)
    return pixels


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_a_negative_becomes_dark_on_bright(tmp_path: Path, scale: float, colour: bool) -> None:
    page = cv2.resize(sheet(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    shown = np.dstack([page, page, 255 - (255 - page) // 2]) if colour else page
    raster = read(tmp_path, saved(Image.fromarray(255 - shown), "PNG"))
    assert raster.negative
    expected = np.asarray(shown[:, :, ::-1] if colour else shown, np.uint8)
    assert np.array_equal(raster.pixels, expected)


def framed(page: Pixels, share: float, level: int = 255) -> Pixels:
    around = round(share * min(page.shape))
    return np.pad(page, around, constant_values=level)


def turned(page: Pixels, degrees: float, level: int) -> Pixels:
    return np.asarray(Image.fromarray(page).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=level))


def barred() -> Pixels:
    page = sheet()
    page[:60] = 10
    cv2.putText(page, "NORTHMERE CITY COUNCIL", (60, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 245, 2)
    return page


def in_part() -> Pixels:
    page = sheet()
    page[:600] = 255 - page[:600]
    return page


PARTS = {
    "white around": framed(255 - sheet(), 0.05),
    "much white around": framed(255 - sheet(), 0.2),
    "askew, on white": turned(255 - sheet(), 8, 255),
    "askew, on black": turned(255 - sheet(), -8, 0),
    "a bright bar": 255 - barred(),
    "the upper half": in_part(),
    "a middling ground": np.asarray(250 - (sheet() / 255) * 110, np.uint8),
    "pale print": np.asarray(100 - (sheet() / 255) * 70, np.uint8),
}


@pytest.mark.parametrize("page", PARTS.values(), ids=list(PARTS))
def test_what_is_bright_on_dark_becomes_dark_on_bright(tmp_path: Path, page: Pixels) -> None:
    raster = read(tmp_path, saved(Image.fromarray(page), "PNG"))
    assert raster.negative
    assert float(np.median(raster.pixels)) >= 225
    # Print covers about a tenth of the sheet, and nothing else is dark but a bar's letters or its ground.
    assert 0.02 < float((raster.pixels < 180).mean()) < 0.16


def test_white_places_on_a_dark_page_stay_empty_and_get_an_edge(tmp_path: Path) -> None:
    page = 255 - sheet()
    page[1040:1080, 60:100] = 250
    found = read(tmp_path, saved(Image.fromarray(page), "PNG")).pixels[1040:1080, 60:100]
    assert found[8:-8, 8:-8].min() > 200
    assert max(found[0].max(), found[:, 0].max(), found[-1].max(), found[:, -1].max()) < 90


def test_a_white_label_on_a_dark_page_stays_as_it_is(tmp_path: Path) -> None:
    page, label = 255 - sheet(), np.full((160, 420), 250, np.uint8)
    for row in (60, 120):
        cv2.putText(label, "Draft copy of 9 June", (12, row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 3)
    page[600:760, 400:820] = label
    found = read(tmp_path, saved(Image.fromarray(page), "PNG")).pixels[600:760, 400:820]
    inside = np.s_[8:-8, 8:-8]
    assert float(np.abs(found[inside].astype(int) - label[inside].astype(int)).mean()) < 3


def on_a_desk() -> Pixels:
    desk = np.full((1400, 1200), 40, np.uint8)
    desk[200:1200, 250:1000] = sheet((1000, 750))
    return desk


def framed_black() -> Pixels:
    black = np.zeros((1000, 800), np.uint8)
    black[:, -20:] = 255
    return black


def night() -> Pixels:
    picture = np.full((900, 900), 30, np.uint8)
    cv2.circle(picture, (450, 450), 180, 240, -1)
    return picture


def tinted() -> Pixels:
    page = np.minimum(sheet(), 150)
    for row in range(100, 1000, 60):
        page[row : row + 24, 500:560] = 250
    return page


def speckled() -> Pixels:
    page = on_a_desk()
    random = np.random.default_rng(4)
    page[np.where((random.random(page.shape) < 0.004) & (page < 60))] = 190
    return page


@pytest.mark.parametrize(
    "page",
    [
        *(sheet(), on_a_desk(), framed_black(), night(), np.zeros((500, 500), np.uint8), np.full((9, 3), 10, np.uint8)),
        *(np.asarray(sheet() * 0.55, np.uint8), barred(), tinted(), speckled()),
    ],
    ids=[
        *("a sheet", "a sheet on a dark desk", "black with a white edge", "a bright disc", "black", "a few pixels"),
        *("an ill lit sheet", "a dark bar", "white fields on a tint", "specks on a dark desk"),
    ],
)
def test_other_pages_stay_as_they_are(page: Pixels) -> None:
    assert not positive(page)[1]
