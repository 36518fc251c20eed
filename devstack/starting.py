"""Bringing up one part: fetched, started, waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack.failure import StackError
from devstack.fetched import Progress
from devstack.part import Part, Site
from devstack.ports import PortChooser, is_free
from devstack.process import Running, listens, recorded, start, stop
from devstack.state import Entry, StateFolder

_POLL_SECONDS = 0.2
_ATTEMPTS = 3
# A part that runs but hangs, or listens elsewhere because the `up` that started it was killed.
_HUNG_SECONDS = 15.0
_TAIL_LINES = 20


@dataclass(frozen=True, slots=True)
class Starter:
    """What bringing up several parts at once has in common."""

    folder: StateFolder
    ports: PortChooser
    progress: Progress
    cancelled: threading.Event

    def bring_up(self, part: Part, before: Entry | None) -> Entry:
        """Make the part ready, keeping it as it is where it runs already. Raises StackError."""
        ports = before.ports if before else {}
        running = recorded(self.folder.pid_file(part.name))
        if running and running.process():
            if before and ports.keys() == part.ports.keys() and self._answers(part, ports, running):
                self.progress(f"{part.name}: already running, pid {running.pid}")
                return Entry(ports, True, before.offer)
            self.progress(f"{part.name}: runs but does not answer, starting it again")
        if running:
            stop(running, patience=10)
            self.folder.pid_file(part.name).unlink(missing_ok=True)
        installed = part.install(lambda line: self.progress(f"{part.name}: {line}"))
        return self._start(part, installed, ports)

    def _answers(self, part: Part, ports: Mapping[str, int], running: Running) -> bool:
        try:
            self._wait(part, self.folder.site(part.name, ports), running, 0, _HUNG_SECONDS)
        except StackError:
            self._check()
            return False
        return True

    def _start(self, part: Part, installed: Path, before: Mapping[str, int]) -> Entry:
        for attempt in range(_ATTEMPTS):
            ports = self.ports.choose(part.ports, before)
            site = self.folder.site(part.name, ports)
            try:
                self._start_once(part, installed, site)
            except StackError:
                # Somebody else took a port between our look and the start.
                if attempt + 1 < _ATTEMPTS and not all(is_free(port) for port in ports.values()):
                    continue
                raise
            return Entry(ports, True, part.offer(installed, site))
        raise AssertionError("unreachable")

    def _start_once(self, part: Part, installed: Path, site: Site) -> None:
        began = time.monotonic()
        command = part.command(installed, site)
        if command is None:
            self.progress(f"{part.name}: ready ({part.version})")
            return
        self._check()
        log_from = self.folder.rotate_log(part.name)
        running = start(
            part.name,
            command,
            folder=site.settings_dir,
            log=self.folder.log(part.name),
            pid_file=self.folder.pid_file(part.name),
        )
        try:
            self._wait(part, site, running, log_from, part.start_seconds)
        except BaseException:
            stop(running, patience=5)
            self.folder.pid_file(part.name).unlink(missing_ok=True)
            raise
        where = ", ".join(f"{name} {port}" for name, port in site.ports.items())
        self.progress(f"{part.name}: ready after {time.monotonic() - began:.1f} s ({where})")

    def _wait(self, part: Part, site: Site, running: Running, log_from: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        reason = "it never listened on its ports"
        while time.monotonic() < deadline:
            self._check()
            process = running.process()
            if process is None:
                raise StackError(f"{part.name} ended while it was starting.\n{self._said(part, log_from)}")
            if listens(process, site.ports.values()):
                try:
                    part.ready(site)
                except Exception as error:
                    reason = f"{type(error).__name__}: {error}"
                else:
                    return
            time.sleep(_POLL_SECONDS)
        raise StackError(f"{part.name} was not ready after {seconds:.0f} s ({reason}).\n{self._said(part, log_from)}")

    def _said(self, part: Part, log_from: int) -> str:
        log = self.folder.log(part.name)
        with log.open("rb") as file:
            file.seek(log_from)
            lines = file.read().decode(errors="replace").splitlines()[-_TAIL_LINES:]
        tail = "\n".join(f"  | {line}" for line in lines) or "  | (it wrote nothing)"
        return (
            f"{tail}\nThe whole log is {log}. Mend the cause and run `docbeam dev up {part.name}` again; "
            "if its own storage is broken, `docbeam dev down --wipe` starts afresh."
        )

    def _check(self) -> None:
        if self.cancelled.is_set():
            raise StackError("interrupted")
