"""Things drawn by other means than all others, that nothing of the model is chosen on: they measure it."""

from __future__ import annotations

import cv2
import numpy as np

from synthesis.unsigned.leaf import WIDTH, Leaf

_TURN = np.linspace(0, 2 * np.pi, 120)


def valley(leaf: Leaf, x: float, y: float) -> None:
    """Lines of height that run in from one side and out at the other, with a brook and heights."""
    along, count = np.linspace(0, 1, 90), int(leaf.random.integers(4, 9))
    phase, size = leaf.random.uniform(0, 6, 3), float(leaf.random.uniform(110, 220))
    for line in range(count):
        bend = 0.18 * np.sin(4 * along + phase[0]) + 0.09 * np.sin(9 * along + phase[1] + 0.3 * line)
        leaf.curve(np.column_stack([x + size * along, y + size * (0.5 * line / count + 0.3 * bend) + 20]), 0.7, 70)
        leaf.type(str(200 + 20 * line), x + size * 0.8, y + size * 0.5 * line / count + 24, 4, "roboto")


def laurel(leaf: Leaf, x: float, y: float) -> None:
    """Two branches with leaves around a figure."""
    size = float(leaf.random.uniform(28, 50))
    middle = np.array((x + size, y + size))
    for side in (-1, 1):
        turns = np.linspace(0.15, 2.6, 30)
        leaf.curve(middle + size * np.column_stack([side * np.sin(turns), np.cos(turns)]), 0.8)
        for turn in turns[::3]:
            root = middle + size * np.array((side * np.sin(turn), np.cos(turn)))
            for out in (0.78, 1.22):
                tip = middle + size * out * np.array((side * np.sin(turn + 0.22), np.cos(turn + 0.22)))
                bow = (root + tip) / 2 + (tip - root)[::-1] * (0.3, -0.3)
                leaf.curve(np.vstack([root, bow, tip]), 0.7, closed=True)
    leaf.type(leaf.pick(("25", "1st", "100")), x + 0.68 * size, y + 1.2 * size, 0.4 * size, leaf.display_face())


def name_seal(leaf: Leaf, x: float, y: float) -> None:
    """A square seal with strokes in cells, as names are stamped in East Asia."""
    side = float(leaf.random.uniform(24, 46))
    leaf.curve(np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side)]), 2.0, 70, closed=True)
    for cell in range(4):
        corner = np.array((x, y)) + side * (0.1 + 0.42 * np.array((cell % 2, cell // 2)))
        for _ in range(int(leaf.random.integers(4, 7))):
            start, end = corner + 0.38 * side * leaf.random.random((2, 2))
            end = np.where(leaf.random.random() < 0.5, (end[0], start[1]), (start[0], end[1]))
            leaf.curve(np.vstack([start, end]), 1.5, 70)


def scratched_out(leaf: Leaf, x: float, y: float) -> None:
    """A line of print of which a word was made unreadable with a pen."""
    width = leaf.type(leaf.words(6), x, y + 20, 7, "tinos")
    start, turns = x + float(leaf.random.uniform(0.1, 0.5)) * width, np.linspace(0, 44, 260)
    loops = np.column_stack(
        [turns * 1.1 + 4 * np.cos(turns * 2), 5 * np.sin(turns * 2) + leaf.random.normal(0, 0.4, 260)]
    )
    leaf.pen([loops], start, y + 12, 1.0, 1.1)


def perforation(leaf: Leaf, x: float, y: float) -> None:
    """The edge of a slip that was torn off along holes, with its shadow."""
    along = np.linspace(0, WIDTH, 400)
    rag = y + 2.2 * np.abs(np.sin(along / 3)) + 0.02 * (along - x) + leaf.random.normal(0, 0.25, 400)
    leaf.curve(np.column_stack([along, rag]), 0.9, 110)


def dog_ear(leaf: Leaf, x: float, y: float) -> None:
    """A corner folded over, or a tear from the edge inwards."""
    size = float(leaf.random.uniform(40, 110))
    leaf.fill(np.array([(WIDTH, y), (WIDTH - size, y), (WIDTH, y + size)]), 205)
    rag = np.column_stack([np.linspace(0, size, 30), y + 0.8 * size + np.cumsum(leaf.random.normal(0, 1.4, 30))])
    leaf.curve(rag, 0.8, 90)


def ornament(leaf: Leaf, x: float, y: float) -> None:
    """A divider of flourishes between two parts of a text."""
    turns, middle = np.linspace(0, 3.6 * np.pi, 140), np.array((x + 120, y + 30))
    for side in (-1, 1):
        radius = 16 * np.exp(-turns / 5)
        spiral = np.column_stack([side * (26 + 1.2 * radius * np.cos(turns)), radius * np.sin(turns)])
        leaf.curve(middle + spiral, 1.1)
        leaf.curve(middle + np.array([(side * 45, 0), (side * 80, -4), (side * 115, 0)]), 1.0)
    leaf.circle((x + 120, y + 30), 2.2, 0)


def family_tree(leaf: Leaf, x: float, y: float) -> None:
    """Names by hand, joined by lines."""
    hand = leaf.font_hand()
    for row in range(3):
        for number in range(2**row):
            left = x + (number + 0.5) * 240 / 2**row
            leaf.write(leaf.name().split()[0], left - 14, y + 20 + 42 * row, 7, hand)
            if row:
                leaf.line((left, y + 12 + 42 * row), (x + (number // 2 + 0.5) * 480 / 2**row, y + 26 + 42 * (row - 1)))


def void_line(leaf: Leaf, x: float, y: float) -> None:
    """Where one should sign, with a dash or a remark that nobody does."""
    leaf.line((x, y + 50), (x + 200, y + 50), 0.6)
    leaf.type(leaf.pick(("Signature", "Signature of applicant")), x, y + 60, 5, "arimo")
    if leaf.random.random() < 0.5:
        leaf.pen([np.array([(0, 2), (40, 0), (90, 3)])], x + 40, y + 38, 1.0, 1.2)
    else:
        leaf.write(leaf.pick(("n/a", "not needed", "see page 2", "void")), x + 40, y + 44, 10, leaf.font_hand())


def watermark(leaf: Leaf, x: float, y: float) -> None:
    """A large word in outline across the page, behind the rest."""
    height, width = leaf.image.shape[:2]
    layer = np.zeros((height, width), np.uint8)
    word = leaf.pick(("COPY", "DRAFT", "VOID", "Specimen"))
    cv2.putText(layer, word, (width // 6, height // 2), cv2.FONT_HERSHEY_TRIPLEX, 8, 255, 30, cv2.LINE_AA)
    outline = cv2.morphologyEx(layer, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    turned = cv2.warpAffine(outline, cv2.getRotationMatrix2D((width / 2, height / 2), 35, 1.0), (width, height))
    leaf.image[:] = np.minimum(
        leaf.image, 255 - (turned[:, :, None] * float(leaf.random.uniform(0.2, 0.5))).astype(np.uint8)
    )


def route(leaf: Leaf, x: float, y: float) -> None:
    """How to get somewhere, drawn with a pen: two roads, a cross where it is, a north arrow."""
    along = np.linspace(0, 1, 40)
    for number in range(2):
        bend = 14 * np.sin(4 * along + leaf.random.uniform(0, 6))
        road = np.column_stack([180 * along, bend]) if number else np.column_stack([bend, 80 * along])
        leaf.pen([road], x + (0 if number else 80), y + (40 if number else 10), 1.0, 1.1)
    leaf.pen([np.array([(0, 0), (9, 9)]), np.array([(9, 0), (0, 9)])], x + 120, y + 20, 1.0, 1.3)
    leaf.pen([np.array([(5, 30), (5, 0), (0, 8)]), np.array([(5, 0), (10, 8)])], x + 190, y + 10, 1.0, 1.1)
    leaf.write("N", x + 200, y + 22, 7, leaf.font_hand())


def splash(leaf: Leaf, x: float, y: float) -> None:
    """Drops of ink with runs."""
    for _ in range(int(leaf.random.integers(3, 9))):
        centre, radius = leaf.random.uniform((x, y), (x + 160, y + 90)), float(leaf.random.uniform(1.5, 9))
        rim = radius * (1 + 0.25 * np.sin(5 * _TURN + leaf.random.uniform(0, 6)) * leaf.random.random())
        leaf.fill(centre + rim[:, None] * np.column_stack([np.cos(_TURN), np.sin(_TURN)]), 60)
        leaf.curve(np.vstack([centre, centre + leaf.random.uniform((-6, 4), (6, 40))]), 1.2, 60)


KEPT_ASIDE = {
    thing.__name__: thing
    for thing in (
        *(valley, laurel, name_seal, scratched_out, perforation, dog_ear, ornament, family_tree, void_line),
        *(watermark, route, splash),
    )
}
