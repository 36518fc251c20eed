"""The OCR model: chooses the engine each page asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.contract import Model, PageImage
from models.ocr.accurate import AccurateReader
from models.ocr.light import LightReader
from models.ocr.reading_order import in_reading_order
from schemas.prediction import Prediction, TextLine

ENGINE_OPTION = "engine"
ACCURATE = "accurate"
LIGHT = "light"


class Ocr(Model):
    """Text lines of a page, top to bottom and left to right within a row.

    Page option `engine`: `accurate` (default) or `light`. Each page is read by itself, so its text does not
    depend on the pages beside it. The light engine is opened when the first page asks for it.
    """

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Open the accurate engine; remember where the light one's language is."""
        self._accurate = AccurateReader(artifacts["detector"], artifacts["recogniser"])
        self._light_language = artifacts["light_language"]
        self._light: LightReader | None = None

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page; no lines on a blank one.

        Raises ValueError for an unknown engine.
        """
        return [self._read(page) for page in pages]

    def _read(self, page: PageImage) -> Prediction:
        lines = self._reader(page.options.get(ENGINE_OPTION, ACCURATE))(page.pixels, page.dpi)
        return Prediction(lines=in_reading_order(lines))

    def _reader(self, engine: str) -> Callable[[npt.NDArray[np.uint8], float | None], Sequence[TextLine]]:
        if engine == ACCURATE:
            return self._accurate.read
        if engine == LIGHT:
            if self._light is None:
                self._light = LightReader(self._light_language)
            return self._light.read
        raise ValueError(f"ocr has no engine {engine!r}; choose {ACCURATE!r} or {LIGHT!r}")
