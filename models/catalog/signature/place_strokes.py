"""What the strokes in a place are like: how thick, how steadily so, what they enclose, what frames them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]
"""1 where there is ink, rules taken out."""
Place = tuple[slice, slice]
"""Rows and columns of the page."""

_LEAST_HOLE = 0.002
"""Of the place: smaller holes are grain."""
_LARGE_HOLE, _HOLE_IN_HOLE = 0.05, 4
"""Of the place, what a hole is at least in which another is looked for; contours in one another that make both."""
_RIMS = 1.7
"""Radii of the innermost ring of a seal, within which all of the seal lies."""
_BACK, _LEAST_BACK = 0.2, 2.0
"""Of the place's shorter side, and pixels: as far a line goes back if it turns."""
_NEAR, _MARGIN = 0.35, 6
"""Of the place's side, and pixels: a frame is no further off. Half as far inside, as strokes may reach over it."""
_AXIS = 0.3
"""Of a place's width, as long a level run is a line that more is drawn on."""
_ALONG = 0.6
"""Of a side, so much has a rule beside it."""


def enclosed(strokes: Mask) -> float:
    """Area of the holes in a place's strokes, of the place's."""
    contours, levels = cv2.findContours(strokes, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if levels is None:
        return 0.0
    holes = [cv2.contourArea(one) for one, level in zip(contours, levels[0], strict=True) if level[3] >= 0]
    return sum(area for area in holes if area > _LEAST_HOLE * strokes.size) / strokes.size


def roundest_hole(strokes: Mask, least: float) -> tuple[float, float]:
    """Of the circle around it, what the roundest hole fills, and of the ink, what lies far outside of that circle.

    Holes are `least` of the place's shorter side across.
    """
    contours, levels = cv2.findContours(strokes, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    found, circle = 0.0, ((0.0, 0.0), 0.0)
    for contour, level in zip(contours, [] if levels is None else levels[0], strict=False):
        middle, radius = cv2.minEnclosingCircle(contour) if level[3] >= 0 else ((0.0, 0.0), 0.0)
        if 2 * radius >= max(3.0, least * min(strokes.shape)):
            share = cv2.contourArea(contour) / (np.pi * radius * radius)
            if share > found:
                found, circle = share, ((float(middle[0]), float(middle[1])), radius)
    ys, xs = np.nonzero(strokes)
    far = np.hypot(xs - circle[0][0], ys - circle[0][1]) > _RIMS * circle[1]
    return found, float(far.mean()) if far.size else 0.0


def ring_in_ring(strokes: Mask) -> float:
    """How much of a large hole in a place's strokes the largest hole fills of ink that lies free in it; 0 of none.

    Heights on a map lie so in one another, and no loops of one pen.
    """
    contours, levels = cv2.findContours(strokes, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    parents = [] if levels is None else levels[0][:, 3].tolist()
    found = 0.0
    for inner, contour in enumerate(contours):
        line = _line_of(inner, parents)
        # Outlines and holes take turns: of four in one another the second is a hole, and so is the fourth.
        if len(line) >= _HOLE_IN_HOLE and len(line) % 2 == 0:
            area = cv2.contourArea(contours[line[2]])
            if area > _LARGE_HOLE * strokes.size:
                found = max(found, cv2.contourArea(contour) / area)
    return found


def _line_of(contour: int, parents: list[int]) -> list[int]:
    """The contour, the one around it, and so on."""
    line = [contour]
    while parents[line[-1]] >= 0:
        line.append(parents[line[-1]])
    return line


def crossed_once(strokes: Mask) -> float:
    """Of the columns with ink, the share in which there is one stroke only, as in the graph of a function."""
    above = np.vstack([np.zeros((1, strokes.shape[1]), np.uint8), strokes[:-1]])
    starts = ((strokes > 0) & (above == 0)).sum(axis=0)
    return float((starts[starts > 0] == 1).mean()) if starts.any() else 0.0


def axis_of(strokes: Mask, rules: Mask) -> Mask:
    """1 where a line is nearly level, with what `rules` have taken of it: the axis of a graph, a line to sign on."""
    thick = cv2.dilate(strokes | rules, np.ones((3, 1), np.uint8))
    run = np.ones((1, max(3, round(_AXIS * strokes.shape[1]))), np.uint8)
    return np.asarray(cv2.morphologyEx(thick, cv2.MORPH_OPEN, run), dtype=np.uint8)


def turns(strokes: Mask) -> int:
    """How often the outlines of a place's strokes turn back, upwards and downwards and sideways.

    Both sides of a stroke count, so a bar has four and each bend of a pen two more.
    """
    back = max(_LEAST_BACK, _BACK * min(strokes.shape))
    contours, _ = cv2.findContours(strokes, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return sum(
        _turned(contour[:, 0, axis].tolist(), back)
        for contour in contours
        for axis, extent in enumerate(cv2.boundingRect(contour)[2:])
        if extent > back
    )


def _turned(ring: list[int], back: float) -> int:
    """Of values that end where they began, how often they go up after they went down or the other way."""
    lowest = ring.index(min(ring))
    furthest, rising, found = ring[lowest], 1, 0
    for value in ring[lowest:] + ring[: lowest + 1]:
        if rising * (value - furthest) > 0:
            furthest = value
        elif rising * (furthest - value) > back:
            furthest, rising, found = value, -rising, found + 1
    # The lowest one is a turn as well, where it was left at all.
    return found + found % 2


def widths(strokes: Mask) -> npt.NDArray[np.float32]:
    """Half the stroke's width at each place along its middle, in pixels."""
    distance = cv2.distanceTransform(strokes, cv2.DIST_L2, 3)
    middle = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (distance > 0)
    return np.asarray(distance[middle], dtype=np.float32)


def framed_sides(rules: Mask, place: Place) -> int:
    """How many sides of the place have a printed rule along them."""
    (top, bottom), (left, right) = ((part.start, part.stop) for part in place)
    down, across = (round(_NEAR * (end - start)) + _MARGIN for start, end in ((top, bottom), (left, right)))
    lying = [rules[_around(at, *reach), left:right] for at, reach in ((top, (down, 2)), (bottom, (down, -2)))]
    standing = [rules[top:bottom, _around(at, *reach)] for at, reach in ((left, (across, 2)), (right, (across, -2)))]
    level = sum(part.size > 0 and float(part.any(axis=0).mean()) >= _ALONG for part in lying)
    return level + sum(part.size > 0 and float(part.any(axis=1).mean()) >= _ALONG for part in standing)


def _around(at: int, reach: int, inwards: int) -> slice:
    """From `reach` outside to half of it inside; inside is behind the first side and before the last."""
    outside, inside = (reach, reach // inwards) if inwards > 0 else (reach // -inwards, reach)
    return slice(max(0, at - outside), at + inside)
