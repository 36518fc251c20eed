"""Run time, development and training are locked apart, and agree."""

from __future__ import annotations

import re

import pytest
from packed import REPOSITORY, locked, required

NEVER_AT_RUN_TIME = {
    *("fastapi", "uvicorn", "schemathesis"),
    *("pytest", "moto", "flask", "werkzeug", "mypy", "ruff", "hypothesis", "import-linter", "uv"),
    *("torch", "onnx", "onnxscript", "faker", "opencv-python", "setuptools", "docker", "deskew", "jdeskew"),
}


def test_the_run_time_lock_holds_nothing_of_development_or_training() -> None:
    assert NEVER_AT_RUN_TIME & set(locked("")) == set()


@pytest.mark.parametrize(
    ("inputs", "locks"),
    [
        ([""], [""]),
        (["-dev", "-devstack", "-evaluation", "-gateway"], ["", "-dev"]),
        (["-training"], ["", "-dev", "-training"]),
    ],
)
def test_everything_that_is_asked_for_is_locked(inputs: list[str], locks: list[str]) -> None:
    asked = set().union(*(required(name) for name in inputs))
    assert asked - set().union(*(locked(name) for name in locks)) == set()


@pytest.mark.parametrize("later", ["-dev", "-training"])
def test_a_later_lock_never_has_another_version(later: str) -> None:
    known = locked("") if later == "-dev" else {**locked("-dev"), **locked("")}
    other = {name: versions for name, versions in locked(later).items() if not versions <= known.get(name, versions)}
    assert other == {}


@pytest.mark.parametrize("name", ["", "-dev", "-training"])
def test_every_line_of_a_lock_has_a_hash(name: str) -> None:
    text = (REPOSITORY / f"requirements{name}.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
