"""Reads data that comes as an npm package; nothing at run time needs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class NpmPackageMissing(FileNotFoundError):
    """The package is not in the folder; the message says how to get it."""


def read_json(folder: Path, package: str, version: str, path: str, holds: str) -> Any:
    """A JSON file of the package, from the folder in which npm installed it; `holds` says what of. Raises
    NpmPackageMissing.
    """
    try:
        return json.loads((folder / "node_modules" / package / path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        how = f"npm install --ignore-scripts --prefix {folder} {package}@{version}"
        raise NpmPackageMissing(f"no {holds} under {folder}; get them with: {how}") from None
