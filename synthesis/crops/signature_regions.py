"""Regions of pages with what they hold: a signature, initials, a note, a stamp, a stray line, print, or nothing.

Drawn anew for each sample, in about two milliseconds. Regions are of many sizes, as a form's signature field or a box
around a place on an unknown page: print stands over, under and in them, and their edges cut what crosses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from schemas.prediction import SignatureKind
from synthesis.fonts import (
    TEST_HANDS,
    TEST_SIGNATURE_HANDS,
    TRAINING_HANDS,
    TRAINING_PRINTS,
    TRAINING_SIGNATURE_HANDS,
    FontFolder,
)
from synthesis.ink.crop_ink import Cover, soak
from synthesis.ink.pen_strokes import Part, PenStrokes
from synthesis.ink.signature_hand import SignatureHand, stray_mark
from synthesis.ink.signature_ink import PhotographedNames, drawn_ink, fitted, part_of_sheet, warped
from synthesis.ink.signature_print import CLOSINGS, LineBank, PageStore, drawing, rule_lines, stamp_on, typed_text
from synthesis.ink.stamp_ink import stamp_cover
from synthesis.sheet import Pixels
from synthesis.wear.crop_wear import tilt, wear

Random = np.random.Generator

SHARES = {
    SignatureKind.SIGNATURE: 0.33,
    SignatureKind.INITIALS: 0.07,
    SignatureKind.PRINTED_TEXT: 0.24,
    SignatureKind.EMPTY: 0.06,
    SignatureKind.HANDWRITTEN_TEXT: 0.19,
    SignatureKind.STAMP: 0.05,
    SignatureKind.STRAY_LINE: 0.06,
}
"""How often each kind is drawn; some of the print turns out empty."""
_LEAST_PRINT = 0.004
"""Share of pixels that must be print, rules aside, before a region counts as printed."""
_OUT_OF_SHEET = 0.35
"""Share of the handwritten text that is cut out of a written page."""
_SMALLEST, _LARGEST = 18.0, 110.0
"""Height of a signature in pixels of its scan."""


@dataclass(frozen=True, slots=True)
class Region:
    """A grey crop and what it holds."""

    pixels: Pixels
    kind: SignatureKind


class RegionDrawer:
    """Draws regions from the writers, fonts and PDFs of one part."""

    shares: Mapping[SignatureKind, float] = SHARES

    def __init__(self, data: Path, fonts: FontFolder, cache: Path, part: Part) -> None:
        """`data` is the training folder; pages are rendered into `cache`. Raises OSError, FontsMissingError."""
        self._hand = SignatureHand(data / "handwriting", part)
        self._pages = PageStore(_pdfs(data, part), cache)
        texts = PenStrokes(data / "handwriting" / "unipen_words.npz").texts
        words = [text for text in texts[::7] if text.isascii() and len(text) > 1]
        lines = _lines(words, np.random.default_rng(5))
        seed = 1 if part is Part.TRAIN else 2
        learns = part is Part.TRAIN
        self._print = LineBank(fonts, TRAINING_PRINTS, lines, 1500, seed)
        self._closings = LineBank(fonts, TRAINING_PRINTS, CLOSINGS, 200, seed)
        self._notes = LineBank(fonts, TRAINING_HANDS if learns else TEST_HANDS, lines, 900, seed)
        signing = TRAINING_SIGNATURE_HANDS if learns else TEST_SIGNATURE_HANDS
        names = [line for line in lines if line[:1].isupper() and len(line) < 22]
        self._names = LineBank(fonts, signing, names, 700, seed)
        self._photos = PhotographedNames(data / "signatures" / "crossmedia_h96.npz", part)

    def __call__(self, random: Random) -> Region:
        """One region."""
        kinds = list(self.shares)
        kind = kinds[int(random.choice(len(kinds), p=np.array(list(self.shares.values()))))]
        return self.draw(kind, random)

    def draw(self, kind: SignatureKind, random: Random) -> Region:
        """A region of `kind`; what was to be print but shows none is empty."""
        out_of_sheet = kind is SignatureKind.HANDWRITTEN_TEXT and random.random() < _OUT_OF_SHEET
        cover: Cover | None
        if out_of_sheet:
            cover = part_of_sheet(self._hand.sheet(random), random)
            size, margins = cover.shape, (0, 0)
        else:
            cover = self._cover(kind, random)
            size, margins = room(None if cover is None else cover.shape, random)
        height = cover.shape[0] if cover is not None else 0.75 * size[0]
        least = 0.2 if cover is not None else 0.13
        line = float(np.clip(height * np.exp(random.uniform(np.log(least), np.log(0.85))), 6, 70))
        paper = self._backdrop(
            size, line, random, bare=kind is SignatureKind.EMPTY or out_of_sheet, signed=cover is not None
        )
        if kind in (SignatureKind.PRINTED_TEXT, SignatureKind.EMPTY):
            kind = SignatureKind.PRINTED_TEXT if _print_share(paper) > _LEAST_PRINT else SignatureKind.EMPTY
        if cover is None:
            return Region(scanned(paper, random, edge=int(random.integers(0, 60))), kind)
        full = np.zeros(size, np.float32)
        _put(full, cover, margins)
        return Region(inked_and_scanned(paper, full, random), kind)

    def _cover(self, kind: SignatureKind, random: Random) -> Cover | None:
        height = float(np.exp(random.uniform(np.log(_SMALLEST), np.log(_LARGEST))))
        chance = random.random()
        if kind is SignatureKind.SIGNATURE:
            if chance < 0.1:
                return fitted(warped(_cover_of(self._names.draw(random, 90)), random), height)
            if chance < 0.18:
                return fitted(self._photos.draw(random), height)
            return drawn_ink(self._hand.signature(random), height, random)
        if kind is SignatureKind.INITIALS:
            return drawn_ink(self._hand.initials(random), height, random)
        if kind is SignatureKind.HANDWRITTEN_TEXT:
            return self._note(random, 0.7 * height)
        if kind is SignatureKind.STAMP:
            return stamp_cover(random, self._print, max(30.0, 1.2 * height))
        if kind is SignatureKind.STRAY_LINE:
            return drawn_ink(stray_mark(random), height * random.uniform(0.3, 1), random)
        return None

    def _note(self, random: Random, height: float) -> Cover:
        if random.random() < 0.45:
            rows = int(random.choice((1, 1, 2, 3)))
            line = max(9.0, height / rows)
            sheet = np.full((round(1.3 * rows * line) + 4, round(line * random.uniform(3, 11))), 255, np.uint8)
            for row in range(rows):
                x = int(random.uniform(0, 0.2) * sheet.shape[1])
                while x < sheet.shape[1]:
                    ink = self._notes.draw(random, line)
                    stamp_on(sheet, ink, x, round(1.25 * row * line), 0)
                    x += ink.shape[1] + round(0.3 * line)
            return _cover_of(np.asarray(255 - sheet, dtype=np.uint8))
        return drawn_ink(self._hand.note(random), max(height, 10), random)

    def _backdrop(self, size: tuple[int, int], line: float, random: Random, *, bare: bool, signed: bool) -> Pixels:
        paper: Pixels = np.full(size, int(random.integers(225, 256)), np.uint8)
        kind = random.random()
        if bare:
            if random.random() < 0.6:
                rule_lines(paper, random, line)
            return paper
        if signed and kind < 0.2:
            return paper
        if kind < (0.55 if signed else 0.35):
            self._signing_place(paper, line, random)
        elif signed or kind < 0.78:
            crops = [self._pages.crop(random, size, line) for _ in range(2 if signed else 1)]
            paper = np.minimum(paper, max(crops, key=lambda crop: float(crop.mean())))
        else:
            typed_text(paper, self._print, random, line, float(random.integers(0, 90)))
        if random.random() < (0.05 if signed else 0.22):
            drawing(paper, random, self._names if random.random() < 0.25 else self._print)
        return paper

    def _signing_place(self, paper: Pixels, line: float, random: Random) -> None:
        """What is printed where people sign: a closing above, a rule, a typed name and title below."""
        high, wide = paper.shape
        shade = float(random.integers(0, 90))
        if random.random() < 0.55:
            bank = self._closings if random.random() < 0.6 else self._print
            ink = bank.draw(random, line)
            stamp_on(paper, ink, int(random.uniform(-0.1, 0.6) * wide), int(random.uniform(-0.8, 0.5) * line), shade)
        if random.random() < 0.5:
            rule_lines(paper, random, line)
        if random.random() < 0.65:
            top, left = high - random.uniform(0.2, 1.7) * line, int(random.uniform(-0.1, 0.5) * wide)
            for row in range(2):
                bank = self._closings if random.random() < 0.25 else self._print
                stamp_on(paper, bank.draw(random, line), left, int(top + row * line), shade)
        if random.random() < 0.15:
            ink = self._closings.draw(random, line)
            stamp_on(paper, ink, int(-0.3 * ink.shape[1] + random.uniform(0, 8)), int(high - 2 * line), shade)


def inked_and_scanned(paper: Pixels, full: Cover, random: Random) -> Pixels:
    """Paper with a pen's ink, worn by a scanner or copier."""
    full = full * np.float32(random.uniform(0.88, 1.0))
    shade = float(random.uniform(0, 70) if random.random() < 0.8 else random.uniform(70, 185))
    edge = round(shade) if full.mean() < 0.03 else None
    seen = scanned(soak(paper, full, shade, random), random, edge)
    if shade >= 70 and _is_bilevel(seen):
        # Pale ink is gone in a black and white copy: there would be nothing to see of what the label says.
        seen = scanned(soak(paper, full, 30, random), random, None if edge is None else 30)
    return seen


def _cover_of(ink: Pixels) -> Cover:
    return np.asarray(ink, dtype=np.float32) / np.float32(255)


def _pdfs(data: Path, part: Part) -> list[Path]:
    """Split by PDF: every tenth is held out for testing, the one before it for validation."""
    pdfs = sorted((data / "pages").glob("*.pdf")) + sorted((data / "forms").glob("*.pdf"))
    tens = {Part.TEST: (9,), Part.VALIDATION: (8,), Part.TRAIN: tuple(range(8))}[part]
    return [pdf for number, pdf in enumerate(pdfs) if number % 10 in tens]


def _lines(words: list[str], random: Random) -> list[str]:
    lines = []
    for _ in range(1500):
        picked = [words[int(k)] for k in random.integers(0, len(words), int(random.integers(1, 5)))]
        text = " ".join(picked)
        kind = random.random()
        if kind < 0.35:
            text = f"{chr(65 + int(random.integers(26)))}. {picked[0].capitalize()}"
        elif kind < 0.5:
            text = f"{picked[0].capitalize()} {chr(65 + int(random.integers(26)))}. {picked[-1].capitalize()}"
        elif kind < 0.6:
            text = text.upper()
        elif kind < 0.68:
            text = f"{random.integers(1, 29)}/{random.integers(1, 13)}/{random.integers(1960, 2026)}"
        lines.append(text)
    return lines


def room(ink: tuple[int, ...] | None, random: Random) -> tuple[tuple[int, int], tuple[int, int]]:
    """Height and width of a region for ink of a size, and where in it that begins (top, left; below 0: it is cut)."""
    if ink is None:
        high = float(np.exp(random.uniform(np.log(16), np.log(150))))
        wide = float(np.clip(high * np.exp(random.normal(np.log(3.4), 0.6)), 20, 560))
        return (max(12, round(high)), round(wide)), (0, 0)
    high, wide = ink
    share = random.normal(0.13, 0.07, 4) if random.random() < 0.7 else random.uniform(-0.1, 0.9, 4)
    if random.random() < 0.08:
        # A place found on a page often holds a part of a signature only.
        share[int(random.integers(2, 4))] = -random.uniform(0.1, 0.4)
    top, bottom = share[0] * high, share[1] * high
    left, right = share[2:] * min(wide, 3 * high)
    size = max(12, round(high + top + bottom)), max(16, round(wide + left + right))
    return size, (round(top), round(left))


def _put(full: Cover, cover: Cover, at: tuple[int, int]) -> None:
    y0, x0 = max(0, at[0]), max(0, at[1])
    y1, x1 = min(full.shape[0], at[0] + cover.shape[0]), min(full.shape[1], at[1] + cover.shape[1])
    if y1 > y0 and x1 > x0:
        full[y0:y1, x0:x1] = cover[y0 - at[0] : y1 - at[0], x0 - at[1] : x1 - at[1]]


def _print_share(paper: Pixels) -> float:
    dark = (paper < 150).astype(np.uint8)
    length = max(9, min(paper.shape[1], 2 * paper.shape[0]) // 3)
    lying = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    standing = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((max(9, paper.shape[0] // 2), 1), np.uint8))
    return float(cv2.subtract(cv2.subtract(dark, lying), standing).mean())


def scanned(paper: Pixels, random: Random, edge: int | None) -> Pixels:
    """Worn as by scanner, copier or fax; some squeezed out of proportion, some brought to a low resolution.

    `edge`: grey of something dark beside the region, as scanners set their levels by a page and not by its regions.
    """
    high, wide = paper.shape
    if random.random() < 0.5:
        paper = tilt(paper, random)
    if random.random() < 0.35:
        paper = _resized(paper, high, wide * random.uniform(0.75, 1.45))
    paper = _worn_beside(paper, random, edge) if edge is not None and random.random() < 0.85 else wear(paper, random)
    if random.random() < 0.4 and paper.shape[0] > 20:
        share = random.uniform(max(0.35, 17 / paper.shape[0]), 0.95)
        paper = _resized(paper, paper.shape[0] * share, paper.shape[1] * share)
    return paper


def _worn_beside(paper: Pixels, random: Random, edge: int) -> Pixels:
    wide = paper.shape[1]
    seen = np.pad(paper, ((0, 0), (0, 8)), mode="edge")
    return wear(np.pad(seen, ((0, 0), (0, max(4, wide // 20))), constant_values=edge), random)[:, :wide].copy()


def _is_bilevel(seen: Pixels) -> bool:
    return float((seen == 255).mean()) > 0.4


def _resized(paper: Pixels, high: float, wide: float) -> Pixels:
    size = max(12, round(wide)), max(10, round(high))
    return np.asarray(cv2.resize(paper, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
