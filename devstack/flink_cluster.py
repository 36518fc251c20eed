"""A small Flink cluster of processes on loopback, kept up: `python -m devstack.flink_cluster FOLDER`.

FOLDER holds `cluster.json`: for each process its name, command line and variables. What ends is started again after
two seconds, as a supervisor of a real cluster would do; its pid is in `NAME.pid`, what it prints in `NAME.log`. Ends
all of them when it is told to end; the kernel ends them when it is killed.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Event
from types import FrameType

_CLUSTER = "cluster.json"
_AGAIN_SECONDS = 2.0
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 15.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Member:
    """One process of the cluster."""

    name: str
    command: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)


def write_cluster(members: list[Member], folder: Path) -> None:
    """What `main` starts."""
    (folder / _CLUSTER).write_text(json.dumps([asdict(member) for member in members], indent=1), encoding="utf-8")


def main(folder: Path) -> None:
    """Start the members and keep them up until this process is told to end."""
    ending = Event()

    def end(number: int, frame: FrameType | None) -> None:
        ending.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    members = [
        Member(told["name"], tuple(told["command"]), told["variables"])
        for told in json.loads((folder / _CLUSTER).read_text(encoding="utf-8"))
    ]
    running = {member.name: _start(member, folder) for member in members}
    ended: dict[str, float] = {}
    while not ending.wait(_POLL_SECONDS):
        for member in members:
            code = running[member.name].poll()
            if code is None:
                continue
            since = ended.setdefault(member.name, time.monotonic())
            if time.monotonic() - since >= _AGAIN_SECONDS:
                sys.stdout.write(f"{member.name} ended with {code} and is started again\n")
                sys.stdout.flush()
                running[member.name] = _start(member, folder)
                del ended[member.name]
    _end(list(running.values()))


def _start(member: Member, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{member.name}.log").open("ab") as log:
        process = subprocess.Popen(
            member.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **member.variables},
            cwd=folder,
            preexec_fn=_die_with_parent,
        )
    (folder / f"{member.name}.pid").write_text(str(process.pid), encoding="utf-8")
    return process


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    # The job manager first: task managers that leave it would make it look for others.
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
