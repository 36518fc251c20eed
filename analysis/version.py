"""The version that goes into every result."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def _version() -> str:
    try:
        return version("docbeam")
    except PackageNotFoundError:
        return "unknown"


PIPELINE_VERSION = _version()
