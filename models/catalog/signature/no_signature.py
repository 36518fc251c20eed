"""What no hand signs with: lines of print that were read, and solid shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from models.catalog.signature.cues import is_label
from models.catalog.signature.ink_box import overlap
from models.catalog.signature.region_input import Grey
from schemas.prediction import Prediction, Quad, TextLine, Word, bounds, box_quad

_LONG = 20
"""Characters without spaces; names are shorter, and a legible signature may well be read."""
_READ = 0.7
_WORD = 4
"""Characters; shorter readings of a signature are chance."""
_SMALL_WORD, _SURE_WORD, _WORDS, _WITH_FIGURES = 3, 0.85, 2, 3
"""Letters and confidence of words in small letters, how many of them no name has, and how many of these and figures: a
date and a telephone number may stand beside one."""
_FREE = 0.45
"""Of the height of a place, what is free of words below them if strokes only reach into them."""
_OF_BOXES = 0.2
"""Of a place's area; what a reader of boxes sees in the loops of a signature is smaller."""
_SURELY = 0.95
_MUCH_WIDER, _MUCH_LOWER = 1.5, 0.5
"""Of a place's width and height: a wider or lower line is not what stands in the place."""
_MOSTLY = 0.6
_LOOK = 160
"""Longer side at which a shape is looked at."""
_BROAD = 0.3
"""Of a shape's shorter side: as wide is no stroke of a pen."""
_SOLID = 0.5
"""Of its ink, as much is that wide."""


def is_in_a_line(quad: Quad, earlier: Mapping[str, Prediction]) -> bool:
    """Whether most of an upright box is in one long line of text that was read."""
    for prediction in earlier.values():
        for line in prediction.lines:
            if len(line.text.replace(" ", "")) >= _LONG and line.confidence >= _READ:
                left, top, right, bottom = bounds(line.quad)
                if _share_inside(quad, box_quad(left, top, right, bottom)) >= _MOSTLY:
                    return True
    return False


def is_printed(quad: Quad, earlier: Mapping[str, Prediction], cued: bool = False) -> bool:
    """Whether what others found on the page says that an upright box holds none: a long line, a box, words.

    `cued`: words near by ask for a signature, which may reach into the lines above.
    """
    return (
        is_in_a_line(quad, earlier)
        or _is_on_a_box(quad, earlier)
        or _is_a_note(quad, earlier, cued)
        or _is_over_words(quad, earlier, cued)
    )


def _is_over_words(quad: Quad, earlier: Mapping[str, Prediction], cued: bool) -> bool:
    """Whether words in small letters or figures were read there, each for sure: print that was struck out, a table.

    Not those of a label for signatures, which people sign over.
    """
    lines = [line for prediction in earlier.values() for line in prediction.lines if not is_label(line)]
    words = [word for line in lines for word in line.words]
    sure = [word for word in words if len(word.text) >= _SMALL_WORD and word.confidence >= _SURE_WORD]
    covered = [word for word in sure if overlap(quad, box_quad(*bounds(word.quad))) >= _MOSTLY]
    if cued and _free_below(quad, covered) >= _FREE:
        return False
    inside = [word.text for word in covered]
    small, figures = sum(text.islower() for text in inside), sum(_has_figures(text) for text in inside)
    return small >= _WORDS or small + figures >= _WITH_FIGURES


def _free_below(quad: Quad, words: Sequence[Word]) -> float:
    """Of the height of a place, what is below all the words."""
    lowest = max((bounds(word.quad)[3] for word in words), default=quad[1])
    return (quad[5] - lowest) / max(quad[5] - quad[1], 1e-9)


def _is_on_a_box(quad: Quad, earlier: Mapping[str, Prediction]) -> bool:
    """Whether check boxes, crossed or not, are much of the place; a loop of a pen may be taken for a small one."""
    boxes = [box.quad for prediction in earlier.values() for box in prediction.checkboxes]
    return sum(_area(box) for box in boxes if overlap(quad, box) >= _MOSTLY) >= _OF_BOXES * _area(quad)


def _is_a_note(quad: Quad, earlier: Mapping[str, Prediction], cued: bool) -> bool:
    """Whether the place was read as what nobody signs: words that begin small, with figures, or any read surely.

    Where words ask for a signature, strokes may be read as some word by chance: then it has to be read surely, and a
    name may be.
    """
    for prediction in earlier.values():
        for line in prediction.lines:
            left, top, right, bottom = bounds(line.quad)
            same_width = right - left <= _MUCH_WIDER * (quad[2] - quad[0])
            same_height = bottom - top >= _MUCH_LOWER * (quad[5] - quad[1])
            shared = overlap(quad, box_quad(left, top, right, bottom))
            if same_width and same_height and shared >= _MOSTLY and _is_no_name(line, cued):
                return True
    return False


def _is_no_name(line: TextLine, cued: bool) -> bool:
    text = line.text.strip()
    if len(text) < _WORD or line.confidence < (_SURELY if cued else _READ):
        return False
    # Print alone is read so surely, in script type as well.
    return text[0].islower() or _has_figures(text) or (line.confidence >= _SURELY and (not cued or text.isupper()))


def _has_figures(text: str) -> bool:
    return sum(character.isdigit() for character in text) >= 2


def is_solid(grey: Grey, quad: Quad) -> bool:
    """Whether an upright box on the page holds discs or blocks in place of strokes."""
    left, top, right, bottom = (round(value) for value in bounds(quad))
    part = grey[max(0, top) : bottom, max(0, left) : right]
    across, down = (right - left) // 2, (bottom - top) // 2
    around = grey[max(0, top - down) : bottom + down, max(0, left - across) : right + across]
    if min(part.shape) < 2:
        return False
    # Against the paper near by: what is wide has itself around it, and a shadow has paper of its own.
    level = (float(np.percentile(part, 5)) + float(np.percentile(around, 90))) / 2
    scale = min(1.0, _LOOK / max(part.shape))
    height, width = (int(side * scale) or 1 for side in part.shape)
    ink = np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA) < level, dtype=np.uint8)
    broad = max(5, round(_BROAD * min(width, height)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (broad, broad))
    kept = cv2.morphologyEx(ink, cv2.MORPH_OPEN, disc)
    solid, all_ink = int(np.count_nonzero(kept)), int(np.count_nonzero(ink))
    return all_ink > 0 and solid >= _SOLID * all_ink


def _area(quad: Quad) -> float:
    left, top, right, bottom = bounds(quad)
    return (right - left) * (bottom - top)


def _share_inside(quad: Quad, line: Quad) -> float:
    left, top, right, bottom = bounds(quad)
    l2, _, r2, _ = bounds(line)
    # Of the smaller of both: a box that is larger than the line and holds it is no part of it.
    larger = (right - left) * (bottom - top) > (r2 - l2) * (line[5] - line[1])
    return 0.0 if larger else overlap(quad, line)
