"""Draws the files of a set of filled forms: what each one is, by which hand, how it came in, and its truth."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from synthesis.filled import coming_in
from synthesis.filled.blank import Blank
from synthesis.filled.coming_in import DRAWN_DPI, Seen
from synthesis.filled.digital import filled_digitally, flattened
from synthesis.filled.fill_page import FilledField, FilledPage, fill_page
from synthesis.filled.hands import InkKind, Studio
from synthesis.filled.truth import PageTruth, field_row, page_row
from synthesis.fonts import TRAINING_PRINTS
from synthesis.forms.pdf import pictures_to_pdf
from synthesis.ink.signature_print import LineBank

Random = np.random.Generator

SUBSETS: dict[str, int] = {
    **{f"{ink}-scan300": 7 for ink in ("print", "hand-font", "hand-strokes")},
    **{f"{ink}-scan200": 8 for ink in ("print", "hand-font", "hand-strokes")},
    **{f"{ink}-fax": 4 for ink in ("print", "hand-font", "hand-strokes")},
    "copy": 9,
    "photo": 10,
    "turned": 8,
    "cropped": 5,
    "stained": 7,
    "shuffled": 8,
    "stack": 4,
    "digital": 6,
    "flattened": 4,
    "negative": 11,
}
"""Each kind of file, and how many of them stand beside how many of the others."""
WITH_OTHERS = "negative"
"""The subset that needs forms which are not in the set."""
MOST_PAGES, COPIES = 2, 3
"""Of a file; filled copies in a stack."""
_INKS = {"print": InkKind.PRINT, "hand-font": InkKind.FONT, "hand-strokes": InkKind.STROKES}
_STAMPED = ("RECEIVED", "PAID", "COPY", "FILED", "ENTERED", "12 MAR 2025", "CLERK OF COURT", "MAIL ROOM", "POSTED")


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """A file of the set."""

    data: bytes
    suffix: str
    form: str | None
    note: str
    pages: list[PageTruth]
    fields: list[tuple[int, FilledField]] = field(default_factory=list)
    """With the number of the copy, from 1."""

    def truth(self, path: str, subset: str) -> dict[str, Any]:
        """What the file holds."""
        rows = []
        for instance, one in self.fields:
            scans = [page for page in self.pages if (page.instance, page.blank_page) == (instance, one.page)]
            rows.append(field_row(instance, one, scans))
        pages = [page_row(number, page) for number, page in enumerate(self.pages, start=1)]
        return {"file": path, "form": self.form, "subset": subset, "note": self.note, "pages": pages, "fields": rows}


def plan(count: int, subsets: Sequence[str]) -> list[str]:
    """`count` subsets, each as often as its share says, spread evenly (smooth weighted round robin)."""
    shares = {name: SUBSETS[name] for name in subsets}
    total, credit = sum(shares.values()), dict.fromkeys(subsets, 0.0)
    chosen = []
    for _ in range(count):
        for name in credit:
            credit[name] += shares[name]
        best = max(credit, key=lambda name: credit[name])
        credit[best] -= total
        chosen.append(best)
    return chosen


class FormDrawer:
    """Draws files of one set of blanks; `others` are forms that are not in the set."""

    def __init__(self, studio: Studio, blanks: Sequence[Blank], others: Sequence[Blank]) -> None:
        self._studio, self._blanks, self._others = studio, list(blanks), list(others)
        self._bank = LineBank(studio.fonts, TRAINING_PRINTS[:4], _STAMPED, 24, 3)

    def draw(self, subset: str, number: int, seed: int) -> DrawnFile:
        """File `number` of a set: the same for the same seed."""
        random = np.random.default_rng([seed, number])
        # Each blank once a round, in a new order each time: otherwise a form could meet the same subsets only.
        round_, place = divmod(number, len(self._blanks))
        blank = self._blanks[np.random.default_rng([seed, round_, 1]).permutation(len(self._blanks))[place]]
        kind, _, way = subset.rpartition("-")
        if kind in _INKS:
            return self._plain(blank, _INKS[kind], way, random)
        ink = list(InkKind)[random.integers(3)]
        match subset:
            case "negative":
                return self._negative(ink, random)
            case "stack" | "shuffled":
                return self._pile(blank, ink, subset, random)
            case "digital" | "flattened":
                return self._digital(blank, subset, random)
            case "turned" | "cropped":
                return self._moved(blank, ink, subset, random)
            case _:
                drawn = self._plain(blank, ink, subset, random)
                return replace(drawn, note=str(ink.value))

    def _plain(self, blank: Blank, ink: InkKind, way: str, random: Random) -> DrawnFile:
        look = float(random.random())
        pages = self._copy(blank, self._some_pages(blank, random), ink, random)
        seen = [self._come_in(page, way, random, look) for page in pages]
        return self._file(blank, pages, seen, "", random)

    def _moved(self, blank: Blank, ink: InkKind, subset: str, random: Random) -> DrawnFile:
        way = ("scan200", "copy", "scan300")[random.integers(3 if subset == "turned" else 2)]
        look = float(random.random())
        pages = self._copy(blank, self._some_pages(blank, random), ink, random)
        seen = [self._come_in(page, way, random, look) for page in pages]
        if subset == "cropped":
            return self._file(blank, pages, [coming_in.cropped(one, random) for one in seen], ink.value, random)
        turns = [int(random.integers(1, 4)) for _ in seen]
        moved = [coming_in.turned(one, turn) for one, turn in zip(seen, turns, strict=True)]
        drawn = self._file(blank, pages, moved, f"{ink.value}; {way}", random)
        turned = {id(one): 90 * turn for one, turn in zip(moved, turns, strict=True)}
        return replace(drawn, pages=[replace(page, turn=turned[id(page.seen)]) for page in drawn.pages])

    def _pile(self, blank: Blank, ink: InkKind, subset: str, random: Random) -> DrawnFile:
        """Several copies, or the pages of one in any order with some missing, twice, or foreign."""
        way = ("scan300", "scan200", "copy")[random.integers(3)]
        numbers = self._some_pages(blank, random, MOST_PAGES if subset == "stack" else 4)
        notes, look = [str(ink.value)], float(random.random())
        truths: list[PageTruth] = []
        fields: list[tuple[int, FilledField]] = []
        for instance in range(1, (COPIES if subset == "stack" else 1) + 1):
            for page in self._copy(blank, numbers, ink, random):
                fields += [(instance, one) for one in page.fields]
                size = blank.sizes[page.page - 1]
                times = 2 if subset == "shuffled" and page.page == numbers[0] and random.random() < 0.5 else 1
                if times == 2:
                    notes.append(f"page {page.page} twice")
                for _ in range(times):
                    truths.append(PageTruth(self._come_in(page, way, random, look), page.page, instance, 0, size))
        if subset == "shuffled":
            if self._others and random.random() < 0.5:
                other = self._others[random.integers(len(self._others))]
                foreign = self._copy(other, [other.pages[random.integers(len(other.pages))]], ink, random)[0]
                truths.append(PageTruth(self._come_in(foreign, way, random, look)))
                notes.append(f"a page of {other.name}")
            truths = [truths[number] for number in random.permutation(len(truths))]
        scans = [truth.seen for truth in truths if truth.seen is not None]
        data = _encoded(scans, "pdf", random)
        return DrawnFile(data, "pdf", blank.name, "; ".join([*notes, way]), truths, fields)

    def _negative(self, ink: InkKind, random: Random) -> DrawnFile:
        other = self._others[random.integers(len(self._others))]
        way = ("scan300", "scan200", "copy", "fax")[random.integers(4)]
        look = float(random.random())
        pages = self._copy(other, self._some_pages(other, random), ink, random)
        seen = [self._come_in(page, way, random, look) for page in pages]
        drawn = self._file(other, pages, seen, f"another form: {other.name}; {way}", random)
        foreign = [PageTruth(page.seen) for page in drawn.pages]
        return replace(drawn, form=None, pages=foreign, fields=[])

    def _digital(self, blank: Blank, subset: str, random: Random) -> DrawnFile:
        filler = replace(self._studio.filler(InkKind.PRINT, random), outside=0.0)
        values: dict[str, str] = {}
        fields: list[tuple[int, FilledField]] = []
        known: dict[str, str] = {}
        states = {one.name: one.states[0] for one in blank.fields if one.states}
        for number in blank.pages:
            for one in fill_page(blank, number, filler, self._studio, 72, random, known).fields:
                unsigned = replace(one, filled=False, value="", ink="none") if one.kind == "signature" else one
                shown = {"on": states.get(one.name, ""), "off": ""}.get(unsigned.value, unsigned.value)
                if one.name in values and values[one.name] != shown:
                    continue
                values[one.name] = shown
                fields.append((1, replace(unsigned, notes=())))
        bare = subset == "digital" and random.random() < 0.35
        data = filled_digitally(blank.path, values, appearances=not bare)
        data = flattened(data) if subset == "flattened" else data
        pages = [PageTruth(None, number, 1, 0, size) for number, size in enumerate(blank.sizes, start=1)]
        return DrawnFile(data, "pdf", blank.name, "values without appearances" if bare else "", pages, fields)

    def _some_pages(self, blank: Blank, random: Random, most: int = MOST_PAGES) -> list[int]:
        """A run of pages that have fields, mostly from the first."""
        pages = blank.pages
        start = 0 if random.random() < 0.6 else int(random.integers(len(pages)))
        return pages[start : start + most]

    def _copy(self, blank: Blank, pages: Sequence[int], ink: InkKind, random: Random) -> list[FilledPage]:
        """Pages of one copy, filled by one person."""
        filler, known = self._studio.filler(ink, random), dict[str, str]()
        return [fill_page(blank, page, filler, self._studio, DRAWN_DPI, random, known) for page in pages]

    def _come_in(self, page: FilledPage, way: str, random: Random, look: float) -> Seen:
        match way:
            case "fax":
                return coming_in.fax(page.sheet, random, self._studio.fonts)
            case "stained":
                return coming_in.stained(page.sheet, random, self._bank)
            case "scan300" | "copy":
                return (coming_in.scan300 if way == "scan300" else coming_in.copy)(page.sheet, random, look)
            case _:
                return (coming_in.photo if way == "photo" else coming_in.scan200)(page.sheet, random)

    def _file(
        self, blank: Blank, pages: Sequence[FilledPage], seen: Sequence[Seen], note: str, random: Random
    ) -> DrawnFile:
        """One copy; formats that hold one page get the first."""
        suffixes = _suffixes(seen[0])
        if len({(one.bilevel, one.sheet.image.ndim, one.dpi) for one in seen}) > 1:
            suffixes = ("pdf",)
        suffix = suffixes[random.integers(len(suffixes))]
        kept = 1 if suffix in ("png", "jpg") else len(seen)
        truths = [
            PageTruth(scan, page.page, 1, 0, blank.sizes[page.page - 1])
            for page, scan in zip(pages[:kept], seen[:kept], strict=True)
        ]
        fields = [(1, one) for page in pages[:kept] for one in page.fields]
        return DrawnFile(_encoded(seen[:kept], suffix, random), suffix, blank.name, note, truths, fields)


def _suffixes(seen: Seen) -> tuple[str, ...]:
    if seen.dpi[0] == coming_in.PHOTO_DPI:
        return ("jpg",)
    if seen.bilevel:
        return ("pdf", "tiff") if seen.dpi[0] != seen.dpi[1] else ("pdf", "pdf", "png", "tiff")
    return ("pdf", "jpg") if seen.sheet.image.ndim == 3 else ("pdf", "jpg", "pdf", "tiff")


def _encoded(seen: Sequence[Seen], suffix: str, random: Random) -> bytes:
    pictures, dpi, quality = [_picture(one) for one in seen], seen[0].dpi, int(random.integers(60, 86))
    out = io.BytesIO()
    match suffix:
        case "pdf":
            return pictures_to_pdf(pictures, dpi, quality)
        case "tiff":
            packed = {"compression": "group4"} if seen[0].bilevel else {"compression": "jpeg", "quality": quality}
            pictures[0].save(out, "TIFF", save_all=True, append_images=pictures[1:], dpi=dpi, **packed)
        case "png":
            pictures[0].save(out, "PNG", dpi=dpi)
        case _:
            pictures[0].save(out, "JPEG", quality=quality, dpi=dpi)
    return out.getvalue()


def _picture(seen: Seen) -> Image.Image:
    image = seen.sheet.image
    if seen.bilevel:
        return Image.fromarray(image).convert("1", dither=Image.Dither.NONE)
    return Image.fromarray(image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def write_file(drawn: DrawnFile, folder: Path, name: str, subset: str) -> tuple[str, str, str, str, str]:
    """Writes a file with its truth; answers its row of the index."""
    path, truth = f"files/{name}.{drawn.suffix}", f"truth/{name}.json"
    (folder / path).write_bytes(drawn.data)
    text = json.dumps(drawn.truth(path, subset), ensure_ascii=False, indent=0)
    (folder / truth).write_text(text + "\n", encoding="utf-8")
    return path, drawn.form or "", truth, subset, drawn.note
