"""Models do not import one another, and a folder that came yesterday is held to it like the others."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def copied_rules(tmp_path: Path) -> Path:
    """A tree that has every layer by name, the models of this one, and the checker."""
    layers = [
        name
        for line in (REPOSITORY / "docbeam" / "layers.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
        for name in line.split()
    ]
    for layer in layers:
        (tmp_path / layer).mkdir()
        shutil.copy(REPOSITORY / layer / "__init__.py", tmp_path / layer)
    for folder in ("models", "schemas", "use_cases", "documents", "config"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, dirs_exist_ok=True, ignore=_only_code)
    (tmp_path / "tests").mkdir()
    shutil.copy(REPOSITORY / "tests" / "check_layers.py", tmp_path / "tests")
    # The checker reads the list of layers through these.
    for file in [*(REPOSITORY / "docbeam").glob("*.txt"), *(REPOSITORY / "docbeam").glob("*.py")]:
        shutil.copy(file, tmp_path / "docbeam")
    return tmp_path


@pytest.mark.parametrize("other", ["models.catalog.checkbox.adapter", "models.catalog.page_colour"])
def test_a_new_model_that_imports_another_is_caught_without_being_listed(copied_rules: Path, other: str) -> None:
    for name in ("newcomer", "page_colour"):
        folder = copied_rules / "models" / "catalog" / name
        folder.mkdir()
        (folder / "__init__.py").write_text('"""A model."""\n', encoding="utf-8")
    assert _check(copied_rules) == (0, [])
    newcomer = copied_rules / "models" / "catalog" / "newcomer"
    (newcomer / "adapter.py").write_text(f"import {other}\n", encoding="utf-8")
    status, broken = _check(copied_rules)
    assert status == 1
    assert broken == ["Models do not import one another BROKEN"]


def _check(tree: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.check_layers"], cwd=tree, capture_output=True, text=True, check=False
    )
    return done.returncode, [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]


def _only_code(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if not (name.endswith(".py") or (Path(folder) / name).is_dir())}
