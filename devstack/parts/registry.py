"""The schema registry: axonops, Confluent's protocol, kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.fetched import Progress
from devstack.golang import go_command
from devstack.part import HOST, Command, Offer, Site
from devstack.probing import expect_ok

_SETTINGS = """\
server: {{host: {host}, port: {port}}}
storage: {{type: memory}}
compatibility: {{default_level: BACKWARD}}
security: {{auth: {{enabled: false}}}}
"""


@dataclass(frozen=True)
class SchemaRegistry:
    """A Confluent-compatible registry, from its Go source; forgets everything when it stops."""

    name: str = "registry"
    version: str = "0.2.1"
    ports: Mapping[str, int] = field(default_factory=lambda: {"http": 8081})
    start_seconds: float = 60
    on_request: bool = False

    def install(self, progress: Progress) -> Path:
        """The binary."""
        return go_command("registry", "github.com/axonops/axonops-schema-registry/cmd/schema-registry", progress)

    def command(self, installed: Path, site: Site) -> Command | None:
        """Serves on loopback without authentication."""
        settings = site.settings_dir / "registry.yaml"
        settings.write_text(_SETTINGS.format(host=HOST, port=site.ports["http"]), encoding="utf-8")
        return Command((str(installed), "-config", str(settings)))

    def ready(self, site: Site) -> None:
        """Lists subjects."""
        expect_ok(f"{site.url('http')}/subjects")

    def offer(self, installed: Path, site: Site) -> Offer:
        """`registry.url`."""
        return Offer(settings={"registry": {"url": site.url("http")}})


PART = SchemaRegistry()
