"""Squares that hold printed pictures: icons, dice, keys, buttons that fold a list, numbers. None is there to mark.

A pen's mark crosses the border of some box, or is surely a tick or a cross, and of boxes in line one is left blank. A
picture keeps off the border of every square of its row, or is cut out of one that is dark all over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.crossings import is_like
from models.catalog.checkbox.reader import STATES
from models.catalog.checkbox.seen import Seen
from models.catalog.checkbox.selection import Found
from models.pieces import pieces_of
from schemas.prediction import CheckboxState

Grey = npt.NDArray[np.uint8]
Ink = npt.NDArray[np.bool_]

_SIZE = 48
"""Pixels to which a place is brought."""
_LEAST_RANGE = 40
_INK, _LIGHT = 0.4, 0.3
"""Shares of the way from paper to the darkest ink: from where there is ink, and up to where there is paper."""
_DEPTHS = range(3, 14)
"""Where between border and picture a line of paper is looked for."""
_CLEAR, _DARK = 0.02, 0.97
"""Ink on a line that is clear, and on one that is dark all along."""
_THICK = 7
"""Depth up to which a dark line may be the border of a box."""
_MOSTLY, _HALF, _PIP = 0.6, 0.5, 0.09
"""Share of a place that is ink, from where on pips are looked for in it; how dark they are, and how wide, at least."""
_LEAST = 0.012
"""Of the place, what a picture inks at least; less is blank."""
_CUT_OUT = (0.05, 0.7)
"""Of what a dark line surrounds, the part that is light."""
_MARKS = (CheckboxState.TICKED, CheckboxState.CROSSED)
_LIKELY = 0.7
"""Belief in one of these from which squares of a row may hold one each: of the middle one of them."""
_SURELY = 0.95
"""Belief in a state from which it is one: a tick or a cross is no picture then, if it has not the shape of a sign."""
_FULL = 0.88
"""Solidity from which a figure is a mark of a filling program or a pen: a disc, a square, a diamond."""
_NEARLY_ALL = 0.75
_EVEN, _STRAIGHT = 0.82, 0.9
"""Shares of a sign: what falls on its own mirror image, and what of `+` and `-` lies along its own middle lines."""
_ARM = 0.16
"""Sides; half of a plus sign's arms at most."""
_FEWEST, _MOST_ELSE = 2, 0.5
"""Squares of a row or column, and the share of them that may hold something else where there are more."""
_SLACK = 0.25
"""Sides by which they stand off their line."""


_PERHAPS_FILLED = np.array(
    [{CheckboxState.FILLED: 0.65, CheckboxState.EMPTY: 0.35}.get(state, 0.0) for state in STATES], np.float32
)


class Look(Enum):
    """What is within the border of a place."""

    BLANK = auto()
    PICTURE = auto()
    """Off the border all around."""
    CUT_OUT = auto()
    """Light, in a place that is dark up to its border; in a box with a thick one, too."""
    ELSE = auto()


def without_pictures(grey: Grey, boxes: Sequence[Seen]) -> list[Seen]:
    """The boxes that are not of a row or column of squares with pictures in them; in pixels of the page, in order."""
    if sum(not _is_plain(box) for box in boxes) < _FEWEST:
        return list(boxes)
    looks = [_look(grey, box.place) for box in boxes]
    dropped: set[int] = set()
    for family in _families([box.place for box in boxes]):
        if sum(boxes[n].place.radio for n in family) > _MOST_ELSE * len(family):
            # Answer sheets print letters in their rings: what those hide is another's to say.
            continue
        if len(family) < _FEWEST or any(looks[n][0] is not Look.PICTURE and _is_plain(boxes[n]) for n in family):
            continue
        pictures = [looks[n][1] for n in family if _is_picture(boxes[n], *looks[n])]
        if all(_is_bar(inside) for inside in pictures) or _are_full_figures([looks[n] for n in family]):
            # Programs mark boxes so, too: only beside other signs a bar is one that folds a list, and a disc a pip.
            continue
        if _are_like_marks([(boxes[n], looks[n][1]) for n in family]):
            # Characters that programs set as ticks and crosses, which the network sees less surely than a pen's.
            continue
        others = len(family) - len(pictures)
        if not others or (len(family) > _FEWEST and others < _MOST_ELSE * len(family)):
            dropped.update(family)
    return [box for number, box in enumerate(boxes) if number not in dropped]


def with_figures_as_marks(grey: Grey, boxes: Sequence[Seen]) -> list[Seen]:
    """The boxes in their order; those that seem empty, and hold what programs mark boxes with, are perhaps filled."""
    return [
        replace(box, states=_PERHAPS_FILLED)
        if box.state is CheckboxState.EMPTY and not _is_plain(box) and holds_full_figure(grey, box.place)
        else box
        for box in boxes
    ]


def _is_plain(box: Seen) -> bool:
    """Whether it is surely blank, for the network."""
    return box.state is CheckboxState.EMPTY and float(box.states.max()) >= _SURELY


def _is_picture(box: Seen, look: Look, inside: Ink) -> bool:
    if look not in (Look.PICTURE, Look.CUT_OUT):
        return False
    if float(box.states.max()) < _SURELY:
        return True
    if box.state is CheckboxState.FILLED:
        return look is Look.CUT_OUT or _solidity(inside) < _FULL
    return box.state not in _MARKS or _is_sign(inside)


def _are_like_marks(squares: Sequence[tuple[Seen, Ink]]) -> bool:
    beliefs = [float(box.states.max()) for box, inside in squares if box.state in _MARKS and not _is_sign(inside)]
    return len(beliefs) == len(squares) and float(np.median(beliefs)) >= _LIKELY


def holds_full_figure(grey: Grey, place: Found) -> bool:
    """Whether within the border, and off it, is what programs mark boxes with."""
    look, inside = _look(grey, place)
    return look is Look.PICTURE and _is_full_figure(inside)


def _are_full_figures(looks: Sequence[tuple[Look, Ink]]) -> bool:
    """Whether nearly all are: wear breaks some."""
    full = sum(look is Look.PICTURE and _is_full_figure(inside) for look, inside in looks)
    return full >= _NEARLY_ALL * len(looks)


def _is_full_figure(ink: Ink) -> bool:
    """Whether it is what programs fill a box with, a disc, a square or a diamond: full, and even both ways."""
    own = _figure(ink)
    if not own.size or _solidity(ink) < _FULL or _is_bar(ink):
        return False
    least = _EVEN * float(own.sum())
    return all(float((own & mirrored).sum()) >= least for mirrored in (own[:, ::-1], own[::-1]))


def _solidity(figure: Ink) -> float:
    """Of the area of its convex hull, what it inks; 0 for nothing."""
    inked = np.argwhere(figure)
    if not len(inked):
        return 0.0
    # Corners of the pixels: the hull of their middles is smaller than what they ink.
    corners = (inked[:, None] + ((0, 0), (0, 1), (1, 0), (1, 1))).reshape(-1, 2).astype(np.int32)
    return len(inked) / max(float(cv2.contourArea(cv2.convexHull(corners))), 1.0)


def _families(places: Sequence[Found]) -> list[list[int]]:
    """The numbers of places of one size in rows and columns that share some."""
    left = list(range(len(places)))
    families: list[list[int]] = []
    while left:
        family = [left.pop()]
        for number in family:
            near = [other for other in left if _in_line(places[number], places[other])]
            family += near
            left = [other for other in left if other not in near]
        families.append(family)
    return families


def _in_line(box: Found, other: Found) -> bool:
    slack = _SLACK * box.side
    level = abs(box.top + box.bottom - other.top - other.bottom) <= 2 * slack
    return is_like(box, other) and (level or abs(box.left + box.right - other.left - other.right) <= 2 * slack)


def _look(grey: Grey, place: Found) -> tuple[Look, Ink]:
    """What is in a place, and the ink within its border."""
    nothing = np.zeros((0, 0), np.bool_)
    left, top, right, bottom = (round(edge) for edge in place.extent)
    room = round(0.3 * place.side)
    around = grey[max(0, top - room) : bottom + room, max(0, left - room) : right + room]
    own = grey[max(0, top) : bottom, max(0, left) : right]
    if min(own.shape) < 8:
        return Look.ELSE, nothing
    darkest, paper = (float(v) for v in np.percentile(around, (2, 85)))
    if paper - darkest < _LEAST_RANGE:
        return Look.ELSE, nothing
    small = cv2.resize(own, (_SIZE, _SIZE), interpolation=cv2.INTER_AREA)
    levels = (paper - small.astype(np.float32)) / (paper - darkest)
    ink, light = levels >= _INK, levels <= _LIGHT
    holes = _round_holes(levels)
    if holes.any():
        return Look.CUT_OUT, holes
    dark = False
    for line in _LINES:
        share = float(ink[line.rim].mean())
        if share <= _CLEAR:
            inked = float((ink & line.within).sum()) / ink.size
            return (Look.BLANK if inked < _LEAST else Look.PICTURE), ink & line.within
        dark |= share >= _DARK and line.depth >= _THICK
        if dark:
            cut = float(light[line.within].mean())
            if _CUT_OUT[0] <= cut <= _CUT_OUT[1]:
                return Look.CUT_OUT, light & line.within
    return Look.ELSE, nothing


def _round_holes(levels: npt.NDArray[np.float32]) -> Ink:
    """What is light in a place that is dark everywhere else, if it is round: pips; a pen leaves slivers."""
    if float((levels >= _INK).mean()) < _MOSTLY:
        return np.zeros(levels.shape, np.bool_)
    light = np.asarray(levels <= _HALF, np.bool_)
    light[[0, -1]] = light[:, [0, -1]] = False
    pieces = pieces_of(light.astype(np.uint8))
    for number, (_, _, wide, high) in enumerate(pieces.boxes[1:].tolist(), 1):
        if min(wide, high) < max(_PIP * _SIZE, _EVEN * max(wide, high)) or _solidity(pieces.labels == number) < _FULL:
            return np.zeros(levels.shape, np.bool_)
    return light


class _Line:
    """A line around the middle of a place, and all that is within: round by `power` 2, the squarer the higher it is."""

    def __init__(self, depth: int, power: int) -> None:
        steps = np.abs(np.arange(_SIZE) - (_SIZE - 1) / 2) ** power
        off = (steps[:, None] + steps) ** (1 / power)
        edge = _SIZE / 2 - depth
        self.depth = depth
        self.rim: Ink = np.asarray(np.abs(off - edge + 1) <= 1)
        self.within: Ink = np.asarray(off < edge - 2)


_LINES = [_Line(depth, power) for depth in _DEPTHS for power in (50, 6, 2)]


def _is_sign(ink: Ink) -> bool:
    """Whether it is a plus, a minus, or a hook that opens up or down: each is its own mirror image, and no cross."""
    own = _figure(ink)
    if not own.size:
        return False
    mirrored = own[:, ::-1]
    if float((own & mirrored).sum()) < _EVEN * float(own.sum()):
        return False
    high, wide = own.shape
    arm = round(_ARM * _SIZE)
    lying, upright = high <= arm, wide <= arm
    if lying or upright:
        return float(own.mean()) >= _EVEN
    y, x = np.indices(own.shape)
    along = (np.abs(y - (high - 1) / 2) <= arm / 2) | (np.abs(x - (wide - 1) / 2) <= arm / 2)
    if float((own & along).sum()) >= _STRAIGHT * float(own.sum()):
        return True
    # A hook has all of one half of its width in one stroke: a cross has two.
    return _strokes(own[0]) + _strokes(own[-1]) == 3 and high < 0.8 * wide


def _is_bar(ink: Ink) -> bool:
    """Whether it is one stroke that lies."""
    own = _figure(ink)
    high, wide = own.shape
    return 0 < high <= round(_ARM * _SIZE) and high < wide and float(own.mean()) >= _EVEN


def _figure(ink: Ink) -> Ink:
    """The ink without the empty rows and columns around it; of no size where there is none."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else ink[:0, :0]


def _strokes(line: Ink) -> int:
    """Separate runs of ink."""
    padded = np.concatenate([[False], line, [False]])
    return int((padded[1:] & ~padded[:-1]).sum())
