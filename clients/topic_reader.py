"""Reads a topic from a chosen start, over all its partitions, outside any consumer group's assignment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING

from clients.failure import NotReady
from clients.reaching import kafka_problems, open_consumer
from config.settings import KafkaSettings

if TYPE_CHECKING:
    from kafka.consumer.fetcher import ConsumerRecord

_STALL_SECONDS = 20.0
"""Without a record for so long, though there are some: a partition has no leader."""


class TopicReader:
    """One pass over a topic; use as a context manager.

    Starts at `since` if given, else at what `group` has committed, else at the beginning.
    Raises NotReady when there is no broker or no such topic.
    """

    def __init__(
        self, settings: KafkaSettings, topic: str, *, since: datetime | None = None, group: str | None = None
    ) -> None:
        from kafka import TopicPartition

        self._settings = settings
        self._consumer = open_consumer(settings, group)
        try:
            with kafka_problems(settings):
                numbers = self._consumer.partitions_for_topic(topic)
                if not numbers:
                    raise NotReady(f"there is no topic {topic}. Create it with `docbeam topics create`.")
                self._partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
                self._consumer.assign(self._partitions)
                self._seek(since, group)
        except BaseException:
            self._consumer.close()
            raise

    def __enter__(self) -> TopicReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def to_end(self) -> Iterator[ConsumerRecord]:
        """Every record up to where the topic ends now."""
        with kafka_problems(self._settings):
            ends = self._consumer.end_offsets(self._partitions)
            moved = time.monotonic()
            while any(self._consumer.position(place) < end for place, end in ends.items()):
                records = self._poll(0.5)
                if records:
                    moved = time.monotonic()
                elif time.monotonic() - moved > _STALL_SECONDS:
                    raise NotReady(
                        f"no record came for {_STALL_SECONDS:.0f} s although there are some; a broker may be missing"
                    )
                yield from records

    def until(self, deadline: float) -> Iterator[ConsumerRecord]:
        """Every record that is there or comes before `deadline` (of `time.monotonic`)."""
        with kafka_problems(self._settings):
            while (left := deadline - time.monotonic()) > 0:
                yield from self._poll(min(0.5, left))

    def commit(self) -> None:
        """Let the group's next pass start where this one stands."""
        with kafka_problems(self._settings):
            self._consumer.commit()

    def _poll(self, seconds: float) -> list[ConsumerRecord]:
        polled = self._consumer.poll(timeout_ms=max(1, round(seconds * 1000)))
        return [record for records in polled.values() for record in records]

    def _seek(self, since: datetime | None, group: str | None) -> None:
        if since is not None:
            stamps = {place: round(since.timestamp() * 1000) for place in self._partitions}
            found = self._consumer.offsets_for_times(stamps)
            ends = self._consumer.end_offsets(self._partitions)
            for place in self._partitions:
                first = found.get(place)
                self._consumer.seek(place, first.offset if first is not None else ends[place])
            return
        begins = self._consumer.beginning_offsets(self._partitions)
        for place in self._partitions:
            committed = self._consumer.committed(place) if group is not None else None
            self._consumer.seek(place, begins[place] if committed is None else max(committed, begins[place]))
