"""What a plug-in author imports, and the guard against other packages of our layers' names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import docbeam
from docbeam.extras import extras, missing_extra
from docbeam.shadowing import ShadowedPackageError, layers_top_down, refuse_shadowed

REPOSITORY = Path(__file__).resolve().parents[2]


def test_everything_a_plug_in_needs_is_there() -> None:
    class Stamp(docbeam.UseCase):
        """Finds stamps."""

        name = "stamp"
        version = "1"
        steps = (docbeam.Apply("deskew"), docbeam.Expect("letter"), docbeam.Apply("stamp", {"ink": "red"}))

        def conclude(self, document: docbeam.AnalysedDocument) -> list[docbeam.Field]:
            return [docbeam.Field("stamp", docbeam.FieldKind.TEXT, docbeam.FieldState.BLANK)]

    assert Stamp().steps[0].model == "deskew"
    assert all(getattr(docbeam, name) is not None for name in docbeam.__all__)
    findings = ("TextLine", "Word", "Checkbox", "Signature", "TypeScore", "Skew", "PageQuality")
    for name in ("Model", "PageImage", "Prediction", *findings):
        assert name in docbeam.__all__


@pytest.mark.parametrize("layer", ["config", "models", "schemas"])
@pytest.mark.parametrize("as_file", [True, False], ids=["module", "package"])
def test_it_refuses_to_start_where_the_current_folder_has_a_package_of_that_name(
    tmp_path: Path, layer: str, as_file: bool
) -> None:
    if as_file:
        (tmp_path / f"{layer}.py").write_text("", encoding="utf-8")
    else:
        (tmp_path / layer).mkdir()
        (tmp_path / layer / "__init__.py").write_text("", encoding="utf-8")
    done = _start_in(tmp_path)
    assert done.returncode != 0
    assert f"docbeam's package '{layer}'" in done.stderr
    assert str(tmp_path) in done.stderr
    assert "Start from another folder" in done.stderr


def test_a_folder_that_is_no_package_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    assert _start_in(tmp_path).returncode == 0


def test_a_layer_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(ShadowedPackageError, match="'no_such_layer' is missing"):
        refuse_shadowed(tmp_path, ["no_such_layer"])


def test_a_layer_of_an_extra_is_wanted_only_where_it_is_installed(tmp_path: Path, monkeypatch) -> None:
    for name in (name for line in layers_top_down() for name in line):
        folder = tmp_path / ("elsewhere" if name in extras() else "home") / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("", encoding="utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "home"), str(tmp_path / "elsewhere")])
    refuse_shadowed(tmp_path / "home")
    (tmp_path / "home" / "evaluation").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "elsewhere"), str(tmp_path / "home")])
    with pytest.raises(ShadowedPackageError, match=r"'evaluation' in .* is hidden by .*elsewhere"):
        refuse_shadowed(tmp_path / "home")


@pytest.mark.parametrize(
    ("error", "extra"),
    [
        (ModuleNotFoundError("no module", name="evaluation.pages"), "evaluation"),
        (ModuleNotFoundError("no module", name="synthesis"), "evaluation"),
        # Another package of that name, found instead.
        (ImportError("cannot import name", name="devstack"), "devstack"),
        (ModuleNotFoundError("no module", name="numpy"), None),
        (ImportError("without a name"), None),
        (ValueError("evaluation"), None),
    ],
)
def test_a_failed_import_is_cured_by_the_extra_of_its_layer(tmp_path: Path, error: Exception, extra: str) -> None:
    assert missing_extra(error, tmp_path) == extra


def test_a_failed_import_inside_an_installed_layer_is_a_defect_and_no_missing_extra() -> None:
    assert missing_extra(ModuleNotFoundError("no module", name="evaluation.gone"), REPOSITORY) is None


def test_every_package_of_the_repository_is_a_layer_or_is_not_shipped() -> None:
    packages = {path.parent.name for path in REPOSITORY.glob("*/__init__.py")}
    assert packages - {"tests", "benchmarks"} == {name for line in layers_top_down() for name in line}


def _start_in(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "docbeam.main", "--help"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
