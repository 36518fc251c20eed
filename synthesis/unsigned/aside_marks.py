"""More that nothing is chosen or trained on: marks at lines to sign, script type of other faces, hairs, scratches."""

from __future__ import annotations

import numpy as np

from synthesis.fonts import UNSIGNED_SCRIPTS_ASIDE
from synthesis.forms import form_words
from synthesis.ink.pen import Points
from synthesis.unsigned.leaf import WIDTH, Leaf

_BEZIER = np.linspace(0, 1, 60)[:, None]


def tab_at_line(leaf: Leaf, x: float, y: float) -> None:
    """A gummed tab with a point that shows where to sign; the line is empty."""
    _line_to_sign(leaf, x + 70, y + 50)
    high, ground = float(leaf.random.uniform(12, 22)), int(leaf.random.integers(90, 215))
    top = y + 46 - high * float(leaf.random.uniform(0.4, 1.1))
    tip = np.array([(0, 0), (52, 0), (52 + 0.6 * high, high / 2), (52, high), (0, high)])
    tip += np.array((x + 8, top))
    leaf.fill(tip, ground)
    leaf.type(leaf.pick(("SIGN HERE", "Sign here", "SIGN")), x + 12, top + 0.68 * high, 0.36 * high, "arimo")
    if leaf.random.random() < 0.5:
        leaf.curve(tip, 0.8, max(0, ground - 60), closed=True)


def letter_x_at_line(leaf: Leaf, x: float, y: float) -> None:
    """The letter x of a hand at the beginning of a line that is empty, some with a bar of a text marker under it."""
    if leaf.random.random() < 0.5:
        bar = np.array([(0, 0), (190, 2), (190, 18), (0, 15)]) + np.array((x + 36, y + 34))
        leaf.fill(bar, int(leaf.random.integers(195, 232)))
    _line_to_sign(leaf, x + 40, y + 50)
    leaf.write(leaf.pick(("x", "X")), x + 36, y + 49, float(leaf.random.uniform(10, 22)), leaf.font_hand())


def bent_arrow(leaf: Leaf, x: float, y: float) -> None:
    """An arrow with a bow or a loop from a word in the margin to an empty line."""
    _line_to_sign(leaf, x + 90, y + 90)
    start, end = np.array((x + 20, y + 16)), np.array((x + 84, y + 86))
    pulls = start + leaf.random.uniform((-10, 10), (150, 110), (2, 2))
    shaft = _bowed(np.array([start, *pulls, end]))
    back = shaft[-1] - shaft[-6]
    back = back / max(1e-6, float(np.hypot(*back))) * float(leaf.random.uniform(6, 12))
    barbs = [end - (np.array(((0.8, -side), (side, 0.8))) @ back) for side in (0.5, -0.5)]
    corner = np.minimum(shaft.min(axis=0), np.vstack(barbs).min(axis=0))
    leaf.pen([shaft, np.vstack([barbs[0], end, barbs[1]])], float(corner[0]), float(corner[1]), 1.0, 1.3)
    leaf.write(leaf.pick(("here", "sign", "please sign", "sign!")), x, y + 12, 9, leaf.font_hand())


def certificate(leaf: Leaf, x: float, y: float) -> None:
    """A few lines of script type, the name among them, over two empty lines with titles."""
    face, other = leaf.pick(UNSIGNED_SCRIPTS_ASIDE), leaf.pick(UNSIGNED_SCRIPTS_ASIDE)
    left = min(x, 200.0)
    leaf.type(leaf.pick(("Certificate of Merit", "Award", "Diploma", "In recognition")), left, y + 24, 18, face)
    leaf.type("is presented to", left + 30, y + 44, 7, leaf.pick(("lora", "tinos")))
    leaf.type(leaf.name(), left + 10, y + 74, float(leaf.random.uniform(12, 20)), other)
    for number, title in enumerate(("Director", "Date")):
        leaf.line((left + 150 * number, y + 122), (left + 110 + 150 * number, y + 122), 0.6)
        leaf.type(title, left + 150 * number, y + 131, 5, "lora")


def shop_sign(leaf: Leaf, x: float, y: float) -> None:
    """A name in script with a stroke under it that swings, and what the shop sells."""
    size = float(leaf.random.uniform(16, 36))
    wide = leaf.type(leaf.pick(form_words.LAST), x, y + 1.3 * size, size, leaf.pick(UNSIGNED_SCRIPTS_ASIDE))
    swing = _bowed(np.array([(0, 0), (0.4, 0.5), (0.6, -0.5), (1, 0)]) * (max(40.0, wide), 0.5 * size))
    leaf.curve(
        swing + np.array((x, y + 1.75 * size)), float(leaf.random.uniform(0.8, 2.2)), int(leaf.random.integers(20, 110))
    )
    leaf.type(leaf.pick(("FINE TAILORING", "COFFEE ROASTERS", "SINCE 1924")), x, y + 2.4 * size, 4.5, "roboto")


def menu_card(leaf: Leaf, x: float, y: float) -> None:
    """Headings in script, what there is below in print."""
    face = leaf.pick(UNSIGNED_SCRIPTS_ASIDE)
    for row, head in enumerate(("Starters", "Main Courses", "Desserts")[: int(leaf.random.integers(1, 4))]):
        level = y + 20 + 46 * row
        leaf.type(head, x, level, float(leaf.random.uniform(9, 15)), face)
        for line in range(2):
            leaf.type(f"{leaf.words(3)}  {leaf.random.integers(4, 30)}.50", x + 4, level + 13 + 11 * line, 5.5, "lora")


def hairs(leaf: Leaf, x: float, y: float) -> None:
    """One to four hairs that lay on the glass, thinner towards their ends."""
    for _ in range(int(leaf.random.integers(1, 5))):
        reach = float(leaf.random.uniform(30, 150))
        line = _bowed(np.array((x, y)) + leaf.random.uniform(0, reach, (4, 2)))
        grey, middle = int(leaf.random.integers(20, 110)), float(leaf.random.uniform(0.3, 0.9))
        for part, width in ((slice(0, 20), 0.6), (slice(19, 42), 1.0), (slice(41, 60), 0.5)):
            leaf.curve(line[part], width * middle, grey)


def scratches(leaf: Leaf, x: float, y: float) -> None:
    """Long scratches down or across the page, one by one or as a bundle, dark or pale."""
    slope, count = float(leaf.random.normal(0, 0.06)), int(leaf.random.integers(1, 6))
    upright = leaf.random.random() < 0.7
    for number in range(count):
        along = np.linspace(0, float(leaf.random.uniform(60, 500)), 50)
        aside = slope * along + np.cumsum(leaf.random.normal(0, 0.12, 50)) + number * float(leaf.random.uniform(1, 9))
        line = np.column_stack([aside, along] if upright else [along, aside])
        leaf.curve(line + np.array((x, max(20.0, y - 100))), 0.5, int(leaf.random.choice((40, 90, 150, 235))))


def braces(leaf: Leaf, x: float, y: float) -> None:
    """Brackets and bars by a pen beside lines of print, with a mark in the margin."""
    for row in range(5):
        leaf.type(leaf.words(6), x + 24, y + 12 + 14 * row, 6, "noto-serif")
    half = np.array([(8, 0), (2, 3), (5, 26), (0, 31)])
    brace = np.vstack([_bowed(half), _bowed(half * (1, -1) + np.array((0, 62)))[::-1]])
    bar = np.array([(0, 0), (1, 30), (0, 62)]) + leaf.random.normal(0, 0.8, (3, 2))
    marks = [brace] if leaf.random.random() < 0.6 else [bar, bar + np.array((4, 1))]
    leaf.pen(marks, x + 6, y + 4, 1.0, float(leaf.random.uniform(0.8, 1.5)))
    leaf.write(leaf.pick(("!", "?", "NB", "ok")), max(10.0, x - 18), y + 40, 12, leaf.font_hand())


ASIDE_MARKS = {
    thing.__name__: thing
    for thing in (
        *(tab_at_line, letter_x_at_line, bent_arrow, certificate, shop_sign, menu_card, hairs, scratches, braces),
    )
}


def _line_to_sign(leaf: Leaf, x: float, y: float) -> None:
    """An empty line with what is asked for below it, some with a name in print as well."""
    end = min(WIDTH - 20, x + float(leaf.random.uniform(130, 220)))
    leaf.line((x, y), (end, y), 0.7)
    label = leaf.pick(("Signature", "Signature of borrower", "Tenant", "Authorized signature", "Signed", "Applicant"))
    leaf.type(label, x, y + 9, 5, leaf.pick(("arimo", "tinos", "roboto")))
    if leaf.random.random() < 0.4:
        leaf.type(leaf.name(), x, y + 19, 5.5, "tinos")


def _bowed(points: Points) -> Points:
    """Of four points, the curve of Bézier."""
    along, rest = _BEZIER, 1 - _BEZIER
    weights = np.hstack([rest**3, 3 * along * rest**2, 3 * along**2 * rest, along**3])
    return np.asarray(weights @ points)
