"""How many of a form's fields are proposed from what its pages look like: `python -m benchmarks.proposed_fields -h`.

Fillable PDFs are taken for truth. Their fields are taken away, what is left is a blank without fields, and what is
proposed for it is held against what was taken away. A place that a person fills in by hand, and that has no field in
the PDF, counts as wrong here.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from pypdf import PdfReader, PdfWriter

from clients.blank_sheets import BlankSheet, blank_sheets
from clients.proposing_fields import proposed_fields
from config.settings import DocumentSettings
from documents.geometry import apply_steps, straighten_step
from documents.inspect import inspect
from documents.rasterise import rasterise
from evaluation.statistics import fraction
from forms.acroform import read_acroform
from forms.form import MARKS, FieldKind, FormField

Box = tuple[float, float, float, float]
SCAN_DPI, SCAN_DEGREES = 200, 0.8
_IOU = 0.5
_ACROSS, _DOWN = 0.7, 0.5
"""Of what two places cover together across, and of the lower one's height, as much in common is the same line."""
_MARK_SHARE = 0.6
"""Of the smaller of two boxes to be marked."""
_UNDER = 0.35
"""Of a field's height, as much may a proposed line lie under it."""
_SAME_WORDS = 0.5
_INK, _EDGE_POINTS = 240, 4.0
"""Grey below which something is printed, and how far from a field's edge its line is looked for."""
_LINE_SHARE, _BOX_SHARE = 0.6, 0.4
"""Of a field's foot, or of a box's sides, as much has ink where there is a line."""


@dataclass(slots=True)
class Counts:
    """What was counted, by kind."""

    true: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    """Of the true."""
    printed: Counter[str] = field(default_factory=Counter)
    """Of the true, those with a frame or line printed on the page itself; of others only the field showed one."""
    printed_found: Counter[str] = field(default_factory=Counter)
    proposed: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    """Of the proposed: a field is there."""
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Of what was found: true kind, proposed kind."""
    labelled: int = 0
    """Found fields whose PDF says what they are called."""
    labels_right: int = 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the counts of a folder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proposed_fields", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of fillable PDFs, or of NAME/blank.pdf")
    parser.add_argument("--half", type=int, choices=(0, 1), help="only one half of the files, by their names")
    parser.add_argument("--leave-out", type=Path, help="another such folder, whose files are left out")
    parser.add_argument("--scans", action="store_true", help="as pictures, turned by a little, without a text layer")
    parser.add_argument("--by-file", action="store_true", help="a row for each file too")
    parser.add_argument("--limit", type=int, help="only so many files")
    chosen = parser.parse_args(arguments)
    out = set(_blanks(chosen.leave_out)) if chosen.leave_out else set()
    blanks = {name: path for name, path in _blanks(chosen.data).items() if name not in out}
    if chosen.half is not None:
        blanks = {name: path for name, path in blanks.items() if _half(name) == chosen.half}
    total = Counts()
    for name, path in list(blanks.items())[: chosen.limit]:
        before = _written(total)
        count(path, total, scan=chosen.scans)
        if chosen.by_file:
            found, true, right, proposed = (now - then for now, then in zip(_written(total), before, strict=True))
            print(f"{name}: to write in {found} of {true} found, {right} of {proposed} proposed are right", flush=True)
    print(f"{len(blanks)} files")
    print("\n".join(_rows(total)))


def count(blank: Path, counts: Counts, *, scan: bool = False) -> None:
    """Add what is proposed for `blank` without its fields to `counts`.

    Raises FormError for what is no PDF.
    """
    truth = read_acroform(blank)
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "blank.pdf"
        _strip(blank, bare)
        pages = inspect(bare, DocumentSettings()).page_count
        if not scan:
            sheets = list(blank_sheets(bare))
            printed = _printed(truth, {sheet.number: sheet.image.pixels for sheet in sheets})
            return _compare(truth, proposed_fields(sheets), _identity(sheets), counts, printed)
        sheets, sizes, pictures = [], {}, {}
        for number in range(1, pages + 1):
            drawn = _drawn(bare, number)
            picture = Path(folder) / f"{number}.png"
            Image.fromarray(_turned(drawn)).save(picture, dpi=(SCAN_DPI, SCAN_DPI))
            (sheet,) = blank_sheets(picture)
            sheets.append(BlankSheet(number, sheet.image, sheet.words, sheet.straightened))
            sizes[number] = _about_the_middle(drawn, sheet)
            pictures[number] = drawn
        return _compare(truth, proposed_fields(sheets), sizes, counts, _printed(truth, pictures))


def _printed(truth: Sequence[FormField], pages: dict[int, npt.NDArray[np.uint8]]) -> list[bool]:
    """For each place whether the page shows where it is: a line at its foot, or a frame about a box to be marked."""
    return [_shows(pages[place.page], place.box, each.kind in MARKS) for each in truth for place in each.places]


def _shows(page: npt.NDArray[np.uint8], box: Box, mark: bool) -> bool:
    height, width = page.shape
    left, top, right, bottom = (round(edge * (height if side % 2 else width)) for side, edge in enumerate(box))
    reach = round(_EDGE_POINTS * SCAN_DPI / 72)
    if mark:
        ink = page[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach] < _INK
        return bool(ink.size and min(ink.mean(axis=0).max(), ink.mean(axis=1).max()) > _BOX_SHARE)
    ink = page[max(0, bottom - reach) : bottom + reach, left:right] < _INK
    return bool(ink.size and ink.mean(axis=1).max() > _LINE_SHARE)


_Map = tuple[float, float, float, float, float, float]
"""Of a page: scale and shift from fractions across to pixels, the same down, width and height of the proposal's."""


def _identity(sheets: Iterable[BlankSheet]) -> dict[int, _Map]:
    found = {}
    for sheet in sheets:
        height, width = sheet.image.pixels.shape
        found[sheet.number] = (float(width), 0.0, float(height), 0.0, float(width), float(height))
    return found


def _about_the_middle(drawn: npt.NDArray[np.uint8], sheet: BlankSheet) -> _Map:
    """Turning and straightening leave a page where it was about its middle, on more paper."""
    height, width = sheet.image.pixels.shape
    scale = (sheet.image.dpi or SCAN_DPI) / SCAN_DPI
    true_height, true_width = (length * scale for length in drawn.shape)
    return (true_width, (width - true_width) / 2, true_height, (height - true_height) / 2, float(width), float(height))


def _compare(
    truth: Sequence[FormField],
    proposed: Sequence[FormField],
    maps: dict[int, _Map],
    counts: Counts,
    printed: Sequence[bool],
) -> None:
    trues = [(each, place.page, _true_box(place.box, maps[place.page])) for each in truth for place in each.places]
    told = [(each, place.page, _told_box(place.box, maps[place.page])) for each in proposed for place in each.places]
    pairs = sorted(
        (
            (_likeness(true_box, box, each.kind in MARKS), number, other)
            for number, (each, page, true_box) in enumerate(trues)
            for other, (its, its_page, box) in enumerate(told)
            if page == its_page and (each.kind in MARKS) == (its.kind in MARKS)
        ),
        reverse=True,
    )
    matched: dict[int, int] = {}
    for likeness, number, other in pairs:
        if likeness > 0 and number not in matched and other not in matched.values():
            matched[number] = other
    counts.true.update(each.kind.value for each, _, _ in trues)
    counts.proposed.update(each.kind.value for each, _, _ in told)
    for number, (each, _, _) in enumerate(trues):
        counts.printed[each.kind.value] += printed[number]
        counts.printed_found[each.kind.value] += printed[number] and number in matched
    for number, other in matched.items():
        true, said = trues[number][0], told[other][0]
        counts.found[true.kind.value] += 1
        counts.right[said.kind.value] += 1
        counts.kinds[true.kind.value, said.kind.value] += 1
        if true.label and true.kind not in MARKS:
            counts.labelled += 1
            counts.labels_right += _same_label(said.label, f"{true.label} {true.name}")


def _true_box(box: Box, page: _Map) -> Box:
    across, right, down, under, _, _ = page
    return box[0] * across + right, box[1] * down + under, box[2] * across + right, box[3] * down + under


def _told_box(box: Box, page: _Map) -> Box:
    width, height = page[4:]
    return box[0] * width, box[1] * height, box[2] * width, box[3] * height


def _likeness(true: Box, told: Box, mark: bool) -> float:
    """How much a proposed place is the true one; 0 where it is another."""
    width = min(true[2], told[2]) - max(true[0], told[0])
    height = min(true[3], told[3]) - max(true[1], told[1])
    if width <= 0 or height <= 0:
        return 0.0
    sizes = [(box[2] - box[0]) * (box[3] - box[1]) for box in (true, told)]
    iou = width * height / (sum(sizes) - width * height)
    if iou >= _IOU or (mark and width * height > _MARK_SHARE * min(sizes)):
        return iou
    across = width / (max(true[2], told[2]) - min(true[0], told[0]))
    lower = min(true[3] - true[1], told[3] - told[1])
    on_line = true[1] < told[3] <= true[3] + _UNDER * (true[3] - true[1])
    return across / 2 if not mark and across >= _ACROSS and on_line and height >= _DOWN * lower else 0.0


def _same_label(said: str, true: str) -> bool:
    words = _words(said)
    return bool(words) and sum(word in _words(true) for word in words) >= _SAME_WORDS * len(words)


def _words(text: str) -> set[str]:
    return {word for word in "".join(c.lower() if c.isalnum() else " " for c in text).split() if len(word) > 1}


def _written(counts: Counts) -> tuple[int, int, int, int]:
    """Found of the true, right of the proposed, of fields that are written in."""
    marks = {kind.value for kind in MARKS}
    found, true, right, proposed = (
        sum(number for kind, number in counter.items() if kind not in marks)
        for counter in (counts.found, counts.true, counts.right, counts.proposed)
    )
    return found, true, right, proposed


def _rows(counts: Counts) -> Iterable[str]:
    for kind in FieldKind:
        yield from _row(f"found: {kind.value}", counts.found[kind.value], counts.true[kind.value])
    for kind in FieldKind:
        yield from _row(f"right: {kind.value}", counts.right[kind.value], counts.proposed[kind.value])
    found, true, right, proposed = _written(counts)
    marks = [kind.value for kind in MARKS]
    others = [kind.value for kind in FieldKind if kind not in MARKS]
    yield from _row("found: to write in", found, true)
    yield from _row("found: to write in, printed", _sum(counts.printed_found, others), _sum(counts.printed, others))
    yield from _row("right: to write in", right, proposed)
    yield from _row("found: to mark", _sum(counts.found, marks), _sum(counts.true, marks))
    yield from _row("found: to mark, printed", _sum(counts.printed_found, marks), _sum(counts.printed, marks))
    for kind in FieldKind:
        of_kind = {said: number for (true_kind, said), number in counts.kinds.items() if true_kind == kind.value}
        yield from _row(f"kind right: {kind.value}", of_kind.get(kind.value, 0), sum(of_kind.values()))
    yield from _row("label right", counts.labels_right, counts.labelled)


def _sum(counter: Counter[str], kinds: Iterable[str]) -> int:
    return sum(counter[kind] for kind in kinds)


def _row(name: str, part: int, whole: int) -> Iterable[str]:
    measured = fraction(part, whole)
    if measured.value is not None:
        yield f"{name:28} {measured.value:.3f} [{measured.low:.3f}, {measured.high:.3f}]  {part} of {whole}"


def _blanks(folder: Path) -> dict[str, Path]:
    found = {path.parent.name: path for path in sorted(folder.glob("*/blank.pdf"))}
    return found or {path.stem: path for path in sorted(folder.glob("*.pdf"))}


def _half(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2


def _strip(blank: Path, into: Path) -> None:
    """The PDF without its annotations, and so without its fields and what they draw."""
    writer = PdfWriter()
    reader = PdfReader(blank)
    if reader.is_encrypted:
        reader.decrypt("")
    for page in reader.pages:
        page.pop("/Annots", None)
        writer.add_page(page)
    writer.write(into)


def _drawn(pdf: Path, number: int) -> npt.NDArray[np.uint8]:
    settings = DocumentSettings(dpi=SCAN_DPI)
    pixels = rasterise(pdf, inspect(pdf, settings).media_type, number, settings).pixels
    return pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _turned(drawn: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """As a scanner sees it: a little askew, not quite sharp, with grain."""
    height, width = drawn.shape
    turned = apply_steps(drawn, [straighten_step(width, height, -SCAN_DEGREES)])
    soft = cv2.GaussianBlur(turned, (0, 0), 0.7).astype(np.float32)
    grain = np.random.default_rng(1).normal(0, 4, soft.shape)
    return np.asarray(np.clip(soft * 0.9 + 20 + grain, 0, 255), dtype=np.uint8)


if __name__ == "__main__":
    main()
