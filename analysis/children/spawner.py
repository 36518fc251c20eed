"""Starts children from one thread that lives as long as the process."""

from __future__ import annotations

import queue
import subprocess
import threading
from concurrent.futures import Future

from analysis.children.process import Start


class Spawner:
    """The kernel ends a child that asked for it (PR_SET_PDEATHSIG) when the *thread* that started it ends.

    The threads of a Beam worker come and go.
    """

    def __init__(self) -> None:
        self._orders: queue.Queue[tuple[Start, Future[subprocess.Popen[bytes]]] | None]
        self._orders = queue.Queue()
        self._lock = threading.Lock()
        self._closed = False
        threading.Thread(target=self._serve, name="child spawner", daemon=True).start()

    def run(self, start: Start) -> subprocess.Popen[bytes]:
        """What `start` returns or raises; RuntimeError when this is closed."""
        done: Future[subprocess.Popen[bytes]] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the child pool is closed")
            self._orders.put((start, done))
        return done.result()

    def close(self) -> None:
        """Finish the orders given so far, then take no more."""
        with self._lock:
            self._closed = True
            self._orders.put(None)

    def _serve(self) -> None:
        while (order := self._orders.get()) is not None:
            start, done = order
            try:
                done.set_result(start())
            except BaseException as error:
                done.set_exception(error)
