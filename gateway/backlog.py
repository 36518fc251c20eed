"""How much is unfinished: requests that wait for the gateway, and the job's consumer lag."""

from __future__ import annotations

import asyncio
import logging
import time

from clients.failure import ClientError
from clients.group import group_progress
from config.settings import Settings
from gateway.metrics import BACKLOG
from gateway.stores.contract import Store, StoreUnavailable

log = logging.getLogger(__name__)
_BELIEVED_SECONDS = 60.0


class Backlog:
    """Looks now and then; a call is judged by the last look, and by what came since."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._lag = 0
        self._looked_at = float("-inf")
        self._unsent = 0
        self._taken = 0

    @property
    def size(self) -> int:
        """Requests that are not finished, as far as known. An old look at the lag counts nothing."""
        lag = self._lag if time.monotonic() - self._looked_at < _BELIEVED_SECONDS else 0
        return lag + self._unsent + self._taken

    @property
    def is_full(self) -> bool:
        """Whether a new request has to come later."""
        return self.size >= self._settings.gateway.max_backlog

    def took_one(self) -> None:
        """A request was accepted."""
        self._taken += 1

    async def look(self) -> None:
        """One look."""
        taken = self._taken
        try:
            self._unsent = await self._store.unsent()
        except StoreUnavailable:
            return
        try:
            progress = await asyncio.to_thread(group_progress, self._settings.kafka)
        except ClientError as error:
            log.info("the job's lag is not known: %s", error.message)
        else:
            self._lag, self._looked_at = sum(each.lag for each in progress), time.monotonic()
        self._taken -= taken
        BACKLOG.set(self.size)

    async def look_for_ever(self) -> None:
        """Every `gateway.backlog_seconds`."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("could not look at the backlog")
            await asyncio.sleep(self._settings.gateway.backlog_seconds)
