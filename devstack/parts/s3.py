"""Amazon S3: the moto server, kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.fetched import Progress
from devstack.part import HOST, Command, Offer, Site
from devstack.probing import expect_ok
from devstack.tool_venv import tool_venv


@dataclass(frozen=True)
class ObjectStore:
    """Buckets and objects with versions and conditional requests."""

    name: str = "s3"
    version: str = "5.2.5"
    ports: Mapping[str, int] = field(default_factory=lambda: {"http": 5000})
    start_seconds: float = 60
    on_request: bool = False

    def install(self, progress: Progress) -> Path:
        """The environment of the storage emulators."""
        return tool_venv("storage", progress)

    def command(self, installed: Path, site: Site) -> Command | None:
        """Serves on loopback from memory."""
        program = str(installed / "bin" / "moto_server")
        return Command((program, "-H", HOST, "-p", str(site.ports["http"])))

    def ready(self, site: Site) -> None:
        """Lists what moto serves."""
        expect_ok(f"{site.url('http')}/moto-api/data.json")

    def offer(self, installed: Path, site: Site) -> Offer:
        """`documents.s3_endpoint`, and the variables Amazon's clients read."""
        url = site.url("http")
        return Offer(
            settings={"documents": {"s3_endpoint": url}},
            environment={
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ENDPOINT_URL_S3": url,
            },
        )


PART = ObjectStore()
