"""Prism, Beam's portable local runner, built from its pinned source."""

from __future__ import annotations

from pathlib import Path

from devstack.fetched import Progress
from devstack.golang import go_command


def prism_binary(progress: Progress) -> Path:
    """The Prism binary of Beam 2.77.0; built the first time, which takes minutes, and kept in the cache.

    Raises StackError where it cannot be built.
    """
    return go_command("prism", "github.com/apache/beam/sdks/v2/go/cmd/prism", progress)
