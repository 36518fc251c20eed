"""The model: first quarter turns, then the fine angle of the page so turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from models.catalog.deskew.closer_look import looked_at_closely
from models.catalog.deskew.edge import without_edges
from models.catalog.deskew.fine_angle import DEAD_BAND_DEGREES, NO_ANGLE, FineAngle, fine_angle, is_blank
from models.catalog.deskew.profile import lines_are_vertical
from models.catalog.deskew.quarter_turn import QuarterTurn, first_look, vote
from models.catalog.deskew.turning import straightened, turned_upright
from models.contract import Model, PageImage
from models.ink import grey_page, ink_of
from models.runtimes.onnx import Network
from schemas.prediction import Prediction, Skew

LONGEST_PIXELS = 1400
_SEEN_ASKEW = 1.0
"""Degrees that do not keep the network from seeing letters."""


class Deskew(Model):
    """Says how each page lies; the framework straightens it."""

    _network: Network

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Open the orientation network."""
        self._network = Network(artifacts["orientation"])

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One `Skew` a page."""
        return [Prediction(skew=self._skew(page)) for page in pages]

    def _skew(self, page: PageImage) -> Skew:
        grey = grey_page(page.pixels, LONGEST_PIXELS)
        ink = without_edges(ink_of(grey))
        if is_blank(ink):
            return _answer(QuarterTurn(0, 0.0), NO_ANGLE)
        quarter = first_look(self._network, grey)
        if quarter.plain:
            fine = fine_angle(turned_upright(ink, quarter.turns))
            straight = straightened(grey, fine.angle) if abs(fine.angle) > _SEEN_ASKEW else grey
        else:
            # Quarter turns do not change the fine angle, so it can be had before knowing which side is up.
            fine = fine_angle(turned_upright(ink, 1) if lines_are_vertical(ink) else ink)
            straight = straightened(grey, fine.angle)
            quarter = vote(self._network, straight)
        return _answer(looked_at_closely(self._network, turned_upright(straight, quarter.turns), quarter), fine)


def _answer(quarter: QuarterTurn, fine: FineAngle) -> Skew:
    return Skew(
        quarter_turns=quarter.turns,
        quarter_confidence=round(quarter.confidence, 4),
        angle_degrees=round(fine.angle, 3),
        angle_confidence=round(fine.confidence, 4),
        turned=quarter.sure and quarter.turns != 0,
        straightened=fine.sure and abs(fine.angle) >= DEAD_BAND_DEGREES,
    )
