"""The PyPI package jdeskew: adaptive radial projection on the Fourier magnitude spectrum (Pham et al., ICIP 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from evaluation.peers.peer import Peer, imported
from models.contract import PageImage
from schemas.prediction import Prediction, Skew


class Jdeskew(Peer):
    """The fine angle only."""

    name = "jdeskew"
    output = "skew"
    about = "jdeskew.estimator.get_angle with its defaults (within 15 degrees)."
    licence = "MIT"
    gives_confidence = False

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Import the package."""
        self._estimator = imported("jdeskew", "jdeskew.estimator")
        self.card = self.described(version("jdeskew"))

    def answer(self, page: PageImage) -> Prediction:
        """Its angle, which is that by which to turn the page."""
        return Prediction(skew=fine(-float(self._estimator.get_angle(page.pixels))))


def fine(angle: float) -> Skew:
    """The answer of software that knows the fine angle and has no confidence."""
    return Skew(0, 0.0, angle, 1.0, turned=False, straightened=True)
