"""A folder of pages and a plug-in model whose answers are known."""

from __future__ import annotations

import csv
import importlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.registry import all_models
from tests.evaluation.page import Page

ADAPTER = '''
import json
from pathlib import Path

from pydantic import TypeAdapter

from models.contract import Model
from schemas.prediction import Prediction


class Told(Model):
    """Answers what the file `answers` says for the page whose corner has that grey level."""

    def load(self, artifacts):
        pass

    def predict(self, pages):
        return [self._answer(page) for page in pages]

    def _answer(self, page):
        answer = json.loads(Path(page.options["answers"]).read_text())[str(int(page.pixels[0, 0]))]
        if "expecting" in answer:
            answer = answer["expecting"].get(page.options.get("expected"), answer["else"])
        if answer == "raise":
            raise RuntimeError("told to")
        if answer == "earlier":
            return page.earlier["ocr"]
        return TypeAdapter(Prediction).validate_python(answer)
'''


@pytest.fixture
def told_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Install a plug-in model of the given output; its name."""

    def install(output: str, reads: Sequence[str] = (), needs: Sequence[str] = ("ocr",)) -> str:
        name = f"told-{output}"
        package = f"told_{output}_model"
        folder = tmp_path / "site" / package
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        (folder / "adapter.py").write_text(ADAPTER)
        (folder / "card.toml").write_text(
            f'name = "{name}"\nversion = "7"\nsummary = "s"\nlicence = "MIT"\nadapter = "adapter:Told"\n'
            f'input = "any"\noutput = "{output}"\ntraining_data = "none"\n'
            f"needs = {json.dumps(needs)}\nreads = {json.dumps(reads)}\n"
        )
        facts = tmp_path / "site" / f"{package}-7.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 7\n")
        (facts / "entry_points.txt").write_text(f"[docbeam.models]\n{name} = {package}\n")
        monkeypatch.syspath_prepend(str(tmp_path / "site"))
        importlib.invalidate_caches()
        all_models.cache_clear()
        return name

    yield install
    all_models.cache_clear()
    for module in [module for module in sys.modules if module.startswith("told_")]:
        del sys.modules[module]


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[[Sequence[Page]], tuple[Path, dict[str, str]]]:
    """Write pages in the evaluation format; the folder, and the options that tell the model its answers."""

    def write(pages: Sequence[Page]) -> tuple[Path, dict[str, str]]:
        folder = tmp_path / "set"
        (folder / "files").mkdir(parents=True)
        (folder / "truth").mkdir()
        answers = {}
        with (folder / "index.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("path", "label", "truth", "subset", "note"))
            for index, page in enumerate(pages):
                level = 200 + index
                cv2.imwrite(str(folder / "files" / f"{index}.png"), np.full((200, 300), level, np.uint8))
                (folder / "truth" / f"{index}.json").write_text(json.dumps(page.truth))
                writer.writerow((f"files/{index}.png", page.label, f"truth/{index}.json", page.subset, page.note))
                answers[str(level)] = page.answer
        told = tmp_path / "answers.json"
        told.write_text(json.dumps(answers))
        return folder, {"answers": str(told)}

    return write
