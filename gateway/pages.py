"""Pictures of pages, drawn by the children that also work for the job: pixels of strangers never reach this process."""

from __future__ import annotations

import asyncio

from analysis.draw_overlays import draw_page
from analysis.worker import close_workers, worker
from config.settings import Settings
from gateway.daemon_threads import DaemonThreads
from gateway.entries import Entry, stored_result
from gateway.problems import Refusal
from schemas.errors import DocbeamError, ErrorCode

_MOST_WAITING = 32


class Pages:
    """Draws as many pages at once as there are children; others wait, and not for ever."""

    def __init__(self, settings: Settings) -> None:
        self._documents = settings.documents
        self._analysis = settings.analysis.model_copy(update={"children": settings.gateway.page_children})
        self._threads = DaemonThreads(max(1, settings.gateway.page_children), "draw")
        self._enabled = settings.gateway.page_children > 0
        self._waiting = 0

    async def picture(self, entry: Entry, number: int, *, overlay: bool) -> bytes:
        """A page as PNG.

        Raises DocbeamError NO_SUCH_RESOURCE where there is no such page, or no pictures here; what keeps the document
        from being fetched again; SERVICE_UNAVAILABLE while too many wait.
        """
        if not self._enabled:
            raise DocbeamError(ErrorCode.NO_SUCH_RESOURCE, "this gateway draws no pages; gateway.page_children is 0")
        if self._waiting >= _MOST_WAITING:
            raise Refusal(ErrorCode.SERVICE_UNAVAILABLE, "too many pages are being drawn; try again", retry_after=5)
        self._waiting += 1
        try:
            return bytes(await self._threads.run(self._draw, entry, number, overlay))
        finally:
            self._waiting -= 1

    def _draw(self, entry: Entry, number: int, overlay: bool) -> bytes:
        result = stored_result(entry)
        if result is None:
            raise DocbeamError(ErrorCode.NO_SUCH_RESOURCE, "the request has no result yet")
        return draw_page(result, number, worker(self._documents, self._analysis), overlay=overlay)

    async def close(self) -> None:
        """End the children."""
        await asyncio.to_thread(close_workers)
