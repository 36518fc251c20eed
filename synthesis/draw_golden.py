"""Draws the golden sets: `python -m synthesis.draw_golden --fonts DIR --out tests/golden [SET]...`.

Small evaluation folders that live in the repository, so that every card can be held to what its model does now. All is
drawn from this repository's own forms and texts, in open fonts, handwriting in hands that no model trains on; no
evaluation or training data is in it. A new set is a function that yields `Page`s and a line in `SETS`.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from schemas.prediction import CheckboxState
from synthesis.crops.fields import FieldPainter
from synthesis.fonts import TEST_HANDS, TEST_SIGNATURE_HANDS, FontFolder, FontsMissingError
from synthesis.forms import field_texts, people
from synthesis.forms.application_form import APPLICATION_FORM
from synthesis.forms.fill import fill_form
from synthesis.forms.form import FieldKind
from synthesis.forms.layout import Layout, Print, Text, lay_out
from synthesis.forms.letter import INCOME_STATEMENT
from synthesis.forms.people import Applicant
from synthesis.forms.printing import print_page
from synthesis.forms.receipt import GROCER, STRIP_WIDTH, lay_out_receipt
from synthesis.geometry import Box
from synthesis.sheet import Pixels, Sheet
from synthesis.wear import degrade
from synthesis.wear.defects import DEFECTS

SEED = 4711
JPEG_QUALITY = 55
CROPS_A_KIND = 6
DAMAGE = 0.8
"""How strong the defects of pages are; at 1 a page is ruined."""
_MARKS = ("crossed", "ticked", "filled", "scribbled_out")


@dataclass(frozen=True, slots=True)
class Page:
    """One row of a golden set."""

    name: str
    pixels: Pixels
    label: str = ""
    truth: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    subset: str = ""
    """Only where it means something to the evaluation: a card needs few golden numbers."""


class GoldenPages:
    """Draws the pages of each set. Raises FontsMissingError."""

    def __init__(self, fonts: FontFolder) -> None:
        self._fonts = fonts
        self._layout: Layout = lay_out(APPLICATION_FORM)

    def deskew(self) -> Iterator[Page]:
        """Two straight pages for the evaluation to turn, two that lay askew on the glass."""
        yield Page("form", degrade.scan(self._form(people.MARTA, 90), 1, degrees=0.0).image, "0", subset="upright")
        yield Page("letter", degrade.scan(self._letter(100), 2, degrees=0.0).image, "0", subset="upright")
        yield Page(
            "form-askew", degrade.scan(self._form(people.JONAS, 100), 3, degrees=2.6).image, "2.6", subset="natural"
        )
        yield Page("letter-askew", degrade.scan(self._letter(100), 4, degrees=-1.35).image, "-1.35", subset="natural")

    def document_type(self) -> Iterator[Page]:
        """The registered form thrice; a letter and a receipt that are none."""
        form = "application-form"
        yield Page("scan", degrade.scan(self._form(people.MARTA, 100), 5).image, form)
        yield Page("copy", degrade.photocopy(self._form(people.HENRY, 100), 6).image, form)
        yield Page("askew", degrade.scan(self._form(people.TOMAS, 100), 7, degrees=-3.1).image, form)
        yield Page("letter", degrade.scan(self._letter(90), 8).image, "letter")
        yield Page("receipt", degrade.scan(self._receipt(110)[0], 9).image, "receipt")

    def ocr(self) -> Iterator[Page]:
        """A letter and a receipt with all their lines."""
        letter = degrade.scan(self._letter(110), 10, degrees=0.4)
        yield Page("letter", letter.image, truth=self._lines(INCOME_STATEMENT, letter))
        strip, prints = self._receipt(120)
        receipt = degrade.scan(strip, 11, degrees=-0.3)
        yield Page("receipt", receipt.image, truth=self._lines(prints, receipt))

    def crops(self) -> Iterator[Page]:
        """Fields written in hands that no model trains on, and empty ones."""
        painter = FieldPainter(self._fonts)
        makers: Mapping[str, Callable[[np.random.Generator], str]] = {
            "text": field_texts.free_text,
            "capitals": field_texts.capitals,
            "digits": field_texts.figures,
            "date": field_texts.date,
            "amount": field_texts.amount,
        }
        for place, (kind, make) in enumerate(makers.items()):
            for number in range(CROPS_A_KIND):
                random = np.random.default_rng([SEED, place, number])
                text = make(random)
                crop = painter.text(text, TEST_HANDS[number % len(TEST_HANDS)], random)
                yield Page(f"{kind}-{number}", crop, text, note=kind)
        for number in range(CROPS_A_KIND // 2):
            yield Page(f"blank-{number}", painter.blank(np.random.default_rng([SEED, 99, number])), "", note="text")

    def checkbox(self) -> Iterator[Page]:
        """Every box of the form, in all states, scanned and copied."""
        for name, number, recipe in (("scan", 12, degrade.scan), ("copy", 13, degrade.photocopy)):
            random = np.random.default_rng([SEED, number])
            states = {placed.name: str(random.choice(_MARKS)) for placed in self._boxes() if random.random() < 0.5}
            values = {key: text for key, text in people.AISHA.values.items() if key not in self._states()} | states
            sheet = recipe(self._form(replace(people.AISHA, values=values), 130), number)
            boxes = [
                {"box": _bounds(sheet, placed.box), "state": states.get(placed.name, CheckboxState.EMPTY.value)}
                for placed in self._boxes()
            ]
            yield Page(name, sheet.image, truth={"boxes": boxes, "complete": True})

    def signature(self) -> Iterator[Page]:
        """The form signed in two hands, the form unsigned, a letter."""
        for number, applicant in enumerate((people.MARTA, people.HENRY)):
            sheet = degrade.scan(self._form(applicant, 120), 14 + number)
            boxes = [{"box": _bounds(sheet, self._signature_ink(applicant)), "kind": "signature"}]
            yield Page(f"signed-{number}", sheet.image, "1", {"boxes": boxes})
        unsigned = {key: text for key, text in people.LUCIA.values.items() if key != "signature"}
        sheet = degrade.scan(self._form(replace(people.LUCIA, values=unsigned), 120), 16)
        yield Page("unsigned", sheet.image, "0", {"boxes": []})
        yield Page("letter", degrade.scan(self._letter(110), 17).image, "0", {"boxes": []})

    def page_quality(self) -> Iterator[Page]:
        """The form and a letter as scanned, then with each defect, strong and by turns on one or the other."""
        sheets = {
            "form": degrade.scan(self._form(people.MARTA, 100), 18),
            "letter": degrade.scan(self._letter(100), 19),
        }
        for name, sheet in sheets.items():
            yield Page(name, sheet.image)
        for number, ((defect, put_on), sheet) in enumerate(zip(DEFECTS.items(), cycle(sheets.values()), strict=False)):
            damaged = put_on(sheet, DAMAGE, np.random.default_rng([SEED, 20, number]))
            yield Page(defect.value, damaged.image, truth={"defects": [defect.value]})

    def _form(self, applicant: Applicant, dpi: int) -> Sheet:
        blank = print_page(self._layout.prints, self._fonts, dpi)
        hand = replace(
            applicant.hand,
            face=TEST_HANDS[applicant.seed % len(TEST_HANDS)],
            signature_face=TEST_SIGNATURE_HANDS[applicant.seed % len(TEST_SIGNATURE_HANDS)],
        )
        return fill_form(blank, self._layout, applicant.values, hand, self._fonts, applicant.seed)

    def _letter(self, dpi: int) -> Sheet:
        return print_page(INCOME_STATEMENT, self._fonts, dpi)

    def _receipt(self, dpi: int) -> tuple[Sheet, Sequence[Print]]:
        prints, length = lay_out_receipt(GROCER)
        return print_page(prints, self._fonts, dpi, (STRIP_WIDTH, length)), prints

    def _boxes(self) -> list[Any]:
        return [f for f in self._layout.fields.values() if f.kind in (FieldKind.CHECKBOX, FieldKind.RADIO)]

    def _states(self) -> set[str]:
        return {placed.name for placed in self._boxes()}

    def _signature_ink(self, applicant: Applicant) -> Box:
        """In points: where the page with the signature differs from the page without it."""
        without = {key: text for key, text in applicant.values.items() if key != "signature"}
        signed, unsigned = (self._form(a, 120).image for a in (applicant, replace(applicant, values=without)))
        place = next(f.box for f in self._layout.fields.values() if f.kind is FieldKind.SIGNATURE).inset(-12)
        unit = 72 / 120
        # Paper soaks ink differently all over the page; only near its field is the difference the signature.
        left, top = round(place.left / unit), round(place.top / unit)
        part = np.s_[top : round(place.bottom / unit), left : round(place.right / unit)]
        rows, columns = np.nonzero(np.abs(signed[part].astype(np.int16) - unsigned[part]).max(axis=2) > 24)
        rows, columns = rows + top, columns + left
        return Box(columns.min() * unit, rows.min() * unit, (columns.max() + 1) * unit, (rows.max() + 1) * unit)

    def _lines(self, prints: Sequence[Print], sheet: Sheet) -> dict[str, Any]:
        texts = [item for item in prints if isinstance(item, Text) and item.text.strip()]
        return {"lines": [{"text": item.text, "quad": _quad(sheet, self._extent(item))} for item in texts]}

    def _extent(self, item: Text) -> Box:
        face = self._fonts.face(item.face, item.size * 10, item.weight)
        left, top, right, bottom = (value / 10 for value in face.getbbox(item.text, anchor=f"{item.anchor}s"))
        return Box(item.x + left, item.y + top, item.x + right, item.y + bottom)


@dataclass(frozen=True, slots=True)
class GoldenSet:
    """What a folder under tests/golden is."""

    model: str
    name: str
    """In the card, as `data`."""
    pages: Callable[[GoldenPages], Iterator[Page]]


SETS: Mapping[str, GoldenSet] = {
    "deskew": GoldenSet("deskew", "golden", GoldenPages.deskew),
    "document_type": GoldenSet("document-type", "golden", GoldenPages.document_type),
    "ocr": GoldenSet("ocr", "golden", GoldenPages.ocr),
    "crops": GoldenSet("ocr", "golden-crops", GoldenPages.crops),
    "checkbox": GoldenSet("checkbox", "golden", GoldenPages.checkbox),
    "signature": GoldenSet("signature", "golden", GoldenPages.signature),
    "page_quality": GoldenSet("page-quality", "golden", GoldenPages.page_quality),
}
"""By folder."""


def write_set(golden: GoldenSet, pages: Iterator[Page], folder: Path) -> None:
    """Writes an evaluation folder in the format of docs/evaluation.md."""
    (folder / "files").mkdir(parents=True, exist_ok=True)
    about = f'name = "{golden.name}"\nmodel = "{golden.model}"\nabout = "Drawn by synthesis.draw_golden."\n'
    (folder / "about.toml").write_text(about, encoding="utf-8")
    with (folder / "index.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("path", "label", "truth", "subset", "note"))
        for page in pages:
            truth = f"truth/{page.name}.json" if page.truth else ""
            if truth:
                (folder / "truth").mkdir(exist_ok=True)
                (folder / truth).write_text(json.dumps(page.truth, indent=1) + "\n", encoding="utf-8")
            cv2.imwrite(str(folder / f"files/{page.name}.jpg"), page.pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            rows.writerow((f"files/{page.name}.jpg", page.label, truth, page.subset, page.note))


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws the sets; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m synthesis.draw_golden", description="Draws the golden sets.")
    parser.add_argument("--fonts", type=Path, required=True, help="folder in which npm installed the @fontsource faces")
    parser.add_argument("--out", type=Path, required=True, help="folder of the golden sets")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}; by default all")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.sets if name not in SETS]
    if unknown:
        parser.error(f"there is no set {unknown[0]!r}; there are {', '.join(SETS)}")
    try:
        pages = GoldenPages(FontFolder(given.fonts))
        for name in given.sets or SETS:
            write_set(SETS[name], SETS[name].pages(pages), given.out / name)
    except FontsMissingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _quad(sheet: Sheet, box: Box) -> list[float]:
    return [round(float(value), 1) for value in sheet.corners(box).ravel()]


def _bounds(sheet: Sheet, box: Box) -> list[float]:
    corners = sheet.corners(box)
    ends = (*corners.min(axis=0), *corners.max(axis=0))
    return [round(float(value), 1) for value in ends]


if __name__ == "__main__":
    sys.exit(main())
