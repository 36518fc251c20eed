"""Corrections as evaluation sets of models: the pages that people have judged, with what they said as truth."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from documents.raster import Pixels
from evaluation.folder import ABOUT, write_index
from schemas.correction import Correction
from schemas.fields import FieldKind, FieldState
from schemas.prediction import CheckboxState, Quad, bounds

MODELS = ("ocr", "checkbox", "signature")
"""For each a folder of its own: `docbeam model evaluate MODEL --data FOLDER/MODEL`."""
_CROPS: Mapping[FieldKind, str] = {FieldKind.TEXT: "text", FieldKind.NUMBER: "text", FieldKind.DATE: "date"}
_CHECKED: Mapping[str, str] = {"on": "checked", "off": CheckboxState.EMPTY.value}
_COLUMNS = ("path", "label", "truth", "subset", "note")


@dataclass(frozen=True, slots=True)
class Entry:
    """One field as truth."""

    model: str
    quad: Quad
    """In fractions of the page."""
    truth: Mapping[str, str]


class CorrectedPages:
    """Writes a set for each model, below `folder`. Places are pixels of the page as a viewer shows it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: dict[str, list[Mapping[str, str]]] = {}

    def add(self, name: str, pixels: Pixels, entries: Sequence[Entry], subset: str) -> Counter[str]:
        """A page with what is true of it; how many fields each set has more."""
        height, width = pixels.shape[:2]
        added: Counter[str] = Counter()
        for model in MODELS:
            own = [_placed(entry, width, height) for entry in entries if entry.model == model]
            if not own:
                continue
            folder = self._folder / model
            for part in ("files", "truth"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / "files" / f"{name}.png"), pixels)
            # Other boxes and signatures of the page were not judged: they are neither right nor wrong.
            truth = {"crops": own} if model == "ocr" else {"boxes": own, "complete": False}
            text = json.dumps(truth, ensure_ascii=False, indent=1)
            (folder / "truth" / f"{name}.json").write_text(text, encoding="utf-8")
            row = (f"files/{name}.png", "", f"truth/{name}.json", subset, f"unboxed; {len(own)} fields judged")
            self._rows.setdefault(model, []).append(dict(zip(_COLUMNS, row, strict=True)))
            added[model] = len(own)
        return added

    def close(self) -> None:
        """Write the indexes; without this there are no sets."""
        for model, rows in self._rows.items():
            folder = self._folder / model
            write_index(folder, _COLUMNS, rows)
            (folder / ABOUT).write_text(f'name = "corrections"\nmodel = "{model}"\n', encoding="utf-8")


def entries_by_page(
    corrections: Iterable[Correction],
) -> tuple[Mapping[int, Sequence[Entry]], Sequence[tuple[Correction, str]]]:
    """What is true of the places on each page; and what belongs into no set of pages, with why.

    That is what people could not read, fields without a place, and what no evaluation asks of given places: choices,
    and signature fields that nobody signed.
    """
    by_page: dict[int, list[Entry]] = defaultdict(list)
    unfit = []
    for each in corrections:
        entry = _entry(each)
        if isinstance(entry, str):
            unfit.append((each, entry))
        else:
            assert each.read.page is not None
            by_page[each.read.page].append(entry)
    return by_page, unfit


def _entry(said: Correction) -> Entry | str:
    """What is true of the field, or why it is left out."""
    if said.state is FieldState.UNREADABLE:
        return "unreadable"
    if said.read.quad is None or said.read.page is None:
        return "no place"
    if said.read.kind is FieldKind.CHECKBOX and (said.value or "off") in _CHECKED:
        return Entry("checkbox", said.read.quad, {"state": _CHECKED[said.value or "off"]})
    if said.read.kind in _CROPS:
        return Entry("ocr", said.read.quad, {"kind": _CROPS[said.read.kind], "text": said.value or ""})
    if said.read.kind is FieldKind.SIGNATURE and said.state is FieldState.FILLED:
        return Entry("signature", said.read.quad, {"kind": "signature"})
    return f"{said.state.value} {said.read.kind.value}"


def _placed(entry: Entry, width: int, height: int) -> dict[str, Any]:
    left, top, right, bottom = bounds(entry.quad)
    box = (left * width, top * height, right * width, bottom * height)
    return {"box": [round(side, 1) for side in box], **entry.truth}
