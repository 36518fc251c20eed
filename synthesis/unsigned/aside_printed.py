"""Printed, stamped, laid or spilt on a page and no signature: nothing of the model is chosen on them."""

from __future__ import annotations

import cv2
import numpy as np

from synthesis.fonts import UNSIGNED_SCRIPTS_ASIDE
from synthesis.forms import form_words
from synthesis.unsigned.leaf import WIDTH, Leaf

_TURN = np.linspace(0, 2 * np.pi, 120)


def line_network(leaf: Leaf, x: float, y: float) -> None:
    """Lines of a railway with stops and their names."""
    for _ in range(int(leaf.random.integers(2, 5))):
        corners = np.array((x, y + float(leaf.random.uniform(0, 90)))) + np.cumsum(
            leaf.random.choice((0, 14, 30), (5, 2)) * (1, leaf.random.choice((-0.5, 0.5))), axis=0
        )
        leaf.curve(corners, float(leaf.random.uniform(1.5, 3)), int(leaf.random.integers(40, 150)))
        for stop in corners:
            leaf.circle((float(stop[0]), float(stop[1])), 2.6, 0, 250)
            leaf.circle((float(stop[0]), float(stop[1])), 2.6, 0.8, 20)
            leaf.type(leaf.pick(form_words.STREETS), float(stop[0]) + 4, float(stop[1]) - 3, 3.6, "open-sans")


def cut_barcode(leaf: Leaf, x: float, y: float) -> None:
    """Bars that the edge of the page cuts, with figures below."""
    left = (
        WIDTH - float(leaf.random.uniform(20, 90))
        if leaf.random.random() < 0.6
        else -float(leaf.random.uniform(10, 60))
    )
    high = float(leaf.random.uniform(25, 60))
    for wide, gap in zip(leaf.random.integers(1, 5, 40) * 0.7, leaf.random.integers(1, 5, 40) * 0.7, strict=True):
        leaf.fill(np.array([(left, y), (left + wide, y), (left + wide, y + high), (left, y + high)]), 20)
        left += wide + gap
    leaf.type(
        "".join(str(n) for n in leaf.random.integers(0, 10, 12)),
        max(4.0, min(left - 110, WIDTH - 90)),
        y + high + 9,
        5.5,
        "cousine",
    )


def leaf_of_a_tree(leaf: Leaf, x: float, y: float) -> None:
    """A plant in a book: stalk, leaves in outline, veins."""
    size, root = float(leaf.random.uniform(60, 120)), np.array((x + 60, y + 125))
    for number in range(int(leaf.random.integers(2, 5))):
        turn = float(leaf.random.uniform(-1.1, 1.1))
        axis = np.array((np.sin(turn), -np.cos(turn)))
        side = np.array((axis[1], -axis[0]))
        along = np.linspace(0, 1, 40)[:, None]
        half = 0.22 * np.sin(np.pi * along) ** 0.8
        for sign in (-1, 1):
            leaf.curve(root + size * (along * axis + sign * half * side), 0.8, 60)
        leaf.curve(root + size * (along * axis), 0.6, 60)
        for place in np.linspace(0.2, 0.8, 5):
            vein = np.array([place * axis, (place + 0.12) * axis + side * 0.15 * (-1) ** number])
            leaf.curve(root + size * vein, 0.4, 90)


def monogram(leaf: Leaf, x: float, y: float) -> None:
    """Two letters of script in one another, some in a wreath, with names and a day below."""
    face, size = leaf.pick(UNSIGNED_SCRIPTS_ASIDE), float(leaf.random.uniform(28, 55))
    one, other = leaf.name()[0], leaf.name()[0]
    leaf.type(one, x + 10, y + 1.2 * size, size, face)
    leaf.type(leaf.pick(("&", "+", "")), x + 10 + 0.7 * size, y + 1.25 * size, 0.4 * size, face)
    leaf.type(other, x + 10 + 0.9 * size, y + 1.4 * size, size, face)
    if leaf.random.random() < 0.5:
        for turn in np.arange(0, 6.2, 0.25):
            at = np.array((x + 10 + 0.9 * size, y + 0.9 * size)) + 1.25 * size * np.array((np.cos(turn), np.sin(turn)))
            leaf.circle((float(at[0]), float(at[1])), 1.4, 0, 90)
    leaf.type(leaf.date(), x + 20, y + 2.2 * size, 6, "lora")


def bottle_label(leaf: Leaf, x: float, y: float) -> None:
    """A framed label: a house's name in script, what it is in capitals, a year."""
    wide, high = float(leaf.random.uniform(130, 200)), float(leaf.random.uniform(90, 125))
    for inset in (0, 4):
        leaf.curve(
            np.array(
                [
                    (x + inset, y + inset),
                    (x + wide - inset, y + inset),
                    (x + wide - inset, y + high - inset),
                    (x + inset, y + high - inset),
                ]
            ),
            0.8,
            60,
            closed=True,
        )
    leaf.type(
        leaf.pick(("Chateau ", "Villa ", "Casa ")) + leaf.pick(form_words.LAST),
        x + 14,
        y + 0.4 * high,
        float(leaf.random.uniform(10, 16)),
        leaf.pick((*UNSIGNED_SCRIPTS_ASIDE, leaf.display_face())),
    )
    leaf.type(leaf.pick(("GRAND VIN", "RESERVE", "OLIVE OIL", "CIDER")), x + 0.3 * wide, y + 0.62 * high, 5, "lora")
    leaf.type(str(leaf.random.integers(1950, 2024)), x + 0.42 * wide, y + 0.86 * high, 8, "playfair-display")


def notary_stamp(leaf: Leaf, x: float, y: float) -> None:
    """A ring of teeth with words along it, tilted and unevenly inked."""
    radius, middle = float(leaf.random.uniform(32, 52)), np.array((x + 55, y + 60))
    teeth = 1 + 0.04 * np.sign(np.sin(24 * np.linspace(0, 2 * np.pi, 480)))
    rim = np.column_stack([np.cos(np.linspace(0, 2 * np.pi, 480)), np.sin(np.linspace(0, 2 * np.pi, 480))])
    leaf.curve(middle + radius * teeth[:, None] * rim, 1.0, 90, closed=True)
    leaf.circle((float(middle[0]), float(middle[1])), 0.66 * radius, 0.7, 90)
    text = leaf.pick(("NOTARY PUBLIC STATE OF", "COURT OF APPEAL SEAL", "CITY REGISTRY OFFICE"))
    for number, sign in enumerate(text):
        turn = 2 * np.pi * number / len(text)
        at = middle + 0.78 * radius * np.array((np.sin(turn), -np.cos(turn)))
        leaf.type(sign, float(at[0]) - 2, float(at[1]) + 2, 4.5, "roboto")
    leaf.type(leaf.pick(("SEAL", "1987", "No. 12")), float(middle[0]) - 14, float(middle[1]) + 4, 8, "tinos")


def highlighter(leaf: Leaf, x: float, y: float) -> None:
    """Bars of a text marker over print, with frayed ends, some twice over."""
    for row in range(6):
        wide = leaf.type(leaf.words(6), x, y + 14 + 17 * row, 6.5, "roboto")
        if leaf.random.random() < 0.6:
            along = np.linspace(0, 1, 30)
            start, reach = float(leaf.random.uniform(0, 0.5)) * wide, float(leaf.random.uniform(0.3, 0.6)) * wide
            upper = y + 5 + 17 * row + leaf.random.normal(0, 0.4, 30) + 3 * along * float(leaf.random.normal(0, 1))
            bar = np.vstack(
                [
                    np.column_stack([x + start + along * reach, upper]),
                    np.column_stack([x + start + along * reach, upper + 11])[::-1],
                ]
            )
            layer = leaf.image.copy()
            pixels = np.rint(bar * leaf.scale).astype(np.int32).reshape(-1, 1, 2)
            cv2.fillPoly(layer, [pixels], (int(leaf.random.integers(60, 190)), 235, 245), cv2.LINE_AA)
            leaf.image[:] = np.minimum(leaf.image, layer)


def punched(leaf: Leaf, x: float, y: float) -> None:
    """Holes with a shade at one side, a staple, a paper clip that lay on the glass."""
    for number in range(2):
        place = 24.0, y + 40 + 110 * number
        leaf.circle(place, 8, 0, int(leaf.random.integers(20, 120)))
        leaf.circle((place[0] + 1.5, place[1] + 1.5), 8, 0, int(leaf.random.integers(150, 240)))
    leaf.line((x, y + 10), (x + 22, y + 10 + float(leaf.random.normal(0, 4))), 1.2, 60)
    leaf.line((x + 1, y + 12), (x + 22, y + 13), 1.0, 190)
    bend = np.linspace(0, np.pi, 16)
    clip = np.vstack(
        [
            (0, 30),
            (0, 6),
            *np.column_stack([5 - 5 * np.cos(bend), 6 - 5 * np.sin(bend)]),
            (10, 40),
            *np.column_stack([6.5 + 3.5 * np.cos(bend), 40 + 3.5 * np.sin(bend)]),
            (3, 12),
            *np.column_stack([5 - 2 * np.cos(bend), 12 - 2 * np.sin(bend)]),
            (7, 34),
        ]
    )
    turn = float(leaf.random.uniform(-1.5, 1.5))
    turned = 1.3 * clip @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    for shift, grey in (((1.5, 1.5), 195), ((0, 0), 70)):
        leaf.curve(turned + np.array((x + 80, y + 45)) + shift, 1.1, grey)


def coffee(leaf: Leaf, x: float, y: float) -> None:
    """Rings of a cup, broken and darker at one side, with a run and drops."""
    for _ in range(int(leaf.random.integers(1, 3))):
        centre, radius = leaf.random.uniform((x + 20, y + 20), (x + 120, y + 80)), float(leaf.random.uniform(26, 45))
        for start in np.arange(0, 2 * np.pi, 0.12):
            if leaf.random.random() < 0.85:
                arc = np.linspace(start, start + 0.14, 6)
                rim = centre + (radius + float(leaf.random.normal(0, 0.5))) * np.column_stack(
                    [np.cos(arc), np.sin(arc)]
                )
                leaf.curve(
                    rim,
                    float(leaf.random.uniform(0.8, 3)),
                    int(150 + 60 * np.sin(start + 1) + leaf.random.integers(0, 30)),
                )
        down = np.linspace(0, float(leaf.random.uniform(20, 80)), 30)
        leaf.curve(np.column_stack([centre[0] + 3 * np.sin(down / 17), centre[1] + radius + down]), 1.4, 175)


def smudge(leaf: Leaf, x: float, y: float) -> None:
    """The ridges of a finger that left ink on the paper, without a box around them."""
    side = int(leaf.random.integers(90, 150))
    rows, columns = np.mgrid[-1 : 1 : complex(side), -0.75 : 0.75 : complex(round(0.75 * side))]
    swirl = columns**2 + 0.7 * (rows + 0.3 * np.sin(2 * columns)) ** 2
    ridges = 0.5 + 0.5 * np.sin(np.sqrt(swirl) * float(leaf.random.uniform(35, 55)) + 2 * np.arctan2(rows, columns))
    patches = cv2.resize(
        leaf.random.uniform(0, 1.2, (6, 5)).astype(np.float32), ridges.shape[::-1], interpolation=cv2.INTER_CUBIC
    )
    cover = np.clip((ridges > 0.5) * patches * (swirl < 0.55), 0, 0.8).astype(np.float32)
    leaf.lay(cv2.GaussianBlur(cover, (0, 0), 0.7), leaf.at(x, y), leaf.ink)


def folds_and_tape(leaf: Leaf, x: float, y: float) -> None:
    """Creases across and down, and a strip of tape with pale edges."""
    for level in (y, y + 110):
        along = np.linspace(0, WIDTH, 200)
        leaf.curve(
            np.column_stack([along, level + np.cumsum(leaf.random.normal(0, 0.1, 200))]),
            0.7,
            int(leaf.random.integers(120, 215)),
        )
    strip = np.array([(0, 0), (90, 6), (88, 30), (-2, 24)]) + np.array((x, y + 30))
    leaf.fill(strip, int(leaf.random.integers(215, 240)))
    rag = np.column_stack([90 + leaf.random.normal(0, 1.5, 12), np.linspace(6, 30, 12)]) + np.array((x, y + 30))
    leaf.curve(rag, 0.8, 150)
    leaf.curve(strip, 0.5, 190, closed=True)


def drop_capital(leaf: Leaf, x: float, y: float) -> None:
    """A tall first letter of display type with a flourish, running text beside it."""
    size = float(leaf.random.uniform(26, 46))
    wide = leaf.type(leaf.name()[0], x, y + size + 4, size, leaf.pick((leaf.display_face(), *UNSIGNED_SCRIPTS_ASIDE)))
    for row in range(4):
        leaf.type(leaf.words(5), x + wide + 8, y + 10 + 12 * row, 5.5, "lora")
    turns = np.linspace(0, 2.5 * np.pi, 60)
    curl = np.column_stack([turns * 6, 7 * np.cos(turns) * np.exp(-turns / 6)])
    leaf.curve(curl + np.array((x, y + size + 16)), 0.9, 50)


def numbering(leaf: Leaf, x: float, y: float) -> None:
    """The number of a machine and a stamp of arrival in a frame with dashes, both tilted, over print."""
    layer = np.zeros((260, 520), np.uint8)
    cv2.putText(
        layer, f"No {leaf.random.integers(10**5):06}", (30, 90), cv2.FONT_HERSHEY_DUPLEX, 2.0, 255, 5, cv2.LINE_AA
    )
    cv2.putText(layer, leaf.date().upper(), (60, 190), cv2.FONT_HERSHEY_COMPLEX, 1.4, 255, 4, cv2.LINE_AA)
    for left in range(10, 500, 40):
        cv2.line(layer, (left, 225), (left + 22, 225), 255, 5)
        cv2.line(layer, (left, 20), (left + 22, 20), 255, 5)
    turn = cv2.getRotationMatrix2D((260, 130), float(leaf.random.normal(0, 8)), 0.8)
    cover = cv2.warpAffine(layer, turn, (520, 260)).astype(np.float32) / 255
    small = cv2.resize(cover, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    patches = cv2.resize(leaf.random.uniform(0.3, 1.3, (4, 7)).astype(np.float32), small.shape[::-1])
    leaf.lay(np.clip(small * patches, 0, 1).astype(np.float32), leaf.at(x, y), leaf.ink)


ASIDE_PRINTED = {
    thing.__name__: thing
    for thing in (
        *(line_network, cut_barcode, leaf_of_a_tree, monogram, bottle_label, notary_stamp, highlighter, punched),
        *(coffee, smudge, folds_and_tape, drop_capital, numbering),
    )
}
