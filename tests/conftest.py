"""Fixtures every test folder shares: where the evaluation data and the fonts are, and the local stack."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.endpoints import Endpoints
from devstack.fonts import font_folder
from devstack.stack import USUAL, down, up
from models.registry import all_models
from synthesis.fonts import FontFolder
from tests.installing_plugins import install_plugins
from tests.kafka_broker import broker
from tests.longest_first import pytest_collection_modifyitems
from tests.no_silent_skips import pytest_make_collect_report, pytest_runtest_makereport
from use_cases.registry import all_use_cases

__all__ = ["broker", "pytest_collection_modifyitems", "pytest_make_collect_report", "pytest_runtest_makereport"]

DATABASES = ("mongo", "postgres", "redis")
"""Of gateways that share their requests; the stack starts them only where they are named."""
REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def evaluation_data() -> Path:
    """The folder of evaluation sets; tests that need it skip where it is absent, and fail in CI."""
    folder = Path(os.environ.get("DOCBEAM_EVAL_DATA", REPOSITORY.parent / "shared" / "eval"))
    if not folder.is_dir():
        pytest.skip(f"no evaluation data at {folder}; set DOCBEAM_EVAL_DATA")
    return folder


@pytest.fixture(scope="session")
def fonts() -> FontFolder:
    """The open fonts that documents are drawn with, fetched like the parts of the stack: absent ones are an error."""
    chosen = os.environ.get("DOCBEAM_FONTS")
    return FontFolder(Path(chosen) if chosen else font_folder(lambda line: None))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """Every part of the local stack, started once. A part that cannot be started is an error, not a skip."""
    state_dir = tmp_path_factory.mktemp("stack")
    try:
        yield up([*USUAL, *DATABASES], state_dir=state_dir)
    finally:
        down(state_dir, wipe=True)


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which `tests/plugins/docbeam-notes` is installed, entry points included."""
    target = tmp_path_factory.mktemp("plugins")
    install_plugins(target)
    return target


@pytest.fixture
def installed_plugins(plugins: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The plug-ins as if installed in this environment: here, in the children and in started programs."""
    monkeypatch.syspath_prepend(str(plugins))
    monkeypatch.setenv("PYTHONPATH", str(plugins))
    all_models.cache_clear()
    all_use_cases.cache_clear()
    yield plugins
    all_models.cache_clear()
    all_use_cases.cache_clear()
