"""Prism: a binary only; the runner that uses it starts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.fetched import Progress
from devstack.part import Command, Offer, Site
from devstack.prism import prism_binary


@dataclass(frozen=True)
class Prism:
    """Beam's portable local runner, from its Go source."""

    name: str = "prism"
    version: str = "2.77.0"
    ports: Mapping[str, int] = field(default_factory=dict)
    start_seconds: float = 0
    on_request: bool = False

    def install(self, progress: Progress) -> Path:
        """The binary."""
        return prism_binary(progress)

    def command(self, installed: Path, site: Site) -> Command | None:
        """Nothing to start: each job starts its own."""
        return None

    def ready(self, site: Site) -> None:
        """Always: an installed binary is all there is."""

    def offer(self, installed: Path, site: Site) -> Offer:
        """`runner.prism`."""
        return Offer(settings={"runner": {"prism": str(installed)}})


PART = Prism()
