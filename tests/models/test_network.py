"""How the networks of models are run."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from analysis.children.environment import child_environment
from models.registry import all_models
from models.runtimes import TINY_AS_ZERO
from models.runtimes.latest_answer import LatestAnswer
from models.runtimes.onnx import Network

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


def test_a_network_asked_the_same_again_gives_the_same_answer() -> None:
    path = all_models()["checkbox"].folder / "state.onnx"
    once = Network(path)
    latest = LatestAnswer(once)
    shape = tuple(size if isinstance(size, int) else 1 for size in once._session.get_inputs()[0].shape)
    values = np.random.default_rng(1).random(shape).astype(np.float32)
    first = latest(values)
    assert latest(values.copy()) is first
    others = latest(values / 2)
    assert (others == once(values / 2)).all()
    assert not (others == first).all()
