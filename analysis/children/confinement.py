"""What the system takes from a child without root: privileges, core dumps, memory, writing, connecting.

A child needs none of it to read documents, so whoever takes it over shall not have it. What the system lacks is left
out; `docbeam doctor` tells what is on.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

_PR_SET_NO_NEW_PRIVS = 38
_ADDRESS_SPACE_SLACK_MB = 6 * 1024
"""Libraries map far more than they touch; the limit on address space only backs the parent's watch on RSS."""
_DESCRIPTORS = 1024
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full")
_WRITES_SINCE = 1
_CONNECTIONS_SINCE = 4
_SIGNALS_SINCE = 6


@dataclass(frozen=True, slots=True)
class Confinement:
    """What is in force, in the child that tells it."""

    no_new_privileges: bool = False
    address_space_mb: int = 0
    landlock: int = 0
    """Version of the kernel's interface; 0 where there is none."""
    missing: str = ""
    """Why Landlock is not on."""

    @property
    def writes(self) -> bool:
        """Files are written below the temporary folder only."""
        return self.landlock >= _WRITES_SINCE

    @property
    def connections(self) -> bool:
        """No TCP connection is opened or accepted."""
        return self.landlock >= _CONNECTIONS_SINCE

    @property
    def signals(self) -> bool:
        """No process but those it has started can be signalled."""
        return self.landlock >= _SIGNALS_SINCE


def confine(memory_mb: int, writable: Path) -> Confinement:
    """Give up, for this process and all it will start, what no page needs. Call it before there are threads."""
    _limit(resource.RLIMIT_CORE, 0)  # A core dump would write document pixels to disk.
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    if sys.platform != "linux":
        return Confinement(missing="not on this system")
    address_space_mb = memory_mb + _ADDRESS_SPACE_SLACK_MB
    _limit(resource.RLIMIT_AS, address_space_mb * 1024**2)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    no_new_privileges = prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    landlock, missing = _landlock(writable)
    return Confinement(no_new_privileges, address_space_mb, landlock, missing)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (value, value))


def _landlock(writable: Path) -> tuple[int, str]:
    """Forbid writing but below `writable`, TCP, and signals to others; the version of the interface, or why not."""
    try:
        from landlockpy import AccessFS, AccessNet, LandlockError, Ruleset, Scope
    except ImportError:
        return 0, "landlockpy is not installed"
    reading = AccessFS.EXECUTE | AccessFS.READ_FILE | AccessFS.READ_DIR
    writing = ~reading & ~AccessFS.RESOLVE_UNIX
    tcp = AccessNet.BIND_TCP | AccessNet.CONNECT_TCP
    try:
        with Ruleset(handled_fs=writing, handled_net=tcp, scoped=Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET) as rules:
            rules.allow_path(writable, writing)
            for device in _devices():
                rules.allow_path(device, AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.IOCTL_DEV)
            rules.restrict()
            return rules.abi_version, ""
    except (LandlockError, OSError) as error:
        return 0, f"the kernel has none ({type(error).__name__})"


def _devices() -> Iterator[Path]:
    return (Path(device) for device in _DEVICES if os.path.exists(device))


def main() -> None:
    """`python -m analysis.children.confinement MEMORY_MB FOLDER`: confine this process, and say how far that went."""
    sys.stdout.write(json.dumps(asdict(confine(int(sys.argv[1]), Path(sys.argv[2])))))


if __name__ == "__main__":
    main()
