"""In CI nothing is skipped in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from packed import REPOSITORY

SKIPPING = """
import pytest

@pytest.fixture
def data():
    pytest.skip("no data here")

def test_that_skips(): pytest.skip("something is missing")
def test_with_data(data): ...
@pytest.mark.skipif(True, reason="never wanted")
def test_marked(): ...
def test_of_a_service(): pytest.skip("real service only: no account")
@pytest.mark.xfail(strict=True)
def test_known_to_fail(): assert False
"""


@pytest.mark.parametrize(
    ("ci", "outcome"),
    [
        ("true", "1 failed, 1 skipped, 1 xfailed, 2 errors"),
        ("", "4 skipped, 1 xfailed"),
        ("false", "4 skipped, 1 xfailed"),
    ],
)
def test_a_skip_fails_in_ci_unless_only_a_real_service_could_run_it(tmp_path: Path, ci: str, outcome: str) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPING, encoding="utf-8")
    said = _pytest(tmp_path, ci)
    assert outcome in said
    assert ("skipped in CI, where nothing may be missing: Skipped: something is missing" in said) == (ci == "true")


def test_a_module_that_skips_itself_fails_in_ci(tmp_path: Path) -> None:
    (tmp_path / "test_whole.py").write_text("import pytest\npytest.importorskip('no_such_module')\n", encoding="utf-8")
    assert "1 error" in _pytest(tmp_path, "true")
    assert "1 skipped" in _pytest(tmp_path, "")


def _pytest(folder: Path, ci: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_silent_skips", "-p", "no:cacheprovider", str(folder)]
    environment = os.environ | {"CI": ci, "PYTHONPATH": str(REPOSITORY), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, "--rootdir", str(folder), "-c", os.devnull],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
