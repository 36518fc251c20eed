"""The sample form has its twenty boxes at any resolution; its combs of two cells are none."""

from __future__ import annotations

import cv2
import numpy as np
import pypdfium2
import pytest

from docbeam.samples import sample_folder
from models.contract import Model, PageImage
from models.registry import load_model


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


@pytest.mark.parametrize("dpi", [75, 100, 120, 150, 175])
@pytest.mark.parametrize(
    ("name", "marked"), [("application-clean-scan.pdf", 6), ("application-with-attachment.pdf", 8)]
)
def test_twenty_boxes(model: Model, name: str, marked: int, dpi: int) -> None:
    document = pypdfium2.PdfDocument(sample_folder() / name)
    drawn = document[0].render(scale=dpi / 72).to_numpy()
    document.close()
    grey = cv2.cvtColor(drawn, cv2.COLOR_BGR2GRAY) if drawn.ndim == 3 else drawn
    (prediction,) = model.predict([PageImage(1, np.array(grey, np.uint8), dpi)])
    states = [box.state.value for box in prediction.checkboxes]
    assert (len(states), len(states) - states.count("empty")) == (20, marked)
