"""Where the running parts are, for docbeam's settings and for other clients."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack.failure import StackError
from devstack.part import Offer
from devstack.state import StateFolder


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The parts that run now. A property of a part that does not run raises StackError."""

    state_dir: Path
    offers: Mapping[str, Offer]
    """By name of the part."""

    @property
    def settings_file(self) -> Path:
        """A file of docbeam's settings that names all of them."""
        return StateFolder(self.state_dir).settings_file

    @property
    def kafka_bootstrap(self) -> str:
        """`host:port`."""
        return self._setting("kafka", "kafka", "bootstrap")

    @property
    def registry_url(self) -> str:
        """Base URL."""
        return self._setting("registry", "registry", "url")

    @property
    def bigquery_endpoint(self) -> str:
        """Base URL of the REST API."""
        return self._setting("bigquery", "bigquery", "endpoint")

    @property
    def bigquery_grpc(self) -> str:
        """`host:port` of the Storage Write API, without TLS."""
        return self._offer("bigquery").addresses["bigquery_grpc"]

    @property
    def bigquery_project(self) -> str:
        """Project whose tables the emulator holds."""
        return self._setting("bigquery", "bigquery", "project")

    @property
    def gcs_endpoint(self) -> str:
        """Base URL."""
        return self._setting("gcs", "documents", "gcs_endpoint")

    @property
    def s3_endpoint(self) -> str:
        """Base URL."""
        return self._setting("s3", "documents", "s3_endpoint")

    @property
    def redis_url(self) -> str:
        """URL."""
        return self._setting("redis", "gateway", "redis")

    @property
    def mongo_url(self) -> str:
        """URL, without a database."""
        return self._offer("mongo").addresses["mongo"]

    @property
    def postgres_url(self) -> str:
        """URL of the database `postgres`."""
        return self._offer("postgres").addresses["postgres"]

    @property
    def prism(self) -> Path:
        """The runner's binary."""
        return Path(self._setting("prism", "runner", "prism"))

    def settings(self) -> dict[str, dict[str, str]]:
        """Keys by section, as in docbeam's settings."""
        merged: dict[str, dict[str, str]] = {}
        for offer in self.offers.values():
            for section, keys in offer.settings.items():
                merged.setdefault(section, {}).update(keys)
        return merged

    def environment(self) -> dict[str, str]:
        """Variables that send common client libraries to the emulators, with harmless credentials."""
        merged: dict[str, str] = {}
        for offer in self.offers.values():
            merged.update(offer.environment)
        return merged

    def write(self) -> None:
        """Write the settings file and the environment file."""
        folder = StateFolder(self.state_dir)
        folder.settings_file.write_text(as_toml(self.settings()), encoding="utf-8")
        lines = [f"{name}={value}\n" for name, value in sorted(self.environment().items())]
        folder.environment_file.write_text("".join(lines), encoding="utf-8")

    def _offer(self, part: str) -> Offer:
        if part not in self.offers:
            raise StackError(f"{part} is not running; start it with `docbeam dev up {part}`")
        return self.offers[part]

    def _setting(self, part: str, section: str, key: str) -> str:
        return self._offer(part).settings[section][key]


def as_toml(settings: Mapping[str, Mapping[str, str]]) -> str:
    """Sections of strings as TOML; sections and keys are bare words."""
    tables = []
    for section, keys in sorted(settings.items()):
        lines = [f"{key} = {_toml_string(value)}" for key, value in sorted(keys.items())]
        tables.append("\n".join([f"[{section}]", *lines]))
    return "\n\n".join(tables) + "\n"


def _toml_string(text: str) -> str:
    # A TOML basic string is a JSON one, but for surrogate pairs and for a plain DEL, which it does not know.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
