"""A bounded memory of what was used last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


class Recent(Generic[Item]):
    """The items used last, by key. Thread-safe, holds its lock for no longer than a look."""

    def __init__(self, limit: int = 1024) -> None:
        self._items: OrderedDict[Any, Item] = OrderedDict()
        self._limit = limit
        self._lock = threading.Lock()

    def get(self, key: Any) -> Item | None:
        """The item, now the one used last."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
            return self._items.get(key)

    def put(self, key: Any, item: Item) -> None:
        """Keep the item, for that of the key that was not used for longest."""
        with self._lock:
            self._items[key] = item
            self._items.move_to_end(key)
            while len(self._items) > self._limit:
                self._items.popitem(last=False)

    def drop(self, key: Any) -> None:
        """Keep it no longer."""
        with self._lock:
            self._items.pop(key, None)

    def last(self, url: str) -> tuple[Any, Item] | None:
        """Of the keys of a registry, the one used last."""
        with self._lock:
            return next(((key, item) for key, item in reversed(self._items.items()) if key[0] == url), None)
