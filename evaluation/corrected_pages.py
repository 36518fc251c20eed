"""Corrections as evaluation sets: pages of the documents that people have judged, with what they said as truth."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cv2

from config.settings import DocumentSettings
from documents.cache import DocumentCache
from documents.fetch import fetch
from documents.inspect import inspect
from documents.raster import Pixels
from documents.rasterise import rasterise
from evaluation.folder import ABOUT, INDEX
from schemas.correction import Correction
from schemas.document import DocumentFacts
from schemas.errors import DocbeamError
from schemas.fields import FieldKind, FieldState
from schemas.prediction import CheckboxState, Quad, bounds
from schemas.request import DocumentReference

MODELS = ("ocr", "checkbox", "signature")
"""For each a folder of its own: `docbeam model evaluate MODEL --data FOLDER/MODEL`."""
_CROPS: Mapping[FieldKind, str] = {FieldKind.TEXT: "text", FieldKind.NUMBER: "text", FieldKind.DATE: "date"}
_CHECKED: Mapping[str, str] = {"on": "checked", "off": CheckboxState.EMPTY.value}
_COLUMNS = ("path", "label", "truth", "subset", "note")


@dataclass(slots=True)
class Exported:
    """What became of corrections."""

    fields: Counter[str] = field(default_factory=Counter)
    """By model."""
    pages: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Fields, by why."""
    refused: dict[str, str] = field(default_factory=dict)
    """By request why its document is not there."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One field as truth."""

    model: str
    quad: Quad
    """In fractions of the page."""
    truth: Mapping[str, str]


class CorrectionExport:
    """Writes the sets into a folder: `add` for the corrections of each request, `close` in the end.

    Places are pixels of the page as a viewer shows it. What people could not read is left out, and so are fields
    without a place and what no evaluation asks of given places: choices, and signature fields that nobody signed.
    """

    def __init__(self, folder: Path, settings: DocumentSettings, cache: DocumentCache) -> None:
        """Raises FileExistsError where there is a set already."""
        self._folder = folder
        self._settings = settings
        self._cache = cache
        self._rows: dict[str, list[Mapping[str, str]]] = {}
        self.done = Exported()
        for model in MODELS:
            if (folder / model / INDEX).exists():
                raise FileExistsError(f"{folder / model / INDEX} is there already; name another folder")

    def add(self, corrections: Sequence[Correction]) -> None:
        """Those of one request; a document that has changed since it was read, or is gone, is in `done.refused`."""
        by_page: dict[int, list[_Entry]] = defaultdict(list)
        for each in corrections:
            entry = _entry(each)
            if isinstance(entry, str):
                self.done.left_out[entry] += 1
            else:
                assert each.read.page is not None
                by_page[each.read.page].append(entry)
        first = corrections[0]
        if not by_page or first.document is None:
            return
        try:
            pages = self._pages(first.document, sorted(by_page))
        except DocbeamError as error:
            self.done.refused[first.request_id] = f"{error.code.value}: {error.message}"
            return
        for number, pixels in pages.items():
            # Ids may hold colons, which some file systems do not take.
            self._write(f"{quote(first.request_id, safe='')}-{number}", pixels, by_page[number], first.use_case)

    def close(self) -> Exported:
        """Write the indexes; without this there are no sets."""
        for model, rows in self._rows.items():
            folder = self._folder / model
            with (folder / INDEX).open("x", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, _COLUMNS)
                writer.writeheader()
                writer.writerows(rows)
            (folder / ABOUT).write_text(f'name = "corrections"\nmodel = "{model}"\n', encoding="utf-8")
        return self.done

    def _pages(self, facts: DocumentFacts, numbers: Sequence[int]) -> Mapping[int, Pixels]:
        reference = DocumentReference(facts.location, sha256=facts.sha256 or None, generation=facts.generation)
        document = fetch(reference, self._settings, self._cache)
        media_type = inspect(document.path, self._settings).media_type
        return {number: rasterise(document.path, media_type, number, self._settings).pixels for number in numbers}

    def _write(self, name: str, pixels: Pixels, entries: Sequence[_Entry], subset: str) -> None:
        height, width = pixels.shape[:2]
        self.done.pages += 1
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
            self.done.fields[model] += len(own)


def _entry(said: Correction) -> _Entry | str:
    """What is true of the field, or why it is left out."""
    if said.state is FieldState.UNREADABLE:
        return "unreadable"
    if said.read.quad is None or said.read.page is None:
        return "no place"
    if said.read.kind is FieldKind.CHECKBOX and (said.value or "off") in _CHECKED:
        return _Entry("checkbox", said.read.quad, {"state": _CHECKED[said.value or "off"]})
    if said.read.kind in _CROPS:
        return _Entry("ocr", said.read.quad, {"kind": _CROPS[said.read.kind], "text": said.value or ""})
    if said.read.kind is FieldKind.SIGNATURE and said.state is FieldState.FILLED:
        return _Entry("signature", said.read.quad, {"kind": "signature"})
    return f"{said.state.value} {said.read.kind.value}"


def _placed(entry: _Entry, width: int, height: int) -> dict[str, Any]:
    left, top, right, bottom = bounds(entry.quad)
    box = (left * width, top * height, right * width, bottom * height)
    return {"box": [round(side, 1) for side in box], **entry.truth}
