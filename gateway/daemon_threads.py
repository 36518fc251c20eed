"""Threads that the end of the process does not wait for: what they do may be given up at any time."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class DaemonThreads:
    """A pool as `ThreadPoolExecutor`, which a broker or registry that is away cannot keep from ending."""

    def __init__(self, count: int, name: str) -> None:
        self._waiting: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...], Future[Any]]] = queue.SimpleQueue()
        self._left = count
        self._name = name

    async def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """What `work` returns or raises."""
        done: Future[Any] = Future()
        self._waiting.put((work, arguments, done))
        if self._left:
            self._left -= 1
            threading.Thread(target=self._work, name=self._name, daemon=True).start()
        return await asyncio.wrap_future(done)

    def _work(self) -> None:
        while True:
            work, arguments, done = self._waiting.get()
            if not done.set_running_or_notify_cancel():
                continue
            try:
                done.set_result(work(*arguments))
            except BaseException as error:
                done.set_exception(error)
