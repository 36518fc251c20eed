"""Calls that wait for a request to change: one look at the store serves all of them, whichever gateway changed it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict

from gateway.fair_places import FairPlaces
from gateway.stores.contract import Store, StoreUnavailable

log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.5
_MOST_AT_ONCE = 500


class Changes:
    """Wakes those who wait for entries."""

    def __init__(self, store: Store, most_waiting: int) -> None:
        self._store = store
        self._places = FairPlaces(most_waiting, "waiting calls", kept=most_waiting // 4)
        self._waiting: defaultdict[str, dict[asyncio.Future[None], int]] = defaultdict(dict)
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return sum(map(len, self._waiting.values()))

    def has_room(self, client_id: str) -> bool:
        """Whether the client may have one more wait; a quarter of the places is kept for others."""
        return self._places.has_room_for(client_id)

    @property
    def stopping(self) -> bool:
        """Whether nobody should begin to wait."""
        return self._stopping.is_set()

    def stop_soon(self) -> None:
        """As `stop`, from a signal: whatever is going on."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.stop)

    def stop(self) -> None:
        """Wake everybody: the gateway ends."""
        self._stopping.set()
        for request_id in list(self._waiting):
            self.announce(request_id)

    def announce(self, request_id: str) -> None:
        """This process has changed the entry."""
        for future in self._waiting.get(request_id, ()):
            if not future.done():
                future.set_result(None)

    async def wait(self, request_id: str, version: int, seconds: float, client_id: str) -> bool:
        """Wait until the entry has another version; False when the time is over, or too many wait already."""
        if seconds <= 0 or self.stopping or not self.has_room(client_id):
            return False
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[request_id][future] = version
        try:
            with self._places.one_for(client_id):
                async with asyncio.timeout(seconds):
                    await future
            return True
        except TimeoutError:
            return False
        finally:
            del self._waiting[request_id][future]
            if not self._waiting[request_id]:
                del self._waiting[request_id]

    async def look_for_ever(self) -> None:
        """Look every half second for what other gateways changed."""
        self._loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            ids = list(self._waiting)
            for start in range(0, len(ids), _MOST_AT_ONCE):
                with contextlib.suppress(StoreUnavailable):
                    await self._look(ids[start : start + _MOST_AT_ONCE])

    async def _look(self, ids: list[str]) -> None:
        for request_id, version in (await self._store.versions(ids)).items():
            for future, known in self._waiting.get(request_id, {}).items():
                if known != version and not future.done():
                    future.set_result(None)
