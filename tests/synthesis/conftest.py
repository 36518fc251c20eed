"""The blank sample form as a sheet: fonts are needed to print it, not to fill its boxes or to degrade it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from docbeam.samples import sample_folder
from synthesis.forms.application_form import APPLICATION_FORM
from synthesis.forms.layout import Layout, lay_out
from synthesis.sheet import Sheet, new_sheet

BLANK_DPI = 120


@pytest.fixture(scope="session")
def layout() -> Layout:
    return lay_out(APPLICATION_FORM)


@pytest.fixture(scope="session")
def blank() -> Sheet:
    image = cv2.imread(str(sample_folder() / "application-form-blank.png"), cv2.IMREAD_COLOR)
    assert image is not None
    return new_sheet(np.asarray(image, dtype=np.uint8), BLANK_DPI)
