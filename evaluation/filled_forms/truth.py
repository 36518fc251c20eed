"""Files of filled forms with their truth, in the format that docs/known-forms.md names."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.folder import FolderError

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class TrueField:
    """A field as it was filled in."""

    name: str
    kind: str
    filled: bool
    value: str
    ink: str
    note: str
    box: Box
    """Of its first place, in fractions of the blank page."""


@dataclass(frozen=True, slots=True)
class TruePage:
    """A page of a file."""

    number: int
    blank_page: int | None
    """None for pages of other forms."""
    instance: int | None
    turn: int | None
    """None where it is not known; nor is then whether the copies are all of the file's."""
    matrix: tuple[tuple[float, ...], ...] | None
    """Fractions of the blank page to those of this page; None where paper is curled."""
    fields: Mapping[str, TrueField]
    """Those that can be seen, by name."""


@dataclass(frozen=True, slots=True)
class FilledFile:
    """A file, and what is in it."""

    path: Path
    form: str
    """Name of the folder of its blank; empty for forms that are not registered."""
    subset: str
    pages: Sequence[TruePage]


def filled_files(data: Path, subset: str | None = None, limit: int | None = None) -> list[FilledFile]:
    """The files that index.csv names; of more than `limit` every n-th.

    Raises FolderError for a folder out of format.
    """
    try:
        with (data / "index.csv").open(encoding="utf-8", newline="") as opened:
            rows = [row for row in csv.DictReader(opened) if subset is None or row["subset"] == subset]
        if not rows:
            raise FolderError(f"{data}: no files" + (f" of subset {subset!r}" if subset else ""))
        if limit is not None and len(rows) > limit:
            rows = [rows[number * len(rows) // limit] for number in range(limit)]
        return [_file(data, row) for row in rows]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise FolderError(f"{data}: not in the format of filled forms ({type(error).__name__}: {error})") from None


def _file(data: Path, row: Mapping[str, str]) -> FilledFile:
    truth = json.loads((data / row["truth"]).read_text(encoding="utf-8"))
    pages = tuple(_page(page, truth["fields"]) for page in truth["pages"])
    return FilledFile(data / row["path"], truth["form"] or "", row["subset"], pages)


def _page(page: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> TruePage:
    own = {
        field["name"]: TrueField(
            name=field["name"],
            kind=field["kind"],
            filled=field["state"] == "filled",
            value=field["value"],
            ink=field["ink"],
            note=field.get("note") or "",
            box=tuple(field["boxes"][0]),
        )
        for field in fields
        if field["instance"] == page["instance"] and field["page"] == page["blank_page"] and field.get("seen", True)
    }
    matrix = page.get("matrix")
    return TruePage(
        page["page"],
        page["blank_page"],
        page["instance"],
        page.get("turn", 0),
        None if matrix is None else tuple(tuple(row) for row in matrix),
        own,
    )
