"""`docbeam usecase new`: a package for a known form that is installed and tested as it is written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clients.making_forms import Wish, make_form
from config.plug_in_folders import FORMS
from docbeam.exit_codes import ExitCode
from docbeam.main import program
from docbeam.samples import sample_folder

_BLANK = sample_folder() / "application-form-blank.pdf"
_REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample form in it."""
    folder = tmp_path_factory.mktemp("forms")
    make_form(_BLANK, Wish("loan-application", '2026 "b"'), folder)
    return folder


def usecase(*arguments: str) -> Result:
    return CliRunner().invoke(program, ["usecase", *arguments])


@pytest.fixture(scope="module")
def package(forms: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("packages")
    done = usecase("new", "loan", "--form", "loan-application", "--forms", str(forms), "--into", str(into))
    assert done.exit_code == 0, done.output
    assert f"take {forms / 'loan-application'} out of your forms" in done.stderr
    assert done.stdout.split() == [str(into / "docbeam-loan")]
    assert [path.name for path in into.iterdir()] == ["docbeam-loan"]
    return into / "docbeam-loan"


def test_the_package_is_whole_and_its_form_goes_with_it(package: Path) -> None:
    assert sorted(path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()) == [
        "README.md",
        "docbeam_loan/__init__.py",
        "docbeam_loan/form/__init__.py",
        "docbeam_loan/form/content-1.png",
        "docbeam_loan/form/form.toml",
        "docbeam_loan/form/page-1.png",
        "docbeam_loan/use_case.py",
        "pyproject.toml",
        "tests/golden/filled.json",
        "tests/golden/filled.pdf",
        "tests/test_docbeam_loan.py",
    ]
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    assert project["entry-points"] == {
        "docbeam.use_cases": {"loan": "docbeam_loan.use_case:Loan"},
        "docbeam.forms": {"loan-application": "docbeam_loan.form"},
    }
    golden = json.loads((package / "tests" / "golden" / "filled.json").read_text())
    filled = [name for name, told in golden.items() if told["state"] == "filled"]
    assert len(golden) >= 35
    assert len(filled) >= 6


@pytest.fixture(scope="module")
def installed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment in which the package is installed."""
    source, target = tmp_path_factory.mktemp("source") / "docbeam-loan", tmp_path_factory.mktemp("installed")
    # The build writes beside its sources.
    shutil.copytree(package, source)
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--python", sys.executable, "--target", str(target), str(source)], check=True)
    return os.environ | {"PYTHONPATH": os.pathsep.join((str(target), str(_REPOSITORY)))}


def run(folder: Path, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_its_own_test_passes_where_it_is_installed_and_fails_when_the_truth_is_another(
    package: Path, installed: Mapping[str, str], tmp_path: Path
) -> None:
    shutil.copytree(package / "tests", tmp_path / "tests")
    passed = run(tmp_path, installed, "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "1 passed" in passed.stdout
    golden = tmp_path / "tests" / "golden" / "filled.json"
    golden.write_text(golden.read_text().replace('"filled"', '"blank"', 1))
    assert "1 failed" in run(tmp_path, installed, "pytest", "-q", "-p", "no:cacheprovider", "tests").stdout


def test_a_form_that_another_package_brings_stays_there(installed: Mapping[str, str], tmp_path: Path) -> None:
    done = run(tmp_path, installed, "docbeam.main", "usecase", "new", "other", "--form", "loan-application")
    assert done.returncode == 0, done.stderr
    assert "out of your forms" not in done.stderr
    made = tmp_path / "docbeam-other"
    assert not (made / "docbeam_other" / "form").exists()
    project = tomllib.loads((made / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == ["docbeam", "docbeam-loan"]
    assert list(project["entry-points"]) == ["docbeam.use_cases"]
    assert json.loads((made / "tests" / "golden" / "filled.json").read_text())


def test_what_cannot_be_begun_is_told_and_leaves_nothing(
    forms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into, given = tmp_path / "packages", ("--forms", str(forms), "--into", str(tmp_path / "packages"))
    for arguments, said in (
        (("new", "--form", "lone", *given), "there is no form 'lone'; known forms: loan-application"),
        (("new", "receipt", "--form", "loan-application", *given), "docbeam has a use case 'receipt' already"),
        (("new", "A b", "--form", "loan-application", *given), "is no name for a use case"),
        (("new",), "Missing option '--form'"),
    ):
        refused = usecase(*arguments)
        assert refused.exit_code == ExitCode.USAGE
        assert said in refused.stderr
    assert not into.exists()
    (into / "docbeam-loan").mkdir(parents=True)
    monkeypatch.setenv(FORMS.variable, str(forms))
    again = usecase("new", "loan", "--form", "loan-application", "--into", str(into))
    assert (again.exit_code, "is there already" in again.stderr) == (ExitCode.USAGE, True)
    monkeypatch.setenv(FORMS.variable, str(tmp_path / "nowhere"))
    assert "is no folder" in usecase("new", "--form", "loan-application").stderr
