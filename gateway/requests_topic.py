"""The outbox: entries to the requests topic. Written first, then sent; what is not known to be sent is sent again."""

from __future__ import annotations

import asyncio
import logging
import threading

from clients.request_records import request_record
from config.settings import Settings
from connections.kafka.outgoing import OutgoingRecord
from connections.kafka.publishing import NotPublished, publisher
from connections.schema_registry import wait_for_schema_id
from gateway.clock import now_micros
from gateway.daemon_threads import DaemonThreads
from gateway.entries import MICROS, Change, Entry
from gateway.metrics import SENT
from gateway.stores.contract import Store, StoreUnavailable
from gateway.waiting import Changes

log = logging.getLogger(__name__)
_SENDERS = 8
_MOST_AT_ONCE = 200
SOURCE = "docbeam/gateway"


class Outbox:
    """Sends entries at once, and again what a crash or a broker kept from being sent."""

    def __init__(self, settings: Settings, store: Store, changes: Changes) -> None:
        self._settings = settings
        self._store = store
        self._changes = changes
        self._threads = DaemonThreads(_SENDERS, "send")
        self._sending: set[asyncio.Task[None]] = set()
        self._in_work: set[str] = set()
        self._publisher = publisher(settings.kafka)
        self._publisher.acquire()

    def again_at(self, attempts: int = 0) -> int:
        """When an entry that is sent now is to be sent again, unless it is known to be on Kafka by then."""
        pause = min(self._settings.gateway.resend_seconds * 2.0 ** min(attempts, 6), 600.0)
        # Not before the producer has given up.
        return now_micros() + round((pause + self._settings.kafka.delivery_seconds * min(attempts, 1)) * MICROS)

    def send(self, entry: Entry, traceparent: str | None = None) -> None:
        """Send without waiting; what fails is left to `sweep`."""
        if entry.request_id in self._in_work:
            return
        self._in_work.add(entry.request_id)
        task = asyncio.create_task(self._send(entry, traceparent))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def sweep(self) -> int:
        """Send what is due, by whichever gateway it was taken on; returns how many."""
        if len(self._sending) >= _MOST_AT_ONCE:
            return 0
        now = now_micros()
        entries = await self._store.claim_unsent(now, self.again_at(1), _MOST_AT_ONCE)
        for entry in entries:
            self.send(entry)
        return len(entries)

    async def close(self, seconds: float) -> None:
        """Wait for what is being sent; what is not sent then stays due for the next gateway."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=seconds)
        for task in list(self._sending):
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        # Not one of the senders: all of them may wait for a broker that is away.
        closing = threading.Thread(target=self._publisher.release, daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, seconds)

    async def _send(self, entry: Entry, traceparent: str | None) -> None:
        try:
            await self._threads.run(self._publish, entry, traceparent)
            await self._store.move(entry.request_id, entry.client_id, Change.sent(now_micros()))
            self._changes.announce(entry.request_id)
            SENT.labels("sent").inc()
        except NotPublished as error:
            SENT.labels("failed").inc()
            log.warning("a request is not on Kafka yet: %s", error, extra={"request_id": entry.request_id})
        except StoreUnavailable:
            # On Kafka, but not known to be: it is sent once more, and answered alike.
            log.warning("a request was sent, and the store does not know", extra={"request_id": entry.request_id})
        except Exception:
            SENT.labels("failed").inc()
            log.exception("a request could not be sent", extra={"request_id": entry.request_id})
        finally:
            self._in_work.discard(entry.request_id)

    def _publish(self, entry: Entry, traceparent: str | None) -> None:
        kafka = self._settings.kafka
        schema_id = wait_for_schema_id(f"{kafka.requests_topic}-value", "analysis_request", self._settings.registry)
        record = request_record(entry.analysis_request(), schema_id, SOURCE, traceparent)
        outgoing = OutgoingRecord(kafka.requests_topic, record.key, record.value, tuple(record.headers))
        self._publisher.publish([(None, outgoing)])
