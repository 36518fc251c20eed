"""The PyPI package rapidocr as whoever installs it calls it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.peers.peer import Peer, Reading, imported
from models.contract import PageImage
from schemas.prediction import Prediction, TextLine, corner_quad

_ONE_THREAD = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Global.log_level": "error",
}


class RapidOcr(Peer):
    """Detection, line direction and recognition with the models the package brings."""

    name = "rapidocr"
    output = "lines"
    about = "RapidOCR()(page) on the page as found; crops by its recogniser alone. One thread, else its defaults."
    licence = "Apache-2.0"
    as_found = True

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Load its three networks."""
        self._engine: Any = imported("rapidocr").RapidOCR(params=_ONE_THREAD)
        self.card = self.described(version("rapidocr"))

    def answer(self, page: PageImage) -> Prediction:
        """Its lines; it gives no words."""
        output = self._engine(np.ascontiguousarray(page.pixels))
        if output.boxes is None or output.txts is None or output.scores is None:
            return Prediction()
        lines = zip(output.boxes, output.txts, output.scores, strict=True)
        return Prediction(lines=tuple(TextLine(text, corner_quad(box), float(score)) for box, text, score in lines))

    def read(self, crop: npt.NDArray[np.uint8], kind: str) -> Reading:
        """The recogniser's reading of a crop of one line, whatever its kind."""
        output = self._engine(np.ascontiguousarray(crop), use_det=False, use_cls=False, use_rec=True)
        if not output.txts:
            return Reading("", 0.0)
        return Reading(" ".join(output.txts), float(min(output.scores)))
