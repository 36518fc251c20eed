"""More printed and written things: charts, traces, postmarks, music, letters and sums by hand, spoilt paper."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from synthesis.forms import form_words
from synthesis.unsigned.leaf import WIDTH, Leaf


def outlined_head(leaf: Leaf, x: float, y: float) -> None:
    """A letterhead of two faces, one of them in outline or with a shadow, and an address below."""
    size = float(leaf.random.uniform(16, 40))
    name, face = leaf.pick(form_words.LAST), leaf.display_face()
    leaf.type(name, x + 1.5, y + size + 1.5, size, face, (170, 170, 170))
    leaf.type(name, x, y + size, size, face)
    leaf.type(
        leaf.pick(("Attorneys at law", "Fine papers", "Est. 1887", "Patisserie")),
        x + 20,
        y + 1.9 * size,
        size / 3,
        leaf.display_face(),
    )
    leaf.type(f"{leaf.pick(form_words.STREETS)} 7, {leaf.pick(form_words.CITIES)}", x, y + 2.6 * size, 5, "lora")


def invitation(leaf: Leaf, x: float, y: float) -> None:
    """Some lines of script, as on a card or certificate."""
    face = leaf.display_face()
    for row in range(int(leaf.random.integers(2, 5))):
        text = leaf.pick((leaf.name(), leaf.words(3), "requests the pleasure", "of your company", leaf.date()))
        leaf.type(
            text, x + float(leaf.random.uniform(0, 40)), y + 24 + 30 * row, float(leaf.random.uniform(8, 16)), face
        )


def ring_chart(leaf: Leaf, x: float, y: float) -> None:
    """Donuts, radar charts and gauges."""
    random, radius = leaf.random, float(leaf.random.uniform(25, 60))
    middle = np.array((x + radius, y + radius))
    if random.random() < 0.5:
        turns = np.cumsum(random.uniform(0.4, 1.6, 5))
        for first, last in pairwise(turns):
            arc = np.linspace(first, last - 0.05, 30)
            rim = np.column_stack([np.cos(arc), np.sin(arc)])
            leaf.fill(
                np.vstack([middle + radius * rim, middle + 0.55 * radius * rim[::-1]]), int(random.integers(30, 200))
            )
    else:
        count = int(random.integers(5, 9))
        spokes = np.linspace(0, 2 * np.pi, count, endpoint=False)
        ends = np.column_stack([np.cos(spokes), np.sin(spokes)])
        for share in (0.33, 0.66, 1.0):
            leaf.curve(middle + share * radius * ends, 0.4, 130, closed=True)
        for end in ends:
            leaf.line(tuple(middle), tuple(middle + radius * end), 0.4, 130)
        for _ in range(2):
            leaf.curve(middle + random.uniform(0.2, 1, (count, 1)) * radius * ends, 1.2, 30, closed=True)


def trace(leaf: Leaf, x: float, y: float) -> None:
    """A heart's trace, a share's price, a wave: one line that goes up and down."""
    random, wide, high = leaf.random, float(leaf.random.uniform(120, 380)), float(leaf.random.uniform(25, 70))
    along = np.linspace(0, 1, 400)
    kind = int(random.integers(3))
    if kind == 0:
        beat = (along * int(random.integers(4, 12))) % 1
        level = 0.5 - 0.5 * np.exp(-((beat - 0.4) ** 2) / 0.0006) + 0.25 * np.exp(-((beat - 0.46) ** 2) / 0.0006)
    elif kind == 1:
        level = 0.5 + 0.4 * np.cumsum(random.normal(0, 0.03, 400))
    else:
        level = 0.5 + 0.4 * np.sin(along * float(random.uniform(10, 70))) * np.sin(along * float(random.uniform(2, 9)))
    leaf.curve(np.column_stack([x + along * wide, y + np.clip(level, 0, 1) * high]), float(random.uniform(0.6, 1.4)))
    if random.random() < 0.5:
        leaf.line((x, y + high), (x + wide, y + high), 0.6)


def postmark(leaf: Leaf, x: float, y: float) -> None:
    """A ring with waves beside it over a framed picture."""
    random, radius = leaf.random, float(leaf.random.uniform(22, 40))
    leaf.curve(np.array([(x + 60, y), (x + 120, y), (x + 120, y + 75), (x + 60, y + 75)]), 1.0, 90, closed=True)
    leaf.circle((x + radius, y + radius), radius, 1.2, 70)
    leaf.circle((x + radius, y + radius), 0.62 * radius, 0.8, 70)
    leaf.type(leaf.date(), x + 0.5 * radius, y + radius, 4.5, "arimo")
    for row in range(int(random.integers(3, 7))):
        along = np.linspace(0, 1, 60)
        level = y + 8 + row * 9 + 4 * np.sin(along * 18)
        leaf.curve(np.column_stack([x + 2 * radius + along * 110, level]), 1.0, 70)


def card_lines(leaf: Leaf, x: float, y: float) -> None:
    """Three short machine-readable lines in a frame, a line of chevrons, a bar code."""
    random = leaf.random
    for row, text in enumerate(
        ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    ):
        leaf.type(text, x, y + 14 + 15 * row, float(random.uniform(5, 7)), "courier-prime")
    leaf.type("<<<<< " * 3 + ">>>>>", x, y + 75, 9, "roboto")
    left = x
    for width in random.integers(1, 5, 45):
        leaf.fill(
            np.array([(left, y + 90), (left + width * 0.6, y + 90), (left + width * 0.6, y + 115), (left, y + 115)]), 20
        )
        left += 0.6 * width + float(random.integers(1, 4)) * 0.7


def letter_by_hand(leaf: Leaf, x: float, y: float) -> None:
    """A paragraph of one hand, without a name below."""
    leaf.pen(
        leaf.strokes.sheet(leaf.random), 60, y, float(leaf.random.uniform(9, 14)), float(leaf.random.uniform(0.7, 1.2))
    )


def sums_by_hand(leaf: Leaf, x: float, y: float) -> None:
    """Figures one below the other with a line, or a formula."""
    hand, random = leaf.font_hand(), leaf.random
    for row in range(4):
        leaf.write(f"{random.integers(1, 9999)},{random.integers(10, 99)}", x + 10, y + 16 + 17 * row, 10, hand)
    leaf.pen([np.array([(0, 0), (70, 1)])], x, y + 72, 1.0)
    leaf.write(leaf.pick(("x2 + 3y = 17", "E = mc2", "a / b = 0,4", "f(x) = 2x")), x + 110, y + 40, 11, hand)


def sticker(leaf: Leaf, x: float, y: float) -> None:
    """A note of gummed paper with words by hand, its ground darker than the page."""
    leaf.fill(np.array([(x, y), (x + 130, y + 4), (x + 126, y + 104), (x - 4, y + 100)]), 205)
    hand = leaf.font_hand()
    for row in range(int(leaf.random.integers(1, 4))):
        text = leaf.pick(("please sign", "call Anna", "ask Mr Bell", leaf.words(2), leaf.date(), "urgent!"))
        leaf.write(text, x + 8, y + 26 + 24 * row, float(leaf.random.uniform(8, 13)), hand)


def music(leaf: Leaf, x: float, y: float) -> None:
    """Staves with notes and slurs."""
    random, wide = leaf.random, float(leaf.random.uniform(150, 380))
    for line in range(5):
        leaf.line((x, y + 5 * line), (x + wide, y + 5 * line), 0.4)
    for place in np.cumsum(random.uniform(12, 30, 30)):
        if place > wide - 10:
            break
        level = y + 2.5 * float(random.integers(0, 9))
        leaf.circle((x + place, level), 2.4, 0)
        leaf.line((x + place + 2.3, level), (x + place + 2.3, level - 17), 0.7)
        if random.random() < 0.3:
            along = np.linspace(0, 1, 20)
            leaf.curve(np.column_stack([x + place + along * 40, y + 30 + 6 * np.sin(np.pi * along)]), 0.8)


def guilloche(leaf: Leaf, x: float, y: float) -> None:
    """A rosette or border of interlaced lines, as on cheques and certificates."""
    turns = np.linspace(0, 2 * np.pi, 900)
    size, waves = float(leaf.random.uniform(25, 55)), int(leaf.random.integers(6, 24))
    for phase in np.linspace(0, 2 * np.pi, int(leaf.random.integers(2, 7)), endpoint=False):
        radius = size * (0.7 + 0.3 * np.sin(waves * turns + phase))
        leaf.curve(np.column_stack([x + size + radius * np.cos(turns), y + size + radius * np.sin(turns)]), 0.4, 80)


def spoilt_paper(leaf: Leaf, x: float, y: float) -> None:
    """A hair, a crease, a ring of coffee, a scratch."""
    random, along = leaf.random, np.linspace(0, 1, 80)
    steps = np.cumsum(np.cumsum(random.normal(0, 0.35, (80, 2)), axis=0), axis=0)
    leaf.curve(
        np.array((x, y)) + steps / max(1.0, float(np.abs(steps).max())) * float(random.uniform(40, 130)), 0.5, 60
    )
    leaf.curve(np.column_stack([along * WIDTH, y + 120 + 4 * np.sin(along * 9)]), 0.8, 190)
    leaf.circle((x + 120, y + 60), float(random.uniform(30, 50)), 2.5, 190)


def marked_rows(leaf: Leaf, x: float, y: float) -> None:
    """Rows of a form ticked, circled and crossed out by hand, a cross through a whole block."""
    random = leaf.random
    for row in range(4):
        leaf.type(leaf.words(3), x + 20, y + 20 * row + 8, 6, "arimo")
        turns = np.linspace(-0.4, 6.4, 50)
        ring = np.column_stack([8 * np.cos(turns), 7 * np.sin(turns)])
        leaf.pen([leaf.pick((ring, np.array([(0.0, 5), (4, 10), (15, -6)])))], x, y + 20 * row - 4, 1.0, 1.2)
    if random.random() < 0.5:
        leaf.pen([np.array([(0, 0), (140, 80)]), np.array([(140, 0), (0, 80)])], x + 10, y - 6, 1.0, 1.3)


def free_sketch(leaf: Leaf, x: float, y: float) -> None:
    """Doodles: spirals, zigzags, stars, boxes in one another."""
    random, size, along = leaf.random, float(leaf.random.uniform(30, 80)), np.linspace(0, 1, 160)
    spiral = np.column_stack([along * np.cos(along * 30), along * np.sin(along * 30)])
    zigzag = np.column_stack([np.linspace(0, 2, 14), np.tile((0, 0.6), 7)])
    star = np.array([(np.sin(turn), -np.cos(turn)) for turn in np.arange(6) * 4 * np.pi / 5])
    boxes = np.array([(0, 0), (1, 0.05), (0.95, 1), (0.02, 0.95), (0.05, 0.1), (0.85, 0.15), (0.8, 0.85), (0.15, 0.8)])
    shape = leaf.pick((spiral, zigzag, star, boxes))
    leaf.pen([shape + random.normal(0, 0.01, shape.shape)], x, y, size, float(random.uniform(0.7, 1.5)))


def show_of_next_page(leaf: Leaf, x: float, y: float) -> None:
    """A page below thin paper: not mirrored, paler and softer."""
    below = Leaf(leaf.random, leaf.fonts, leaf.display, leaf.hands, leaf.strokes)
    outlined_head(below, x, y + 60)
    below.pen(leaf.strokes.note(leaf.random), x, y, 14, 1.3)
    soft = cv2.GaussianBlur(below.image, (0, 0), float(leaf.random.uniform(1.5, 3)))
    share = float(leaf.random.uniform(0.12, 0.3))
    leaf.image[:] = np.clip(leaf.image - (250 - soft.astype(np.float32)) * share, 0, 255).astype(np.uint8)


def closing(leaf: Leaf, x: float, y: float) -> None:
    """The end of a letter that was not signed, with a date and a remark by hand."""
    leaf.type(
        leaf.pick(("Yours faithfully,", "Sincerely,", "Kind regards,", "Very truly yours,")), x, y + 12, 7, "tinos"
    )
    leaf.type(leaf.name(), x, y + 62, 7, "tinos")
    if leaf.random.random() < 0.6:
        leaf.line((x, y + 52), (x + 130, y + 52), 0.5)
    hand = leaf.font_hand()
    leaf.write(leaf.date(), x + 150, y + 50, 8, hand)
    if leaf.random.random() < 0.5:
        leaf.write(leaf.words(2), x + 120, y + 85, float(leaf.random.uniform(8, 12)), hand)


MORE = {
    thing.__name__: thing
    for thing in (
        *(outlined_head, invitation, ring_chart, trace, postmark, card_lines, letter_by_hand, sums_by_hand, sticker),
        *(music, guilloche, spoilt_paper, marked_rows, free_sketch, show_of_next_page, closing),
    )
}
