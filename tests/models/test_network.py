"""How the networks of models are run."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from analysis.children.environment import child_environment
from models.runtimes import TINY_AS_ZERO

_OPENED = """
import numpy as np
from models.registry import load_model
load_model("deskew")
print(float(np.float32(1e-39) * np.float32(1)) == 0)
"""


@pytest.mark.parametrize("asked", [True, False])
def test_numbers_too_small_to_matter_count_as_zero_where_that_is_asked_for(asked: bool) -> None:
    # In a process of its own: the first session of a process decides, for good.
    environment = {name: value for name, value in os.environ.items() if name != TINY_AS_ZERO}
    environment |= {TINY_AS_ZERO: "1"} if asked else {}
    command = [sys.executable, "-c", _OPENED]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert said.stdout == f"{asked}\n"


def test_children_ask_for_it() -> None:
    assert child_environment({}, {})[TINY_AS_ZERO]
