"""How the networks of models are run."""

from __future__ import annotations

import subprocess
import sys

_OPENED = """
import numpy as np
from models.registry import load_model
load_model("deskew")
print(float(np.float32(1e-39) * np.float32(1)))
"""


def test_numbers_too_small_to_matter_count_as_zero() -> None:
    # In a process of its own: the first session of a process decides, for good.
    said = subprocess.run([sys.executable, "-c", _OPENED], check=True, capture_output=True, text=True)
    assert said.stdout == "0.0\n"
