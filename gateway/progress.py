"""What Kafka tells of requests, taken into the store, the cache and to those who wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from config.settings import Settings
from gateway.acceptance import entry_of
from gateway.cache import EntryCache
from gateway.clock import micros, now_micros
from gateway.entries import FINAL_RANK, Change, Entry
from gateway.metrics import ENDED
from gateway.records import request_in, result_in
from gateway.reviews import doubtful
from gateway.stores.contract import Store
from gateway.waiting import Changes
from schemas.document import DocumentFacts
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import AnalysisResult

if TYPE_CHECKING:
    from kafka.consumer.fetcher import ConsumerRecord

Step = Callable[[], Awaitable[None]]


class Progress:
    """One step for each record; taking it twice changes nothing."""

    def __init__(self, settings: Settings, store: Store, cache: EntryCache, changes: Changes) -> None:
        self._settings = settings
        self._review_below = settings.gateway.review_below
        self._store = store
        self._cache = cache
        self._changes = changes

    def of_result(self, record: ConsumerRecord) -> Step | None:
        """The request has ended."""
        if record.value is None:
            return None
        result = result_in(record, self._settings.registry)
        change = Change.answered(result, now_micros(), sum(1 for _ in doubtful(result, self._review_below)))
        return lambda: self._ended(result, change)

    def of_request(self, record: ConsumerRecord) -> Step | None:
        """A request is on its way, perhaps without the gateway."""
        if record.value is None:
            return None
        request = request_in(record, self._settings)
        return lambda: self._sent(request, record.timestamp * 1000)

    async def end(self, entry: Entry, change: Change) -> None:
        """The gateway itself ends a request."""
        if await self._store.move(entry.request_id, entry.client_id, change):
            await self._tell(entry.request_id, change)

    async def _ended(self, result: AnalysisResult, change: Change) -> None:
        if await self._store.move(result.request_id, result.client_id, change):
            await self._tell(result.request_id, change)
            return
        if await self._store.versions([result.request_id]):
            # It has ended before: a repeat. Or it is another client's, whose id somebody took on Kafka.
            return
        entry = _entry_of_result(result, change, self._settings)
        if entry is not None and await self._store.add(entry) is None:
            await self._tell(result.request_id, change)

    async def _sent(self, request: AnalysisRequest, at: int) -> None:
        now = now_micros()
        entry = entry_of(request, self._settings.gateway, min(at, now), None)
        if entry.expires_at <= now or not _storable(request):
            return
        known = await self._store.add(entry)
        if known is not None and known.rank == 0 and known.request == entry.request:
            # Sent by a gateway that ended before it could note that.
            await self._store.move(known.request_id, known.client_id, Change.sent(now))
        self._changes.announce(request.request_id)

    async def _tell(self, request_id: str, change: Change) -> None:
        ENDED.labels(change.status.value).inc()
        self._changes.announce(request_id)
        if self._cache.holds_anything:
            entry = await self._store.find(request_id)
            if entry is not None and entry.rank == FINAL_RANK:
                await self._cache.put(entry)


def _entry_of_result(result: AnalysisResult, change: Change, settings: Settings) -> Entry | None:
    """Of a request that the requests topic no longer holds, or of which the result was read first."""
    document = result.document or DocumentFacts(location="")
    reference = DocumentReference(document.location, document.media_type or None, document.sha256 or None)
    received_at = micros(result.timings.received_at)
    request = AnalysisRequest(
        result.request_id, reference, result.use_case, client_id=result.client_id,
        submitted_at=result.timings.received_at,
    )  # fmt: skip
    entry = entry_of(request, settings.gateway, min(received_at, change.at), None)
    if entry.expires_at <= change.at or not _storable(request):
        return None
    return replace(
        entry, status=change.status, rank=change.rank, version=1, updated_at=change.at, result=change.result,
        error=change.error, to_review=change.to_review,
    )  # fmt: skip


def _storable(request: AnalysisRequest) -> bool:
    """PostgreSQL holds no NUL in text; such names can only come over Kafka, and nobody has them here."""
    return "\0" not in request.client_id + request.use_case
