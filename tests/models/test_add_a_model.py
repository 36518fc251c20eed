"""The model of docs/add-a-model.md works as written: as a plug-in, and as one more folder that nobody is told of."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.contract import PageImage, RegionReader
from models.registry import all_models, load_model
from schemas.fields import FieldState
from schemas.prediction import Prediction, TextLine, box_quad
from schemas.reading import Region

REPOSITORY = Path(__file__).resolve().parents[2]
NAME = "highlighter"
MARKER = (80, 250, 250)


def blocks(language: str, having: str) -> str:
    """The one block of the page that is in `language` and has that text in it."""
    page = (REPOSITORY / "docs" / "add-a-model.md").read_text(encoding="utf-8")
    found = [block for block in re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL) if having in block]
    assert len(found) == 1
    return found[0]


def write_model(folder: Path, adapter: str, card: str) -> None:
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Finds what was marked with a highlighter."""\n', encoding="utf-8")
    (folder / "adapter.py").write_text(adapter, encoding="utf-8")
    (folder / "card.toml").write_text(card, encoding="utf-8")


@pytest.fixture
def as_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RegionReader]:
    write_model(tmp_path / "docbeam_till" / NAME, blocks("python", "class Highlighter"), blocks("toml", "adapter ="))
    (tmp_path / "docbeam_till" / "__init__.py").write_text("", encoding="utf-8")
    facts = tmp_path / "docbeam_till-1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: docbeam-till\nVersion: 1\n", encoding="utf-8")
    points = blocks("toml", "entry-points").split("\n\n")[0].replace('[project.entry-points."docbeam.models"]', "")
    (facts / "entry_points.txt").write_text(f"[docbeam.models]{points}".replace('"', ""), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    all_models.cache_clear()
    model = load_model(NAME)
    assert isinstance(model, RegionReader)
    yield model
    all_models.cache_clear()
    for module in [module for module in sys.modules if module.startswith("docbeam_till")]:
        del sys.modules[module]


def test_as_a_plug_in_it_finds_marked_lines_and_reads_given_places(as_plugin: RegionReader) -> None:
    marked, plain = box_quad(40, 50, 260, 80), box_quad(40, 150, 260, 180)
    pixels = np.full((300, 400, 3), 250, np.uint8)
    pixels[45:85, 35:265] = MARKER
    for quad in (marked, plain):
        cv2.putText(
            pixels, "Account 4711", (int(quad[0]), int(quad[5]) - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20,) * 3, 2
        )
    read = Prediction(lines=(TextLine("first", marked, 0.9), TextLine("second", plain, 0.9)))
    page = PageImage(1, pixels, earlier={"ocr": read})
    (prediction,) = as_plugin.predict([page])
    assert [(label.value, label.quad) for label in prediction.labels] == [("first", marked)]
    regions = [Region(quad, "highlight") for quad in (plain, marked, box_quad(500, 500, 600, 600))]
    readings = as_plugin.read(page, regions)
    assert [reading.state for reading in readings] == [FieldState.BLANK, FieldState.FILLED, FieldState.UNREADABLE]
    assert [reading.value for reading in readings] == ["", "marked", ""]
    assert as_plugin.predict([PageImage(1, pixels[:, :, 0], earlier={"ocr": read})]) == [Prediction()]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this repository with one more folder in it, the model of the page, and not one other change."""
    copy = tmp_path_factory.mktemp("tree") / "docbeam"
    copy.mkdir()
    layers = (REPOSITORY / "docbeam" / "layers.txt").read_text(encoding="utf-8").splitlines()
    for layer in (name for line in layers if not line.startswith("#") for name in line.split()):
        shutil.copytree(REPOSITORY / layer, copy / layer, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [*REPOSITORY.glob("*.*"), *REPOSITORY.glob("LICENSE"), *REPOSITORY.glob("NOTICE")]:
        if path.is_file():
            shutil.copy(path, copy)
    (copy / "tests").mkdir()
    shutil.copy(REPOSITORY / "tests" / "check_layers.py", copy / "tests")
    adapter = blocks("python", "class Highlighter").replace(
        "from docbeam import FieldState, Label, PageImage, Prediction, Quad, Reading, Region, RegionReader\n",
        "from models.contract import PageImage, RegionReader\nfrom schemas.fields import FieldState\n"
        "from schemas.prediction import Label, Prediction, Quad\nfrom schemas.reading import Reading, Region\n",
    )
    # `labels` have no measure, lines have: it reads none, and is measured as a model that reads none.
    write_model(copy / "models" / "catalog" / NAME, adapter, _card().replace('"labels"', '"lines"'))
    (copy / "models" / "catalog" / NAME / "weights.safetensors").write_bytes(b"weights")
    return copy


def test_one_more_folder_is_found_and_verified(tree: Path) -> None:
    rows = json.loads(run(tree, "-m", "docbeam.main", "model", "list", "--output", "json"))
    assert [row["owner"] for row in rows if row["name"] == NAME] == ["docbeam"]
    assert "ok" in run(tree, "-m", "docbeam.main", "model", "verify", NAME)


def test_one_more_folder_is_measured(tree: Path) -> None:
    crops = REPOSITORY / "tests" / "golden" / "crops"
    table = run(tree, "-m", "docbeam.main", "model", "evaluate", NAME, "--data", str(crops), "--limit", "3")
    assert "crop_exact" in table


def test_one_more_folder_is_linted_and_held_to_the_layers(tree: Path) -> None:
    run(tree, "-m", "ruff", "check", "--no-cache", "models")
    run(tree, "-m", "mypy", "--cache-dir", str(tree.parent / "types"), "-p", f"models.catalog.{NAME}")
    run(tree, "-m", "tests.check_layers")


def test_one_more_folder_ships_with_every_file_of_it(tree: Path, tmp_path: Path) -> None:
    run(tree, "setup.py", "--quiet", "bdist_wheel", "--dist-dir", str(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        ours = [name for name in packed.namelist() if f"/{NAME}/" in name]
    assert {Path(name).name for name in ours} == {"__init__.py", "adapter.py", "card.toml", "weights.safetensors"}


def run(tree: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _card() -> str:
    return blocks("toml", "adapter =")
