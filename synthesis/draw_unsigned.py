"""Draws pages that nobody signed: `python -m synthesis.draw_unsigned --data DIR --fonts DIR --out DIR`.

An evaluation folder of the usual format, its subsets named after what is on the pages. Two sets: things that choices
may be made on, and, with `--aside`, things drawn by other means, in other faces and hands and by other writers, that
nothing may be chosen on. With `--signed` each page bears a signature as well: what rules things out must leave it.
With `--unusual` a page bears nothing but a signature of a kind that is easily missed. `--thing` draws one thing
alone, and may be given again.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from synthesis.filled.writing import FontHand
from synthesis.fonts import (
    TEST_SIGNATURE_HANDS,
    UNSIGNED_DISPLAY,
    UNSIGNED_DISPLAY_ASIDE,
    UNSIGNED_HANDS,
    UNSIGNED_HANDS_ASIDE,
    FontFolder,
    FontsMissingError,
)
from synthesis.ink.pen_strokes import Part
from synthesis.ink.signature_hand import SignatureHand
from synthesis.ink.signature_ink import PhotographedNames, fitted
from synthesis.sheet import Pixels, Sheet, new_sheet
from synthesis.unsigned.aside_by_hand import ASIDE_BY_HAND
from synthesis.unsigned.aside_marks import ASIDE_MARKS
from synthesis.unsigned.aside_printed import ASIDE_PRINTED
from synthesis.unsigned.few_strokes import FEW_STROKES
from synthesis.unsigned.grounds import GROUNDS, Zone
from synthesis.unsigned.kept_aside import KEPT_ASIDE
from synthesis.unsigned.leaf import DPI, WIDTH, Leaf
from synthesis.unsigned.more_things import MORE
from synthesis.unsigned.once_aside import ONCE_ASIDE
from synthesis.unsigned.printed_things import PRINTED
from synthesis.unsigned.unusual_signatures import UNUSUAL
from synthesis.unsigned.written_things import WRITTEN
from synthesis.wear import degrade

Box = tuple[float, float, float, float]
Draw = Callable[[Leaf, float, float], Box | None]
"""Answers where the thing is a signature, in points."""
_WEARS = (None, degrade.scan, degrade.scan, degrade.scan, degrade.photocopy, degrade.fax, degrade.photograph)
_CHOSEN_ON: Mapping[str, Draw] = {**PRINTED, **WRITTEN, **MORE, **ONCE_ASIDE, **FEW_STROKES}
_ASIDE: Mapping[str, Draw] = {**KEPT_ASIDE, **ASIDE_MARKS, **ASIDE_BY_HAND, **ASIDE_PRINTED}
_LOWEST = 640.0
"""Of the upper edge of what is drawn, in points."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page, and where it was signed, if it was, in pixels."""

    name: str
    thing: str
    pixels: Pixels
    signed: tuple[int, int, int, int] | None


class UnsignedPages:
    """Draws pages of one of both sets. Raises OSError, FontsMissingError."""

    def __init__(self, data: Path, fonts: FontFolder, *, aside: bool, unusual: bool = False) -> None:
        self._fonts, self._aside = fonts, aside
        part = Part.TEST if aside else Part.VALIDATION
        self._strokes = SignatureHand(data / "handwriting", part)
        names = data / "signatures" / "crossmedia_h96.npz"
        self._photographed = PhotographedNames(names, part) if names.is_file() else None
        self._display = UNSIGNED_DISPLAY_ASIDE if aside else UNSIGNED_DISPLAY
        self._hands = UNSIGNED_HANDS_ASIDE if aside else UNSIGNED_HANDS
        self.things: Mapping[str, Draw] = UNUSUAL if unusual else _ASIDE if aside else _CHOSEN_ON

    def draw(self, copies: int, *, signed: bool, things: Iterable[str] = ()) -> Iterator[Drawn]:
        """So many pages of each thing, or of those that are named."""
        for thing in things or self.things:
            for copy in range(copies):
                yield self.page(thing, copy, signed=signed)

    def page(self, thing: str, copy: int, *, signed: bool) -> Drawn:
        """One page; the same for the same arguments."""
        random = np.random.default_rng([zlib.crc32(thing.encode()), copy, int(signed)])
        leaf = Leaf(random, self._fonts, self._display, self._hands, self._strokes)
        x, y = float(random.uniform(60, 300)), float(random.uniform(60, _LOWEST))
        if thing in ("margin_note", "sticker") and random.random() < 0.5:
            x, y = float(random.choice((8, WIDTH - 130))), float(random.uniform(150, 700))
        free: Zone = (x - 8, y - 14, min(WIDTH, x + 300), y + 135)
        GROUNDS[int(random.integers(len(GROUNDS)))](leaf, free)
        sign = self.things[thing](leaf, x, y)
        if signed:
            sign = self._sign(leaf, y)
        wear = _WEARS[int(random.integers(len(_WEARS)))]
        sheet = new_sheet(leaf.image, DPI)
        if wear is None:
            sheet = sheet.after("grey", np.asarray(cv2.cvtColor(leaf.image, cv2.COLOR_BGR2GRAY)))
        else:
            sheet = wear(sheet, int(random.integers(2**31)))
        place = None if sign is None else _moved(sheet, sign)
        return Drawn(f"{thing}-{copy:02}{'-signed' if signed else ''}", thing, sheet.image, place)

    def _sign(self, leaf: Leaf, y: float) -> Box:
        """Somewhere free of the thing, on a line or not; answers the place in points."""
        random = leaf.random
        top = 700.0 if y < 520 else float(random.uniform(330, 400))
        left, size = float(random.uniform(60, 330)), float(np.exp(random.uniform(np.log(9), np.log(26))))
        (x0, y0), (x1, y1) = leaf.at(left - 12, top - 12), leaf.at(left + 210, top + 85)
        leaf.image[y0:y1, x0:x1] = 250
        before, kind = leaf.image.copy(), random.random()
        if kind < 0.6:
            leaf.pen(leaf.strokes.signature(random), left, top, size, float(random.uniform(0.8, 1.6)))
        elif kind < 0.8 and self._photographed is not None:
            cover = fitted(self._photographed.draw(random), 2.2 * size * leaf.scale)
            leaf.lay(cover, leaf.at(left, top), leaf.ink, by_hand=True)
        else:
            hand = FontHand(self._fonts, TEST_SIGNATURE_HANDS[int(random.integers(len(TEST_SIGNATURE_HANDS)))])
            leaf.write(leaf.name(), left, top + 30, 14, hand)
        ys, xs = np.nonzero(np.any(leaf.image != before, axis=2))
        around = random.random()
        if around < 0.2:
            frame = np.array(
                [(left - 8, top - 10), (left + 200, top - 10), (left + 200, top + 64), (left - 8, top + 64)]
            )
            leaf.curve(frame, 0.6, 80, closed=True)
        elif around < 0.7:
            leaf.line((left - 5, top + 45), (left + 180, top + 45), 0.6)
            leaf.type("Signature" if random.random() < 0.5 else leaf.name(), left, top + 56, 5, "arimo")
        return tuple(float(v) / leaf.scale for v in (xs.min(), ys.min(), xs.max(), ys.max()))  # type: ignore[return-value]


def write(pages: Iterator[Drawn], out: Path) -> int:
    """An evaluation folder; answers how many pages it has."""
    for folder in ("files", "truth"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    count = 0
    with (out / "index.csv").open("w", encoding="utf-8", newline="") as file:
        index = csv.writer(file, lineterminator="\n")
        index.writerow(("path", "label", "truth", "subset", "note"))
        for page in pages:
            boxes = [{"box": list(page.signed), "kind": "signature"}] if page.signed else []
            (out / "truth" / f"{page.name}.json").write_text(json.dumps({"boxes": boxes}), encoding="utf-8")
            cv2.imwrite(str(out / "files" / f"{page.name}.jpg"), page.pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
            index.writerow((f"files/{page.name}.jpg", len(boxes), f"truth/{page.name}.json", page.thing, ""))
            count += 1
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws, writes; answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--aside", action="store_true")
    parser.add_argument("--signed", action="store_true")
    parser.add_argument("--unusual", action="store_true")
    parser.add_argument("--thing", action="append", default=[], choices=(*_CHOSEN_ON, *_ASIDE, *UNUSUAL))
    given = parser.parse_args(arguments)
    try:
        pages = UnsignedPages(given.data, FontFolder(given.fonts), aside=given.aside, unusual=given.unusual)
        count = write(pages.draw(given.copies, signed=given.signed, things=given.thing), given.out)
    except (FontsMissingError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{count} pages in {given.out}\n")
    return 0


def _moved(sheet: Sheet, box: Box) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    corners = np.array([(left, top, 1), (right, top, 1), (right, bottom, 1), (left, bottom, 1)]) @ sheet.matrix.T
    places = corners[:, :2] / corners[:, 2:]
    (x0, y0), (x1, y1) = places.min(axis=0), places.max(axis=0)
    return round(float(x0)), round(float(y0)), round(float(x1)), round(float(y1))


if __name__ == "__main__":
    raise SystemExit(main())
