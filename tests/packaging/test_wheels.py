"""What is built from the repository: what workers get, what the extras add, and that the run time works alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.transforms.environments import SubprocessSDKEnvironment
from packed import APART, REPOSITORY, RUN_TIME

from config.settings import DocumentSettings, Settings
from pipelines.document_analysis import build
from schemas.request import AnalysisRequest, DocumentReference
from schemas.wire import RecordCodec
from transforms.file_edges import RESULTS, FileEdges
from use_cases.registry import all_use_cases

UV = [sys.executable, "-m", "uv"]
VERSION = (REPOSITORY / "docbeam" / "VERSION").read_text(encoding="utf-8").strip()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to build from, since a build writes beside its sources."""
    copy = tmp_path_factory.mktemp("sources") / "docbeam"
    top = {*RUN_TIME, *APART, "workbench"}
    skipped = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    for name in top:
        shutil.copytree(REPOSITORY / name, copy / name, symlinks=True, ignore=skipped)
    for file in (*REPOSITORY.glob("requirements*"), *(REPOSITORY / each for each in _FILES)):
        shutil.copy(file, copy)
    return copy


_FILES = ("setup.py", "pyproject.toml", "MANIFEST.in", "LICENSE", "NOTICE")


@pytest.fixture(scope="module")
def built(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist that Beam stages, the wheel a worker builds of it, and the wheel of the extras."""
    out = tmp_path_factory.mktemp("dist")
    for arguments in (["."], ["--wheel", "workbench"]):
        _run([*UV, "build", "--quiet", "--no-build-isolation", "--python", sys.executable, "-o", str(out), *arguments],
             cwd=sources)  # fmt: skip
    return out


def test_what_workers_get_holds_the_run_time_layers_and_no_other(built: Path) -> None:
    assert set(RUN_TIME) == _folders(_wheel(built, "docbeam")) - {f"docbeam-{VERSION}.dist-info"}
    with tarfile.open(next(built.glob("docbeam-*.tar.gz"))) as sdist:
        names = [name.partition("/")[2] for name in sdist.getnames()]
    assert {*RUN_TIME} <= _folders(names)
    assert _folders(names) & {*APART, "tests", "benchmarks", "workbench"} == set()
    assert {"LICENSE", "NOTICE", "requirements.in"} <= set(names)


def test_the_extras_bring_the_layers_that_are_apart(built: Path) -> None:
    assert set(APART) == {name for name in _folders(_wheel(built, "docbeam-workbench")) if "." not in name}
    wheel = zipfile.ZipFile(next(built.glob("docbeam-*.whl")))
    metadata = wheel.read(f"docbeam-{VERSION}.dist-info/METADATA").decode()
    for extra in ("devstack", "evaluation", "gateway", "training"):
        assert f'Requires-Dist: docbeam-workbench=={VERSION}; extra == "{extra}"' in metadata


@pytest.mark.parametrize("name", ["docbeam", "docbeam-workbench"])
def test_licence_and_notice_are_in_the_wheel(built: Path, name: str) -> None:
    folder = f"{name.replace('-', '_')}-{VERSION}.dist-info"
    with zipfile.ZipFile(next(built.glob(f"{name.replace('-', '_')}-*.whl"))) as wheel:
        for file in ("LICENSE", "NOTICE"):
            assert wheel.read(f"{folder}/licenses/{file}") == (REPOSITORY / file).read_bytes()
        assert "License-Expression: Apache-2.0" in wheel.read(f"{folder}/METADATA").decode()


def test_every_file_of_data_is_packed(built: Path) -> None:
    packed = {*_wheel(built, "docbeam"), *_wheel(built, "docbeam-workbench")}
    listed = subprocess.run(
        ["git", "ls-files", *RUN_TIME, *APART], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    # The JSON schemas are made of the records, for people who read the repository.
    expected = {name for name in listed.stdout.split() if not name.startswith("schemas/json/")}
    assert sorted(expected - packed) == []


def test_the_worker_image_is_given_the_run_time_layers_and_no_other() -> None:
    text = (REPOSITORY / "deploy" / "worker.Dockerfile.dockerignore").read_text(encoding="utf-8")
    admitted = {line[1:] for line in text.splitlines() if line.startswith("!")}
    assert {name for name in admitted if (REPOSITORY / name).is_dir()} == set(RUN_TIME)
    assert {"LICENSE", "NOTICE", "setup.py", "requirements.lock"} <= admitted


@pytest.fixture(scope="module")
def run_time(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An environment of the run-time lock and docbeam's wheel; its `bin` folder."""
    environment = tmp_path_factory.mktemp("run-time")
    python = environment / "bin" / "python"
    _run([*UV, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(environment)])
    install = [*UV, "pip", "install", "--quiet", "--python", str(python), "--no-deps"]
    _run([*install, "--require-hashes", "-r", str(REPOSITORY / "requirements.lock")])
    _run([*install, str(next(built.glob("docbeam-*.whl")))])
    yield python.parent
    # Where it is no link farm it takes a gigabyte.
    shutil.rmtree(environment)


_IMPORT_ALL = """
import importlib, pkgutil, sys
from pathlib import Path
import docbeam
home = Path(docbeam.__file__).parents[1]
for layer in sys.argv[1].split():
    for module in pkgutil.walk_packages([str(home / layer)], layer + "."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            print(module.name, error.name)
"""


def test_the_run_time_alone_does_the_work_and_names_the_extra_for_the_rest(run_time: Path, tmp_path: Path) -> None:
    imported = _in(tmp_path, [str(run_time / "python"), "-c", _IMPORT_ALL, " ".join(RUN_TIME)])
    assert imported.returncode == 0, imported.stderr
    lines = imported.stdout.splitlines()
    # Commands of the extras lie beside the others and are imported when they are called.
    assert {line.split()[1].partition(".")[0] for line in lines} <= set(APART), lines
    assert {line.split()[0].partition(".")[0] for line in lines} <= {"docbeam"}, lines
    program = str(run_time / "docbeam")
    sample = str(REPOSITORY / "docbeam" / "samples" / "receipt-grocer.png")
    analysed = _in(tmp_path, [program, "analyze", sample, "--use-case", "receipt", "--output", "json"])
    assert analysed.returncode == 0, analysed.stderr
    assert '"complete"' in analysed.stdout
    for arguments in (["version"], ["send", "--help"], ["receive", "--help"], ["run", "--help"]):
        assert _in(tmp_path, [program, *arguments]).returncode == 0
    for arguments, extra in (
        (["dev", "up"], "devstack"),
        (["demo"], "devstack"),
        (["run"], "devstack"),
        (["doctor"], "devstack"),
        (["gateway"], "gateway"),
        (["model", "evaluate", "ocr", "--data", str(tmp_path)], "evaluation"),
        (["model", "type", "add", "x", sample, "--into", str(tmp_path / "types")], "evaluation"),
    ):
        done = _in(tmp_path, [program, *arguments])
        assert done.returncode == 3, (arguments, done.stderr)
        assert f"docbeam[{extra}]" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_a_worker_with_nothing_but_what_beam_stages_runs_the_graph(
    run_time: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a runner starts one: Beam's own entry in a clean environment, told the rest through its services."""
    # Whoever starts Python in the checkout imports from it.
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    sample = REPOSITORY / "docbeam" / "samples" / "receipt-grocer.png"
    request = AnalysisRequest("staged", DocumentReference(sample.as_uri()), "receipt")
    command = f"{run_time / 'python'} -m apache_beam.runners.worker.sdk_worker_main"
    pipeline = beam.Pipeline(runner=FnApiRunner(SubprocessSDKEnvironment.from_command_string(command)))
    settings = Settings(documents=DocumentSettings(allow=(f"{sample.parent.as_uri()}/",)))
    use_cases = {name: known.use_case for name, known in all_use_cases().items()}
    edges = FileEdges([RecordCodec(AnalysisRequest).to_json(request).encode()], tmp_path / "out")
    build(pipeline, edges, use_cases, settings)
    pipeline.run().wait_until_finish()
    (result,) = (tmp_path / "out" / RESULTS).glob("*.json")
    assert '"complete"' in result.read_text(encoding="utf-8")


def _in(folder: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "DOCBEAM"))}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _run(command: list[str], cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _wheel(built: Path, name: str) -> list[str]:
    with zipfile.ZipFile(next(built.glob(f"{name.replace('-', '_')}-*.whl"))) as wheel:
        return wheel.namelist()


def _folders(names: list[str]) -> set[str]:
    return {name.partition("/")[0] for name in names if "/" in name} - {"docbeam.egg-info"}
