"""What one part of the stack says about itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol

from devstack.failure import StackError
from devstack.fetched import Progress

HOST = "127.0.0.1"
PROJECT = "docbeam"
"""The Google Cloud project name that emulators answer for."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where one part runs: its ports on loopback and its folders."""

    ports: Mapping[str, int]
    settings_dir: Path
    """Generated configuration, written anew at every start; also the part's working folder."""
    storage_dir: Path
    """What outlives a stop; only wiping removes it."""

    def address(self, port: str) -> str:
        """`127.0.0.1:port`."""
        return f"{HOST}:{self.ports[port]}"

    def url(self, port: str) -> str:
        """`http://127.0.0.1:port`."""
        return f"http://{self.address(port)}"


@dataclass(frozen=True, slots=True)
class Command:
    """How a part's process is started; `variables` are added to our own environment."""

    argv: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """What others need to know to use a running part."""

    settings: Mapping[str, Mapping[str, str]]
    """Keys by section, as in docbeam's settings."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that common client libraries read."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Further addresses, for example of a second protocol."""


class Part(Protocol):
    """One real thing that can be installed, started and asked whether it is ready.

    A module under `devstack/parts/` with a `PART` of this shape is a part; nothing else names it.
    """

    @property
    def name(self) -> str:
        """As people type it."""

    @property
    def version(self) -> str:
        """Of the real thing, pinned."""

    @property
    def ports(self) -> Mapping[str, int]:
        """Usual port of each listener; empty for a part without a process."""

    @property
    def on_request(self) -> bool:
        """Whether it starts only where it is asked for by name: large parts that few need."""

    @property
    def start_seconds(self) -> float:
        """After so long without being ready a start has failed."""

    def install(self, progress: Progress) -> Path:
        """Where the part lies in the cache; fetches or builds it the first time. Raises StackError."""

    def command(self, installed: Path, site: Site) -> Command | None:
        """Writes configuration and says how to start; None where there is no process to start."""

    def ready(self, site: Site) -> None:
        """Asks the part over its own protocol; raises whatever says that it is not ready yet."""

    def offer(self, installed: Path, site: Site) -> Offer:
        """What others need to know to use it."""


@cache
def parts() -> Mapping[str, Part]:
    """Every part by name, in order of names."""
    import devstack.parts as package

    found: list[Part] = []
    for module in pkgutil.iter_modules(package.__path__):
        found.append(importlib.import_module(f"devstack.parts.{module.name}").PART)
    return {part.name: part for part in sorted(found, key=lambda part: part.name)}


def part_named(name: str) -> Part:
    """The part of that name; raises StackError listing the known ones."""
    known = parts()
    if name not in known:
        raise StackError(f"no part is called {name!r}; there are {', '.join(known)}")
    return known[name]
