"""BigQuery: bqemulator, kept in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.fetched import Progress, run_tool
from devstack.part import PROJECT, Command, Offer, Site
from devstack.probing import expect_ok
from devstack.tool_venv import tool_venv

_SPATIAL = "from duckdb_extensions import import_extension; import_extension('spatial')"


@dataclass(frozen=True)
class BigQueryEmulator:
    """Tables and queries over REST, the Storage Write API over gRPC."""

    name: str = "bigquery"
    version: str = "1.4.0"
    ports: Mapping[str, int] = field(default_factory=lambda: {"rest": 9050, "grpc": 9060})
    start_seconds: float = 120
    on_request: bool = False

    def install(self, progress: Progress) -> Path:
        """An environment with the engine's spatial extension beside it."""
        return tool_venv("bigquery", progress, finish=_add_spatial)

    def command(self, installed: Path, site: Site) -> Command | None:
        """Serves on loopback from memory."""
        argv = (
            str(installed / "bin" / "bqemulator"), "start", "--ephemeral", "--project", PROJECT,
            "--rest-port", str(site.ports["rest"]), "--grpc-port", str(site.ports["grpc"]),
        )  # fmt: skip
        return Command(argv, {"HOME": str(_home(installed))})

    def ready(self, site: Site) -> None:
        """Lists datasets."""
        expect_ok(f"{site.url('rest')}/bigquery/v2/projects/{PROJECT}/datasets")

    def offer(self, installed: Path, site: Site) -> Offer:
        """`bigquery.endpoint` and `bigquery.project`; `bigquery_grpc` is the Storage Write API."""
        return Offer(
            settings={"bigquery": {"endpoint": site.url("rest"), "project": PROJECT}},
            environment={"GOOGLE_CLOUD_PROJECT": PROJECT},
            addresses={"bigquery_grpc": site.address("grpc")},
        )


def _home(venv: Path) -> Path:
    """DuckDB keeps extensions under the home folder; this one belongs to the environment alone."""
    return venv / "home"


def _add_spatial(venv: Path) -> None:
    _home(venv).mkdir(exist_ok=True)
    run_tool(
        [str(venv / "bin" / "python"), "-c", _SPATIAL],
        purpose="adding the spatial extension", env=os.environ | {"HOME": str(_home(venv))},
    )  # fmt: skip


PART = BigQueryEmulator()
