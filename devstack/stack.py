"""The parts together: up, down, status."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from devstack.endpoints import Endpoints
from devstack.failure import StackError
from devstack.locking import locked
from devstack.part import Part, part_named, parts
from devstack.ports import PortChooser
from devstack.process import Running, listens, recorded, stop
from devstack.starting import Starter
from devstack.state import Entry, StateFolder

PARTS: tuple[str, ...] = tuple(parts())
"""Names of all parts."""
USUAL: tuple[str, ...] = tuple(name for name, part in parts().items() if not part.on_request)
"""Names of those that start where none is named."""

DEFAULT_STATE_DIR = Path(".docbeam/dev")

_STOP_SECONDS = 30.0


class PartState(StrEnum):
    """How a part is now."""

    READY = "ready"
    NOT_ANSWERING = "not answering"
    """Its process lives but its readiness probe fails."""
    DEAD = "dead"
    """It was started, not stopped, and has no process."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part as `docbeam dev status` shows it."""

    part: str
    version: str
    state: PartState
    ports: dict[str, int]
    pid: int | None
    rss_bytes: int | None
    """Resident memory of its process and descendants."""
    uptime_seconds: float | None
    log: Path


def up(
    parts: Sequence[str] | None = None,
    state_dir: Path = DEFAULT_STATE_DIR,
    progress: Callable[[str], None] = lambda line: None,
) -> Endpoints:
    """Bring up the named parts, or all that are usual, and wait until each answers.

    What runs already is kept, what died is started again. `progress` gets lines for people, from several threads,
    one at a time. Raises StackError naming every part that failed; the others stay up.
    """
    chosen = [part_named(name) for name in (USUAL if parts is None else dict.fromkeys(parts))]
    folder = StateFolder.at(state_dir)
    with locked(folder.lock):
        failures = _bring_up(chosen, folder, _one_at_a_time(progress))
        current = _endpoints(folder)
        current.write()
    if failures:
        raise StackError("\n\n".join(failures))
    return current


def down(state_dir: Path = DEFAULT_STATE_DIR, wipe: bool = False) -> list[str]:
    """Stop every part that was started from `state_dir`, last one first; returns the names of those it ended.

    Goes by the recorded processes alone, so it also cleans up after an `up` that was killed. With `wipe`, what
    the parts have stored is removed too.
    """
    folder = StateFolder.at(state_dir)
    if not folder.root.exists():
        return []
    with locked(folder.lock):
        processes = [running for file in folder.pid_files() if (running := recorded(file))]
        ended = []
        for running in sorted(processes, key=lambda running: running.started, reverse=True):
            if stop(running, _STOP_SECONDS):
                ended.append(running.part)
        for file in folder.pid_files():
            file.unlink()
        folder.write({name: entry.unwanted() for name, entry in folder.read().items()})
        folder.settings_file.unlink(missing_ok=True)
        folder.environment_file.unlink(missing_ok=True)
        if wipe:
            folder.wipe()
    return ended


def status(state_dir: Path = DEFAULT_STATE_DIR) -> list[PartStatus]:
    """Every part as it is now; asks those that run whether they are ready."""
    folder = StateFolder.at(state_dir)
    entries = folder.read()
    with ThreadPoolExecutor(len(PARTS)) as pool:
        return list(pool.map(lambda part: _status(part, folder, entries.get(part.name)), parts().values()))


def endpoints(state_dir: Path = DEFAULT_STATE_DIR) -> Endpoints | None:
    """Where the parts are that run now; None where none does."""
    current = _endpoints(StateFolder.at(state_dir))
    return current if current.offers else None


def _bring_up(chosen: Sequence[Part], folder: StateFolder, progress: Callable[[str], None]) -> list[str]:
    """What failed, in words; records each part as soon as it is ready."""
    entries = folder.read()
    starter = Starter(folder, PortChooser(), progress, threading.Event())
    failures = []
    with ThreadPoolExecutor(max(1, len(chosen))) as pool:
        jobs = {pool.submit(starter.bring_up, part, entries.get(part.name)): part for part in chosen}
        try:
            for job in as_completed(jobs):
                part = jobs[job]
                try:
                    entries[part.name] = job.result()
                except (StackError, OSError) as error:
                    progress(f"{part.name}: failed")
                    failures.append(f"{part.name}: {error}")
                    if part.name in entries:
                        entries[part.name] = entries[part.name].unwanted()
                folder.write(entries)
        except BaseException:
            starter.cancelled.set()
            raise
    return failures


def _endpoints(folder: StateFolder) -> Endpoints:
    offers = {
        name: entry.offer
        for name, entry in folder.read().items()
        if entry.wanted and (not entry.ports or _process(folder, name) is not None)
    }
    return Endpoints(folder.root, offers)


def _process(folder: StateFolder, part: str) -> psutil.Process | None:
    running = recorded(folder.pid_file(part))
    return running.process() if running else None


def _status(part: Part, folder: StateFolder, entry: Entry | None) -> PartStatus:
    running = recorded(folder.pid_file(part.name))
    process = running.process() if running else None
    ports = dict(entry.ports) if entry and entry.wanted else {}
    rss = _resident(process) if process else None
    return PartStatus(
        part=part.name,
        version=part.version,
        state=_state(part, folder, entry, running, process),
        ports=ports,
        pid=process.pid if process else None,
        rss_bytes=rss,
        uptime_seconds=max(0.0, time.time() - process.create_time()) if process else None,
        log=folder.log(part.name),
    )


def _state(
    part: Part, folder: StateFolder, entry: Entry | None, running: Running | None, process: psutil.Process | None
) -> PartState:
    if process is None:
        if entry is None or not entry.wanted:
            return PartState.DEAD if running else PartState.STOPPED
        return PartState.DEAD if part.ports else PartState.READY
    if entry is None or not listens(process, entry.ports.values()):
        return PartState.NOT_ANSWERING
    try:
        part.ready(folder.site(part.name, entry.ports))
    except Exception:
        return PartState.NOT_ANSWERING
    return PartState.READY


def _resident(process: psutil.Process) -> int | None:
    try:
        return sum(int(member.memory_info().rss) for member in (process, *process.children(recursive=True)))
    except psutil.Error:
        return None


def _one_at_a_time(progress: Callable[[str], None]) -> Callable[[str], None]:
    lock = threading.Lock()

    def say(line: str) -> None:
        with lock:
            progress(line)

    return say
