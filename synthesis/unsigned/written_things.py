"""Written things that are no signatures: notes, entries, marks, struck words, initials, sketches."""

from __future__ import annotations

import cv2
import numpy as np

from synthesis.forms import form_words
from synthesis.unsigned.leaf import WIDTH, Leaf


def margin_note(leaf: Leaf, x: float, y: float) -> None:
    """Words beside the text, some tilted, by a pen or in a font's hand."""
    random = leaf.random
    before = leaf.image.copy()
    if random.random() < 0.5:
        leaf.pen(leaf.strokes.note(random), x, y, float(random.uniform(8, 16)), float(random.uniform(0.7, 1.3)))
    else:
        hand, size = leaf.font_hand(), float(random.uniform(8, 15))
        for row in range(int(random.integers(1, 4))):
            leaf.write(leaf.words(int(random.integers(1, 4))), x, y + 14 + 1.9 * size * row, size, hand)
    if random.random() < 0.4:
        # The pen's words alone are turned, the print stays.
        ink = np.min(leaf.image, axis=2).astype(np.int16) - np.min(before, axis=2)
        turn = cv2.getRotationMatrix2D(leaf.at(x + 40, y + 20), float(random.normal(0, 15)), 1.0)
        moved = cv2.warpAffine((-ink).clip(0, 255).astype(np.uint8), turn, leaf.image.shape[1::-1])
        leaf.image[:] = np.clip(before.astype(np.int16) - moved[:, :, None], 0, 255).astype(np.uint8)


def entries(leaf: Leaf, x: float, y: float) -> None:
    """Names, dates and places on rules, in a hand that anybody can read."""
    hand = leaf.font_hand()
    for row in range(int(leaf.random.integers(2, 5))):
        level = y + 20 + 30 * row
        leaf.type(leaf.pick(("Name", "Date", "Place", "Born", "Street")), x, level, 5.0, "arimo")
        leaf.line((x + 40, level + 2), (x + 240, level + 2), 0.5)
        text = leaf.pick(
            (leaf.name(), leaf.date(), leaf.pick(form_words.CITIES), f"12 {leaf.pick(form_words.STREETS)}")
        )
        leaf.write(text, x + 46, level, float(leaf.random.uniform(7, 12)), hand)


def joined_entries(leaf: Leaf, x: float, y: float) -> None:
    """The same in words that somebody wrote with joined letters."""
    for row in range(int(leaf.random.integers(2, 5))):
        level = y + 22 + 32 * row
        leaf.type(leaf.pick(("Name", "Town", "Remarks", "Born", "Street")), x, level, 5.0, "arimo")
        leaf.line((x + 40, level + 2), (x + 240, level + 2), 0.5)
        _, strokes = leaf.strokes.words(leaf.random, int(leaf.random.integers(1, 3)))
        leaf.pen(strokes, x + 48, level - 15, float(leaf.random.uniform(8, 12)))


def crossed_boxes(leaf: Leaf, x: float, y: float) -> None:
    """Boxes with crosses and ticks that leave them, small or large."""
    random, side = leaf.random, float(leaf.random.choice((9, 14, 24)))
    for row in range(int(random.integers(2, 6))):
        top = y + row * 1.8 * side
        leaf.curve(np.array([(x, top), (x + side, top), (x + side, top + side), (x, top + side)]), 0.8, closed=True)
        leaf.type(leaf.words(2), x + 1.6 * side, top + 0.8 * side, 6.5, "lora")
        over = random.normal(0, 0.16 * side, (4, 2)) + np.array((x, top))
        if random.random() < 0.6:
            crosses = np.array([[(0, 0), (1, 1)], [(1, 0), (0, 1)]]) * side
            strokes = [cross + over[n : n + 2] for n, cross in enumerate(crosses)]
        else:
            strokes = [np.array([(0.1, 0.5), (0.4, 1.0), (1.3, -0.4)]) * side + over[0]]
        left, high = np.min(np.vstack(strokes), axis=0)
        leaf.pen(strokes, float(left), float(high), 1.0, float(random.uniform(0.8, 1.8)))


def struck_text(leaf: Leaf, x: float, y: float) -> None:
    """Lines of print struck out by hand, with waves or rays."""
    random = leaf.random
    for row in range(int(random.integers(2, 5))):
        level = y + 20 + 17 * row
        wide = leaf.type(leaf.words(int(random.integers(3, 7))), x, level, 7, "tinos")
        if row == 0 or random.random() < 0.6:
            along = np.linspace(0, 1, 60)
            wave = float(random.choice((0.6, 3.5))) * np.sin(along * float(random.uniform(3, 50)))
            stroke = np.column_stack([along * wide, wave + float(random.normal(0, 3)) * along])
            leaf.pen([stroke], x, level - 5, 1.0, float(random.uniform(0.8, 1.6)))


def initials(leaf: Leaf, x: float, y: float) -> None:
    """Two or three letters at the foot of the page, as every page of a contract has them."""
    leaf.pen(leaf.strokes.initials(leaf.random), WIDTH - 110, 780, float(leaf.random.uniform(9, 15)))


def sketch(leaf: Leaf, x: float, y: float) -> None:
    """A house, a face or arrows drawn with a pen."""
    random, size = leaf.random, float(leaf.random.uniform(50, 110))
    turns = np.linspace(0, 2 * np.pi, 50)
    ring = np.column_stack([np.cos(turns), np.sin(turns)]) * 0.5 + 0.5
    house = [
        np.array([(0, 1), (0, 0.4), (0.5, 0), (1, 0.4), (1, 1), (0, 1)]),
        np.array([(0.4, 1), (0.4, 0.6), (0.6, 0.6), (0.6, 1)]),
    ]
    face = [
        ring,
        ring * 0.12 + (0.25, 0.3),
        ring * 0.12 + (0.62, 0.3),
        np.array([(0.3, 0.7), (0.5, 0.8), (0.72, 0.66)]),
    ]
    arrows = [
        np.array([(0, 0.5), (0.5, 0.3), (1, 0.5)]),
        np.array([(0.85, 0.35), (1, 0.5), (0.84, 0.62)]),
        ring * 0.4 + (1.05, 0.3),
    ]
    drawn = leaf.pick((house, face, arrows))
    shaky = [stroke + random.normal(0, 0.015, stroke.shape) for stroke in drawn]
    leaf.pen(shaky, x, y, size, float(random.uniform(0.8, 1.6)))
    if random.random() < 0.6:
        leaf.write(leaf.words(1), x + 1.2 * size, y + size, 9, leaf.font_hand())


def underlined(leaf: Leaf, x: float, y: float) -> None:
    """Print that somebody underlined, circled and asked about."""
    random = leaf.random
    for row in range(3):
        level = y + 20 + 22 * row
        wide = leaf.type(leaf.words(4), x, level, 7, "noto-serif")
        turns = np.linspace(0, 2.1 * np.pi, 60)
        ring = np.column_stack([wide / 2 * 1.1 * np.cos(turns), 9 * np.sin(turns) + turns])
        rule = np.column_stack([np.linspace(0, wide, 20), random.normal(0, 0.5, 20)])
        leaf.pen([ring if random.random() < 0.5 else rule], x, level - (14 if random.random() < 0.5 else -3), 1.0)
    leaf.write("?", x + 200, y + 60, 18, leaf.font_hand())


def unsigned_line(leaf: Leaf, x: float, y: float) -> None:
    """Where one should sign, left empty, beside a name and a date in a hand that anybody can read."""
    hand, face = leaf.font_hand(), leaf.pick(("arimo", "tinos", "roboto"))
    label = leaf.pick(("Signature", "Signature of applicant", "Sign here", "Signed", "Authorized signature"))
    across = leaf.random.random() < 0.5
    fields = ((leaf.pick(("Print name", "Name")), leaf.name()), ("Date", leaf.date()), (label, ""))
    for number, (text, entry) in enumerate(fields):
        left, level = (x - 20 + 120 * number, y + 40) if across else (x, y + 24 + 30 * number)
        leaf.line((left, level + 2), (left + 112, level + 2), 0.6)
        leaf.type(text, left, level + 11, 5.0, face)
        if entry:
            leaf.write(entry, left + 3, level, float(leaf.random.uniform(6, 10)), hand)


WRITTEN = {
    "margin_note": margin_note,
    "entries": entries,
    "joined_entries": joined_entries,
    "crossed_boxes": crossed_boxes,
    "struck_text": struck_text,
    "initials": initials,
    "sketch": sketch,
    "underlined": underlined,
    "unsigned_line": unsigned_line,
}
