"""Reads a folder of evaluation pages: index.csv, files/, and truth/ where there is some."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INDEX = "index.csv"
ABOUT = "about.toml"
_COLUMNS = ("path", "label", "truth", "subset", "note")


class FolderError(ValueError):
    """The folder is not in the format; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the index."""

    path: Path
    name: str
    """Path as the index has it."""
    label: str
    truth: Mapping[str, Any]
    """Empty where the row names no truth file."""
    subset: str
    note: str
    page: int = 1
    """Of the file."""
    dpi: float | None = None
    """Pages of PDFs are drawn so; None: as a job does."""


def write_index(folder: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    """Write the index of a folder that has none. Raises FileExistsError where it has one."""
    with (folder / INDEX).open("x", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def read_folder(folder: Path, limit: int | None = None) -> list[Case]:
    """The rows of the index in order; of more than `limit`, every n-th, so that each subset keeps its share.

    Columns: path, label, truth (path of a JSON file or empty), subset, note; others are ignored.
    Raises FolderError.
    """
    rows = _rows(folder / INDEX)
    if limit is not None and 0 < limit < len(rows):
        rows = [rows[index * len(rows) // limit] for index in range(limit)]
    return [_case(folder, row) for row in rows]


def name_of(folder: Path) -> str:
    """The set's name: what `about.toml` says under `name`, or the folder's own.

    Raises FolderError for an `about.toml` that says nothing of the kind.
    """
    about = folder / ABOUT
    if not about.is_file():
        return folder.resolve().name
    try:
        return str(tomllib.loads(about.read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError) as error:
        raise FolderError(f"{about}: holds no name: {error}") from None


def _rows(index: Path) -> Sequence[Mapping[str, str]]:
    try:
        with index.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise FolderError(f"{index}: lacks the columns {', '.join(missing)}")
            rows = list(reader)
    except FileNotFoundError:
        raise FolderError(f"{index}: there is no index; see docs/evaluation.md for the format") from None
    if not rows:
        raise FolderError(f"{index}: lists no pages")
    return rows


def _case(folder: Path, row: Mapping[str, str]) -> Case:
    path = folder / row["path"]
    if not path.is_file():
        raise FolderError(f"{folder / INDEX}: names {row['path']}, which is not there")
    return Case(path, row["path"], row["label"], _truth(folder, row["truth"]), row["subset"] or "all", row["note"])


def _truth(folder: Path, name: str) -> Mapping[str, Any]:
    if not name:
        return {}
    path = folder / name
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FolderError(f"{path}: cannot be read as JSON: {error}") from None
    if not isinstance(truth, dict):
        raise FolderError(f"{path}: holds no JSON object")
    return truth
