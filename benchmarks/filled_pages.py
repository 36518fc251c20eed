"""Blank PDF forms, filled in by made-up hands and sent in by every way paper travels."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pypdfium2

from schemas.prediction import CheckboxState
from synthesis.fonts import BLOCK_HANDS, SIGNATURE_HANDS, FontFolder
from synthesis.forms.fill import BLACK, BLUE, Hand, fill_form
from synthesis.forms.form import FieldKind, Form
from synthesis.forms.layout import Layout, PlacedField
from synthesis.geometry import Box
from synthesis.sheet import Sheet, new_sheet
from synthesis.wear import moving, wearing
from synthesis.wear.degrade import fax, photocopy, photograph, scan

DPI = 150
"""At which pages are drawn: enough for the model, which looks at 800 pixels, and quick."""
_MOST_WRITTEN = 70
_CHANGED = 0.06
"""Least share of a band's pixels that another edition changes."""
_KINDS = {
    "text": FieldKind.TEXT,
    "check": FieldKind.CHECKBOX,
    "radio": FieldKind.RADIO,
    "sig": FieldKind.SIGNATURE,
    "text_sig": FieldKind.SIGNATURE,
}
_MARKS = (CheckboxState.TICKED, CheckboxState.CROSSED, CheckboxState.FILLED, CheckboxState.MARKED)
_WORDS = (
    "Marta",
    "Lindqvist",
    "Okafor",
    "Tomas",
    "Irene",
    "Castellano",
    "Northmere",
    "Harbour",
    "Lane",
    "Mill",
    "Terrace",
    "Brightwell",
    "Clinic",
    "teacher",
    "none",
    "see",
    "attached",
    "14",
    "March",
    "2024",
    "12,500",
    "870",
    "0",
    "555",
    "0182",
    "4021187306",
    "AB",
    "12/05/2026",
    "yes",
    "Uppsala",
    "Station",
    "Parade",
    "3b",
    "monthly",
)


class Pages:
    """The pages of a PDF form."""

    def __init__(self, path: Path) -> None:
        self._document = pypdfium2.PdfDocument(path)
        self.count = len(self._document)

    def text(self, page: int) -> str:
        """The text layer."""
        return str(self._document[page].get_textpage().get_text_range())

    def sheet(self, page: int, dpi: float = DPI) -> Sheet:
        """The page as it leaves the printer, fields empty."""
        image = self._document[page].render(scale=dpi / 72, may_draw_forms=False).to_numpy()
        return new_sheet(np.ascontiguousarray(image[:, :, :3]), dpi)


@dataclass(frozen=True, slots=True)
class FormFields:
    """Where the fields of many forms are."""

    by_page: Mapping[tuple[str, int], tuple[tuple[str, Box], ...]]

    @classmethod
    def read(cls, path: Path) -> FormFields:
        """From `fields.csv`: file, page, type, x0, y0, x1, y1."""
        found: dict[tuple[str, int], list[tuple[str, Box]]] = defaultdict(list)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                box = Box(*(float(row[side]) for side in ("x0", "y0", "x1", "y1")))
                if box.width > 2 and box.height > 2:
                    found[row["file"].removesuffix(".pdf"), int(row["page"])].append((row["type"], box))
        return cls({key: tuple(value) for key, value in found.items()})

    def of(self, form: str, page: int) -> Layout:
        """The page's fields, named by number; a page without any has none."""
        layout = Layout(Form(form, "", "", "", "", "", "", (), "", ""))
        for number, (kind, box) in enumerate(self.by_page.get((form, page), ())):
            if kind in _KINDS:
                name = f"field-{number}"
                layout.fields[name] = PlacedField(name, _KINDS[kind], "", box, box)
        return layout


def new_edition(blank: Sheet, random: np.random.Generator) -> Sheet:
    """The form as its house may issue it next year: one to three bands of print, 2 to 5 % of the page each, are others.

    The new print is a band from elsewhere on the page, so that type, frames and margins stay those of the house.
    """
    image = blank.image.copy()
    height = image.shape[0]
    dark = blank.image.min(axis=2) < 128
    for _ in range(int(random.integers(1, 4))):
        band = int(height * random.uniform(0.02, 0.05))
        inked = [top for top in range(0, height - band, 8) if dark[top : top + band].mean() > 0.02]
        pairs = [random.choice(inked, 2, replace=False) for _ in range(20 if len(inked) > 1 else 0)]
        # Bands of a ruled table are alike: a swap of those would be no other edition.
        changed = [(dark[here : here + band] ^ dark[there : there + band]).mean() for here, there in pairs]
        if pairs:
            here, there = pairs[int(np.argmax(np.array(changed) > _CHANGED))]
            image[here : here + band] = blank.image[there : there + band]
    return blank.after("new edition", image)


def fill(blank: Sheet, layout: Layout, fonts: Path, random: np.random.Generator) -> Sheet:
    """Between nearly nothing and everything filled in, by one hand."""
    share = random.uniform(0.1, 1.0)
    share = min(share, _MOST_WRITTEN / max(1, len(layout.fields)))
    values = {
        name: _value(placed, random)
        for name, placed in layout.fields.items()
        if random.random() < share * (0.6 if placed.kind in (FieldKind.CHECKBOX, FieldKind.RADIO) else 1)
    }
    hand = Hand(
        str(random.choice(BLOCK_HANDS)),
        str(random.choice(SIGNATURE_HANDS)),
        BLUE if random.random() < 0.5 else BLACK,
        capital_height=float(random.uniform(7.5, 11)),
        pen=float(random.uniform(0.8, 1.5)),
        bold=float(random.uniform(0, 0.4)),
    )
    return fill_form(blank, layout, values, hand, FontFolder(fonts), int(random.integers(1 << 31)))


def _value(placed: PlacedField, random: np.random.Generator) -> str:
    if placed.kind in (FieldKind.CHECKBOX, FieldKind.RADIO):
        return str(random.choice(_MARKS))
    if placed.kind is FieldKind.SIGNATURE:
        return " ".join(random.choice(_WORDS[:6], 2))
    letters = max(1, int(placed.box.width / 6 * random.uniform(0.3, 1)))
    text = " ".join(random.choice(_WORDS, 1 + letters // 5))
    return text[: min(letters, 40)].strip() or "7"


def arrived(page: Sheet, copy: int, random: np.random.Generator) -> tuple[Sheet, str]:
    """The page as it comes in by the `copy`-th way, and that way in a word."""
    seed = int(random.integers(1 << 31))
    match copy % 8:
        case 0:
            return scan(page, seed), "scan"
        case 1:
            return photocopy(page, seed), "photocopy"
        case 2:
            return fax(page, seed), "fax"
        case 3:
            return photograph(page, seed), "photograph"
        case 4:
            return scan(page, seed, float(random.uniform(-6, 6))), "skewed scan"
        case 5:
            return _cut(scan(page, seed), random), "cut scan"
        case 6:
            return moving.resample(scan(page, seed), float(random.uniform(85, 100))), "coarse scan"
        case _:
            return fax(_again(photocopy(page, seed), random), seed + 1), "fax of a photocopy"


def _cut(page: Sheet, random: np.random.Generator) -> Sheet:
    """Up to 8 % missing at one edge."""
    height, width = page.image.shape[:2]
    amount = random.uniform(0.02, 0.08)
    image = page.image
    match int(random.integers(4)):
        case 0:
            image = image[int(height * amount) :]
        case 1:
            image = image[: int(height * (1 - amount))]
        case 2:
            image = image[:, int(width * amount) :]
        case _:
            image = image[:, : int(width * (1 - amount))]
    return page.after(f"cut by {amount:.0%}", np.ascontiguousarray(image))


def _again(page: Sheet, random: np.random.Generator) -> Sheet:
    """Softened, as toner on paper is when the next machine looks at it; slightly reduced."""
    soft = wearing.blur(page, random.uniform(0.5, 0.8))
    size = round(soft.image.shape[1] * 0.96), round(soft.image.shape[0] * 0.96)
    image = cv2.resize(soft.image, size, interpolation=cv2.INTER_AREA)
    return soft.after("reduced to 96 %", np.asarray(image, dtype=np.uint8))
