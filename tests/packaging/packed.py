"""What is packed and locked, read as text: requirements, locks, layers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from docbeam.extras import extras
from docbeam.shadowing import layers_top_down

REPOSITORY = Path(__file__).resolve().parents[2]
APART = tuple(extras())
"""Layers that no worker carries."""
RUN_TIME = tuple(name for line in layers_top_down() for name in line if name not in APART)
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(.*)$", re.MULTILINE)


def normalised(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(name: str) -> set[str]:
    """The distributions that `requirements<name>.in` asks for."""
    lines = (REPOSITORY / f"requirements{name}.in").read_text(encoding="utf-8").splitlines()
    return {normalised(re.split(r"[\[=<>~! ;]", line)[0]) for line in lines if line and not line.startswith("#")}


def locked(name: str) -> Mapping[str, set[str]]:
    """The versions of each distribution in `requirements<name>.lock`; several where markers tell them apart."""
    found: dict[str, set[str]] = {}
    for match in _LOCKED.finditer((REPOSITORY / f"requirements{name}.lock").read_text(encoding="utf-8")):
        # How pyproject.toml keeps a package out.
        if "sys_platform == 'never'" not in match[3]:
            found.setdefault(normalised(match[1]), set()).add(match[2])
    return found
