"""`docbeam form evaluate`, on copies drawn for the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from docbeam.samples import sample_folder
from synthesis.draw_filled_forms import main
from synthesis.fonts import FontFolder
from tests.synthesis.little_form import write_strokes


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, fonts: FontFolder) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    blank, out = sample_folder() / "application-form-blank.pdf", folder / "set"
    (folder / "strokes").mkdir()
    strokes = write_strokes(folder / "strokes")
    arguments = [str(blank), "--out", str(out), "--seed", "3", "--fonts", str(fonts.path), "--strokes", str(strokes)]
    assert main([*arguments, "--count", "2", "--processes", "1", "--subset", "print-scan300", "--subset", "stack"]) == 0
    return out


def evaluated(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "docbeam.main", "form", "evaluate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)


def test_registered_pages_and_fields_are_counted(data: Path) -> None:
    done = evaluated("--data", str(data), "--output", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["metrics"]["registered"] == 1.0
    assert found["metrics"]["instances_right"] == 1.0
    assert found["metrics"]["residual_p95_px"] < 1
    assert found["counts"]["blank_accuracy"] > 20
    kinds = {name for name in found["subsets"] if name.startswith("kind:")}
    assert set(found["subsets"]) - kinds == {"print-scan300", "stack"}
    assert {"kind:text", "kind:checkbox", "kind:comb"} <= kinds
    # Kinds share out all fields, and have only what fields of the kind can say.
    assert (
        sum(found["subsets"][kind]["counts"]["blank_accuracy"] for kind in kinds) == found["counts"]["blank_accuracy"]
    )
    assert "checkbox_accuracy" not in found["subsets"]["kind:text"]["metrics"]


def test_wrong_fields_and_reliability_are_drawn(data: Path, tmp_path: Path) -> None:
    done = evaluated("--data", str(data), "--subset", "stack", "--plots", str(tmp_path / "plots"))
    assert done.returncode == 0, done.stderr
    drawn = {path.name for path in (tmp_path / "plots").iterdir()}
    assert {"reliability-field.png", "reliability-text.png", "reliability-checkbox.png"} <= drawn
    # A page of a file that is not its first is opened as such.
    wrong = [name for name in drawn if name.startswith("worst-")]
    assert all(f"wrote {tmp_path / 'plots' / name}" in done.stderr for name in drawn)
    assert ("error-sheet.png" in drawn) == bool(wrong)


def test_a_folder_out_of_format_is_wrong_use(tmp_path: Path) -> None:
    done = evaluated("--data", str(tmp_path))
    assert done.returncode == 2
    assert "not in the format of filled forms" in done.stderr
