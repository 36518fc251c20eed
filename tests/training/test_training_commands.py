"""The commands of docs/training.md start, and say what they lack, wherever docbeam is installed without torch."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from training import extra
from training.checkbox import train as checkbox
from training.ocr import train as ocr
from training.signature import train as signature

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = ("training.md", "samples.md", "evaluation.md", "read-fields.md", "page-quality.md")
COMMANDS = sorted(
    {
        module
        for page in PAGES
        for module in re.findall(
            r"python -m ((?:training|synthesis|benchmarks)\.[\w.]+)",
            (REPOSITORY / "docs" / page).read_text(encoding="utf-8"),
        )
    }
)


@pytest.mark.parametrize("module", COMMANDS)
def test_a_command_of_the_docs_explains_itself_without_torch(module: str) -> None:
    lacking = "import runpy, sys; sys.modules |= {'torch': None, 'onnx': None}; "
    start = f"sys.argv = ['{module}', '--help']; runpy.run_module('{module}', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", lacking + start], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_docs_name_every_trainer() -> None:
    assert {"training.checkbox.train", "training.signature.train", "training.ocr.train"} <= set(COMMANDS)


@pytest.mark.parametrize("trainer", [checkbox, signature, ocr], ids=["checkbox", "signature", "ocr"])
def test_a_trainer_says_how_to_install_what_is_missing(
    trainer: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extra, "PACKAGES", ("no_such_package",))
    part = ["spelling"] if trainer is ocr else []
    with pytest.raises(SystemExit):
        trainer.main([*part, "--fonts", "nowhere"])  # type: ignore[attr-defined]
    assert "training needs no_such_package, not installed here: run `make setup-train`" in capsys.readouterr().err


def test_artifacts_go_beside_the_cards_that_name_them() -> None:
    assert checkbox.ARTIFACT.is_file()
    assert signature.ARTIFACT.is_file()
    fields = "blank_fields.onnx", "characters.onnx", "handwriting_words.onnx", "crops.json"
    for name in (*fields, "spelling.json", "confidence.json"):
        assert (ocr.FOLDER / name).is_file()
