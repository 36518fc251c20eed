"""The PyPI package deskew: the most frequent angle among the Hough lines of the edges."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from evaluation.peers.jdeskew import fine
from evaluation.peers.peer import Peer, imported
from models.contract import PageImage
from models.ink import grey_of
from schemas.prediction import Prediction

MIN_DEVIATION = 0.1
"""Degrees between the angles tried; its own default of 1 could not come within 0.1 but by chance."""


class DeskewPackage(Peer):
    """The fine angle only."""

    name = "deskew"
    output = "skew"
    about = f"deskew.determine_skew on the grey page, angles {MIN_DEVIATION} degrees apart."
    licence = "MIT"
    gives_confidence = False

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Import the package."""
        self._package = imported("deskew")
        self.card = self.described(version("deskew"))

    def answer(self, page: PageImage) -> Prediction:
        """Its angle, which is that by which to turn the page; 0 where it finds none."""
        grey = grey_of(page.pixels)
        angle = self._package.determine_skew(grey, min_deviation=MIN_DEVIATION)
        return Prediction(skew=fine(0.0 if angle is None else -float(angle)))
