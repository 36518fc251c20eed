"""Pictures of pages, drawn by the children that also work for the job: pixels of strangers never reach this process."""

from __future__ import annotations

import asyncio

from analysis.draw_overlays import draw_page
from analysis.worker import close_workers, worker
from config.settings import Settings
from gateway.daemon_threads import DaemonThreads
from gateway.entries import Entry, stored_result
from gateway.fair_places import FairPlaces
from gateway.principal import Principal
from schemas.errors import DocbeamError, ErrorCode

_MOST_WAITING = 32


class Pages:
    """Draws as many pages at once as there are children; others wait, and not for ever."""

    def __init__(self, settings: Settings) -> None:
        self._documents = settings.documents
        self._analysis = settings.analysis.model_copy(update={"children": settings.gateway.page_children})
        self._threads = DaemonThreads(max(1, settings.gateway.page_children), "draw")
        self._enabled = settings.gateway.page_children > 0
        self._places = FairPlaces(_MOST_WAITING, "pages")

    async def picture(self, entry: Entry, number: int, caller: Principal, *, overlay: bool) -> bytes:
        """A page as PNG.

        Raises DocbeamError NO_SUCH_RESOURCE where there is no such page, or no pictures here; what keeps the document
        from being fetched again; SERVICE_UNAVAILABLE or RATE_LIMITED while too many wait.
        """
        if not self._enabled:
            raise DocbeamError(ErrorCode.NO_SUCH_RESOURCE, "this gateway draws no pages; gateway.page_children is 0")
        with self._places.one_for(caller.client_id):
            return bytes(await self._threads.run(self._draw, entry, number, overlay))

    def _draw(self, entry: Entry, number: int, overlay: bool) -> bytes:
        result = stored_result(entry)
        if result is None:
            raise DocbeamError(ErrorCode.NO_SUCH_RESOURCE, "the request has no result yet")
        return draw_page(result, number, worker(self._documents, self._analysis), overlay=overlay)

    async def close(self) -> None:
        """End the children."""
        await asyncio.to_thread(close_workers)
