"""Ports on loopback that nobody has."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Mapping

from devstack.part import HOST

_SERVERS = range(20_000, 32_000)
"""Below the ports that systems hand to clients, one of which could have a remembered port at the next start."""


_LINGERS = 1.0
"""Seconds for which a part that was just stopped may still hold its port: its process ends before its sockets do."""


class PortChooser:
    """Hands each port out once; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[int] = set()

    def choose(self, usual: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
        """A port for each name: the one it had `before` if free, else its `usual` one, else any free one."""
        with self._lock:
            return {name: self._one(before.get(name), port) for name, port in usual.items()}

    def _one(self, before: int | None, usual: int) -> int:
        for candidate, patience in ((before, _LINGERS), (usual, 0.0)):
            if candidate is not None and candidate not in self._taken and _is_soon_free(candidate, patience):
                self._taken.add(candidate)
                return candidate
        while True:
            port = random.choice(_SERVERS)
            if port not in self._taken and is_free(port):
                self._taken.add(port)
                return port


def _is_soon_free(port: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while not is_free(port):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def is_free(port: int) -> bool:
    """Whether nobody answers at the port and it can be bound."""
    with socket.socket() as caller:
        caller.settimeout(1.0)
        if caller.connect_ex((HOST, port)) == 0:
            return False
    with socket.socket() as probe:
        # As servers do, so that connections of a stopped server that still linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
