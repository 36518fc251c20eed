"""All places of a blank page, by every way of seeing them."""

from __future__ import annotations

from collections.abc import Sequence

from models.field_places.combs import combs, rows_of_boxes
from models.field_places.page_print import Grey, page_print, pixels
from models.field_places.place import PlaceKind, PrintedWord, Rectangle, SeenPlace, overlap
from models.field_places.rooms import rooms

_SAME = 0.5
_HIGHEST_WORD = 60.0
"""Points."""
_MARKS = (PlaceKind.BOX, PlaceKind.RING)


def places(grey: Grey, boxes: Sequence[tuple[Rectangle, bool]], words: Sequence[PrintedWord] = ()) -> list[SeenPlace]:
    """Places of a grey page of DPI, in its pixels, in no order.

    `boxes` are those to be marked, and whether they are round; `words` are printed: nothing is written on them.
    """
    page = page_print(grey)
    rows, square = rows_of_boxes([box for box, is_ring in boxes if not is_ring])
    found = [*rows]
    for comb in combs(page):
        if not any(overlap(comb.box, other.box) > _SAME for other in found):
            found.append(comb)
    marks = [SeenPlace(PlaceKind.BOX, box, box) for box in square]
    marks += [SeenPlace(PlaceKind.RING, box, box) for box, is_ring in boxes if is_ring]
    found += [mark for mark in marks if not any(overlap(mark.box, comb.box) > _SAME for comb in found)]
    seen = sorted(rooms(page, found), key=lambda room: room.box[0] - room.box[2])
    for room in seen:
        if not any(overlap(room.box, other.box) > _SAME for other in found):
            found.append(room)
    return [place for place in found if place.kind in _MARKS or not _is_in_a_word(place.box, words)]


def _is_in_a_word(box: Rectangle, words: Sequence[PrintedWord]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(
        word.box[0] < x < word.box[2] and word.box[1] < y < word.box[3]
        for word in words
        # Water marks cross whole pages.
        if word.box[3] - word.box[1] < pixels(_HIGHEST_WORD)
    )
