"""Draws pages of boxes of every make, marked and empty, and of marks beside boxes, for `docbeam model evaluate`.

`python -m training.checkbox.drawn_makes --fonts DIR --out DIR`: a subset for each make and one for marks beside; with
`--varied` makes of which each page has its own measures: how long the pieces are, how wide and dark the lines. The
borders are drawn apart from those of `synthesis.crops.checkboxes`, from which the network learns.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from schemas.prediction import CheckboxState
from synthesis.fonts import TRAINING_PRINTS, FontFolder
from synthesis.geometry import transform
from synthesis.ink.crop_ink import draw_cover, soak
from synthesis.ink.marks import Strokes, varied_strokes
from synthesis.sheet import Pixels, Sheet, new_sheet
from synthesis.wear import wearing
from synthesis.wear.degrade import photocopy, scan

SEED = 131
_DPI = 200.0
_SIZE = (1500, 1240)
_ROWS, _COLUMNS = 6, 2
_WORDS = (
    "by bus",
    "Yes",
    "No",
    "not at all",
    "resident",
    "I agree",
    "other",
    "more than 12 months",
    "Wednesday",
    "none",
)
_MARKS = (CheckboxState.TICKED, CheckboxState.CROSSED, CheckboxState.FILLED)
_PENS = (0.07, 0.16)
Random = np.random.Generator
Segment = tuple[float, float, float, float, float]
"""A line of a border: x, y, x, y in sides of the box from its left top, and its darkness, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Make:
    """A kind of border."""

    lines: tuple[Segment, ...] = ()
    width: float = 0.07
    """Of the lines in sides."""
    grey: int = 40
    fill: int | None = None
    paper: int = 255
    round_: bool = False
    faint: bool = False
    """A photocopy takes it, or sides of it, away."""


_SQUARE = ((0, 0, 1, 0, 1), (1, 0, 1, 1, 1), (1, 1, 0, 1, 1), (0, 1, 0, 0, 1))


def _shown(*spans: tuple[float, float], sides: Sequence[int] = (0, 1, 2, 3)) -> tuple[Segment, ...]:
    """Those spans of each of the sides (top, right, bottom, left)."""
    out: list[Segment] = []
    for index in sides:
        x0, y0, x1, y1, dark = _SQUARE[index]
        for a, b in spans:
            out.append((x0 + a * (x1 - x0), y0 + a * (y1 - y0), x0 + b * (x1 - x0), y0 + b * (y1 - y0), dark))
    return tuple(out)


def _dashes(count: int, share: float) -> tuple[Segment, ...]:
    return _shown(*((n / count, (n + share) / count) for n in range(count)))


def _two_tone(light: float) -> tuple[Segment, ...]:
    """Left and top dark, right and bottom `light`."""
    return tuple((*side[:4], dark) for side, dark in zip(_SQUARE, (1.0, light, light, 1.0), strict=True))


_INNER: tuple[Segment, ...] = tuple(
    (0.14 + 0.72 * a, 0.14 + 0.72 * b, 0.14 + 0.72 * c, 0.14 + 0.72 * d, e) for a, b, c, d, e in _SQUARE
)
MAKES = {
    "solid": Make(_SQUARE),
    "hairline": Make(_SQUARE, 0.03),
    "thick": Make(_SQUARE, 0.16),
    "grey": Make(_SQUARE, grey=140),
    "pale": Make(_SQUARE, 0.05, grey=185, faint=True),
    "double": Make((*_SQUARE, *_INNER), 0.04),
    "dotted": Make(_dashes(9, 0.3)),
    "dotted_fine": Make(_dashes(13, 0.35), 0.04, faint=True),
    "dashed": Make(_dashes(5, 0.6)),
    "dashed_long": Make(_dashes(3, 0.7), 0.05),
    "open_top": Make(_shown((0, 1), sides=(1, 2, 3))),
    "open_left": Make(_shown((0, 1), sides=(0, 1, 2))),
    "open_right": Make(_shown((0, 1), sides=(0, 2, 3))),
    "open_bottom": Make(_shown((0, 1), sides=(0, 1, 3))),
    "open_corners": Make(_shown((0.14, 0.86))),
    "wide_open_corners": Make(_shown((0.24, 0.76))),
    "corners_only": Make(_shown((0, 0.3), (0.7, 1))),
    "brackets": Make((*_shown((0, 1), sides=(1, 3)), *_shown((0, 0.26), (0.74, 1), sides=(0, 2)))),
    "narrow_brackets": Make((*_shown((0, 1), sides=(1, 3)), *_shown((0, 0.14), (0.86, 1), sides=(0, 2)))),
    "sunken": Make(_two_tone(0.22), 0.07, grey=90, faint=True),
    "raised": Make(
        tuple((1 - a, 1 - b, 1 - c, 1 - d, e) for a, b, c, d, e in _two_tone(0.22)), 0.07, grey=90, faint=True
    ),
    "shadow": Make((*_SQUARE, (1.08, 0.1, 1.08, 1.08, 0.6), (1.08, 1.08, 0.1, 1.08, 0.6)), 0.06),
    "shaded": Make(_SQUARE, 0.05, fill=205),
    "white_on_tint": Make((), fill=255, paper=205, faint=True),
    "white_framed_on_tint": Make(_SQUARE, 0.04, grey=110, fill=255, paper=205),
    "radio": Make((), 0.06, round_=True),
}


def _lines(random: Random) -> tuple[float, int]:
    """Width in sides and grey."""
    return random.uniform(0.04, 0.12), int(random.integers(10, 110))


def _corners(random: Random) -> Make:
    share = random.uniform(0.15, 0.35)
    return Make(_shown((0, share), (1 - share, 1)), *_lines(random))


def _brackets(random: Random) -> Make:
    share, upright = random.uniform(0.08, 0.3), random.random() < 0.8
    whole, ends = ((1, 3), (0, 2)) if upright else ((0, 2), (1, 3))
    return Make((*_shown((0, 1), sides=whole), *_shown((0, share), (1 - share, 1), sides=ends)), *_lines(random))


def _open(side: int) -> Callable[[Random], Make]:
    shown = _shown((0, 1), sides=[other for other in range(4) if other != side])
    return lambda random: Make(shown, *_lines(random))


def _without_corners(random: Random) -> Make:
    gap = random.uniform(0.08, 0.26)
    return Make(_shown((gap, 1 - gap)), *_lines(random))


def _in_dashes(random: Random) -> Make:
    return Make(_dashes(int(random.integers(3, 14)), random.uniform(0.3, 0.7)), *_lines(random))


def _on_tint(random: Random) -> Make:
    return Make((), fill=255, paper=int(random.integers(185, 225)), faint=True)


VARIED: dict[str, Callable[[Random], Make]] = {
    "corners": _corners,
    "brackets": _brackets,
    "open_top": _open(0),
    "open_right": _open(1),
    "open_bottom": _open(2),
    "open_left": _open(3),
    "without_corners": _without_corners,
    "in_dashes": _in_dashes,
    "on_tint": _on_tint,
}


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the page, in pixels."""

    x: float
    y: float
    side: float
    state: CheckboxState


def draw_make(make: Make, fonts: FontFolder, random: Random) -> tuple[Pixels, list[Box]]:
    """A page of labelled boxes, every other one marked, in one hand."""
    page = _paper(make.paper, fonts, random)
    side, font = random.uniform(22, 38), _face(fonts, random)
    boxes = []
    for x, y in _places(random):
        _frame(page, make, x, y, side)
        state = CheckboxState.EMPTY if random.random() < 0.5 else _MARKS[int(random.choice(3, p=(0.45, 0.45, 0.1)))]
        boxes.append(Box(x, y, side, state))
        page = _print(page, font, x + side * random.uniform(1.35, 1.8), y + 0.8 * side, random)
    pen, strokes = random.uniform(*_PENS), list[NDArray[np.float64]]()
    for box in boxes:
        strokes += _at(box, varied_inside(box.state, random, pen))
    return soak(page, draw_cover(_SIZE, strokes, pen * side), float(random.integers(10, 90)), random), boxes


def varied_inside(state: CheckboxState, random: Random, pen: float) -> Strokes:
    """A mark of which a good part is within the box."""
    while True:
        strokes = varied_strokes(state, random, pen)
        points = np.concatenate([np.zeros((0, 2)), *strokes])
        if not len(points) or (np.abs(points).max(axis=1) < 0.5).mean() > 0.4:
            return strokes


def draw_beside(fonts: FontFolder, random: Random) -> tuple[Pixels, list[Box]]:
    """Ticks and crosses of which the body is beside the box: they touch it, or end a sixth of a side before it."""
    page = _paper(255, fonts, random)
    side, font = random.uniform(22, 38), _face(fonts, random)
    boxes, strokes, pen = [], list[NDArray[np.float64]](), random.uniform(*_PENS)
    for x, y in _places(random):
        _frame(page, MAKES["solid"], x, y, side)
        marked = random.random() < 0.4
        boxes.append(Box(x, y, side, CheckboxState.TICKED if marked else CheckboxState.EMPTY))
        page = _print(page, font, x + 1.5 * side, y + 0.8 * side, random)
        if marked:
            strokes += _at(boxes[-1], _beside(random, pen))
    return soak(page, draw_cover(_SIZE, strokes, pen * side), float(random.integers(10, 90)), random), boxes


def _beside(random: Random, pen: float) -> Strokes:
    """A tick to the left, above, or over the label's beginning, near the border."""
    corner = np.array([0.0, 0.0])
    short, long = random.uniform(0.25, 0.5), random.uniform(0.7, 1.5)
    fall, rise = np.radians(random.uniform(30, 75)), np.radians(random.uniform(35, 70))
    tick = np.vstack(
        [short * np.array([-np.cos(fall), -np.sin(fall)]), corner, long * np.array([np.cos(rise), -np.sin(rise)])]
    )
    low, high = tick.min(axis=0), tick.max(axis=0)
    gap = 0.5 + pen / 2 + random.uniform(-0.06, 0.16)
    shift = random.uniform(-0.25, 0.25, 2) - (low + high) / 2
    where = int(random.integers(3))
    if where == 0:
        shift[0] = -gap - high[0]
    elif where == 1:
        shift[0] = gap - low[0]
    else:
        shift[1] = -gap - high[1]
    return [tick + shift]


def _at(box: Box, strokes: Strokes) -> Strokes:
    middle = np.array([box.x + box.side / 2, box.y + box.side / 2])
    return [stroke * box.side + middle for stroke in strokes]


def _places(random: Random) -> Iterator[tuple[float, float]]:
    left, top = random.uniform(90, 160), random.uniform(330, 380)
    down, across = random.uniform(75, 170), random.uniform(480, 560)
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            yield left + across * column, top + down * row


def _paper(ground: int, fonts: FontFolder, random: Random) -> Pixels:
    page = np.full(_SIZE, ground, np.uint8)
    font = _face(fonts, random)
    for row in range(5):
        page = _print(page, font, 90, 120 + 40 * row, random, " ".join(str(w) for w in random.choice(_WORDS, 7)))
    return page


def _face(fonts: FontFolder, random: Random) -> ImageFont.FreeTypeFont:
    return fonts.face(TRAINING_PRINTS[int(random.integers(len(TRAINING_PRINTS)))], int(random.integers(26, 36)))


def _print(page: Pixels, font: ImageFont.FreeTypeFont, x: float, y: float, random: Random, text: str = "") -> Pixels:
    picture = Image.fromarray(page)
    words = text or str(random.choice(_WORDS))
    ImageDraw.Draw(picture).text((x, y), words, 30, font, "ls")
    return np.array(picture)


def _frame(page: Pixels, make: Make, x: float, y: float, side: float) -> None:
    def at(u: float, v: float) -> tuple[int, int]:
        return round((x + u * side) * 16), round((y + v * side) * 16)

    if make.fill is not None:
        cv2.rectangle(page, at(0, 0), at(1, 1), (make.fill,), -1, cv2.LINE_AA, 4)
    width = max(1, round(make.width * side))
    if make.round_:
        cv2.circle(page, at(0.5, 0.5), round(8 * side), (make.grey,), width, cv2.LINE_AA, 4)
    for a, b, c, d, dark in make.lines:
        grey = round(make.paper - dark * (make.paper - make.grey))
        if width == 1 or (a, b) == (c, d):
            cv2.line(page, at(a, b), at(c, d), (grey,), width, cv2.LINE_AA, 4)
            continue
        # Butt ends: those of a thick line are round, and would fill gaps.
        half = width / side / 2
        ex, ey = (0.0, half) if abs(c - a) > abs(d - b) else (half, 0.0)
        near, far = (min(a, c) - ex, min(b, d) - ey), (max(a, c) + ex, max(b, d) + ey)
        cv2.rectangle(page, at(*near), at(*far), (grey,), -1, cv2.LINE_AA, 4)


def _as_printed(sheet: Sheet, seed: int) -> Sheet:
    return wearing.grey(sheet)


WAYS: tuple[Callable[[Sheet, int], Sheet], ...] = (_as_printed, scan, photocopy)


def draw_folder(fonts: FontFolder, out: Path, copies: int, seed: int = SEED, varied: bool = False) -> int:
    """Writes the folder; returns the number of pages."""
    for name in ("files", "truth"):
        (out / name).mkdir(parents=True, exist_ok=True)
    rows = []
    for kind, name in enumerate(VARIED if varied else [*MAKES, "beside"]):
        for copy in range(copies if name != "beside" else 4 * copies):
            random = np.random.default_rng([seed, kind, copy])
            make = VARIED[name](random) if varied else MAKES.get(name)
            page, boxes = draw_make(make, fonts, random) if make else draw_beside(fonts, random)
            sheet = new_sheet(np.asarray(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), dtype=np.uint8), _DPI)
            ways = WAYS[:2] if make and make.faint else WAYS
            worn = ways[copy % len(ways)](sheet, int(random.integers(2**31)))
            file, truth = f"files/{name}-{copy}.png", f"truth/{name}-{copy}.json"
            cv2.imwrite(str(out / file), worn.image)
            boxes_now = [_truth(worn, box) for box in boxes]
            (out / truth).write_text(json.dumps({"boxes": boxes_now, "complete": True}), encoding="utf-8")
            rows.append([file, "", truth, name, ""])
    with (out / "index.csv").open("w", encoding="utf-8", newline="") as index:
        csv.writer(index).writerows([["path", "label", "truth", "subset", "note"], *rows])
    return len(rows)


def _truth(sheet: Sheet, box: Box) -> dict[str, Any]:
    corners = (np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * box.side + (box.x, box.y)) * 72 / _DPI
    shown = transform(sheet.matrix, corners)
    extent = [*shown.min(axis=0), *shown.max(axis=0)]
    return {"box": [round(float(v), 1) for v in extent], "state": "checked" if box.state in _MARKS else "empty"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the folder."""
    parser = argparse.ArgumentParser(prog="python -m training.checkbox.drawn_makes", description=__doc__)
    parser.add_argument("--fonts", type=Path, required=True, help="folder of the open fonts")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--copies", type=int, default=3, help="pages of each make")
    parser.add_argument("--seed", type=int, default=SEED, help="another one for what choices are made on")
    parser.add_argument("--varied", action="store_true", help="each page with measures of its own")
    wanted = parser.parse_args(arguments)
    draw_folder(FontFolder(wanted.fonts), wanted.out, wanted.copies, wanted.seed, wanted.varied)


if __name__ == "__main__":
    main()
