"""What training needs beyond docbeam itself, asked for before a trainer starts."""

from __future__ import annotations

import argparse
from importlib.util import find_spec

PACKAGES = ("torch", "onnx")


def require_extra(parser: argparse.ArgumentParser) -> None:
    """End the program with the cure where something is not installed; its help needs none of it."""
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        parser.error(f"training needs {' and '.join(missing)}, not installed here: run `make setup-train`")
