"""Training samples: a place, ink in it and around it, what the scanner does, and the crop the model will see."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.catalog.checkbox.crops import Crops, cut, quantiles
from models.catalog.checkbox.reader import STATES
from schemas.prediction import CheckboxState
from synthesis.crops.checkboxes import PATCH, SIDE, Scene, SceneDrawer
from synthesis.ink.crop_ink import draw_cover, soak
from synthesis.ink.marks import Strokes
from synthesis.sheet import Pixels
from synthesis.wear.crop_wear import tilt, wear
from training.checkbox.form_places import Places
from training.checkbox.hidden import MIDDLE, hidden, in_pixels, some_mark
from training.checkbox.ink import Ink, Random
from training.checkbox.lookalikes import Lookalikes

NO_STATE = -1
_SHARES = np.array([0.42, 0.18, 0.15, 0.09, 0.07, 0.05, 0.04])
_NO_BOX = 0.36
_REAL = 0.55
_LOOKALIKE = 0.3
"""Share of places that are no boxes and are drawn as what else the finder tries."""
_PENS = (0.05, 0.2)
"""Width of a pen in sides of the box, thinnest and thickest."""
_GONE = 22.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One crop and what is true of it."""

    crop: Crops
    """(1, CROP, CROP)"""
    state: int
    """Index into STATES; NO_STATE where there is no box."""
    is_box: bool


class SampleDrawer:
    """Draws samples from form places, drawn scenes, lookalikes and ink, all of one part."""

    def __init__(self, places: Places, scenes: SceneDrawer, lookalikes: Lookalikes, ink: Ink) -> None:
        self._places, self._scenes, self._lookalikes, self._ink = places, scenes, lookalikes, ink
        self._boxes, self._others = np.flatnonzero(places.is_box), np.flatnonzero(~places.is_box)

    def __call__(self, random: Random) -> Sample:
        """One sample."""
        is_box = bool(random.random() >= _NO_BOX)
        scene = self._scene(is_box, random)
        pen = float(np.exp(random.uniform(*np.log(_PENS))))
        state = CheckboxState.EMPTY
        if is_box:
            state = STATES[int(random.choice(len(STATES), p=_SHARES))]
        paper = self._around(scene, is_box, pen, random)
        page = self._with_mark(paper, scene, state, pen, random)
        crop = cut(*_on_page(page, random, scene.shaded, state is CheckboxState.UNREADABLE))
        return Sample(crop[0], STATES.index(state) if is_box else NO_STATE, is_box)

    def _scene(self, is_box: bool, random: Random) -> Scene:
        if not is_box and random.random() < _LOOKALIKE:
            return Scene(self._lookalikes(random))
        if random.random() >= _REAL:
            return self._scenes.box(random) if is_box else self._scenes.no_box(random)
        index = int(random.choice(self._boxes if is_box else self._others))
        near = self._places.neighbours[index]
        known = tuple((float(x), float(y)) for x, y in near[~np.isnan(near[:, 0])])
        patch = self._places.patches[index].copy()
        if random.random() < 0.15:  # on tinted paper
            patch = (patch * random.uniform(0.72, 0.97)).astype(np.uint8)
        shaded = is_box and bool(random.random() < 0.15)
        if shaded:
            _shade(patch, [(0.0, 0.0), *known], float(random.uniform(0.6, 0.95)))
        return Scene(patch, known, bool(self._places.radio[index]), shaded)

    def _around(self, scene: Scene, is_box: bool, pen: float, random: Random) -> Pixels:
        """The paper with marks of the neighbours, tails from farther off, and writing."""
        strokes: Strokes = []
        if not is_box and scene.neighbours and random.random() < 0.5:  # a row of cells, filled in
            strokes += [s for x, y in ((0.0, 0.0), *scene.neighbours) for s in _moved(self._ink.letter(random), x, y)]
        for x, y in scene.neighbours:
            if random.random() < (0.4 if is_box else 0.2):
                strokes += _moved(self._ink.mark(some_mark(random), random, pen), x, y)
        if is_box and random.random() < 0.2 and not scene.neighbours:
            angle = random.uniform(0, 2 * np.pi)
            away = random.uniform(1.5, 2.3)
            far = self._ink.mark(CheckboxState.TICKED, random, pen)
            strokes += _moved(far, away * float(np.cos(angle)), away * float(np.sin(angle)))
        if random.random() < 0.14:
            words = self._ink.writing(random, random.uniform(0.7, 1.8))
            left = random.uniform(0.75, 1.4) if is_box else random.uniform(-2.0, 0.0)
            strokes += _moved(words, left, random.uniform(-1.2, 1.2) if not is_box else random.normal(0, 0.3))
        if not is_box and random.random() < 0.3:
            strokes += self._ink.letter(random)
        if not strokes:
            return scene.paper
        cover = draw_cover((PATCH, PATCH), in_pixels(strokes), pen * SIDE)
        return soak(scene.paper, cover, float(random.integers(10, 120)), random)

    def _with_mark(self, paper: Pixels, scene: Scene, state: CheckboxState, pen: float, random: Random) -> Pixels:
        if state is CheckboxState.EMPTY:
            return paper
        if state is CheckboxState.UNREADABLE:
            return hidden(paper, self._ink, pen, random)
        if random.random() < 0.12 and state in _PRINTED:
            return _printed_mark(paper, scene.radio, state, random)
        if state is CheckboxState.FILLED and random.random() < 0.35:
            return _printed_mark(paper, scene.radio, state, random)
        strokes = in_pixels(self._ink.mark(state, random, pen))
        if not strokes:
            return paper
        pencil = random.random() < 0.15
        shade = float(random.integers(110, 165) if pencil else random.integers(5, 110))
        return soak(paper, draw_cover((PATCH, PATCH), strokes, pen * SIDE), shade, random)


_PRINTED = (CheckboxState.TICKED, CheckboxState.CROSSED)


def _shade(patch: Pixels, boxes: list[tuple[float, float]], part: float) -> None:
    """Darkens the inside of the boxes, as fields on screens and coloured forms are; in place."""
    half = round(0.47 * SIDE)
    for x, y in boxes:
        column, row = round(MIDDLE + x * SIDE), round(MIDDLE + y * SIDE)
        inside = patch[max(0, row - half) : max(0, row + half), max(0, column - half) : max(0, column + half)]
        inside[:] = (inside * part).astype(np.uint8)


def _moved(strokes: Strokes, x: float, y: float) -> Strokes:
    return [stroke + np.array((x, y)) for stroke in strokes]


def _printed_mark(paper: Pixels, radio: bool, state: CheckboxState, random: Random) -> Pixels:
    """As a printer or a screen draws it: exact, even; perhaps light on a box filled with dark."""
    out = paper.copy()
    middle = np.array([MIDDLE, MIDDLE])
    shade, width = int(random.integers(0, 110)), int(random.integers(2, 9))
    half = SIDE * random.uniform(0.24, 0.42)
    if state is CheckboxState.FILLED:
        half *= random.uniform(0.75, 1.15)
        corners = (middle - half).round().astype(int), (middle + half).round().astype(int)
        if radio or random.random() < 0.2:
            cv2.circle(out, (PATCH // 2, PATCH // 2), round(half), (shade,), -1, cv2.LINE_AA)
        else:
            cv2.rectangle(out, tuple(corners[0].tolist()), tuple(corners[1].tolist()), (shade,), -1)
        return out
    if random.random() < 0.35:
        full = round(SIDE * random.uniform(0.46, 0.55))
        corner = (PATCH // 2 - full, PATCH // 2 - full), (PATCH // 2 + full, PATCH // 2 + full)
        ground = int(random.integers(20, 140))
        if radio:
            cv2.circle(out, (PATCH // 2, PATCH // 2), full, (ground,), -1, cv2.LINE_AA)
        else:
            cv2.rectangle(out, *corner, (ground,), -1)
        shade, width = 255, min(width, 5)
    lines = [[(-1.0, 0.0), (-0.3, 0.8), (1.0, -0.8)]]
    if state is CheckboxState.CROSSED:
        lines = [[(-1.0, -1.0), (1.0, 1.0)], [(1.0, -1.0), (-1.0, 1.0)]]
    for line in lines:
        points = ((np.array(line) * half + middle) * 16).round().astype(np.int32)
        cv2.polylines(out, [points.reshape(-1, 1, 2)], False, (shade,), width, cv2.LINE_AA, 4)
    return out


def _on_page(
    patch: Pixels, random: Random, shaded: bool, may_fade: bool
) -> tuple[Pixels, list[tuple[float, float, float, float]]]:
    """The patch as it lies on a scanned page or a screen, and the box as somebody would give it, not too exactly."""
    side = float(np.exp(random.uniform(np.log(9.0), np.log(46.0))))
    size = max(24, round(PATCH * side / SIDE))
    how = cv2.INTER_AREA if size <= PATCH else cv2.INTER_CUBIC
    page = np.asarray(cv2.resize(patch, (size, size), interpolation=how), dtype=np.uint8)
    if random.random() < 0.75:
        page = tilt(page, random)
    if side < 15 or shaded:
        page = _screen(page, random)
    elif random.random() < 0.85:
        page = _worn(page, random, may_fade)
    side = side * size / (PATCH * side / SIDE)
    x, y = size / 2 + random.normal(0, 0.05, 2) * side
    wide, high = side * np.exp(random.normal(0, 0.06, 2))
    return page, [(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)]


def _screen(page: Pixels, random: Random) -> Pixels:
    """Of so few pixels as a screen shows, or a page at 75 dpi: no dirt, but perhaps packed or softened."""
    kind = random.random()
    if kind < 0.35:
        return page
    if kind < 0.55:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), random.uniform(0.3, 0.6)), dtype=np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(50, 96))]
    _, packed = cv2.imencode(".jpg", page, quality)
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _worn(page: Pixels, random: Random, may_fade: bool) -> Pixels:
    """After a scanner; without one that would take the mark away altogether, since then the state would be wrong."""
    worn = wear(page, random)
    if may_fade or _inside_span(worn) > 0.4 * _inside_span(page) - _GONE:
        return worn
    return _screen(page, random)


def _inside_span(page: Pixels) -> float:
    """Range of grey in the inside of the box and close around it."""
    middle, half = page.shape[0] // 2, max(2, round(0.32 * SIDE / PATCH * page.shape[0]))
    part = np.ascontiguousarray(page[middle - half : middle + half, middle - half : middle + half])
    low, high = quantiles(part[None], (0.03, 0.95))[:, 0]
    return float(high - low)
