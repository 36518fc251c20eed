"""Paper that does not lie flat: bent about one axis, seen a little from the side, as a camera sees a curled page."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from synthesis.sheet import Sheet

Points = NDArray[np.float64]

_STEPS = 2000
"""Of the table along the page; between them a straight line is exact to a thousandth of a pixel."""


@dataclass(frozen=True, slots=True)
class Curl:
    """Where a bent page's points go, in fractions of the page; with `upright` columns are bent, otherwise rows."""

    height: float
    """How far the highest place moves, in widths of the page."""
    waves: float
    """How many half waves the page makes."""
    phase: float
    fanned: float
    """How much more the far end moves than the near end."""
    upright: bool

    def _lift(self, along: Points) -> Points:
        wave = np.sin(np.pi * self.waves * along + self.phase)
        return np.asarray(self.height * wave, dtype=np.float64)

    def _table(self) -> tuple[Points, Points]:
        """Places along the page, and where they are seen: what rises is seen shorter."""
        flat = np.linspace(-0.2, 1.2, _STEPS)
        slope = np.gradient(self._lift(flat) * 4, flat)
        step = 1 / np.sqrt(1 + slope**2)
        seen = np.concatenate([[0.0], np.cumsum((step[1:] + step[:-1]) / 2 * np.diff(flat))])
        seen -= np.interp(0.0, flat, seen)
        return flat, seen / np.interp(1.0, flat, seen)

    def forward(self, points: Points) -> Points:
        """N x 2 fractions of the flat page to fractions of the bent one."""
        along, across = (points[:, 0], points[:, 1]) if self.upright else (points[:, 1], points[:, 0])
        flat, seen = self._table()
        moved = across + self._lift(along) * (1 + self.fanned * (across - 0.5))
        new = np.interp(along, flat, seen)
        return np.column_stack([new, moved] if self.upright else [moved, new])

    def backward(self, points: Points) -> Points:
        """The inverse of `forward`."""
        along, across = (points[:, 0], points[:, 1]) if self.upright else (points[:, 1], points[:, 0])
        flat, seen = self._table()
        old = np.interp(along, seen, flat)
        lift = self._lift(old)
        moved = (across - lift * (1 - 0.5 * self.fanned)) / (1 + self.fanned * lift)
        return np.column_stack([old, moved] if self.upright else [moved, old])


def draw_curl(random: np.random.Generator) -> Curl:
    """A mild curl: up to 2 % of the page."""
    return Curl(
        float(random.uniform(0.006, 0.02)),
        float(random.uniform(0.8, 2.0)),
        float(random.uniform(-0.6, 0.6)),
        float(random.uniform(-0.6, 0.6)),
        bool(random.random() < 0.6),
    )


def bend(sheet: Sheet, curl: Curl) -> Sheet:
    """The page so bent, its size unchanged. The matrix of the sheet stays that of the flat page: use `curl.forward`."""
    rows, columns = sheet.image.shape[:2]
    # The map is smooth: found on a coarse grid, drawn between.
    x = (np.arange(0, columns + 8, 8) + 0.5) / columns
    y = (np.arange(0, rows + 8, 8) + 0.5) / rows
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    source = curl.backward(grid).reshape(len(y), len(x), 2) * (columns, rows) - 0.5
    place_x, place_y = np.meshgrid(np.arange(columns, dtype=np.float32) / 8, np.arange(rows, dtype=np.float32) / 8)
    from_x, from_y = (
        cv2.remap(source[:, :, axis].astype(np.float32), place_x, place_y, cv2.INTER_LINEAR) for axis in (0, 1)
    )
    image = cv2.remap(
        sheet.image, from_x, from_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(252,) * 3
    )
    return sheet.after(f"curled by {curl.height:.1%}", np.asarray(image, dtype=np.uint8))
