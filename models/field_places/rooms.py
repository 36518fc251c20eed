"""Free room standing on the lines of a page: cells, and the room above lines to write on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.field_places.page_print import PagePrint, pixels
from models.field_places.pieces import LEAST_WIDTH, TOUCHES, Piece, gaps, pieces
from models.field_places.place import PlaceKind, Rectangle, SeenPlace

_LEAST_HEIGHT = 8.0
"""Points: what is less is too little to write in."""
_LINE_HEIGHT, _OPEN_CELL, _HIGHEST = 15.0, 26.0, 400.0
"""Points: of the room above a line, between two lines down, in a cell with a lid, at most."""
_PRINTED, _LABEL_SHARE, _LID = 0.02, 0.4, 0.9
"""Of a width: what is print at all, what a label has at most, and what of a room a line over it covers."""
_ONE_RUN = 1.5
"""Times the widest room, all rooms on one piece together: more are the gaps of something printed."""
_SEPARATOR, _STACK = 0.8, 40.0
"""A line as long as this share of the page's print divides sections, unless another is so many points away."""
_UNDER = 0.6
"""Of the narrower of two cells, as much lies under the other."""
_CAPTION = 12.0
"""Points above a room in which print is its cell's."""
_SUFFIX = 16.0
"""Points, of what is printed after a room (cents, per cent), and between it and the cell's end."""
_PARAGRAPH = (14.0, 25.0)
"""Points over a line in which a row of text stands whose next one ends on the line."""
_LEADS = 80.0
"""Points, over which a row of dots leads to a place."""
_AROUND_PLACE = 1.5
"""Points about a box or comb in which nothing else is."""
_SHADED = 0.07
"""Darkness from which a room is tinted: not to be written in."""


@dataclass(frozen=True, slots=True)
class _Room:
    place: SeenPlace
    shared: bool
    """Something is printed in the same cell."""
    empty: bool
    """Nothing is printed beside it or right over it."""
    dotted: bool


def rooms(page: PagePrint, others: Sequence[SeenPlace]) -> list[SeenPlace]:
    """Rooms of a page, but where there are `others`."""
    taken = _covered(others, page.letters.shape)
    obstacle = page.letters | page.across | page.down | page.solid | taken
    inked = np.flatnonzero(page.letters.any(axis=0))
    extent = int(inked[-1] - inked[0]) if inked.size else page.letters.shape[1]
    found: list[_Room] = []
    lines = list(pieces(page))
    for piece in lines:
        height = min(piece.top, pixels(_HIGHEST))
        if height < pixels(_LEAST_HEIGHT):
            continue
        above = obstacle[piece.top - height : piece.top, piece.left : piece.right][::-1]
        free = np.where(above.any(axis=0), above.argmax(axis=0), height)
        if all(piece.closed) and taken[piece.top - pixels(_LEAST_HEIGHT) : piece.top, piece.left : piece.right].any():
            # The cell of a box to be marked.
            continue
        room = _room_on(piece, free, page, extent, lines)
        if room is not None and not _is_shaded(room.place.box, page):
            found.append(room)
    found = [room for room in found if not (room.dotted and _leads_to(room.place, _solid_boxes(found, others)))]
    empty = [room.place.box for room in found if room.empty]
    return [room.place for room in found if not (room.shared and _has_room_elsewhere(room.place, empty))]


def _covered(places: Sequence[SeenPlace], shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """1 where places are, and a little around."""
    taken = np.zeros(shape, np.uint8)
    margin = pixels(_AROUND_PLACE)
    for place in places:
        left, top, right, bottom = (round(edge) for edge in place.box)
        taken[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin] = 1
    return taken


def _solid_boxes(rooms: Sequence[_Room], others: Sequence[SeenPlace]) -> list[Rectangle]:
    return [room.place.box for room in rooms if not room.dotted] + [other.box for other in others]


def _leads_to(place: SeenPlace, boxes: Sequence[Rectangle]) -> bool:
    """Whether the dots of a row only lead the eye to one of these boxes."""
    _, top, right, bottom = place.box
    return any(0 < box[0] - right < pixels(_LEADS) and box[1] < bottom < box[3] + (bottom - top) / 2 for box in boxes)


def _room_on(
    piece: Piece, free: npt.NDArray[np.intp], page: PagePrint, extent: int, others: Sequence[Piece]
) -> _Room | None:
    """The room on one piece; `free` says of each of its columns how far up it is free."""
    run = _run(piece, free, page)
    if run is None:
        return None
    start, end, shared = run
    enclosed = all(piece.closed)
    room = int(np.percentile(free[start:end], 2))
    left, right, top = piece.left + start, piece.left + end, piece.top - room
    lid = bool(page.across[max(0, top - pixels(TOUCHES)) : top + 1, left:right].any(axis=0).mean() > _LID)
    wide = piece.right - piece.left > _SEPARATOR * extent
    if enclosed:
        # As wide as the page, and no lid: a section in a frame.
        if wide and not lid:
            return None
    elif (
        (shared and (not lid or _stands_beside_solid(piece, page)))
        or piece.hung
        or (wide and not lid and not _in_stack(piece, others))
    ):
        return None
    if not lid or (not enclosed and room > pixels(_OPEN_CELL)):
        room = min(room, pixels(_OPEN_CELL if enclosed else _LINE_HEIGHT))
    box = (float(left), float(piece.top - room), float(right), float(piece.top))
    cell = (float(piece.left), box[1], float(piece.right), float(piece.bottom))
    over = not lid and bool(page.letters[max(0, top - pixels(_CAPTION)) : top, left:right].any())
    place = SeenPlace(PlaceKind.CELL if enclosed else PlaceKind.LINE, box, cell)
    return _Room(place, shared or (over and enclosed), not shared and not over, piece.dotted)


def _run(piece: Piece, free: npt.NDArray[np.intp], page: PagePrint) -> tuple[int, int, bool] | None:
    """The columns to write in, from and to, and whether a label stands before them; None where there are none."""
    least = pixels(_LEAST_HEIGHT)
    width = piece.right - piece.left
    runs = [(start, end) for start, end in gaps(free < least) if end - start >= pixels(LEAST_WIDTH)]
    band = page.letters[piece.top - least : piece.top, piece.left : piece.right].any(axis=0)
    if not runs:
        return None
    if band.mean() <= _PRINTED:
        return (*runs[0], False) if len(runs) == 1 else None
    start, end = max(runs, key=lambda run: run[1] - run[0])
    inked = np.flatnonzero(band)
    before, after = inked[inked < start], inked[inked >= end]
    if before.size and (before[-1] > _LABEL_SHARE * width or _ends_a_paragraph(page, piece, start)):
        return None
    if after.size and (after[-1] - after[0] > pixels(_SUFFIX) or width - after[-1] > pixels(_SUFFIX)):
        return None
    if sum(run[1] - run[0] for run in runs) > _ONE_RUN * (end - start):
        return None
    return start, end, bool(before.size)


def _stands_beside_solid(piece: Piece, page: PagePrint) -> bool:
    """As the title of a part does beside its number, which is white on black."""
    columns = slice(max(0, piece.left - pixels(TOUCHES)), piece.left + pixels(TOUCHES))
    return bool(page.solid[piece.top - pixels(_LEAST_HEIGHT) : piece.top, columns].any())


def _ends_a_paragraph(page: PagePrint, piece: Piece, start: int) -> bool:
    """Whether what is printed before the room is no label but the last row of a text."""
    near, far = (pixels(points) for points in _PARAGRAPH)
    columns = slice(piece.left, piece.left + start)
    lids = np.flatnonzero(page.across[max(0, piece.top - far) : piece.top - 2, columns].mean(axis=1) > 0.5)
    highest = max(0, piece.top - far) + (int(lids[-1]) if lids.size else 0)
    return bool(page.letters[highest : piece.top - near, columns].any(axis=0).mean() > 0.3)


def _in_stack(piece: Piece, pieces: Sequence[Piece]) -> bool:
    """Whether a line as long lies above or below it, as far as lines of writing do."""
    margin = pixels(TOUCHES)
    return any(
        abs(other.left - piece.left) < margin
        and abs(other.right - piece.right) < margin
        and pixels(_LEAST_HEIGHT) < abs(other.top - piece.top) < pixels(_STACK)
        for other in pieces
    )


def _has_room_elsewhere(place: SeenPlace, empty: Sequence[Rectangle]) -> bool:
    """Whether what is printed in the cell belongs to an empty one: right beside it, or under it."""
    left, _, right, bottom = place.cell
    margin = pixels(TOUCHES)
    for other in empty:
        beside = 0 <= other[0] - right + margin < 3 * margin and abs(other[3] - place.box[3]) < margin
        shared = min(right, other[2]) - max(left, other[0])
        under = -margin < other[1] - bottom < margin and shared > _UNDER * min(right - left, other[2] - other[0])
        if beside or under:
            return True
    return False


def _is_shaded(box: Rectangle, page: PagePrint) -> bool:
    left, top, right, bottom = (round(edge) for edge in box)
    inset = pixels(1)
    inside = page.shade[top + inset : bottom - inset, left + inset : right - inset]
    return bool(inside.size) and float(np.median(inside)) > _SHADED
