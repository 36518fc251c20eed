"""Effects that move the page: each keeps the matrix from points to pixels true."""

from __future__ import annotations

import math

import cv2
import numpy as np

from synthesis.geometry import Matrix, for_opencv, scaling, transform, translation
from synthesis.sheet import Pixels, Sheet


def warp(image: Pixels, matrix: Matrix, width: int, height: int, outside: float = 255.0) -> Pixels:
    """`image` seen through `matrix` (pixels to pixels) on a canvas of the given size."""
    fill = (outside,) * 3
    moved = cv2.warpPerspective(
        image,
        for_opencv(matrix),
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=fill,
    )
    return np.asarray(moved, dtype=np.uint8)


def skew(sheet: Sheet, degrees: float) -> Sheet:
    """Turns the content counter-clockwise by `degrees` about the middle; the canvas grows so that nothing is cut."""
    height, width = sheet.image.shape[:2]
    spin, across, down = _turned(width, height, degrees)
    new_width, new_height = math.ceil(across), math.ceil(down)
    matrix = translation(new_width / 2, new_height / 2) @ spin @ translation(-width / 2, -height / 2)
    image = warp(sheet.image, matrix, new_width, new_height)
    return sheet.after(f"skewed by {degrees:+.2f} degrees", image, matrix)


def quarter_turn(sheet: Sheet, turns: int) -> Sheet:
    """Turns the page clockwise by `turns` times 90 degrees; no pixel is resampled."""
    turns %= 4
    height, width = sheet.image.shape[:2]
    matrix = {
        0: np.eye(3),
        1: np.array([[0.0, -1.0, height], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
        2: np.array([[-1.0, 0.0, width], [0.0, -1.0, height], [0.0, 0.0, 1.0]]),
        3: np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width], [0.0, 0.0, 1.0]]),
    }[turns]
    image = np.ascontiguousarray(np.rot90(sheet.image, -turns))
    return sheet.after(f"turned clockwise by {90 * turns} degrees", image, matrix)


def resample(sheet: Sheet, dpi: float) -> Sheet:
    """The same page with another number of pixels an inch."""
    height, width = sheet.image.shape[:2]
    size = max(1, round(width * dpi / sheet.dpi)), max(1, round(height * dpi / sheet.dpi))
    method = cv2.INTER_AREA if dpi < sheet.dpi else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(sheet.image, size, interpolation=method), dtype=np.uint8)
    moved = sheet.after(f"resampled to {dpi:g} dpi", image, scaling(size[0] / width, size[1] / height))
    return Sheet(moved.image, dpi, moved.matrix, moved.done)


def place_in_perspective(
    sheet: Sheet, desk: Pixels, strength: float, random: np.random.Generator, degrees: float = 0.0
) -> Sheet:
    """Lays the page on `desk` as a camera that is held not quite level sees it.

    The page is turned counter-clockwise by `degrees` and fills most of the desk; then each corner moves by up to
    `strength` (a fraction of the page's shorter side).
    """
    height, width = sheet.image.shape[:2]
    rows, columns = desk.shape[:2]
    spin, across, down = _turned(width, height, degrees)
    shrink = min(columns / across, rows / down) * random.uniform(0.88, 0.92)
    corners = np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])
    start = translation(columns / 2, rows / 2) @ scaling(shrink, shrink) @ spin @ translation(-width / 2, -height / 2)
    reach = strength * min(width, height) * shrink
    target = transform(start, corners) + random.uniform(-reach, reach, (4, 2))
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32)).astype(np.float64)
    cover = warp(np.full((height, width), 255, dtype=np.uint8), matrix, columns, rows, 0.0)
    soft = cv2.GaussianBlur(cover, (0, 0), columns / 90)
    shade = 1 - 0.45 * np.roll(soft, (rows // 120, columns // 160), (0, 1)).astype(np.float32) / 255
    ground = desk * shade[:, :, None]
    blend = (cover.astype(np.float32) / 255)[:, :, None]
    page = warp(sheet.image, matrix, columns, rows)
    image = np.clip(page * blend + ground * (1 - blend), 0, 255).astype(np.uint8)
    done = f"photographed at {degrees:+.2f} degrees, corners moved by up to {strength:.1%}"
    return sheet.after(done, image, matrix)


def _turned(width: float, height: float, degrees: float) -> tuple[Matrix, float, float]:
    """The turn counter-clockwise about the origin, and width and height of what a page so turned covers."""
    turn = math.radians(degrees)
    cosine, sine = math.cos(turn), math.sin(turn)
    spin = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    return spin, width * abs(cosine) + height * abs(sine), width * abs(sine) + height * abs(cosine)
