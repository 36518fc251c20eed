"""The truth of a file, as JSON in the format of the evaluation set of filled forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthesis.filled.blank_fields import Fractions
from synthesis.filled.coming_in import Seen
from synthesis.filled.fill_page import FilledField

UNSEEN = 0.1
"""Share of a box off the scan, or under something, from which its field is not scored."""
_ACROSS, _DOWN = (0.06, 0.36, 0.64, 0.94), (0.06, 0.28, 0.5, 0.72, 0.94)


@dataclass(frozen=True, slots=True)
class PageTruth:
    """A page of the file."""

    seen: Seen | None
    """None where the page was not scanned."""
    blank_page: int | None = None
    """None of another form."""
    instance: int | None = None
    turn: int = 0
    size: tuple[float, float] = (612.0, 792.0)
    """Points of the blank page."""


def page_row(number: int, page: PageTruth) -> dict[str, Any]:
    """A page, counted from 1 in the file."""
    row: dict[str, Any] = {
        "page": number,
        "blank_page": page.blank_page,
        "instance": page.instance,
        "turn": page.turn,
        "matrix": None,
    }
    if page.blank_page is None:
        return row
    if page.seen is None:
        return row | {"matrix": np.eye(3).tolist()}
    if page.seen.curl is not None:
        at = np.array([(x, y) for y in _DOWN for x in _ACROSS])
        found = page.seen.places(at, page.size)
        return row | {"points": np.round(np.hstack([at, found]), 6).tolist()}
    matrix = page.seen.matrix(page.size)
    return row | {"matrix": np.round(matrix / matrix[2, 2], 8).tolist()}


def field_row(instance: int, field: FilledField, scans: Sequence[PageTruth]) -> dict[str, Any]:
    """A field of a copy; `scans` are all scans of its page."""
    row: dict[str, Any] = {
        "instance": instance,
        "name": field.name,
        "page": field.page,
        "kind": field.kind,
        "state": "filled" if field.filled else "blank",
        "value": field.value,
        "ink": field.ink,
        "boxes": [[round(side, 6) for side in box] for box in field.boxes],
    }
    if field.notes:
        row["note"] = " ".join(field.notes)
    if field.asks:
        row["asks"] = field.asks
    scanned = [(page.seen, page.size) for page in scans if page.seen is not None]
    if scanned and not any(all(_is_seen(box, *scan) for box in field.boxes) for scan in scanned):
        row["seen"] = False
    return row


def _is_seen(box: Fractions, seen: Seen, size: tuple[float, float]) -> bool:
    grid = _grid(box)
    found = seen.places(grid, size)
    off = (found < 0).any(axis=1) | (found > 1).any(axis=1)
    if seen.hidden is not None:
        rows, columns = seen.hidden.shape
        places = np.clip((grid * (columns, rows)).astype(int), 0, (columns - 1, rows - 1))
        off |= seen.hidden[places[:, 1], places[:, 0]] > 0
    return float(off.mean()) <= UNSEEN


def _grid(box: Fractions, steps: int = 12) -> NDArray[np.float64]:
    x, y = np.linspace(box[0], box[2], steps), np.linspace(box[1], box[3], steps)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
