"""The blank pages of all registered forms, ready to be found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.blank_pages.candidates import Voters, voters_of
from models.blank_pages.comparison import Reference, reference_of
from models.blank_pages.detail import Detail, detail_of
from models.blank_pages.features import PageFeatures, features_of

MARGIN = 48
"""Pixels of paper around a page while keypoints are looked for: forms have print at the very edge."""
_KEPT = 24
"""Blank pages whose larger parts (about 10 MB each) are kept at hand; stacks hold few forms."""


@dataclass(frozen=True, slots=True)
class BlankPage:
    """One page of a form as it is printed."""

    form: str
    page: int
    """From 1."""
    pixels: npt.NDArray[np.uint8]
    """Grey, at 150 dpi."""
    plain: npt.NDArray[np.uint8] | None = None
    """The same without the buttons and the frames of fields that viewers draw; None where there are none."""


class Blanks:
    """Blank pages with their keypoints, which are looked for once; what a proper comparison needs when it is wanted."""

    def __init__(self, pages: Sequence[BlankPage]) -> None:
        self.pages = tuple(pages)
        self.features: tuple[PageFeatures, ...] = tuple(features_of(each.pixels, margin=MARGIN) for each in self.pages)
        self.voters: tuple[Voters, ...] = tuple(voters_of(each) for each in self.features)
        self._references: dict[int, Reference] = {}
        self._details: dict[int, Detail] = {}

    def reference(self, number: int) -> Reference:
        """The page's print in tiles."""
        if number not in self._references:
            _make_room(self._references)
            self._references[number] = reference_of(self.features[number])
        return self._references[number]

    def detail(self, number: int) -> Detail:
        """The page at reading size."""
        if number not in self._details:
            _make_room(self._details)
            page = self.pages[number]
            self._details[number] = detail_of(page.pixels, page.plain)
        return self._details[number]


def _make_room(kept: dict[int, Reference] | dict[int, Detail]) -> None:
    while len(kept) >= _KEPT:
        del kept[next(iter(kept))]
