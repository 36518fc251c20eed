"""Which use cases there are: the catalog here, then installed packages (entry points `docbeam.use_cases`)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from types import ModuleType

from models.registry import straighteners
from use_cases import catalog
from use_cases.contract import Apply, UseCase

ENTRY_POINTS = "docbeam.use_cases"


class UseCaseRegistryError(Exception):
    """Two use cases of one name, or one that breaks the contract; fatal, names both sides."""


@dataclass(frozen=True, slots=True)
class RegisteredUseCase:
    """A use case and who brought it."""

    use_case: UseCase
    owner: str
    """`docbeam` or the name of the distribution that registered it."""
    summary: str


@lru_cache(maxsize=1)
def all_use_cases() -> Mapping[str, RegisteredUseCase]:
    """Every use case by name.

    Raises UseCaseRegistryError for duplicates and for classes that break the contract, and what `all_models` raises.
    """
    found: dict[str, RegisteredUseCase] = {}
    for info in pkgutil.iter_modules(catalog.__path__):
        module = importlib.import_module(f"{catalog.__name__}.{info.name}")
        for kind in _declared_in(module):
            _add(found, kind, "docbeam")
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        owner = point.dist.name if point.dist else point.value
        kind = point.load()
        if not (isinstance(kind, type) and issubclass(kind, UseCase)):
            raise UseCaseRegistryError(f"{owner}: entry point {point.name} is no docbeam.UseCase")
        _add(found, kind, owner)
    return found


def _declared_in(module: ModuleType) -> list[type[UseCase]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, UseCase)
        and value is not UseCase
        and value.__module__.startswith(module.__name__)
    ]


def _add(found: dict[str, RegisteredUseCase], kind: type[UseCase], owner: str) -> None:
    for attribute in ("name", "version", "steps"):
        if not getattr(kind, attribute, None):
            raise UseCaseRegistryError(f"{owner}: use case {kind.__name__} lacks `{attribute}`")
    _check_first_step(kind, owner)
    names = [step.model for step in kind.steps]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UseCaseRegistryError(f"{owner}: {kind.name!r} applies {', '.join(twice)} more than once")
    if kind.name in found:
        raise UseCaseRegistryError(
            f"two use cases are called {kind.name!r}: one of {found[kind.name].owner} "
            f"and one of {owner}; uninstall or rename one"
        )
    summary = (kind.__doc__ or "").strip().splitlines()
    found[kind.name] = RegisteredUseCase(kind(), owner, summary[0] if summary else "")


def _check_first_step(kind: type[UseCase], owner: str) -> None:
    """What comes after sees straightened pages, so the first model is one that straightens, by its card."""
    first = kind.steps[0]
    if isinstance(first, Apply) and first.model in straighteners():
        return
    known = ", ".join(f'Apply("{name}")' for name in straighteners())
    raise UseCaseRegistryError(
        f'{owner}: the first step of {kind.name!r} must apply a model whose card says output = "skew"; known: {known}'
    )
