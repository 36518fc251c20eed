"""From a PDF page's own space (points, y up, before cropping and turning) to fractions of the page as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pypdf import PageObject

from forms.form import Box

PLACES = 5
"""Decimals of a fraction: a hundredth of a pixel at 150 dpi."""


@dataclass(frozen=True, slots=True)
class ShownPage:
    """The part of a page that a viewer shows, and how it is turned."""

    left: float
    bottom: float
    width: float
    """In points, before turning."""
    height: float
    quarter_turns: int
    """Clockwise."""

    @classmethod
    def of(cls, page: PageObject) -> Self:
        """The crop box as far as it lies on the media box (ISO 32000-2, 14.11.2), turned by /Rotate."""
        crop, media = page.cropbox, page.mediabox
        left, right = max(crop.left, media.left), min(crop.right, media.right)
        bottom, top = max(crop.bottom, media.bottom), min(crop.top, media.top)
        if right <= left or top <= bottom:
            left, right, bottom, top = media.left, media.right, media.bottom, media.top
        return cls(float(left), float(bottom), float(right - left), float(top - bottom), page.rotation // 90 % 4)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as shown, in points."""
        return (self.height, self.width) if self.quarter_turns % 2 else (self.width, self.height)

    def box(self, rectangle: Sequence[float], least: float = 0.0) -> Box | None:
        """A PDF rectangle in fractions; None where less than `least` points of it are on the page, either way."""
        if len(rectangle) != 4:
            return None
        x0, x1 = sorted((rectangle[0], rectangle[2]))
        y0, y1 = sorted((rectangle[1], rectangle[3]))
        left, right = (_clipped((x - self.left) / self.width) for x in (x0, x1))
        top, bottom = (_clipped(1 - (y - self.bottom) / self.height) for y in (y1, y0))
        if (right - left) * self.width < least or (bottom - top) * self.height < least:
            return None
        for _ in range(self.quarter_turns):
            left, top, right, bottom = 1 - bottom, left, 1 - top, right
        left, top, right, bottom = (round(edge, PLACES) for edge in (left, top, right, bottom))
        return left, top, right, bottom


def _clipped(fraction: float) -> float:
    return min(1.0, max(0.0, fraction))
