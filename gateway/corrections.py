"""Corrections to their topic, then to BigQuery; what is not known to be there is sent again, by whichever gateway."""

from __future__ import annotations

import asyncio
import logging

from config.settings import Settings
from connections.insert_all import ROWS, InsertAll, encoded
from connections.kafka.outgoing import OutgoingRecord
from connections.kafka.publishing import NotPublished, publisher
from connections.schema_registry import wait_for_schema_id
from gateway.clock import now_micros
from gateway.daemon_threads import DaemonThreads
from gateway.entries import MICROS
from gateway.metrics import TOLD
from gateway.reviews import Review
from gateway.stores.contract import Store, StoreUnavailable
from schemas.bigquery import correction_row
from schemas.correction import Correction
from schemas.wire import RecordCodec, frame

log = logging.getLogger(__name__)
_CORRECTIONS = RecordCodec(Correction)
_MOST_AT_ONCE = 50
_CLAIM_SECONDS = 60
"""Added to what a broker may take; a review that is not told by then is claimed anew."""
_SENDERS = 2


class NotTold(Exception):
    """BigQuery did not take them; the message holds nothing of what they say."""


class CorrectionTeller:
    """A correction is told at least once; its id says which repeats are one."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._threads = DaemonThreads(_SENDERS, "tell corrections")
        self._publisher = publisher(settings.kafka)
        bigquery = settings.bigquery
        table = bigquery.model_copy(update={"table": bigquery.corrections_table})
        self._table = InsertAll(table) if bigquery.enabled else None
        self._new = asyncio.Event()

    def wake(self) -> None:
        """There is a new one."""
        self._new.set()

    async def work_for_ever(self) -> None:
        """At once where this gateway took one; every `gateway.sweep_seconds` for those of others and of before."""
        while True:
            try:
                async with asyncio.timeout(self._settings.gateway.sweep_seconds):
                    await self._new.wait()
            except TimeoutError:
                pass
            self._new.clear()
            try:
                await self.sweep()
            except StoreUnavailable:
                # The upkeep says so.
                continue
            except Exception:
                log.exception("corrections could not be told")

    async def sweep(self) -> None:
        """One round."""
        now = now_micros()
        until = now + round((self._settings.kafka.delivery_seconds + _CLAIM_SECONDS) * MICROS)
        due = await self._store.claim_corrections(now, until, _MOST_AT_ONCE)
        await asyncio.gather(*(self._tell(each, until) for each in due))

    async def _tell(self, review: Review, claimed_until: int) -> None:
        corrections = review.judged()[review.told :]
        try:
            if corrections:
                await self._threads.run(self._send, corrections)
        except (NotPublished, NotTold) as error:
            TOLD.labels("failed").inc(len(corrections))
            log.warning("corrections are not told yet: %s", error, extra={"request_id": review.request_id})
            again_at = now_micros() + round(self._settings.gateway.resend_seconds * MICROS)
            await self._store.corrections_told(review.request_id, claimed_until, review.told, again_at)
            return
        await self._store.corrections_told(review.request_id, claimed_until, review.count, None)
        TOLD.labels("sent").inc(len(corrections))

    def _send(self, corrections: tuple[Correction, ...]) -> None:
        topic = self._settings.kafka.corrections_topic
        schema_id = wait_for_schema_id(f"{topic}-value", "correction", self._settings.registry)
        for each in corrections:
            value = frame(schema_id, _CORRECTIONS.to_avro(each))
            self._publisher.publish([(None, OutgoingRecord(topic, each.request_id.encode(), value))])
        if self._table is None:
            return
        rows = [encoded(correction_row(each)) for each in corrections]
        for start in range(0, len(rows), ROWS):
            for refusal in self._table.send(rows[start : start + ROWS]):
                if refusal is not None:
                    raise NotTold(f"BigQuery, table {self._settings.bigquery.corrections_table}: {refusal.reason}")
