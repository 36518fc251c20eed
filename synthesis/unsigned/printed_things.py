"""Printed things that may be taken for signatures: type that swings, drawings, charts, stamps, what shines through."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from synthesis.filled.writing import Printer, UnwritableError
from synthesis.forms import form_words
from synthesis.sheet import Pixels
from synthesis.unsigned.leaf import WIDTH, Leaf

_FIRMS = ("& Sons", "Bakery", "Consulting", "Gallery", "Hotel", "Trust", "Studio", "Wines", "Florist", "Partners")


def letterhead(leaf: Leaf, x: float, y: float) -> None:
    """The name of a firm in display type."""
    size = float(leaf.random.uniform(14, 34))
    wide = leaf.type(f"{leaf.pick(form_words.LAST)} {leaf.pick(_FIRMS)}", x, y + size, size, leaf.display_face())
    if leaf.random.random() < 0.5:
        leaf.line((x, y + 1.5 * size), (x + wide, y + 1.5 * size), 1.2)


def slogan(leaf: Leaf, x: float, y: float) -> None:
    """A line in a script face, as at the foot of an advertisement."""
    text = leaf.pick(("Thank you!", "With love", "Since 1904", "Merry Christmas", "Welcome home", "Get well soon"))
    leaf.type(text, x, y + 30, float(leaf.random.uniform(12, 30)), leaf.display_face())


def pie_chart(leaf: Leaf, x: float, y: float) -> None:
    """A pie, flat or lying, with slices in tones or in outline, some with labels."""
    random, radius = leaf.random, float(leaf.random.uniform(28, 70))
    flat = float(random.choice((1.0, 1.0, 0.45)))
    turns = np.concatenate([[0], np.sort(random.uniform(0, 2 * np.pi, int(random.integers(2, 7)))), [2 * np.pi]])
    middle = np.array((x + radius, y + radius))
    filled = random.random() < 0.6
    for first, last in pairwise(turns):
        arc = np.linspace(first, last, 40)
        rim = middle + radius * np.column_stack([np.cos(arc), flat * np.sin(arc)])
        out = np.array((np.cos(arc.mean()), flat * np.sin(arc.mean()))) * (
            radius * 0.12 if random.random() < 0.2 else 0
        )
        slice_ = np.vstack([middle, rim]) + out
        if filled:
            leaf.fill(slice_, int(random.integers(40, 230)))
        leaf.curve(slice_, 0.9, 40, closed=True)
        if random.random() < 0.4:
            place = middle + 1.15 * radius * np.array((np.cos(arc.mean()), flat * np.sin(arc.mean())))
            leaf.type(f"{random.uniform(1, 60):.0f} %", float(place[0]), float(place[1]), 5.5, "roboto")


def stamp(leaf: Leaf, x: float, y: float) -> None:
    """A ring or a frame with words and a date, tilted, inked unevenly."""
    random, side = leaf.random, 240
    layer = np.zeros((side, round(side * float(random.choice((1.0, 1.0, 1.9)))), 1), np.uint8)[:, :, 0]
    high, wide = layer.shape
    if wide == high:
        for radius in (112, 74)[: int(random.integers(1, 3))]:
            cv2.circle(layer, (120, 120), radius, 255, int(random.integers(3, 8)), cv2.LINE_AA)
    else:
        cv2.rectangle(layer, (8, 30), (wide - 9, high - 31), 255, int(random.integers(3, 8)))
    for row, text in enumerate((leaf.pick(("RECEIVED", "PAID", "COPY", "APPROVED", "ENTERED")), leaf.date().upper())):
        _centred(layer, leaf, text, row)
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), float(random.normal(0, 14)), 0.8)
    turned = cv2.warpAffine(layer, turn, (wide, high))
    patches = cv2.resize(random.uniform(0.3, 1.3, (7, 9)).astype(np.float32), (wide, high))
    size = float(random.uniform(55, 110)) * leaf.scale / high
    cover = cv2.resize(turned.astype(np.float32) / 255 * patches, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    leaf.lay(np.clip(cover, 0, 1).astype(np.float32), leaf.at(x, y), leaf.ink)


def logo(leaf: Leaf, x: float, y: float) -> None:
    """A monogram, a shape of several curves, or stripes, some with a name beside it."""
    random, size = leaf.random, float(leaf.random.uniform(30, 70))
    kind, turns = int(random.integers(4)), np.linspace(0, 2 * np.pi, 90)
    middle = np.array((x + size / 2, y + size / 2))
    if kind == 0:
        for letter in leaf.pick(form_words.LAST)[:2].upper():
            leaf.type(letter, x + float(random.uniform(-4, 10)), y + size, size * 0.8, leaf.display_face())
    elif kind == 1:
        petals, depth = int(random.integers(3, 9)), float(random.uniform(0.2, 0.9))
        radius = size / 2 * (1 - depth * np.sin(petals / 2 * turns) ** 2)
        rim = middle + radius[:, None] * np.column_stack([np.cos(turns), np.sin(turns)])
        leaf.fill(rim, 60) if random.random() < 0.5 else leaf.curve(rim, 1.4, closed=True)
    elif kind == 2:
        for wave in range(int(random.integers(2, 5))):
            across = np.linspace(0, 1.6 * size, 50)
            rise = 0.2 * size * np.sin(across / size * float(random.uniform(2, 6))) + wave * 0.2 * size
            leaf.curve(np.column_stack([x + across, y + rise]), float(random.uniform(1, 3.5)), 60)
    else:
        leaf.curve(np.array([(x, y + size), (x + size / 2, y), (x + size, y + size)]), 2.5, closed=True)
        leaf.curve(np.array([(x + 6, y + size), (x + size / 3, y + size / 2), (x + size, y + size / 4)]), 2.0)
    if random.random() < 0.6:
        leaf.type(leaf.pick(form_words.LAST), x + 1.3 * size, y + 0.7 * size, 0.35 * size, leaf.display_face())


def machine_readable(leaf: Leaf, x: float, y: float) -> None:
    """The last lines of a passport or card."""
    name = "<".join(leaf.name().upper().split())
    lines = (
        f"P<UTO{name}<<".ljust(44, "<"),
        f"L898902C<3UTO6908061F{leaf.random.integers(10**6):06}<<<<<<<8".ljust(44, "<"),
    )
    size = float(leaf.random.uniform(5.5, 8.5))
    for row, line in enumerate(lines):
        leaf.type(
            line[: int((WIDTH - 45) / (size * 0.95))],
            40,
            y + 2.6 * size * row,
            size,
            leaf.pick(("cousine", "share-tech-mono")),
        )


def shows_through(leaf: Leaf, x: float, y: float) -> None:
    """The other side of the page, written and signed, seen from behind."""
    back = Leaf(leaf.random, leaf.fonts, leaf.display, leaf.hands, leaf.strokes)
    back.pen(leaf.strokes.signature(leaf.random), x, y, float(leaf.random.uniform(16, 30)), 1.4)
    back.pen(leaf.strokes.sheet(leaf.random), x - 60, y + 80, 12, 1.2)
    seen = cv2.GaussianBlur(np.ascontiguousarray(back.image[:, ::-1]), (0, 0), float(leaf.random.uniform(1.0, 2.5)))
    share = float(leaf.random.uniform(0.12, 0.34))
    leaf.image[:] = np.clip(leaf.image - (250 - seen.astype(np.float32)) * share, 0, 255).astype(np.uint8)


def street_map(leaf: Leaf, x: float, y: float) -> None:
    """Roads, a river and names of places."""
    random = leaf.random
    wide, high = float(random.uniform(140, 260)), float(random.uniform(90, 180))
    leaf.curve(np.array([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]), 0.6, closed=True)
    for width in (3.0, 2.0, *([0.8] * int(random.integers(4, 12)))):
        along = np.linspace(0, 1, 24)
        start, end = random.uniform(0, 1, 2), random.uniform(0, 1, 2)
        bend = 0.2 * np.sin(along * float(random.uniform(2, 8)) + float(random.uniform(0, 6)))
        path = np.column_stack([start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1]) + bend])
        leaf.curve(np.clip(path, 0, 1) * (wide, high) + (x, y), width, int(random.integers(30, 160)))
    for _ in range(int(random.integers(1, 5))):
        place = random.uniform(0.05, 0.7, 2) * (wide, high) + (x, y)
        leaf.type(leaf.pick(form_words.STREETS), float(place[0]), float(place[1]), 5.0, "open-sans")


def floor_plan(leaf: Leaf, x: float, y: float) -> None:
    """Walls, doors and measures."""
    random, size = leaf.random, float(leaf.random.uniform(90, 170))
    for _ in range(int(random.integers(3, 7))):
        one, other = random.uniform(0, 1, 2), random.uniform(0, 1, 2)
        corners = np.array([(one[0], one[1]), (other[0], one[1]), (other[0], other[1]), (one[0], other[1])])
        leaf.curve(corners * size + (x, y), 1.6, closed=True)
        swing = np.linspace(0, np.pi / 2, 14)
        leaf.curve(corners[0] * size + (x, y) + 0.15 * size * np.column_stack([np.cos(swing), np.sin(swing)]), 0.6)
    leaf.line((x, y + size + 8), (x + size, y + size + 8), 0.5)
    leaf.type(f"{random.uniform(2, 9):.2f}", x + size / 3, y + size + 6, 5.0, "roboto")


PRINTED = {
    "letterhead": letterhead,
    "slogan": slogan,
    "pie_chart": pie_chart,
    "stamp": stamp,
    "logo": logo,
    "machine_readable": machine_readable,
    "shows_through": shows_through,
    "street_map": street_map,
    "floor_plan": floor_plan,
}


def _centred(layer: Pixels, leaf: Leaf, text: str, row: int) -> None:
    try:
        cover = Printer(leaf.fonts, "arimo").write(text, 30, leaf.random).cover
    except UnwritableError:
        return
    high, wide = layer.shape
    scale = min(1.0, 0.55 * wide / cover.shape[1])
    small = cv2.resize(cover, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = high // 2 - 34 + 38 * row, (wide - small.shape[1]) // 2
    part = layer[top : top + small.shape[0], left : left + small.shape[1]]
    np.maximum(part, (small * 255).astype(np.uint8)[: part.shape[0], : part.shape[1]], out=part)
