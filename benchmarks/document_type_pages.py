"""Draws a folder of pages on which open-set verification of document types can be measured.

    python -m benchmarks.document_type_pages --forms FORMS --fonts FONTS --into FOLDER
    docbeam model evaluate document-type --data FOLDER

FORMS holds blank PDF forms and `fields.csv` (file, page from 0, page size and box in points from the top left, kind).
Some first pages are registered, blank, under `types/`. Then copies of them, of forms that are not registered, and of
later pages of registered forms are filled in by made-up hands and scanned, photocopied, faxed or photographed.
The label of a page is its form; a label without a type is an unknown document and has to be refused.

Which forms are versions of one another is told by their text alone (shared word triples), so that it does not lean on
the model under test. Forms are split by family: `--half even` for choosing, `--half odd` for measuring. While
measuring, forms of the even half are strangers too: no type was made of them there, and no choice saw them beside the
types of the odd half.

Made-up editions of a form (`--subset new-edition`) are better drawn into a folder of their own: they say how little may
change unnoticed, which is not a rate of errors.
"""

from __future__ import annotations

import argparse
import csv
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.filled_pages import FormFields, Pages, arrived, fill, new_edition

EDITION = "new-edition"
_SAME_PRINT = 0.9
_FAMILY = 0.2
_LEAST_WORDS = 40
_REFERENCE_DPI = 120


@dataclass(frozen=True, slots=True)
class Plan:
    """Which pages are drawn: (form, page from 0, label, subset, copy)."""

    registered: tuple[str, ...]
    drawn: tuple[tuple[str, int, str, str, int], ...]


def word_triples(text: str) -> frozenset[tuple[str, ...]]:
    """All runs of three words, lower case."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(zip(words, words[1:], words[2:], strict=False)) if len(words) >= _LEAST_WORDS else frozenset()


def families(texts: dict[str, str]) -> list[list[str]]:
    """Forms whose first pages share a fifth of their word triples, chained; of two with the same print only one."""
    grams = {name: word_triples(text) for name, text in texts.items()}
    names = [name for name in sorted(grams) if grams[name]]
    found: list[list[str]] = []
    for name in names:
        shares = [[len(grams[name] & grams[old]) / len(grams[name] | grams[old]) for old in family] for family in found]
        if any(share >= _SAME_PRINT for family in shares for share in family):
            continue
        near = [family for family, share in zip(found, shares, strict=True) if max(share) >= _FAMILY]
        merged = [name] + [member for family in near for member in family]
        found = [family for family in found if family not in near] + [sorted(merged)]
    return sorted(found)


def plan(groups: Sequence[Sequence[str]], pages: dict[str, int], half: str, registered: int, copies: int) -> Plan:
    """Registers `registered` forms of the half; of every second family of several members two, so that they compete.

    All other forms of the half are unknown: `sister` where a member of the family is registered, else `stranger`. Of
    strangers, and of what follows the first page of any form, each page is drawn once.
    """
    mine = [group for group in groups if half == "all" or _half_of(group) == half]
    mine.sort(key=lambda group: (-len(group), zlib.crc32(group[0].encode())))
    chosen: list[str] = []
    for number, group in enumerate(mine):
        chosen += group[: 2 if number % 2 else 1][: registered - len(chosen)]
    rows: list[tuple[str, int, str, str, int]] = []
    for group in mine if half != "odd" else [*mine, *(group for group in groups if group not in mine)]:
        known = [name for name in group if name in chosen]
        for name in group:
            if name in chosen:
                subset = "registered-siblings" if len(known) > 1 else "registered"
                rows += [(name, 0, name, subset, copy) for copy in range(copies)]
                rows += [(name, 0, f"{name}-{EDITION}", EDITION, copy) for copy in range(0, copies, 2)]
            elif known:
                rows += [(name, 0, name, "sister", copy) for copy in range(copies)]
            else:
                rows.append((name, 0, name, "stranger", _way(name, 0)))
            later = "later-page" if known else "stranger"
            pages_after = range(1, pages[name])
            rows += [(name, page, f"{name}-page-{page + 1}", later, _way(name, page)) for page in pages_after]
    return Plan(tuple(sorted(chosen)), tuple(rows))


def _half_of(group: Sequence[str]) -> str:
    return "odd" if zlib.crc32(group[0].encode()) % 2 else "even"


def _way(name: str, page: int) -> int:
    """By which of the eight ways a page arrives that is drawn once."""
    return (zlib.crc32(name.encode()) // 2 + page) % 8


def kebab(name: str) -> str:
    """A form's file name as the name of a type."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def planned_of(forms: Path, half: str, registered: int, copies: int, subsets: Sequence[str]) -> Plan:
    """What to draw of the PDF forms in a folder; of all subsets, or of those named."""
    texts: dict[str, list[str]] = {}
    for path in sorted(forms.glob("*.pdf")):
        pages = Pages(path)
        texts[path.stem] = [pages.text(number) for number in range(pages.count)]
    groups = families({name: pages[0] for name, pages in texts.items()})
    planned = plan(groups, {name: len(pages) for name, pages in texts.items()}, half, registered, copies)
    known = {name: word_triples(texts[name][0]) for name in planned.registered}

    def wanted(row: tuple[str, int, str, str, int]) -> bool:
        form, page, _, subset, _ = row
        if subsets and subset not in subsets:
            return False
        if page == 0:
            return True
        # One form may be bound into another: such a page is known by print, though not by name.
        triples = word_triples(texts[form][page])
        return not any(_alike(triples, first) for first in known.values())

    return Plan(planned.registered, tuple(row for row in planned.drawn if wanted(row)))


def _alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    return bool(one) and len(one & other) >= _SAME_PRINT * len(one | other)


def draw(planned: Plan, forms: Path, fonts: Path, into: Path, seed: int) -> int:
    """Write types/, files/ and index.csv; the number of pages."""
    for name in planned.registered:
        _write_type(into / "types" / kebab(name), Pages(forms / f"{name}.pdf"), kebab(name))
    fields = FormFields.read(forms / "fields.csv")
    (into / "files").mkdir(parents=True, exist_ok=True)
    with (into / "index.csv").open("w", encoding="utf-8", newline="") as file:
        index = csv.writer(file)
        index.writerow(("path", "label", "truth", "subset", "note"))
        for row in _draw_pages(planned, forms, fonts, into, fields, seed):
            index.writerow(row)
            file.flush()
    return len(planned.drawn)


def _draw_pages(
    planned: Plan, forms: Path, fonts: Path, into: Path, fields: FormFields, seed: int
) -> Iterator[tuple[str, str, str, str, str]]:
    for name, page, label, subset, copy in planned.drawn:
        random = np.random.default_rng([seed, zlib.crc32(name.encode()), page, copy])
        blank = Pages(forms / f"{name}.pdf").sheet(page)
        if subset == EDITION:
            blank = new_edition(blank, random)
        sheet, how = arrived(fill(blank, fields.of(name, page), fonts, random), copy, random)
        path = f"files/{kebab(label)}-{copy}.jpg"
        cv2.imwrite(str(into / path), sheet.image, [cv2.IMWRITE_JPEG_QUALITY, 88])
        yield path, kebab(label), "", subset, how


def _write_type(folder: Path, pages: Pages, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    sheet = pages.sheet(0, _REFERENCE_DPI)
    cv2.imwrite(str(folder / "page-1.png"), cv2.cvtColor(sheet.image, cv2.COLOR_BGR2GRAY))
    height, width = (side * 72 / _REFERENCE_DPI for side in sheet.image.shape[:2])
    (folder / "type.toml").write_text(
        f'name = "{name}"\nversion = "1"\nsummary = "First page, blank."\nreferences = ["page-1.png"]\n\n'
        f"[page]\nwidth_points = {width:.2f}\nheight_points = {height:.2f}\n",
        encoding="utf-8",
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forms", type=Path, default=Path("../shared/train/forms"))
    parser.add_argument("--fonts", type=Path, required=True, help="folder in which npm installed the @fontsource faces")
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--half", choices=("even", "odd", "all"), default="odd")
    parser.add_argument("--registered", type=int, default=40)
    parser.add_argument("--copies", type=int, default=8)
    parser.add_argument("--subset", action="append", default=[], help="draw only this subset; repeatable")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    planned = planned_of(given.forms, given.half, given.registered, given.copies, given.subset)
    count = draw(planned, given.forms, given.fonts, given.into, given.seed)
    print(f"{count} pages in {given.into}")


if __name__ == "__main__":
    main()
