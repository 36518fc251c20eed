"""Draws filled forms of the held-out part as a folder for `docbeam model evaluate`, the same for the same seed.

`python -m training.checkbox.drawn_pages --data DIR --out DIR [--part test]`: forms, writers and marks that no
weight has seen, whole pages, after every way that paper comes in.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from schemas.prediction import CheckboxState
from synthesis.crops.checkboxes import PATCH, SIDE
from synthesis.geometry import transform
from synthesis.ink.crop_ink import draw_cover, soak
from synthesis.ink.marks import Strokes
from synthesis.ink.pen_strokes import Part
from synthesis.sheet import Pixels, Sheet, new_sheet
from synthesis.wear import wearing
from synthesis.wear.degrade import fax, photocopy, photograph, scan
from training.checkbox.form_places import FormPage, form_pages, render
from training.checkbox.hidden import hidden
from training.checkbox.ink import Ink, Random

SEED = 97
_SHARES = {
    CheckboxState.EMPTY: 0.5,
    CheckboxState.TICKED: 0.16,
    CheckboxState.CROSSED: 0.14,
    CheckboxState.FILLED: 0.08,
    CheckboxState.SCRIBBLED_OUT: 0.08,
    CheckboxState.UNREADABLE: 0.04,
}
_WRITTEN = 0.35
"""Share of the other fields that are written into."""
_PEN_POINTS = (0.7, 1.7)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page and what is true of it."""

    pixels: Pixels
    boxes: NDArray[np.float64]
    """(n, 4): left, top, right, bottom in pixels."""
    states: tuple[CheckboxState, ...]


def _as_printed(sheet: Sheet, seed: int) -> Sheet:
    return wearing.grey(sheet)


WAYS: dict[str, tuple[Callable[[Sheet, int], Sheet], float]] = {
    "screen": (_as_printed, 100.0),
    "scan": (scan, 200.0),
    "photocopy": (photocopy, 200.0),
    "fax": (fax, 200.0),
    "photograph": (photograph, 200.0),
}
"""How a page comes in, and the resolution at which it is filled."""


def draw_page(data: Path, form: FormPage, ink: Ink, way: str, random: Random) -> Drawn:
    """The form, marked and written on by one hand, after it came in by `way`."""
    recipe, dpi = WAYS[way]
    page, scale = render(data, form, dpi), dpi / 72
    pen, shade = float(random.uniform(*_PEN_POINTS)), float(random.integers(10, 100))
    states = tuple(
        list(_SHARES)[int(k)] for k in random.choice(len(_SHARES), len(form.boxes), p=list(_SHARES.values()))
    )
    strokes: Strokes = []
    for box, state in zip(form.boxes, states, strict=True):
        if state is not CheckboxState.UNREADABLE:
            side = _side(box)
            middle = (box[:2] + box[2:]) / 2
            strokes += [(s * side + middle) * scale for s in ink.mark(state, random, min(0.22, pen / side))]
    strokes += [stroke * scale for stroke in _writing(form, ink, random)]
    if strokes:
        page = soak(page, draw_cover((page.shape[0], page.shape[1]), strokes, pen * scale), shade, random)
    for box, state in zip(form.boxes, states, strict=True):
        if state is CheckboxState.UNREADABLE:
            _hide(page, box * scale, ink, random)
    sheet = recipe(
        new_sheet(np.asarray(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), dtype=np.uint8), dpi), random_seed(random)
    )
    corners = np.stack([transform(sheet.matrix, _corners(box)) for box in form.boxes])
    return Drawn(sheet.image, np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1), states)


def random_seed(random: Random) -> int:
    """A seed for a recipe."""
    return int(random.integers(2**31))


def _side(box: NDArray[np.float64]) -> float:
    return float(np.sqrt((box[2] - box[0]) * (box[3] - box[1])))


def _corners(box: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]]])


def _writing(form: FormPage, ink: Ink, random: Random) -> Strokes:
    """Words in some of the other fields, in points."""
    strokes: Strokes = []
    for left, top, right, bottom in form.others:
        if random.random() < _WRITTEN:
            high = float(np.clip(0.7 * (bottom - top), 6, 14)) * random.uniform(0.8, 1.2)
            word = ink.writing(random, high)
            if word and np.concatenate(word)[:, 0].max() < 1.1 * (right - left):
                strokes += [stroke + np.array([left + 2, (top + bottom) / 2]) for stroke in word]
    return strokes


def _hide(page: Pixels, box: NDArray[np.float64], ink: Ink, random: Random) -> None:
    """Makes the box unreadable, in place."""
    reach = _side(box) * PATCH / SIDE / 2
    x, y = (box[:2] + box[2:]) / 2
    left, top = max(0, round(x - reach)), max(0, round(y - reach))
    part = page[top : round(y + reach), left : round(x + reach)]
    small = np.asarray(cv2.resize(part, (PATCH, PATCH), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    change = hidden(small, ink, 0.1, random).astype(np.float32) - small
    back = cv2.resize(change, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_AREA)
    part[:] = np.clip(part + back, 0, 255).astype(np.uint8)


def draw_folder(data: Path, out: Path, part: Part, copies: int) -> int:
    """Writes the folder; returns the number of pages."""
    for name in ("files", "truth"):
        (out / name).mkdir(parents=True, exist_ok=True)
    ink, ways, rows = Ink(data, part), list(WAYS), []
    forms = form_pages(data, part)
    for number in range(len(forms) * copies):
        form = forms[number % len(forms)]
        way = ways[(number + number // len(forms)) % len(ways)]
        drawn = draw_page(data, form, ink, way, np.random.default_rng([SEED, number]))
        file, truth = f"files/{number:04d}.png", f"truth/{number:04d}.json"
        cv2.imwrite(str(out / file), drawn.pixels)
        (out / truth).write_text(json.dumps(_truth(drawn)), encoding="utf-8")
        rows.append([file, "", truth, way, f"{form.file} page {form.page}"])
    with (out / "index.csv").open("w", encoding="utf-8", newline="") as index:
        csv.writer(index).writerows([["path", "label", "truth", "subset", "note"], *rows])
    return len(rows)


def _truth(drawn: Drawn) -> dict[str, Any]:
    boxes = [
        {"box": [round(float(v), 1) for v in box], "state": state.value}
        for box, state in zip(drawn.boxes, drawn.states, strict=True)
    ]
    return {"boxes": boxes, "complete": True}


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the folder."""
    parser = argparse.ArgumentParser(prog="python -m training.checkbox.drawn_pages", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/train"), help="the training folder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", choices=[part.value for part in Part], default=Part.TEST.value)
    parser.add_argument("--copies", type=int, default=3, help="pages drawn of each page of a form")
    wanted = parser.parse_args(arguments)
    draw_folder(wanted.data, wanted.out, Part(wanted.part), wanted.copies)


if __name__ == "__main__":
    main()
