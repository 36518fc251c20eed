"""Detached processes, known again by pid and by when they were started."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from devstack.failure import StackError
from devstack.part import Command

_SAME_START_SECONDS = 1.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_KILL_SECONDS = 10.0
_POLL_SECONDS = 0.05

# Ours to wait for while this process lives, else they stay as zombies.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class Running:
    """What a pid file says: one process, and when it began.

    That is counted from the machine's boot, since every clock that is set moves the start time that the system reports
    in seconds since 1970.
    """

    part: str
    pid: int
    started: float
    """Seconds after the boot."""
    boot: str
    """Which boot that was, where the system tells; else empty."""

    def process(self) -> psutil.Process | None:
        """The live process; None where it ended, even where its pid now means another one."""
        child = _children.get(self.pid)
        if child is not None and child.poll() is not None:
            del _children[self.pid]
        try:
            process = psutil.Process(self.pid)
            if self.boot != _boot() or abs(_seconds_after_boot(process) - self.started) > _SAME_START_SECONDS:
                return None
            return process if _lives(process) else None
        except psutil.Error:
            return None


def start(part: str, command: Command, *, folder: Path, log: Path, pid_file: Path) -> Running:
    """Start a process that outlives us, its output appended to `log`; the pid file is written at once."""
    try:
        with log.open("ab") as output:
            child = subprocess.Popen(
                command.argv,
                cwd=folder,
                env=os.environ | dict(command.variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise StackError(f"{part}: {command.argv[0]} cannot be started ({error})") from error
    _children[child.pid] = child
    try:
        running = running_as(part, psutil.Process(child.pid))
    except psutil.Error as error:
        raise StackError(f"{part} ended at once; its log is {log}") from error
    _write_whole(pid_file, json.dumps(asdict(running)))
    return running


def running_as(part: str, process: psutil.Process) -> Running:
    """What is written down of a live process; raises psutil.Error if it has ended."""
    return Running(part, process.pid, _seconds_after_boot(process), _boot())


def recorded(pid_file: Path) -> Running | None:
    """What the pid file says; None where there is none or it cannot be read."""
    try:
        return Running(**json.loads(pid_file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def listens(process: psutil.Process, ports: Iterable[int]) -> bool:
    """Whether the process or a descendant listens on all of `ports`, so that nobody else is mistaken for it."""
    open_ports: set[int] = set()
    try:
        for member in (process, *process.children(recursive=True)):
            for connection in member.net_connections(kind="tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    open_ports.add(connection.laddr.port)
    except psutil.Error:
        return False
    return open_ports.issuperset(ports)


def stop(running: Running, patience: float) -> bool:
    """End a process and its descendants: asked first, killed after `patience` seconds.

    Returns False where it had already ended. A recycled pid is left alone.
    """
    process = running.process()
    if process is None:
        return False
    family = [process, *_descendants(process)]
    _signal(family[:1], kill=False)
    left = _outlasting(family, patience)
    _signal(left, kill=True)
    _outlasting(left, _KILL_SECONDS)
    running.process()
    return True


def _seconds_after_boot(process: psutil.Process) -> float:
    return float(process.create_time() - psutil.boot_time())


def _boot() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _outlasting(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still live after `seconds`; returns as soon as none does.

    A process that ended but that its new parent has not collected yet is over, though its pid still exists.
    """
    deadline = time.monotonic() + seconds
    while (left := [process for process in processes if _lives(process)]) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        # While threads of a zombie still run, what it had open is open.
        return process.is_running() and (process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1)
    except psutil.Error:
        return False


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _signal(processes: Iterable[psutil.Process], *, kill: bool) -> None:
    for process in processes:
        try:
            process.kill() if kill else process.terminate()
        except psutil.NoSuchProcess:
            continue


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
