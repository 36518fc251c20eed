"""The open fonts that documents are drawn with; only drawing needs them."""

from __future__ import annotations

from pathlib import Path

from devstack.fetched import Progress
from devstack.npm import npm_packages


def font_folder(progress: Progress) -> Path:
    """The folder with the pinned `@fontsource` packages, 60 MB; fetched the first time and kept in the cache.

    Raises StackError where they cannot be had.
    """
    return npm_packages("fonts", progress)
