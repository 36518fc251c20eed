"""The layers have plain names: refuse to start when another `models` or `config` would be imported in their place."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

LAYERS = (
    "synthesis",
    "training",
    "evaluation",
    "devstack",
    "runners",
    "pipelines",
    "transforms",
    "analysis",
    "use_cases",
    "models",
    "documents",
    "config",
    "schemas",
)
"""The top-level packages that belong to docbeam, besides `docbeam`."""


class ShadowedPackageError(ImportError):
    """A package of docbeam's cannot be imported because another one of that name comes first."""


def refuse_shadowed(home: Path, layers: Iterable[str] = LAYERS) -> None:
    """Check that every layer would be imported from `home`, the folder that `docbeam` lies in.

    Raises ShadowedPackageError naming the package, what shadows it, and the cure.
    """
    for layer in layers:
        places = _places(layer)
        if not places:
            raise ShadowedPackageError(f"docbeam's package {layer!r} is missing in {home}; install docbeam again")
        if home.resolve() / layer not in places:
            raise ShadowedPackageError(
                f"docbeam's package {layer!r} in {home} is hidden by {places[0]}, which Python finds first. "
                f"Start from another folder (or with `python -P`) if that is your current one; "
                f"otherwise uninstall or rename what brought it, or give docbeam a virtual environment of its own."
            )


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
