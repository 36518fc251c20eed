"""Files of few and long tests begin first: of two processes neither has a long one left when the other is done.

pytest-xdist deals whole files (`--dist loadfile`), by itself those of many tests first (`--no-loadscope-reorder` here).
"""

from __future__ import annotations

import pytest

LONG = (
    "tests/runners/test_job_on_flink.py",
    "tests/pipelines/test_streaming",
    "tests/pipelines",
    "tests/packaging",
    "tests/evaluation",
    "tests/gateway",
    "tests/analysis",
    "tests/docbeam",
    "tests/models",
)
"""Beginnings of paths, longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the order within a file, and of files that are not named."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))
