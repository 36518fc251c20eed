"""Negatives are read as the page they are of; dark pictures and dark desks are none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from documents.tone import is_negative
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


@pytest.mark.parametrize(
    "page",
    [sheet(), on_a_desk(), framed_black(), night(), np.zeros((500, 500), np.uint8), np.full((9, 3), 10, np.uint8)],
    ids=["a sheet", "a sheet on a dark desk", "black with a white edge", "a bright disc", "black", "a few pixels"],
)
def test_other_pages_stay_as_they_are(page: Pixels) -> None:
    assert not is_negative(page)
