"""Fills the fields of a blank page as people do, and keeps what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from synthesis.filled.asked import NUMBERS, Ask, asked
from synthesis.filled.blank import Blank
from synthesis.filled.blank_fields import BlankField, BlankKind, Fractions
from synthesis.filled.hands import Filler, InkKind, Studio
from synthesis.filled.page_pen import PagePen
from synthesis.filled.person import entry
from synthesis.filled.writing import StrokeHand, UnwritableError, Written
from synthesis.ink.crop_ink import bounds
from synthesis.ink.signature_hand import stray_mark
from synthesis.sheet import Pixels, Sheet

Random = np.random.Generator

TICKED, CHOSEN, SIGNED = 0.37, 0.85, 0.6
"""Shares of check boxes, radio groups and signatures that are filled, beside the filler's own share of the rest."""
MISTAKEN = 0.03
"""Share of marks that are struck out, and another made instead."""
STRAY = 0.15
"""Share of pages by hand with a mark where no field is."""
RECORDED = 0.25
"""Share of entries of any words, in recorded strokes, that were recorded as whole words."""
_ANY_WORDS = (Ask.NOTE, Ask.THING, Ask.COUNTY, Ask.FIRM)
_TALL = 26.0
"""Points from which a field holds several lines."""


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field as the truth has it, but for whether it is seen."""

    name: str
    page: int
    kind: str
    value: str
    filled: bool
    ink: str
    boxes: tuple[Fractions, ...]
    asks: str = ""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class FilledPage:
    """A page with ink on it."""

    sheet: Sheet
    page: int
    fields: list[FilledField] = field(default_factory=list)


def fill_page(
    blank: Blank, page: int, filler: Filler, studio: Studio, dpi: float, random: Random, known: dict[str, str]
) -> FilledPage:
    """Prints a page of the blank and fills it; same generator state, same pixels.

    `known`: full name to what that field holds on pages filled before; it is added to.
    """
    printed = blank.printed(page, dpi)
    work = _Page(blank, page, printed.image.copy(), dpi / 72, filler, studio, random, known)
    for one in blank.on(page):
        if one.kind in (BlankKind.CHECKBOX, BlankKind.RADIO):
            continue
        work.fill(one)
        work.pen.dry()
    work.tick([one for one in blank.on(page) if one.kind is BlankKind.CHECKBOX])
    for one in blank.on(page):
        if one.kind is BlankKind.RADIO:
            work.choose(one)
    if filler.writer.ink != InkKind.PRINT and random.random() < STRAY:
        work.stray()
    work.pen.dry()
    order = {(one.name): number for number, one in enumerate(blank.on(page))}
    fields = sorted(work.done, key=lambda one: order[one.name])
    return FilledPage(replace(printed, image=work.pen.image, done=("filled",)), page, fields)


class _Page:
    def __init__(
        self,
        blank: Blank,
        page: int,
        image: Pixels,
        scale: float,
        filler: Filler,
        studio: Studio,
        random: Random,
        known: dict[str, str],
    ) -> None:
        self.done, self._known = list[FilledField](), known
        self._blank, self._page, self._scale = blank, page, scale
        self._filler, self._studio, self._random = filler, studio, random
        width, height = blank.sizes[page - 1]
        self._size = np.array([width, height, width, height])
        self.pen = PagePen(image, scale, self._size, filler, random)

    def fill(self, one: BlankField) -> None:
        """A field that is no button."""
        left, top, right, bottom = np.array(one.boxes[0]) * self._size
        ask = asked(one, self._blank.labels.get((one.name, one.page), ""), right - left, bottom - top)
        if ask is Ask.SIGNATURE:
            self._sign(one)
            return
        kind = one.kind.value if one.kind is not BlankKind.TEXT else _kind_of(ask)
        share = {Ask.CROSS: TICKED, Ask.CHOICE: 0.4}.get(ask, self._filler.share)
        notes: list[str] = []
        value = ""
        if self._known.get(one.name) or (one.name not in self._known and self._random.random() < share):
            value = self._write(one, ask, notes)
        self._known.setdefault(one.name, value)
        ink = self._filler.writer.ink if value else "none"
        done = FilledField(one.name, one.page, kind, value, bool(value), ink, one.boxes, ask.value, tuple(notes))
        self.done.append(done)

    def _write(self, one: BlankField, ask: Ask, notes: list[str]) -> str:
        """Answers what stands there in the end; "" where nothing fits."""
        if text := self._recorded(one, ask, notes):
            return text
        for _ in range(3):
            text = self._entry(one, ask)
            if not text:
                continue
            try:
                written = self._comb(one, text) if one.kind is BlankKind.COMB else self._text(one, ask, text, notes)
            except UnwritableError:
                self.pen.wet.clear()
                notes.clear()
                continue
            if written:
                return written
        return ""

    def _recorded(self, one: BlankField, ask: Ask, notes: list[str]) -> str:
        """Whole words that somebody wrote, whatever they say, now and then where any words will do."""
        hand, random = self._filler.writer, self._random
        free = ask in _ANY_WORDS and one.max_length is None and len(one.boxes) == 1 and one.name not in self._known
        if not isinstance(hand, StrokeHand) or not free or random.random() > RECORDED:
            return ""
        text, words = self._studio.words(hand, random)
        left, top, right, bottom = (float(side) for side in np.array(one.boxes[0]) * self._size)
        try:
            self.pen.line((left, top, right, bottom), text, False, notes, words)
        except UnwritableError:
            self.pen.wet.clear()
            notes.clear()
            return ""
        notes.append("words")
        return text

    def _entry(self, one: BlankField, ask: Ask) -> str:
        random = self._random
        if known := self._known.get(one.name):
            return known.replace("\n", " ")
        if ask is Ask.CHOICE:
            return one.choices[random.integers(len(one.choices))] if one.choices else ""
        if ask is Ask.CELLS or (ask is Ask.DIGITS and one.max_length):
            count = int(random.integers(1, (one.max_length or 8) + 1))
            return "".join(str(digit) for digit in random.integers(0, 10, count))
        text = entry(ask, self._filler.person, random)
        if one.kind is BlankKind.COMB:
            text = "".join(sign for sign in text if not sign.isspace() and sign not in "()/-,.$")
        if one.max_length and len(text) > one.max_length:
            bare = "".join(sign for sign in text if sign not in "()/-, $")
            numeric = ask in NUMBERS or ask is Ask.DATE
            text = bare if len(bare) <= one.max_length else "" if numeric else text[: one.max_length].strip()
        return text.upper() if self._filler.capitals and ask is not Ask.EMAIL else text

    def _text(self, one: BlankField, ask: Ask, text: str, notes: list[str]) -> str:
        """The text in each place of the field."""
        for box in one.boxes:
            left, top, right, bottom = (float(side) for side in np.array(box) * self._size)
            if (
                bottom - top > _TALL
                and (one.multiline or right - left > 120)
                and ask in (Ask.NOTE, Ask.THING, Ask.NAME)
            ):
                text = self.pen.lines((left, top, right, bottom), text)
            else:
                right_aligned = one.right_aligned or ask is Ask.AMOUNT
                self.pen.line((left, top, right, bottom), text, right_aligned, notes)
        return text

    def _comb(self, one: BlankField, text: str) -> str:
        cells, high = one.max_length or len(text), 0.0
        for box in one.boxes:
            left, top, right, bottom = (float(side) for side in np.array(box) * self._size)
            pitch, high = (right - left) / cells, bottom - top
            height = min(self._filler.height * 1.15, 0.66 * high, 1.2 * pitch)
            for number, sign in enumerate(text):
                written = self.pen.fitted(sign, height, 1.1 * pitch)
                wide = written.cover.shape[1] / self._scale
                jitter = self._random.normal(0, 0.04, 2) if self._filler.writer.ink != InkKind.PRINT else (0.0, 0.0)
                x = left + (number + 0.5 + float(jitter[0])) * pitch - wide / 2
                self.pen.lay(written, x, bottom - (0.2 + float(jitter[1])) * high)
        return text

    def _sign(self, one: BlankField) -> None:
        random = self._random
        signed = random.random() < SIGNED
        if signed:
            left, top, right, bottom = (float(side) for side in np.array(one.boxes[0]) * self._size)
            height = float(np.clip((bottom - top) * random.uniform(0.9, 1.7), 10, 34)) * self._scale
            name = f"{self._filler.person.first} {self._filler.person.last}"
            cover = self._studio.signature(height, name, random)
            room = (right - left) * self._scale * random.uniform(0.7, 1.0)
            if cover.shape[1] > room:
                cover = Written(cover, 0).shrunk(room / cover.shape[1]).cover
            free = (right - left) * self._scale - cover.shape[1]
            x = left * self._scale + random.uniform(0.02, 0.5) * max(0.0, free)
            y = (bottom * self._scale) - cover.shape[0] * random.uniform(0.75, 1.0)
            self.pen.ink(cover, (x, y))
        value, ink = ("signed", "signature") if signed else ("", "none")
        self.done.append(FilledField(one.name, one.page, "signature", value, signed, ink, one.boxes, "signature"))

    def tick(self, boxes: Sequence[BlankField]) -> None:
        """Check boxes; of those that are the answers to one question mostly one."""
        groups: dict[str, list[BlankField]] = {}
        for one in boxes:
            groups.setdefault(_question(one.name), []).append(one)
        random = self._random
        for group in groups.values():
            on = [random.random() < TICKED for _ in group]
            if 1 < len(group) < 6:
                chosen = int(random.integers(len(group))) if random.random() < 0.75 else -1
                on = [number == chosen for number in range(len(group))]
            wrong = -1
            if True in on and False in on and random.random() < MISTAKEN * len(group):
                wrong = on.index(False)
            for number, (one, marked) in enumerate(zip(group, on, strict=True)):
                notes = ("corrected",) if wrong >= 0 and (number == wrong or marked) else ()
                if marked or number == wrong:
                    self.pen.mark(one.boxes[0], struck=number == wrong)
                ink = "mark" if marked else "none"
                value = "on" if marked else "off"
                self.done.append(
                    FilledField(one.name, one.page, "checkbox", value, marked, ink, one.boxes[:1], "", notes)
                )

    def choose(self, one: BlankField) -> None:
        """One of the boxes of a group, or none."""
        random = self._random
        at = int(random.integers(len(one.boxes))) if random.random() < CHOSEN else -1
        if len(one.boxes) == 1 and random.random() < 0.5:
            at = -1
        wrong = at >= 0 and len(one.boxes) > 1 and random.random() < MISTAKEN * 2
        if at >= 0:
            self.pen.mark(one.boxes[at], struck=False)
        if wrong:
            self.pen.mark(one.boxes[(at + 1) % len(one.boxes)], struck=True)
        value, ink = (one.states[at], "mark") if at >= 0 else ("", "none")
        notes = ("corrected",) if wrong else ()
        self.done.append(FilledField(one.name, one.page, "radio", value, at >= 0, ink, one.boxes, "", notes))

    def stray(self) -> None:
        """A pen mark where no field is."""
        random, boxes = (
            self._random,
            [np.array(box) * self._size for one in self._blank.on(self._page) for box in one.boxes],
        )
        for _ in range(40):
            place = random.uniform(0.03, 0.97, 2) * self._size[:2]
            strokes = [stroke * random.uniform(4, 12) + place for stroke in stray_mark(random)]
            left, top, right, bottom = bounds(strokes)
            if not any(left < b[2] + 5 and right > b[0] - 5 and top < b[3] + 5 and bottom > b[1] - 5 for b in boxes):
                self.pen.stroke(strokes)
                return


def _kind_of(ask: Ask) -> str:
    return "date" if ask is Ask.DATE else "number" if ask in NUMBERS else "text"


def _question(name: str) -> str:
    """The same for boxes that answer one question, as far as names tell: `a.c1_2[0]`, `a.c1_2[1]`; `x_yes`, `x_no`."""
    stem = name.rsplit("[", 1)[0] if name.endswith("]") else name
    for ending in ("yes", "no", "Yes", "No"):
        if stem.endswith(ending) and len(stem) > len(ending) + 1:
            return stem[: -len(ending)].rstrip("_ .")
    return stem
