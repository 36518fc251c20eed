"""Google Cloud Storage: gcp-storage-emulator, kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.fetched import Progress
from devstack.part import HOST, PROJECT, Command, Offer, Site
from devstack.probing import expect_ok
from devstack.tool_venv import tool_venv


@dataclass(frozen=True)
class CloudStorage:
    """Buckets and objects over the JSON API; generations are ignored."""

    name: str = "gcs"
    version: str = "2026.7.19"
    ports: Mapping[str, int] = field(default_factory=lambda: {"http": 9023})
    start_seconds: float = 60
    on_request: bool = False

    def install(self, progress: Progress) -> Path:
        """The environment of the storage emulators."""
        return tool_venv("storage", progress)

    def command(self, installed: Path, site: Site) -> Command | None:
        """Serves on loopback from memory."""
        program = str(installed / "bin" / "gcp-storage-emulator")
        return Command((program, "start", f"--host={HOST}", f"--port={site.ports['http']}", "--in-memory"))

    def ready(self, site: Site) -> None:
        """Lists buckets."""
        expect_ok(f"{site.url('http')}/storage/v1/b?project={PROJECT}")

    def offer(self, installed: Path, site: Site) -> Offer:
        """`documents.gcs_endpoint`, and the variable Google's client reads."""
        url = site.url("http")
        return Offer(
            settings={"documents": {"gcs_endpoint": url}},
            environment={"STORAGE_EMULATOR_HOST": url, "GOOGLE_CLOUD_PROJECT": PROJECT},
        )


PART = CloudStorage()
