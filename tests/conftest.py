"""Fixtures every test folder shares: where the evaluation data is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def evaluation_data() -> Path:
    """The folder of evaluation sets; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("DOCBEAM_EVAL_DATA", REPOSITORY.parent / "shared" / "eval"))
    if not folder.is_dir():
        pytest.skip(f"no evaluation data at {folder}; set DOCBEAM_EVAL_DATA")
    return folder
