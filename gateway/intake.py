"""What Kafka says, into the store: results, and requests that came without the gateway.

Each topic has a thread. The group's offset is committed once the store has what was read, so a gateway that is killed
loses nothing: another one, or the next, reads it again, and a step that was taken is not taken twice.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from config.settings import Settings
from connections.kafka.clients import consumer
from connections.retry import Pauses
from gateway.metrics import TAKEN_IN
from gateway.stores.contract import StoreUnavailable

if TYPE_CHECKING:
    from kafka import KafkaConsumer
    from kafka.consumer.fetcher import ConsumerRecord

log = logging.getLogger(__name__)
_POLL_MS = 500
_MOST_RECORDS = 100
_SESSION_MS = 6_000
"""So long after a gateway was killed another one goes on with its partitions."""

Decode = Callable[["ConsumerRecord"], Callable[[], Awaitable[None]] | None]
"""What is to be done about a record, in the event loop; None: nothing."""


class TopicIntake:
    """One topic, read by whichever gateways there are."""

    def __init__(self, topic: str, group: str, settings: Settings, decode: Decode) -> None:
        self._topic = topic
        self._group = group
        self._settings = settings
        self._decode = decode
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"read {topic}", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.polled_at = float("-inf")
        """When the broker last answered, by `time.monotonic`."""

    def start(self) -> None:
        """Begin to read; from the event loop that the store belongs to."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def close(self, seconds: float) -> None:
        """Finish what was read, commit, and leave the group."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join, seconds)

    def _run(self) -> None:
        pauses = Pauses(0.5, 10)
        while not self._stop.is_set():
            opened: KafkaConsumer | None = None
            try:
                opened = self._open()
                while not self._stop.is_set():
                    self._read_once(opened)
                    pauses = Pauses(0.5, 10)
            except Exception as error:
                log.warning("cannot read %s: %s", self._topic, type(error).__name__)
                self._stop.wait(pauses.next())
            finally:
                if opened is not None:
                    _close(opened)

    def _open(self) -> KafkaConsumer:
        opened = consumer(
            self._settings.kafka,
            group_id=self._group,
            auto_offset_reset="earliest",
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=_SESSION_MS // 3,
            max_poll_records=_MOST_RECORDS,
            bootstrap_timeout_ms=10_000,
            metrics_enabled=False,
        )
        opened.subscribe([self._topic])
        return opened

    def _read_once(self, opened: KafkaConsumer) -> None:
        polled = opened.poll(timeout_ms=_POLL_MS)
        self.polled_at = time.monotonic()
        records = [record for each in polled.values() for record in each]
        if records:
            self._store(records)
            opened.commit()

    def _store(self, records: Sequence[ConsumerRecord]) -> None:
        """Returns once the store has everything; raises when that takes so long that others have the partition."""
        steps = [step for record in records if (step := self._decoded(record)) is not None]
        pauses = Pauses(0.2, 5)
        while not self._stop.is_set():
            assert self._loop is not None
            try:
                asyncio.run_coroutine_threadsafe(_all(steps), self._loop).result()
            except StoreUnavailable as error:
                log.warning("results wait for the store: %s", error)
                self._stop.wait(pauses.next())
            else:
                return
        raise StoreUnavailable("stopped before the store answered")

    def _decoded(self, record: ConsumerRecord) -> Callable[[], Awaitable[None]] | None:
        try:
            step = self._decode(record)
        except Exception as error:
            # A dead letter to the job as well; nobody can be told, since nobody knows whose it is.
            log.warning(
                "%s/%d/%d cannot be read: %s", record.topic, record.partition, record.offset, type(error).__name__
            )
            TAKEN_IN.labels(self._topic, "unreadable").inc()
            return None
        TAKEN_IN.labels(self._topic, "read").inc()
        return step


async def _all(steps: Sequence[Callable[[], Awaitable[None]]]) -> None:
    await asyncio.gather(*(step() for step in steps))


def _close(opened: KafkaConsumer) -> None:
    try:
        opened.close(autocommit=False)
    except Exception as error:
        log.info("a consumer did not close by itself: %s", type(error).__name__)
