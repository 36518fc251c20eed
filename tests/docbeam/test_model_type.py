"""Registering a document type by the command line, then checking, measuring and expecting it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from config.plug_in_folders import DOCUMENT_TYPES

Pixels = npt.NDArray[np.uint8]
SCRIPT = cv2.FONT_HERSHEY_SCRIPT_SIMPLEX
PRINT = cv2.FONT_HERSHEY_SIMPLEX
WORDS = ("Member", "claim", "account", "holder", "branch", "office", "birth", "employer", "income", "dental", "travel")


def blank_form(seed: int) -> Pixels:
    """A page of headings, labels and ruled fields, another for each seed."""
    random = np.random.default_rng(seed)
    page = np.full((1100, 850), 255, np.uint8)
    cv2.putText(page, f"{random.choice(WORDS).upper()} FORM {seed}", (60, 80), PRINT, 1.4, 0, 3)
    for row in range(20):
        top, x = 130 + 45 * row, 60
        while x < 700:
            label = " ".join(random.choice(WORDS, 2))
            cv2.putText(page, label, (x, top), PRINT, 0.5, 30, 1, cv2.LINE_AA)
            x += int(random.integers(150, 330))
            cv2.line(page, (x - 60, top + 6), (min(x, 790), top + 6), 60, 1)
    return page


def filled_in(page: Pixels, seed: int) -> Pixels:
    random = np.random.default_rng([seed, 9])
    out = page.copy()
    for row in range(20):
        if random.random() < 0.7:
            text = " ".join(random.choice(WORDS, 2))
            place = (int(random.integers(60, 550)), 148 + 45 * row)
            cv2.putText(out, text, place, SCRIPT, 0.6, 60, 1, cv2.LINE_AA)
    turned = cv2.getRotationMatrix2D((425, 550), float(random.uniform(-2, 2)), 0.95)
    noise = random.normal(0, 6, page.shape)
    askew = cv2.warpAffine(out, turned, (850, 1100), borderValue=(245,))
    return np.clip(cv2.GaussianBlur(askew, (0, 0), 0.7) + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for form in (1, 2):
        cv2.imwrite(str(folder / f"blank-{form}.png"), blank_form(form))
        for copy in range(4):
            cv2.imwrite(str(folder / f"form-{form}-{copy}.png"), filled_in(blank_form(form), 10 * form + copy))
    cv2.imwrite(str(folder / "white.png"), np.full((1100, 850), 255, np.uint8))
    (folder / "notes.txt").write_text("no page")
    return folder


def docbeam(*arguments: str | Path, types: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    told = {**os.environ, **environment}
    told.pop(DOCUMENT_TYPES.variable, None)
    if types is not None:
        told[DOCUMENT_TYPES.variable] = str(types)
    command = [sys.executable, "-m", "docbeam.main", *(str(each) for each in arguments)]
    return subprocess.run(command, env=told, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def types(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `form-one`, registered from three filled copies."""
    folder = tmp_path_factory.mktemp("types")
    files = [pages / f"form-1-{copy}.png" for copy in range(3)]
    made = docbeam("model", "type", "add", "form-one", *files, "--into", folder, "--against", _other(pages, folder))
    assert made.returncode == 0, made.stderr
    assert "counter pages" in made.stderr
    assert "runner_up" in made.stdout
    return folder


def _other(pages: Path, folder: Path) -> Path:
    against = folder.parent / "against"
    against.mkdir()
    shutil.copy(pages / "form-2-0.png", against)
    return against


def test_what_was_written_on_the_examples_is_not_in_the_reference(types: Path) -> None:
    reference = cv2.imread(str(types / "form-one" / "page-1.png"), cv2.IMREAD_GRAYSCALE)
    assert reference is not None
    filled = min(_dark(filled_in(blank_form(1), 10 + copy)) for copy in range(3))
    assert 0.75 * filled < _dark(reference) < 0.96 * filled
    assert (types / "form-one.agreement.png").is_file()


def _dark(page: npt.NDArray[np.integer]) -> float:
    return float((page < 160).mean())


def test_the_type_is_listed_with_its_threshold_and_how_it_came_about(types: Path) -> None:
    listed = json.loads(docbeam("model", "type", "list", "--output", "json", types=types).stdout)
    (row,) = [row for row in listed if row["name"] == "form-one"]
    assert row["measured"]["examples"] == 3
    assert row["measured"]["counter_pages"] == 6
    assert row["measured"]["highest_counter"] < row["threshold"] < row["measured"]["lowest_example"]


def test_an_unseen_copy_passes_and_another_form_does_not(types: Path, pages: Path) -> None:
    checked = docbeam(
        "model", "type", "check", pages / "form-1-3.png", pages / "form-2-3.png", "--output", "json", types=types
    )
    ours, other = json.loads(checked.stdout)
    assert checked.returncode == 1
    assert (ours["type"], ours["accepted"]) == ("form-one", True)
    assert ours["runner_up"] == "application-form"
    assert ours["score"] > ours["threshold"] > ours["runner_up_score"]
    assert not other["accepted"]


def test_a_folder_with_types_of_its_own_is_measured_with_them(types: Path, pages: Path, tmp_path: Path) -> None:
    shutil.copytree(types / "form-one", tmp_path / "types" / "form-one")
    with (tmp_path / "index.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("path", "label", "truth", "subset", "note"))
        for form, label in ((1, "form-one"), (2, "form-two")):
            shutil.copy(pages / f"form-{form}-3.png", tmp_path)
            rows.writerow((f"form-{form}-3.png", label, "", "drawn", ""))
    measured = docbeam("model", "evaluate", "document-type", "--data", tmp_path, "--output", "json")
    metrics = json.loads(measured.stdout)["metrics"]
    assert metrics["true_accept"] == 1
    assert metrics["false_accept"] == 0
    assert metrics["type_auroc"] == 1


USE_CASE = '''
from docbeam import Apply, Expect, UseCase

class FormOne(UseCase):
    """Reads form one."""

    name, version = "form-one", "1"
    steps = (Apply("deskew"), Expect("form-one"))
'''


def test_a_use_case_expects_it_and_the_refusal_carries_the_evidence(types: Path, pages: Path, tmp_path: Path) -> None:
    (tmp_path / "plug_form_one.py").write_text(USE_CASE)
    info = tmp_path / "plug_form_one-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plug-form-one\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[docbeam.use_cases]\nform-one = plug_form_one:FormOne\n")
    files = (pages / "form-1-3.png", pages / "form-2-3.png")
    arguments = ("analyze", *files, "--use-case", "form-one", "--output", "json")
    done = docbeam(*arguments, types=types, PYTHONPATH=str(tmp_path))
    results = [json.loads(line) for line in done.stdout.splitlines()] if done.stdout.startswith("{") else []
    results = results or json.loads(done.stdout)
    assert [result["status"] for result in results] == ["complete", "rejected"], done.stderr
    for result, accepted in zip(results, (True, False), strict=True):
        (outcome,) = [each for each in result["pages"][0]["outcomes"] if each["model"] == "document-type"]
        by_name = {score["document_type"]: score for score in outcome["prediction"]["types"]}
        assert set(by_name) == {"form-one", "application-form"}
        assert by_name["form-one"]["accepted"] is accepted
        assert (by_name["form-one"]["score"] >= by_name["form-one"]["threshold"]) is accepted


@pytest.mark.parametrize(
    ("name", "files", "code", "message"),
    [
        ("form-one", ("blank-1.png",), 2, "taken by"),
        ("Form One", ("blank-1.png",), 2, "is no name for a type"),
        ("form-two", ("missing.png",), 2, "no such file"),
        ("form-two", ("notes.txt",), 1, "notes.txt"),
        ("form-two", ("white.png",), 1, "too little print"),
        ("form-two", ("form-2-0.png", "form-1-0.png"), 1, "is not the form of"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_cause_and_cure(
    types: Path, pages: Path, name: str, files: tuple[str, ...], code: int, message: str
) -> None:
    made = docbeam("model", "type", "add", name, *(pages / file for file in files), "--into", types)
    assert made.returncode == code, made.stderr
    assert message in made.stderr
    assert "Traceback" not in made.stderr
    assert not (types / "form-two").exists()


def test_without_a_folder_it_says_how_to_name_one(pages: Path) -> None:
    made = docbeam("model", "type", "add", "form-two", pages / "blank-2.png")
    assert made.returncode == 2
    assert DOCUMENT_TYPES.variable in made.stderr
