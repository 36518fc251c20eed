"""Ports on loopback that nobody has."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Mapping

from devstack.part import HOST

_SERVERS = range(20_000, 32_000)
"""Below the ports that systems hand to clients, one of which could have a remembered port at the next start."""


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
        for candidate in (before, usual):
            if candidate is not None and candidate not in self._taken and is_free(candidate):
                self._taken.add(candidate)
                return candidate
        while True:
            port = random.choice(_SERVERS)
            if port not in self._taken and is_free(port):
                self._taken.add(port)
                return port


def free_port(usual: int) -> int:
    """The usual port if it is free, else any other."""
    return PortChooser().choose({"": usual}, {})[""]


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
