"""MongoDB's protocol: SecantusDB, on the storage engine of MongoDB; its documents outlive a stop."""

from __future__ import annotations

import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.fetched import Progress
from devstack.part import HOST, Command, Offer, Site
from devstack.probing import answered
from devstack.tool_venv import tool_venv

# An OP_MSG that asks {ping: 1} of admin: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
_PING = b"\x10ping\0" + struct.pack("<i", 1) + b"\x02$db\0" + struct.pack("<i", 6) + b"admin\0\0"
_OP_MSG = 2013


@dataclass(frozen=True)
class Mongo:
    """One server that takes a write for done when it is on disk."""

    name: str = "mongo"
    version: str = "0.7.0b3"
    ports: Mapping[str, int] = field(default_factory=lambda: {"mongo": 27017})
    start_seconds: float = 60
    on_request: bool = True

    def install(self, progress: Progress) -> Path:
        """The environment of the databases."""
        return tool_venv("databases", progress)

    def command(self, installed: Path, site: Site) -> Command | None:
        """Serves on loopback."""
        site.storage_dir.mkdir(parents=True, exist_ok=True)
        return Command((
            str(installed / "bin" / "secantusd-py"), "--host", HOST, "--port", str(site.ports["mongo"]),
            "--storage-path", str(site.storage_dir / "mongo"), "--standalone", "--sync-on-commit",
        ))  # fmt: skip

    def ready(self, site: Site) -> None:
        """Answers a ping."""
        document = struct.pack("<i", len(_PING) + 4) + _PING
        body = struct.pack("<I", 0) + b"\0" + document
        head = struct.pack("<iiii", 16 + len(body), int(time.monotonic()), 0, _OP_MSG)
        if b"ok\0" not in answered(site.ports["mongo"], head + body):
            raise OSError("it does not answer a ping")

    def offer(self, installed: Path, site: Site) -> Offer:
        """The address `mongo`, for `gateway.store`."""
        return Offer(settings={}, addresses={"mongo": f"mongodb://{site.address('mongo')}"})


PART = Mongo()
