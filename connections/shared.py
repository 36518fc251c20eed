"""Clients that all steps of a process share, closed by the last one that goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Shared(Generic[K, V]):
    """One value for each key, made when first acquired."""

    def __init__(self, make: Callable[[K], V], close: Callable[[V], None]) -> None:
        self._make = make
        self._close = close
        self._held: dict[K, tuple[V, int]] = {}
        self._lock = threading.Lock()

    def acquire(self, key: K) -> V:
        """The value of `key`; each call is answered by one of `release`."""
        with self._lock:
            value, holders = self._held.get(key) or (self._make(key), 0)
            self._held[key] = (value, holders + 1)
            return value

    def release(self, key: K) -> None:
        """The last holder's call closes the value."""
        with self._lock:
            value, holders = self._held[key]
            if holders > 1:
                self._held[key] = (value, holders - 1)
                return
            del self._held[key]
        self._close(value)
