"""Finds the letters of a line that its reading passes over: ink where the recogniser saw no character.

A CTC network answers nothing for what it was not taught, a letter with two accents as well as a whole line in Cyrillic,
and is as sure of the rest as ever. What it does read it sees within half a letter of where that stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from unicodedata import east_asian_width

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.line_ink import line_ink
from models.catalog.ocr.page.recognition import LINE_HEIGHT, ReadLine

UNREAD = "\ufffd"
"""Stands in a text where a letter cannot be read: Unicode's replacement character."""
ASIDE = 6
"""Columns at LINE_HEIGHT by which a character may be seen beside its ink: the network has one answer every 8."""
NEAR, APART = 2, 0.85
"""The same where every character near by is seen in ink of its own, as is this share of the line's: in plain print."""
FAR_ASIDE = 9
"""The same of ink as narrow as a stroke, which may be a part of the letter beside it that broke off."""
BROAD = 0.55
"""Width, of the usual height of the line's ink, from which ink is a letter rather than a stroke of one."""
WIDE, WIDE_REACH = "MWmw%@", 8
"""Characters wider than others, and columns that belong to them to both sides of their middle."""
LEAST_ROWS, MOST_COLUMNS = 9, 3 * LINE_HEIGHT
"""Dots, dashes, accents and rules are lower; a logo, a frame or a signature is wider than any letter."""
LOWEST, HIGHEST = 0.5, 1.6
"""Height of a letter, of the usual height of the line's ink; walls of boxes are higher, crumbs lower."""
SPACE = 0.35
"""Gap before a word of its own, of LINE_HEIGHT."""
SOLID = 0.85
"""Share of a bar's or block's bounds that is ink; of letters less is."""
INKED, CORNER = 0.7, 0.4
"""Of each side of a box, and of each corner, so much is ink; of round letters the corners are paper."""

Mask = npt.NDArray[np.uint8]
Seen = tuple[float, float]
"""The middle of a character in columns, and how far to both sides it surely reaches."""


def with_unread(crop: npt.NDArray[np.uint8], line: ReadLine) -> tuple[ReadLine, float]:
    """The reading of a crop with UNREAD, of confidence 0, where it passed over a letter; and the share it did read.

    `crop`: (height, width) grey or (height, width, 3), as it was read. The share is 1 where there are no letters.
    """
    letters, usual, columns = _letters(crop)
    signs = zip(line.centres, line.text, strict=True)
    seen = [(centre * columns, _reach(sign)) for centre, sign in signs if not sign.isspace()]
    alone, spare = _alone(letters, seen)
    apart = len(alone) >= APART * len(seen)
    passed = [
        letter
        for letter in letters
        if _is_passed_over(letter, seen, ASIDE if _is_broad(letter, usual) else FAR_ASIDE)
        or (
            apart
            and _is_broad(letter, usual)
            and _is_passed_over(letter, seen, NEAR)
            and _is_passed_over(letter, spare)
        )
    ]
    for left, right in passed:
        line = _inserted(line, left, right, columns)
    return line, 1 - len(passed) / len(letters) if letters else 1.0


def without(line: ReadLine, letters: Sequence[int], passed: Sequence[float] = ()) -> ReadLine:
    """The reading with UNREAD, of confidence 0, in place of some of its characters and at places it passed over.

    Places are from 0 to 1 along the line.
    """
    signs = list(zip(line.text, line.confidences, line.centres, strict=True))
    for letter in letters:
        signs[letter] = (UNREAD, 0.0, line.centres[letter])
    signs = sorted([*signs, *((UNREAD, 0.0, place) for place in passed)], key=lambda sign: sign[2])
    text, confidences, centres = zip(*signs, strict=True) if signs else ((), (), ())
    return replace(line, text="".join(text), confidences=confidences, centres=centres)


def _reach(sign: str) -> float:
    """Columns to both sides of its middle that a character surely takes: faint print breaks wide ones into pieces."""
    if east_asian_width(sign) in "WF":
        return LINE_HEIGHT / 2
    return WIDE_REACH if sign in WIDE else 0.0


def _alone(letters: list[tuple[int, int]], seen: list[Seen]) -> tuple[list[Seen], list[Seen]]:
    """The characters that are seen each in ink of its own, and the others."""
    inside = [[one for one in seen if left <= one[0] <= right] for left, right in letters]
    alone = [ones[0] for ones in inside if len(ones) == 1]
    return alone, [one for one in seen if one not in alone]


def _is_broad(letter: tuple[int, int], usual: float) -> bool:
    return letter[1] - letter[0] >= BROAD * usual


def _is_passed_over(letter: tuple[int, int], seen: list[Seen], aside: float = ASIDE) -> bool:
    left, right = letter
    return all(max(left - centre, centre - right) - reach > aside for centre, reach in seen)


def _inserted(line: ReadLine, left: int, right: int, columns: int) -> ReadLine:
    middle = (left + right) / 2 / columns
    place = sum(centre < middle for centre in line.centres)
    before = line.centres[place - 1] * columns if place else np.inf
    after = line.centres[place] * columns if place < len(line.centres) else np.inf
    # The character beside reaches about as far from its middle as this one does.
    reach = (right - left) / 2 + SPACE * LINE_HEIGHT
    apart = left - before > reach and not line.text[:place].endswith((" ", UNREAD))
    signs = (
        [" "] * apart + [UNREAD] + [" "] * (reach < after - right < np.inf and not line.text[place:].startswith(" "))
    )
    count = len(signs)
    return replace(
        line,
        text=line.text[:place] + "".join(signs) + line.text[place:],
        confidences=(*line.confidences[:place], *[0.0] * count, *line.confidences[place:]),
        centres=(*line.centres[:place], *[middle] * count, *line.centres[place:]),
    )


def _letters(crop: npt.NDArray[np.uint8]) -> tuple[list[tuple[int, int]], float, int]:
    """First and past the last column of each letter's ink, or of several; their usual height; columns of the line."""
    mask = line_ink(crop)
    columns = mask.shape[1]
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    pieces = [
        (int(left), int(left + width), int(height))
        for left, top, width, height, area in stats[1:]
        if LEAST_ROWS <= height < LINE_HEIGHT
        and width <= MOST_COLUMNS
        and left > 0
        and left + width < columns
        and not _is_furniture(mask[top : top + height, left : left + width], int(area))
    ]
    usual = median(height for _, _, height in pieces) if pieces else 0
    joined: list[tuple[int, int]] = []
    for left, right, height in sorted(pieces):
        if not LOWEST * usual <= height <= HIGHEST * usual:
            continue
        if joined and left < joined[-1][1] - 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], right))
        else:
            joined.append((left, right))
    return joined, usual, columns


def _is_furniture(piece: Mask, area: int) -> bool:
    """Whether a piece of ink is a bar, a block or a box."""
    if area >= SOLID * piece.size:
        return True
    near = 1 + min(piece.shape) // 6
    sides = (piece[:near], piece[-near:], piece[:, :near].T, piece[:, -near:].T)
    corners = (piece[:near, :near], piece[:near, -near:], piece[-near:, :near], piece[-near:, -near:])
    closed = all(float(side.max(axis=0).mean()) >= INKED for side in sides)
    return closed and all(float(corner.mean()) >= CORNER for corner in corners)
