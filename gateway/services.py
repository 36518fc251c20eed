"""What the calls and the tasks of one gateway share."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from limits.aio.storage import Storage

from config.settings import Settings
from gateway.access.authentication import Authentication
from gateway.access.bearer_tokens import BearerTokens
from gateway.access.limits import RateLimits, shared_counts
from gateway.backlog import Backlog
from gateway.cache import EntryCache, NoCache
from gateway.callbacks import Callbacks
from gateway.corrections import CorrectionTeller
from gateway.intake import TopicIntake
from gateway.metrics import WAITING
from gateway.pages import Pages
from gateway.progress import Progress
from gateway.redis_cache import RedisCache
from gateway.requests_topic import Outbox
from gateway.stores.contract import Store
from gateway.stores.opening import store_at
from gateway.upkeep import Upkeep
from gateway.uploads import Uploads
from gateway.waiting import Changes

log = logging.getLogger(__name__)
_BROKER_SECONDS = 30.0
"""So long without an answer the broker counts as away."""


def _cache(settings: Settings) -> EntryCache:
    url = settings.gateway.redis
    return NoCache() if url is None else RedisCache(url.get_secret_value(), settings.gateway.cache_seconds)


def _shared_counts(settings: Settings) -> Storage | None:
    url = settings.gateway.redis
    return None if url is None else shared_counts(url.get_secret_value())


def _tokens(settings: Settings) -> BearerTokens | None:
    return None if settings.gateway.oidc_issuer is None else BearerTokens(settings.gateway)


class Services:
    """Made for one process; `running` begins and ends everything that goes on beside the calls."""

    def __init__(self, settings: Settings) -> None:
        gateway = settings.gateway
        self.settings = settings
        self.store: Store = store_at(gateway.store.get_secret_value())
        self.cache = _cache(settings)
        self.changes = Changes(self.store, gateway.max_waiting)
        self.authentication = Authentication(self.store, _tokens(settings), is_open=gateway.access == "open")
        self.limits = RateLimits(_shared_counts(settings), gateway.requests_per_minute)
        self.backlog = Backlog(settings, self.store)
        self.progress = Progress(settings, self.store, self.cache, self.changes)
        self.outbox = Outbox(settings, self.store, self.changes)
        self.uploads = Uploads(settings)
        self.upkeep = Upkeep(settings, self.store, self.outbox, self.progress, self.uploads)
        self.callbacks = Callbacks(settings, self.store)
        self.corrections = CorrectionTeller(settings, self.store)
        self.pages = Pages(settings)
        kafka = settings.kafka
        self.intakes = (
            TopicIntake(kafka.results_topic, gateway.group, settings, self.progress.of_result),
            TopicIntake(kafka.requests_topic, f"{gateway.group}.requests", settings, self.progress.of_request),
        )
        WAITING.set_function(lambda: self.changes.waiting)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Store open, topics read, sweeper at work; at the end nothing is lost that was taken on."""
        await self.store.open()
        tasks = [asyncio.create_task(each) for each in self._work()]
        for intake in self.intakes:
            intake.start()
        try:
            yield
        finally:
            seconds = self.settings.gateway.shutdown_seconds
            self.changes.stop()
            await asyncio.gather(*(intake.close(seconds) for intake in self.intakes))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.outbox.close(seconds)
            await self.pages.close()
            await self.cache.close()
            await self.store.close()

    def broker_answers(self) -> bool:
        """Whether Kafka answered lately."""
        return all(time.monotonic() - intake.polled_at < _BROKER_SECONDS for intake in self.intakes)

    def _work(self) -> list[Coroutine[Any, Any, None]]:
        return [
            self.changes.look_for_ever(),
            self.backlog.look_for_ever(),
            self.upkeep.work_for_ever(),
            self.upkeep.forget_for_ever(),
            self.callbacks.work_for_ever(),
            self.corrections.work_for_ever(),
        ]
