"""Things that were kept aside to measure, until what was wrong on some of them was mended."""

from __future__ import annotations

import cv2
import numpy as np

from synthesis.forms import form_words
from synthesis.unsigned.leaf import HEIGHT, WIDTH, Leaf


def cheque(leaf: Leaf, x: float, y: float) -> None:
    """Filled in by hand but for the signature, on a ground of fine waves."""
    left, along = 60.0, np.linspace(0, 1, 120)
    for row in range(22):
        leaf.curve(np.column_stack([left + 440 * along, y + 6 * row + 3 * np.sin(along * 40 + row)]), 0.3, 205)
    leaf.curve(np.array([(left, y - 4), (left + 440, y - 4), (left + 440, y + 136), (left, y + 136)]), 1.0, closed=True)
    hand = leaf.font_hand()
    leaf.type(f"{leaf.pick(form_words.LAST)} Bank", left + 10, y + 14, 9, leaf.display_face())
    for row, text in enumerate((leaf.name(), f"{leaf.random.integers(20, 900)} and 00/100", leaf.date())):
        leaf.line((left + 60, y + 48 + 26 * row), (left + 330, y + 48 + 26 * row), 0.5)
        leaf.write(text, left + 70, y + 46 + 26 * row, 9, hand)


def coat_of_arms(leaf: Leaf, x: float, y: float) -> None:
    """A shield with bends, a ribbon and a motto."""
    size = float(leaf.random.uniform(40, 80))
    half = np.linspace(0, np.pi / 2, 20)
    right = np.column_stack([0.5 * np.cos(half), 0.4 + 0.7 * np.sin(half)])
    shield = np.vstack([[(-0.5, 0), (0.5, 0)], right, (right * (-1, 1))[::-1]]) * size + (x + size / 2, y)
    leaf.curve(shield, 1.4, closed=True)
    for share in leaf.random.uniform(0.2, 0.8, 2):
        leaf.curve(
            np.array([(x, y + share * size), (x + size, y + share * size - 10)]), float(leaf.random.uniform(1, 4))
        )
    ribbon = np.linspace(-0.3, 1.3, 40)
    for level in (1.1, 1.28):
        leaf.curve(np.column_stack([x + ribbon * size, y + size * (level + 0.06 * np.sin(ribbon * 7))]), 0.9)
    leaf.type(leaf.pick(("Semper idem", "Ora et labora", "Fortes fortuna")), x, y + 1.26 * size, 5, leaf.display_face())


def wiring(leaf: Leaf, x: float, y: float) -> None:
    """Wires with resistors, coils and knots."""
    level, right = y + 20, x
    for _ in range(int(leaf.random.integers(3, 7))):
        kind = int(leaf.random.integers(3))
        if kind == 0:
            teeth = np.column_stack([np.linspace(0, 40, 9), np.tile((0, 7, 0, -7), 3)[:9]])
            leaf.curve(teeth + np.array((right, level)), 0.9)
        elif kind == 1:
            turns = np.linspace(0, 8 * np.pi, 120)
            coil = np.column_stack([turns / (8 * np.pi) * 40 - 4 * np.cos(turns), -6 * np.abs(np.sin(turns / 2))])
            leaf.curve(coil + np.array((right, level)), 0.9)
        else:
            leaf.line((right + 16, level - 9), (right + 16, level + 9), 1.2)
            leaf.line((right + 22, level - 9), (right + 22, level + 9), 1.2)
        right += 40
        leaf.line((right, level), (right + 18, level), 0.9)
        if leaf.random.random() < 0.5:
            leaf.line((right + 9, level), (right + 9, level + 50), 0.9)
            leaf.circle((right + 9, level), 2, 0)
        right += 18


def envelope(leaf: Leaf, x: float, y: float) -> None:
    """An address in a hand that anybody can read."""
    hand = leaf.font_hand()
    lines = (
        leaf.name(),
        f"{leaf.random.integers(1, 200)} {leaf.pick(form_words.STREETS)} St",
        leaf.pick(form_words.CITIES),
    )
    for row, text in enumerate(lines):
        leaf.write(text, x + 8 * row, y + 20 + 26 * row, float(leaf.random.uniform(10, 15)), hand)


def isobars(leaf: Leaf, x: float, y: float) -> None:
    """Closed lines around highs and lows, with figures."""
    turns, size = np.linspace(0, 2 * np.pi, 120), float(leaf.random.uniform(60, 130))
    phases = leaf.random.uniform(0, 6, 4)
    for step in range(2, int(leaf.random.integers(4, 8))):
        radius = step / 8 * (1 + 0.25 * np.sin(2 * turns + phases[0]) + 0.15 * np.sin(3 * turns + phases[1]))
        line = np.column_stack([np.cos(turns), 0.6 * np.sin(turns)]) * radius[:, None] * size + (
            x + size,
            y + 0.6 * size,
        )
        leaf.curve(line, 0.7, closed=True)
        leaf.type(str(1000 + 5 * step), float(line[20, 0]), float(line[20, 1]), 4, "roboto")
    leaf.type(leaf.pick(("H", "L", "T")), x + size, y + 0.6 * size, 14, "tinos")


def quotation(leaf: Leaf, x: float, y: float) -> None:
    """A sentence in display type between quotation marks."""
    face, size = leaf.display_face(), float(leaf.random.uniform(11, 20))
    for row in range(2):
        leaf.type(leaf.words(3).capitalize(), x, y + 24 + 2 * size * row, size, face)


def seal(leaf: Leaf, x: float, y: float) -> None:
    """A star of many points with ribbons, as on diplomas."""
    size, points = float(leaf.random.uniform(25, 48)), int(leaf.random.integers(12, 30))
    turns = np.arange(2 * points) * np.pi / points
    radius = np.where(np.arange(2 * points) % 2, 0.86, 1.0) * size
    centre = np.array((x + size, y + size))
    leaf.curve(centre + radius[:, None] * np.column_stack([np.cos(turns), np.sin(turns)]), 1.0, closed=True)
    leaf.circle((float(centre[0]), float(centre[1])), 0.7 * size, 0.8)
    leaf.type(leaf.pick(("1st", "A+", "OK", "25")), x + 0.75 * size, y + 1.15 * size, 0.35 * size, leaf.display_face())
    for side in (-1, 1):
        tail = np.array([(0.2, 0.9), (0.55, 2.0), (0.3, 1.8), (0.05, 2.1), (-0.1, 0.9)]) * size * (side, 1)
        leaf.curve(tail + centre, 0.9, closed=True)


def table_by_hand(leaf: Leaf, x: float, y: float) -> None:
    """A grid with words and figures of a hand."""
    hand, columns = leaf.font_hand(), (0, 70, 150, 215)
    for row in range(6):
        leaf.line((x, y + 22 * row), (x + 215, y + 22 * row), 0.5)
        for left in columns[:-1] if row < 5 else ():
            text = leaf.pick((leaf.words(1), str(leaf.random.integers(1, 900)), leaf.pick(form_words.FIRST)))
            leaf.write(text, x + left + 4, y + 22 * row + 17, float(leaf.random.uniform(6, 9)), hand)
    for left in columns:
        leaf.line((x + left, y), (x + left, y + 110), 0.5)


def fingerprint(leaf: Leaf, x: float, y: float) -> None:
    """Ridges of a thumb in a printed box."""
    leaf.curve(np.array([(x, y), (x + 64, y), (x + 64, y + 80), (x, y + 80)]), 0.7, closed=True)
    turns = np.linspace(0, 2 * np.pi, 160)
    for ring in range(2, 11):
        ridge = np.column_stack([2.6 * ring * np.cos(turns), 3.4 * ring * np.sin(turns)])
        ridge += np.column_stack([1.2 * np.sin(3 * turns + ring), 1.2 * np.cos(2 * turns + ring)])
        start = int(leaf.random.integers(120))
        leaf.curve(ridge[start : start + int(leaf.random.integers(60, 160))] + np.array((x + 32, y + 40)), 1.1, 50)


def please_sign(leaf: Leaf, x: float, y: float) -> None:
    """An arrow and a cross by hand at a line that is still empty."""
    leaf.line((x + 60, y + 50), (x + 240, y + 50), 0.7)
    leaf.type(leaf.pick(("Signature", "Sign here", "Signature of tenant")), x + 60, y + 60, 5, "arimo")
    leaf.pen([np.array([(0, 0), (12, 12)]), np.array([(12, 0), (0, 12)])], x + 46, y + 38, 1.0, 1.3)
    leaf.pen([np.array([(0, 0), (30, 22)]), np.array([(18, 22), (30, 22), (28, 9)])], x + 8, y + 12, 1.0, 1.2)
    leaf.write("please", x + 2, y + 10, 8, leaf.font_hand())


def bars_with_remarks(leaf: Leaf, x: float, y: float) -> None:
    """A bar chart with a freehand ring and an arrow around what matters."""
    for bar in range(6):
        high = float(leaf.random.uniform(15, 90))
        leaf.fill(
            np.array([(24 * bar, 0), (24 * bar + 15, 0), (24 * bar + 15, -high), (24 * bar, -high)])
            + np.array((x, y + 100)),
            120,
        )
    turns = np.linspace(0, 2.15 * np.pi, 60)
    leaf.pen([np.column_stack([22 * np.cos(turns), 30 * np.sin(turns) + turns])], x + 60, y + 30, 1.0, 1.1)
    leaf.write(leaf.pick(("too low!", "check", "why?")), x + 130, y + 30, 10, leaf.font_hand())


def puzzle(leaf: Leaf, x: float, y: float) -> None:
    """A square of cells with figures of a pencil."""
    hand = leaf.font_hand()
    for line in range(10):
        width = 1.4 if line % 3 == 0 else 0.5
        leaf.line((x + 13 * line, y), (x + 13 * line, y + 117), width)
        leaf.line((x, y + 13 * line), (x + 117, y + 13 * line), width)
    for cell in range(81):
        if leaf.random.random() < 0.5:
            place = x + 13 * (cell % 9) + 4, y + 13 * (cell // 9) + 10
            leaf.write(str(leaf.random.integers(1, 10)), *place, 7, hand)


def torn_edge(leaf: Leaf, x: float, y: float) -> None:
    """A ragged line across the page with the shade below it, and tape over it."""
    along = np.linspace(0, WIDTH, 160)
    rag = y + np.cumsum(leaf.random.normal(0, 1.6, 160))
    leaf.curve(np.column_stack([along, rag]), 0.8, 120)
    corner = leaf.at(x, min(HEIGHT - 60, y - 12))
    part = leaf.image[corner[1] : corner[1] + 60, corner[0] : corner[0] + 180]
    part[:] = cv2.GaussianBlur(part, (0, 0), 1.0) * 0.92


def page_behind(leaf: Leaf, x: float, y: float) -> None:
    """Large handwriting of the other side, bled through in blots."""
    back = Leaf(leaf.random, leaf.fonts, leaf.display, leaf.hands, leaf.strokes)
    for row in range(3):
        back.write(leaf.name(), x, y + 60 + 45 * row, 18, back.font_hand())
    seen = np.ascontiguousarray(back.image[:, ::-1]).astype(np.float32)
    coarse = leaf.random.uniform(0, 1, (30, 22)).astype(np.float32)
    blots = cv2.resize(coarse, leaf.image.shape[1::-1], interpolation=cv2.INTER_CUBIC)[:, :, None]
    share = np.clip(blots, 0, 1) * float(leaf.random.uniform(0.2, 0.4))
    leaf.image[:] = np.clip(leaf.image - (250 - cv2.GaussianBlur(seen, (0, 0), 1.2)) * share, 0, 255).astype(np.uint8)


ONCE_ASIDE = {
    thing.__name__: thing
    for thing in (
        *(cheque, coat_of_arms, wiring, envelope, isobars, quotation, seal, table_by_hand, fingerprint, please_sign),
        *(bars_with_remarks, puzzle, torn_edge, page_behind),
    )
}
