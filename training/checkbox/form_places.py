"""Where the boxes of blank forms are, and pictures of them; and of places that look like boxes and are none.

The forms and `fields.csv` are those of the training folder; nothing of them is kept but the network's weights.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from models.catalog.checkbox.borders import find_borders
from models.catalog.checkbox.dark_ground import turned_parts
from models.catalog.checkbox.finder import find_boxes
from models.catalog.checkbox.page_ink import working_page
from models.catalog.checkbox.selection import Found
from models.ink_sums import PageSums
from synthesis.crops.checkboxes import PATCH, SIDE
from synthesis.ink.pen_strokes import Part

_DPI = 200
_MOST_NEIGHBOURS = 8
_BOX_TYPES = ("check", "radio")
_FAINTEST_FRAME = 12.0
_NO_BOXES_A_PAGE = 24
_SOME_CONFIDENCE = 0.15
_NEAR = 2.6
_WITHOUT_BOXES = 0.7
"""Share of the forms' pages without boxes that give places, too."""
_PLAIN_PAGES = 5
"""Of each document that is no form, the first so many."""

Pixels = NDArray[np.uint8]
Boxes = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page of a blank form and its fields."""

    file: str
    page: int
    boxes: Boxes
    """(n, 4) check boxes and radio buttons: left, top, right, bottom in points from the top left."""
    radio: NDArray[np.bool_]
    others: Boxes
    """(m, 4) fields of all other kinds."""


@dataclass(frozen=True, slots=True)
class Places:
    """Patches of one part of the forms."""

    patches: Pixels
    """(n, PATCH, PATCH) grey, the box SIDE pixels wide in the middle."""
    neighbours: NDArray[np.float32]
    """(n, 8, 2): centres of the boxes around, in sides from the middle; NaN where there are no more."""
    is_box: NDArray[np.bool_]
    radio: NDArray[np.bool_]


def part_of(file: str) -> Part:
    """Which forms train: of seven one is for validation and one for testing, by the hash of the name."""
    seventh = hashlib.sha256(file.encode()).digest()[0] % 7
    return {0: Part.TEST, 1: Part.VALIDATION}.get(seventh, Part.TRAIN)


def form_pages(data: Path, part: Part, without: float = 0.0) -> list[FormPage]:
    """The upright pages of `part` that have boxes, in the order of `fields.csv` under `data`/forms.

    And a share `without` of those that have none.
    """
    rows: dict[tuple[str, int], list[dict[str, str]]] = {}
    with (data / "forms" / "fields.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["rotate"] == "0" and part_of(row["file"]) is part:
                rows.setdefault((row["file"], int(row["page"])), []).append(row)
    pages = []
    for (name, page), fields in rows.items():
        boxes = [row for row in fields if row["type"] in _BOX_TYPES]
        if boxes or _lot(name, page) < without:
            radio = np.array([row["type"] == "radio" for row in boxes], np.bool_)
            others = [row for row in fields if row["type"] not in _BOX_TYPES]
            pages.append(FormPage(name, page, _corners(boxes), radio, _corners(others)))
    return pages


def _lot(file: str, page: int) -> float:
    """A number from 0 to below 1 that only name and page decide."""
    return hashlib.sha256(f"{file} {page}".encode()).digest()[0] / 256


def _corners(rows: Sequence[dict[str, str]]) -> Boxes:
    return np.array([[float(row[name]) for name in ("x0", "y0", "x1", "y1")] for row in rows]).reshape(-1, 4)


def render(data: Path, form: FormPage, dpi: float) -> Pixels:
    """The page in grey as it prints."""
    return _rendered(data / "forms" / form.file, form.page, dpi)


def _rendered(path: Path, number: int, dpi: float) -> Pixels:
    document = pypdfium2.PdfDocument(path)
    try:
        picture = document[number].render(scale=dpi / 72, grayscale=True, may_draw_forms=False).to_numpy()
    finally:
        document.close()
    return np.array(picture.reshape(picture.shape[0], picture.shape[1]), dtype=np.uint8)


def places(data: Path, part: Part, cache: Path) -> Places:
    """All places of a part; drawn once and then kept in `cache`."""
    kept = cache / f"checkbox-places-{part.value}.npz"
    if not kept.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        found = [place for form in form_pages(data, part, _WITHOUT_BOXES) for place in _of_page(data, form)]
        found += [place for page in _plain_pages(data, part) for place in _without_boxes(page)]
        patches, neighbours, is_box, radio = (np.array(column) for column in zip(*found, strict=True))
        np.savez(kept, patches=patches, neighbours=neighbours, is_box=is_box, radio=radio)
    with np.load(kept) as stored:
        return Places(stored["patches"], stored["neighbours"], stored["is_box"], stored["radio"])


Place = tuple[Pixels, NDArray[np.float32], bool, bool]


def _of_page(data: Path, form: FormPage) -> Iterator[Place]:
    page = render(data, form, _DPI)
    boxes = form.boxes * _DPI / 72
    for box, radio in zip(boxes, form.radio, strict=True):
        patch = patch_around(page, box)
        if _has_frame(patch):
            yield patch, _neighbours(box, boxes), True, bool(radio)
    for box in _no_boxes(page, boxes, form.others * _DPI / 72):
        yield patch_around(page, box), _neighbours(box, boxes), False, False


def _plain_pages(data: Path, part: Part) -> Iterator[Pixels]:
    """Pages that are no forms, under `data`/pages, in grey."""
    for path in sorted((data / "pages").glob("*.pdf")):
        if part_of(path.name) is part:
            document = pypdfium2.PdfDocument(path)
            count = min(len(document), _PLAIN_PAGES)
            document.close()
            for number in range(count):
                yield _rendered(path, number, _DPI)


def _without_boxes(page: Pixels) -> Iterator[Place]:
    """Whatever the finder tries on a page that has no boxes, on its dark parts too."""
    none = np.zeros((0, 4))
    for view in (page, *turned_parts(page, _DPI)):
        ink = working_page(view, _DPI)
        tried = [_place(found) / ink.scale for found in find_boxes(ink, _SOME_CONFIDENCE)] if ink else []
        random = np.random.default_rng(len(tried))
        for index in random.permutation(len(tried))[: 2 * _NO_BOXES_A_PAGE]:
            yield patch_around(view, tried[index]), _neighbours(tried[index], none), False, False


def patch_around(page: Pixels, box: Boxes) -> Pixels:
    """The (PATCH, PATCH) picture of a (4,) box on the page and what is around it; white beyond the page."""
    side = float(np.sqrt((box[2] - box[0]) * (box[3] - box[1])))
    reach = PATCH / SIDE * side / 2
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    left, top, count = round(x - reach), round(y - reach), round(2 * reach)
    pad = count
    padded = cv2.copyMakeBorder(
        page[max(0, top) : top + count, max(0, left) : left + count],
        max(0, -top),
        max(0, min(pad, top + count - page.shape[0])),
        max(0, -left),
        max(0, min(pad, left + count - page.shape[1])),
        cv2.BORDER_CONSTANT,
        value=(255,),
    )
    how = cv2.INTER_AREA if count > PATCH else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(padded, (PATCH, PATCH), interpolation=how), dtype=np.uint8)


def _has_frame(patch: Pixels) -> bool:
    """Whether anything is printed along the border; a few fields have no printed box."""
    middle, half = PATCH // 2, SIDE // 2
    inner, outer = half - 6, half + 7
    ring = np.ones((2 * outer, 2 * outer), np.bool_)
    ring[outer - inner : outer + inner, outer - inner : outer + inner] = False
    part = patch[middle - outer : middle + outer, middle - outer : middle + outer].astype(np.float64)
    rows, columns = 255 - part.min(axis=1), 255 - part.min(axis=0)
    return float((255 - part)[ring].mean()) > _FAINTEST_FRAME and min(rows.max(), columns.max()) > 60


def _neighbours(box: Boxes, boxes: Boxes) -> NDArray[np.float32]:
    side = float(np.sqrt((box[2] - box[0]) * (box[3] - box[1])))
    away = ((boxes[:, :2] + boxes[:, 2:]) - (box[:2] + box[2:])) / 2 / side
    distance = np.abs(away).max(axis=1)
    order = np.argsort(distance)
    chosen = order[(distance[order] > 0.8) & (distance[order] < _NEAR)][:_MOST_NEIGHBOURS]
    out = np.full((_MOST_NEIGHBOURS, 2), np.nan, np.float32)
    out[: len(chosen)] = away[chosen]
    return out


def _no_boxes(page: Pixels, boxes: Boxes, others: Boxes) -> Iterator[Boxes]:
    """Cells and letters that the rules take for boxes at least a little, and some that are just inked."""
    ink = working_page(page, _DPI)
    if ink is None:
        return
    random = np.random.default_rng(page.shape[0] + int(boxes.sum()))
    count = 0
    for found in find_boxes(ink, _SOME_CONFIDENCE):
        place = _place(found) / ink.scale
        in_other = _is_in(place, others)
        # What is surely a box and no field may be a box that the form's author forgot.
        if found.confidence >= 0.6 and not in_other:
            boxes = np.vstack([boxes, place])
        elif not _touches(place, boxes) and count < _NO_BOXES_A_PAGE:
            count += 1
            yield place
    tried = [_place(found) / ink.scale for found in find_borders(PageSums(np.maximum(*ink.masks)))]
    free = [place for place in tried if not _touches(place, boxes)]
    for index in random.permutation(len(free))[: 2 * _NO_BOXES_A_PAGE]:
        yield free[index]
    dark_y, dark_x = np.nonzero(page[::8, ::8] < 120)
    for index in random.integers(0, len(dark_x), _NO_BOXES_A_PAGE) if len(dark_x) else ():
        x, y = 8 * dark_x[index] + random.uniform(-8, 8), 8 * dark_y[index] + random.uniform(-8, 8)
        half = random.uniform(12, 40)
        place = np.array([x - half, y - half, x + half, y + half])
        if not _touches(place, boxes):
            yield place


def _place(found: Found) -> Boxes:
    return np.array([found.left, found.top, found.right + 1, found.bottom + 1])


def _is_in(place: Boxes, others: Boxes) -> bool:
    x, y = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
    inside = (others[:, 0] <= x) & (x <= others[:, 2]) & (others[:, 1] <= y) & (y <= others[:, 3])
    return bool(inside.any())


def _touches(place: Boxes, boxes: Boxes) -> bool:
    """Whether a box is there or so near that the place could be meant for it."""
    wide = np.minimum(place[2], boxes[:, 2]) - np.maximum(place[0], boxes[:, 0])
    high = np.minimum(place[3], boxes[:, 3]) - np.maximum(place[1], boxes[:, 1])
    return bool(((wide > 0) & (high > 0)).any())
