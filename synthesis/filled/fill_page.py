"""Fills the fields of a blank page as people do, and keeps what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from schemas.prediction import CheckboxState
from synthesis.filled.asked import NUMBERS, Ask, asked
from synthesis.filled.blank import Blank
from synthesis.filled.blank_fields import BlankField, BlankKind, Fractions
from synthesis.filled.hands import Filler, InkKind, Studio
from synthesis.filled.page_ink import lay_ink, pressed
from synthesis.filled.person import entry
from synthesis.filled.writing import StrokeHand, UnwritableError, WordsHand, Written
from synthesis.ink.crop_ink import Cover, bounds, draw_cover, transformed
from synthesis.ink.marks import varied_strokes
from synthesis.ink.pen import Points
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
_LEAST_HEIGHT = 4.2
"""Points: smaller capitals nobody writes."""
_TALL = 26.0
"""Points from which a field holds several lines."""
_MARKS = (CheckboxState.TICKED, CheckboxState.CROSSED, CheckboxState.FILLED, CheckboxState.MARKED)
_MARKS_SHARES = (0.4, 0.42, 0.1, 0.08)
_STRONG = {InkKind.PRINT: 1.0, InkKind.FONT: 0.93, InkKind.STROKES: 0.93}


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
        work.dry()
    work.tick([one for one in blank.on(page) if one.kind is BlankKind.CHECKBOX])
    for one in blank.on(page):
        if one.kind is BlankKind.RADIO:
            work.choose(one)
    if filler.writer.ink != InkKind.PRINT and random.random() < STRAY:
        work.stray()
    work.dry()
    order = {(one.name): number for number, one in enumerate(blank.on(page))}
    fields = sorted(work.done, key=lambda one: order[one.name])
    return FilledPage(replace(printed, image=work.image, done=("filled",)), page, fields)


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
        self.image, self.done, self._known = image, list[FilledField](), known
        self._wet: list[tuple[Cover, tuple[float, float]]] = []
        self._blank, self._page, self._scale = blank, page, scale
        self._filler, self._studio, self._random = filler, studio, random
        width, height = blank.sizes[page - 1]
        self._size = np.array([width, height, width, height])
        self._strong = _STRONG[InkKind(filler.writer.ink)]

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
                self._wet.clear()
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
            self._line((left, top, right, bottom), text, False, notes, words)
        except UnwritableError:
            self._wet.clear()
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
                text = self._lines((left, top, right, bottom), text)
            else:
                right_aligned = one.right_aligned or ask is Ask.AMOUNT
                self._line((left, top, right, bottom), text, right_aligned, notes)
        return text

    def _line(
        self,
        box: tuple[float, float, float, float],
        text: str,
        right_aligned: bool,
        notes: list[str],
        words: WordsHand | None = None,
    ) -> None:
        random, by_hand = self._random, self._filler.writer.ink != InkKind.PRINT
        left, top, right, bottom = box
        high = min(bottom - top, 24.0)
        large = by_hand and random.random() < 0.06
        height = min(self._filler.height, (0.95 if large else 0.7) * high)
        room = (right - left) * (1.15 if large else 0.97)
        written = self._fitted(text, height, room, words)
        wide = written.cover.shape[1] / self._scale
        free = right - left - wide
        to_right = right_aligned and (not by_hand or random.random() < 0.75)
        x = left + (free - 1.5 if to_right else min(abs(float(random.normal(2, 1.5))), max(0.0, free)))
        baseline = bottom - (0.25 if not by_hand else float(random.normal(0.22, 0.05))) * high
        if by_hand and random.random() < self._filler.outside:
            shift = float(random.choice([-1, 1]) * random.uniform(0.3, 0.75)) * high
            x, baseline = x + float(random.normal(0, 4)), baseline + shift
            notes.append("outside")
        elif by_hand and random.random() < self._filler.corrects and free > wide + 6 and not to_right and not words:
            x = self._struck(text, height, x, baseline)
            notes.append("corrected")
        self._lay(written, x, baseline)

    def _fitted(self, text: str, height: float, room: float, words: WordsHand | None = None) -> Written:
        """The line no wider than `room` points; raises UnwritableError where that is too small to write."""
        written = (words or self._filler.writer).write(text, height * self._scale, self._random)
        wide = written.cover.shape[1] / self._scale
        if wide <= room:
            return written
        if height * room / wide < _LEAST_HEIGHT:
            raise UnwritableError("the entry does not fit the field")
        if self._filler.writer.ink == InkKind.PRINT:
            return self._filler.writer.write(text, height * room / wide * self._scale * 0.98, self._random)
        return written.shrunk(room / wide)

    def _struck(self, text: str, height: float, x: float, baseline: float) -> float:
        """Something wrong, struck out; answers where the right entry begins."""
        letters = list(text)
        self._random.shuffle(letters)
        wrong = self._filler.writer.write("".join(letters).strip() or "X", height * self._scale, self._random)
        self._lay(wrong, x, baseline)
        wide, level = wrong.cover.shape[1] / self._scale, baseline - 0.45 * height
        line = np.array([(x - 2, level + 1), (x + wide / 2, level - 0.6), (x + wide + 2, level)])
        strokes = [line] if self._random.random() < 0.5 else [line, line + np.array([1.0, 2.0])]
        self._stroke(strokes)
        return float(x + wide + 4)

    def _lines(self, box: tuple[float, float, float, float], text: str) -> str:
        left, top, right, _ = box
        height = self._filler.height
        words, lines = text.split(), [""]
        for word in words:
            longer = f"{lines[-1]} {word}".strip()
            # About 0.75 heights a letter in most hands.
            if len(longer) * 0.8 * height > right - left and lines[-1]:
                lines.append(word)
            else:
                lines[-1] = longer
        pitch = height * float(self._random.uniform(1.7, 2.1))
        if len(lines) * pitch > box[3] - top:
            raise UnwritableError("the entry does not fit the field")
        for number, line in enumerate(lines):
            self._lay(self._fitted(line, height, right - left - 2), left + 2, top + 1.3 * height + number * pitch)
        return "\n".join(lines)

    def _comb(self, one: BlankField, text: str) -> str:
        cells, high = one.max_length or len(text), 0.0
        for box in one.boxes:
            left, top, right, bottom = (float(side) for side in np.array(box) * self._size)
            pitch, high = (right - left) / cells, bottom - top
            height = min(self._filler.height * 1.15, 0.66 * high, 1.2 * pitch)
            for number, sign in enumerate(text):
                written = self._fitted(sign, height, 1.1 * pitch)
                wide = written.cover.shape[1] / self._scale
                jitter = self._random.normal(0, 0.04, 2) if self._filler.writer.ink != InkKind.PRINT else (0.0, 0.0)
                x = left + (number + 0.5 + float(jitter[0])) * pitch - wide / 2
                self._lay(written, x, bottom - (0.2 + float(jitter[1])) * high)
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
            self._ink(cover, (x, y))
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
                    self._mark(one.boxes[0], struck=number == wrong)
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
            self._mark(one.boxes[at], struck=False)
        if wrong:
            self._mark(one.boxes[(at + 1) % len(one.boxes)], struck=True)
        value, ink = (one.states[at], "mark") if at >= 0 else ("", "none")
        notes = ("corrected",) if wrong else ()
        self.done.append(FilledField(one.name, one.page, "radio", value, at >= 0, ink, one.boxes, "", notes))

    def _mark(self, box: Fractions, *, struck: bool) -> None:
        left, top, right, bottom = (float(side) for side in np.array(box) * self._size)
        side = min(right - left, bottom - top, 14.0)
        centre = np.array([(left + right) / 2, (top + bottom) / 2])
        if self._filler.writer.ink == InkKind.PRINT and not struck:
            written = self._filler.writer.write("X", 0.72 * side * self._scale, self._random)
            wide = written.cover.shape[1] / self._scale
            self._lay(written, centre[0] - wide / 2, centre[1] + 0.36 * side)
            return
        state = CheckboxState.SCRIBBLED_OUT if struck else self._random.choice(_MARKS, p=_MARKS_SHARES)
        strokes = varied_strokes(CheckboxState(state), self._random, self._filler.pen / side)
        self._stroke([stroke * side + centre for stroke in strokes])

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
                self._stroke(strokes)
                return

    def _stroke(self, strokes: Sequence[Points]) -> None:
        """Strokes in points of the page."""
        placed = [stroke * self._scale for stroke in strokes]
        left, top, right, bottom = bounds(placed)
        pen = max(1.0, self._filler.pen * self._scale)
        margin = np.ceil(pen / 2) + 1
        origin = np.floor([left - margin, top - margin])
        shape = int(bottom - origin[1] + margin) + 1, int(right - origin[0] + margin) + 1
        cover = draw_cover(shape, transformed(placed, np.eye(2), tuple(-origin)), pen)
        self._ink(cover, (float(origin[0]), float(origin[1])))

    def _lay(self, written: Written, x: float, baseline: float) -> None:
        """With its left end and base line in points."""
        self._ink(written.cover, (x * self._scale, baseline * self._scale - written.baseline))

    def _ink(self, cover: Cover, place: tuple[float, float]) -> None:
        by_hand = self._filler.writer.ink != InkKind.PRINT
        ink = pressed(cover, self._random) if by_hand else cover
        self._wet.append((ink, place))

    def dry(self) -> None:
        """Puts the ink of what was written in full on the page: an entry that was given up leaves none."""
        for ink, place in self._wet:
            lay_ink(self.image, ink, place, self._filler.colour, self._strong)
        self._wet.clear()


def _kind_of(ask: Ask) -> str:
    return "date" if ask is Ask.DATE else "number" if ask in NUMBERS else "text"


def _question(name: str) -> str:
    """The same for boxes that answer one question, as far as names tell: `a.c1_2[0]`, `a.c1_2[1]`; `x_yes`, `x_no`."""
    stem = name.rsplit("[", 1)[0] if name.endswith("]") else name
    for ending in ("yes", "no", "Yes", "No"):
        if stem.endswith(ending) and len(stem) > len(ending) + 1:
            return stem[: -len(ending)].rstrip("_ .")
    return stem
