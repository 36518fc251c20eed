"""What is done now and then, by every gateway: send what is unsent, end what is overdue, drop what is old."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from config.settings import Settings
from gateway.clock import now_micros
from gateway.entries import MICROS, Change
from gateway.progress import Progress
from gateway.requests_topic import Outbox
from gateway.stores.contract import Store, StoreUnavailable
from gateway.uploads import Uploads
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import now

log = logging.getLogger(__name__)
_MOST_AT_ONCE = 500
_FORGET_SECONDS = 3600.0
STAGE = "gateway"


class Upkeep:
    """One round after the other; several gateways may do the same at once."""

    def __init__(self, settings: Settings, store: Store, outbox: Outbox, progress: Progress, uploads: Uploads) -> None:
        self._settings = settings.gateway
        self._store = store
        self._outbox = outbox
        self._progress = progress
        self._uploads = uploads

    async def work_for_ever(self) -> None:
        """Every `gateway.sweep_seconds`."""
        while True:
            await asyncio.sleep(self._settings.sweep_seconds)
            try:
                await self.once()
            except StoreUnavailable as error:
                log.warning("the store does not answer: %s", error)
            except Exception:
                log.exception("upkeep failed")

    async def forget_for_ever(self) -> None:
        """Every hour delete uploads that are old."""
        days = self._settings.upload_days
        while days is not None:
            try:
                gone = await self._uploads.forget(now() - timedelta(days=days))
                if gone:
                    log.info("%d uploads are older than %g days and deleted", gone, days)
            except DocbeamError as error:
                log.warning("%s", error.message)
            except Exception:
                log.exception("uploads could not be deleted")
            await asyncio.sleep(_FORGET_SECONDS)

    async def once(self) -> None:
        """One round."""
        resent = await self._outbox.sweep()
        if resent:
            log.warning("%d requests were not known to be on Kafka and are sent again", resent)
        at = now_micros()
        for entry in await self._store.overdue(at, _MOST_AT_ONCE):
            seconds = self._settings.deadline_seconds
            error = DocbeamError(ErrorCode.DEADLINE_EXCEEDED, f"no result came within {seconds} s")
            await self._progress.end(entry, Change.failed(error.item(STAGE), at))
        await self._store.expire(at, at - self._settings.forget_seconds * MICROS)
