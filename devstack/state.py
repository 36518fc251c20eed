"""The state folder: what was started, where it listens, and what others need to know of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from devstack.part import Offer, Site

_ROTATE_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One part's lines of `state.json`."""

    ports: Mapping[str, int]
    wanted: bool
    """True from the start on until it is stopped on purpose; wanted without a process means that it died."""
    offer: Offer

    def unwanted(self) -> Entry:
        """The same after a stop; its ports are remembered."""
        return replace(self, wanted=False)


@dataclass(frozen=True, slots=True)
class StateFolder:
    """Paths under one state folder; `root` is absolute."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> StateFolder:
        """The folder at `path`, which need not exist."""
        return cls(path.expanduser().resolve())

    @property
    def lock(self) -> Path:
        """Held while parts are started or stopped."""
        return self.root / "lock"

    @property
    def settings_file(self) -> Path:
        """What docbeam reads to find the parts."""
        return self.root / "docbeam.toml"

    @property
    def environment_file(self) -> Path:
        """`NAME=value` lines for other clients."""
        return self.root / "environment"

    def log(self, part: str) -> Path:
        """Where a part's output goes."""
        return self.root / "logs" / f"{part}.log"

    def pid_file(self, part: str) -> Path:
        """Which process a part is."""
        return self.root / "run" / f"{part}.pid"

    def pid_files(self) -> list[Path]:
        """Of every part that was started and not stopped."""
        return sorted((self.root / "run").glob("*.pid"))

    def site(self, part: str, ports: Mapping[str, int]) -> Site:
        """The part's place here; its folders exist afterwards."""
        site = Site(ports, self.root / "settings" / part, self.root / "storage" / part)
        for folder in (site.settings_dir, site.storage_dir, self.log(part).parent, self.pid_file(part).parent):
            folder.mkdir(parents=True, exist_ok=True)
        return site

    def rotate_log(self, part: str) -> int:
        """Move an overgrown log aside before a start; returns the size of what is there now."""
        log = self.log(part)
        size = log.stat().st_size if log.exists() else 0
        if size > _ROTATE_BYTES:
            log.replace(log.with_suffix(".log.1"))
            return 0
        return size

    def read(self) -> dict[str, Entry]:
        """Every part that was ever started here; empty for a new or unreadable folder."""
        try:
            stored = json.loads((self.root / "state.json").read_text(encoding="utf-8"))
            return {
                name: Entry(entry["ports"], entry["wanted"], Offer(**entry["offer"]))
                for name, entry in stored["parts"].items()
            }
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return {}

    def write(self, entries: Mapping[str, Entry]) -> None:
        """Replace `state.json` whole."""
        self.root.mkdir(parents=True, exist_ok=True)
        stored = {"parts": {name: asdict(entry) for name, entry in sorted(entries.items())}}
        partial = self.root / "state.json.partial"
        partial.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
        partial.replace(self.root / "state.json")

    def wipe(self) -> None:
        """Remove what parts have put here, and nothing else."""
        for name in ("run", "logs", "settings", "storage"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        for file in (self.root / "state.json", self.settings_file, self.environment_file, self.lock):
            file.unlink(missing_ok=True)
        if self.root.is_dir() and not any(self.root.iterdir()):
            self.root.rmdir()
