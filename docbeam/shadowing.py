"""The layers have plain names: refuse to start when another `models` or `config` would be imported in their place."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from docbeam.extras import extras

_LIST = Path(__file__).with_name("layers.txt")


def layers_top_down() -> list[list[str]]:
    """The packages docbeam consists of, line by line as `layers.txt` has them."""
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


class ShadowedPackageError(ImportError):
    """A package of docbeam's cannot be imported because another one of that name comes first."""


def refuse_shadowed(home: Path, layers: Iterable[str] | None = None) -> None:
    """Check that every layer would be imported from `home`, the folder that `docbeam` lies in.

    A layer that only an extra brings is checked where it is installed. Raises ShadowedPackageError naming the
    package, what shadows it, and the cure.
    """
    for layer in layers if layers is not None else _expected(home):
        places = _places(layer)
        if not places:
            raise ShadowedPackageError(f"docbeam's package {layer!r} is missing in {home}; install docbeam again")
        if home.resolve() / layer not in places:
            raise ShadowedPackageError(
                f"docbeam's package {layer!r} in {home} is hidden by {places[0]}, which Python finds first. "
                f"Start from another folder (or with `python -P`) if that is your current one; "
                f"otherwise uninstall or rename what brought it, or give docbeam a virtual environment of its own."
            )


def _expected(home: Path) -> list[str]:
    names = [name for line in layers_top_down() for name in line]
    return [name for name in names if name not in extras() or (home / name).is_dir()]


def _places(name: str) -> list[Path]:
    """The folders (or the file) that `import name` would use."""
    loaded = sys.modules.get(name)
    spec: ModuleSpec | None = getattr(loaded, "__spec__", None) if loaded is not None else find_spec(name)
    if spec is None:
        file = getattr(loaded, "__file__", None)
        return [Path(file).resolve()] if file else []
    if spec.submodule_search_locations:
        return [Path(place).resolve() for place in spec.submodule_search_locations]
    return [Path(spec.origin).resolve()] if spec.origin else []
