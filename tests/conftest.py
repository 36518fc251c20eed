"""Fixtures every test folder shares: where the evaluation data is, and the local stack."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.endpoints import Endpoints
from devstack.stack import down, up

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def evaluation_data() -> Path:
    """The folder of evaluation sets; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("DOCBEAM_EVAL_DATA", REPOSITORY.parent / "shared" / "eval"))
    if not folder.is_dir():
        pytest.skip(f"no evaluation data at {folder}; set DOCBEAM_EVAL_DATA")
    return folder


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """Every part of the local stack, started once. A part that cannot be started is an error, not a skip."""
    state_dir = tmp_path_factory.mktemp("stack")
    try:
        yield up(state_dir=state_dir)
    finally:
        down(state_dir, wipe=True)
