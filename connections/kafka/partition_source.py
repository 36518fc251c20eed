"""One partition of the requests topic as the job reads it: throttled by what is unfinished, over gaps and restarts.

A position is an incarnation of the topic and an offset in one number, so that it only grows, also when the topic is
deleted and made anew and its offsets begin again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kafka.errors import KafkaError

from config.settings import KafkaSettings, SourceSettings
from connections.in_flight import InFlight, in_flight
from connections.kafka.attention import Attention
from connections.kafka.partition_reader import OffsetGone, PartitionReader
from connections.offsets import group_offsets
from connections.settled import Incarnation, Settled, incarnation_from
from schemas.part import Delivery, ReceivedRecord

log = logging.getLogger(__name__)
_OFFSET_BITS = 48
_LOOK_SECONDS = 15.0
"""Between looks at who else commits for the group."""
_ROOM_SECONDS = 1.0
"""Longest wait for room, in which other partitions may have to wait too."""
_KEEP_SECONDS = 60.0
"""Between commits of an idle partition: brokers forget offsets of groups without members (KIP-211), and other jobs of
the group see by it that this one runs."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a partition is read."""

    incarnation: int
    offset: int

    @property
    def position(self) -> int:
        """Both in one number."""
        return self.incarnation << _OFFSET_BITS | self.offset


def place_at(position: int) -> Place:
    """The incarnation and offset of a position."""
    return Place(position >> _OFFSET_BITS, position & (1 << _OFFSET_BITS) - 1)


def position_of(delivery: Delivery) -> int:
    """Where a delivery's record was read."""
    return Place(incarnation_from(delivery.incarnation).number, delivery.offset).position


@dataclass(frozen=True, slots=True)
class Taken:
    """What one look at the partition gave."""

    records: Sequence[ReceivedRecord] = ()
    full: bool = False
    """Nothing was read, because enough is unfinished."""
    stalled: bool = False
    """Nothing was finished for so long that what is in work is no longer counted."""
    other_job: str = ""
    """Another job that commits for the same group, if one was seen just now."""


class PartitionSource:
    """Kept open by the process between the short calls of the reading step. Thread-safe: calls wait for one another."""

    def __init__(
        self,
        kafka: KafkaSettings,
        source: SourceSettings,
        topic: str,
        number: int,
        job: str,
        attention: Attention | None = None,
    ) -> None:
        """`attention` is that of all partitions which this process reads, where it reads others."""
        self._kafka = kafka
        self._source = source
        self._topic = topic
        self._number = number
        self._job = job
        self._reader = PartitionReader(kafka, topic, number)
        self._lock = threading.Lock()
        self._attention = attention or Attention()
        self._skipped: frozenset[int] = frozenset()
        self._incarnation: int | None = None
        self._topic_id = ""
        self._restart: Place | None = None
        self._cursor: tuple[Place, int] | None = None
        self._asked_for = -1
        self._next: Place | None = None
        """Where the next call will begin, as far as is known."""
        self._finished_below = 0
        self._looked = self._kept = time.monotonic()
        self._claimed = False

    def first_position(self, start: str) -> int:
        """Where a job without state begins: the group's offset, else `earliest` or `latest`.

        Commits what was decided, so that the committing step knows where the chain of offsets begins.
        Raises KafkaError.
        """
        with self._lock:
            told = group_offsets(self._kafka).settled(self._topic, self._number)
            known = self._reader.topic_id()
            self._topic_id = known
            if told is not None and told.topic_id and known and told.topic_id != known:
                log.warning("%s/%d was made anew since the group read it", self._topic, self._number)
                told = None
            if told is None:
                told = Settled(self._reader.earliest() if start == "earliest" else self._reader.latest())
            else:
                # What the job before had finished above its mark is not done again.
                self._skipped = told.finished
            self._commit(told, 0)
            return Place(0, told.offset).position

    def take(self, position: int) -> Taken:
        """The next records from `position` on, as many as there is room for; waits for room and for records.

        Waits for a second, or `poll_seconds` where nothing goes on in this process, and no longer once another
        partition has records and is not being read. The records' deliveries are chained. Raises KafkaError.
        """
        with self._lock, self._attention.on(self):
            place = self._current(place_at(position))
            if self._asked_for < 0 or position < self._asked_for:
                self._leave_out_finished(place)
            self._asked_for = position
            flow = self._flow(place.incarnation)
            flow.start(place.offset)
            other = self._look_around(place, flow)
            limits = self._source
            self._next = place
            wait = min(limits.poll_seconds, _ROOM_SECONDS)
            room = flow.wait_for_room(place.offset, limits.max_in_flight, limits.read_ahead, wait, self._ask)
            if room <= 0:
                stalled = flow.seconds_without_progress() > limits.stall_seconds
                if stalled:
                    # A group reset by hand would otherwise hold the partition for ever.
                    flow.forgive()
                return Taken(full=True, stalled=stalled, other_job=other)
            return Taken(self._read(place, min(limits.poll_records, room)), other_job=other)

    def handed_on(self, record: ReceivedRecord) -> None:
        """The record left the source: it is in work until the group's offset or what is finished above passes it."""
        in_flight(self._kafka, record.delivery.partition_key).delivered(record.delivery.offset)
        self._attention.something_came()

    def has_news(self) -> bool:
        """Whether a call would give records. Only a glance: False also where it is being read, or cannot be."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            place, limits = self._next, self._source
            if place is None or self._flow(place.incarnation).unfinished() > limits.max_in_flight // 2:
                return False
            return bool(self._reader.read(self._reading_from(place), 1, 0))
        except (KafkaError, OffsetGone):
            return False
        finally:
            self._lock.release()

    def backlog(self, position: int) -> int:
        """Records from `position` to the end of the partition, as last heard."""
        return self._reader.backlog(place_at(position).offset)

    def _read(self, place: Place, limit: int) -> Sequence[ReceivedRecord]:
        offset = self._reading_from(place)
        try:
            records = self._attention.waiting(
                lambda seconds: self._reader.read(offset, limit, seconds), self._source.poll_seconds
            )
        except OffsetGone as gone:
            self._cursor = (place, self._after(gone, place, offset))
            return ()
        previous = place.offset
        kept = []
        for record in records:
            if record.delivery.offset not in self._skipped:
                delivery = replace(record.delivery, previous=previous, incarnation=str(self._named(place.incarnation)))
                kept.append(replace(record, delivery=delivery))
                previous = record.delivery.offset + 1
        # Without a record to carry it the position cannot move; where reading goes on is remembered here meanwhile.
        self._cursor = None if kept else (place, max(offset, self._reader.position(offset)))
        if kept:
            self._next = replace(place, offset=previous)
        return kept

    def _reading_from(self, place: Place) -> int:
        offset = self._cursor[1] if self._cursor is not None and self._cursor[0] == place else place.offset
        return max(offset, self._finished_below)

    def _after(self, gone: OffsetGone, place: Place, offset: int) -> int:
        if offset < gone.earliest:
            log.error(
                "%s/%d: records %d to %d have expired before they were read; the topic keeps too little",
                self._topic,
                self._number,
                offset,
                gone.earliest - 1,
            )
            return gone.earliest
        # Beyond the end: whatever took the topic's place is read from its beginning.
        self._begin_anew(place, gone.earliest)
        return gone.earliest

    def _leave_out_finished(self, place: Place) -> None:
        """Of a job that was restored: since its checkpoint it has finished more, and the group's offset knows.

        The position stays, so that the chain of deliveries goes on from it over what is left out. A group that was set
        back is followed as far as the checkpoint goes.
        """
        told = group_offsets(self._kafka).settled(self._topic, self._number)
        if told is None or not told.topic_id:
            return
        if not self._topic_id:
            # The reader has not heard of its topic yet; to ask it anything is to hear of it.
            self._reader.earliest()
            self._topic_id = self._reader.topic_id()
        if told.topic_id != self._topic_id:
            return
        self._skipped |= told.finished
        if told.offset > place.offset:
            log.info("%s/%d: offsets %d to %d are finished", self._topic, self._number, place.offset, told.offset - 1)
            self._finished_below = told.offset

    def _current(self, place: Place) -> Place:
        """`place`, or the beginning of the topic that took its name since."""
        known = self._reader.topic_id()
        if self._incarnation is None:
            self._incarnation, self._topic_id = place.incarnation, known
        elif known and self._topic_id and known != self._topic_id:
            self._topic_id = known
            self._begin_anew(Place(self._incarnation, 0), self._reader.earliest())
        self._topic_id = self._topic_id or known
        if self._restart is not None and place.incarnation < self._restart.incarnation:
            return self._restart
        return place

    def _begin_anew(self, place: Place, earliest: int) -> None:
        log.warning("%s/%d was made anew: reading it from its beginning", self._topic, self._number)
        self._restart = Place(place.incarnation + 1, earliest)
        self._incarnation = self._restart.incarnation
        self._skipped = frozenset()
        self._finished_below = 0
        self._cursor = None
        self._commit(Settled(earliest), self._restart.incarnation)

    def _look_around(self, place: Place, flow: InFlight) -> str:
        """Now and then: keep the group's offset alive, and see whether another job commits in its place."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS and self._claimed:
            return ""
        self._looked = now
        told = group_offsets(self._kafka).settled(self._topic, self._number)
        if told is None or (told.topic_id and told.topic_id != self._topic_id):
            # The group's offset is gone, or that of a topic that is: only the committing step knows what is unfinished.
            flow.hear(Settled(place.offset))
            return ""
        other = told.job if self._claimed and told.job not in ("", self._job) else ""
        flow.hear(told)
        if other or not self._claimed or now - self._kept > _KEEP_SECONDS:
            self._keep(told, place, flow)
        self._claimed = True
        return other

    def _keep(self, told: Settled, place: Place, flow: InFlight) -> None:
        """Commit again what is committed, or, with nothing in work, how far reading has come over gaps."""
        self._kept = time.monotonic()
        if flow.unfinished() == 0 and self._cursor is not None and self._cursor[0] == place:
            told = replace(told, offset=max(told.offset, self._cursor[1]))
        self._commit(told, place.incarnation)

    def _commit(self, told: Settled, incarnation: int) -> None:
        told = replace(told, job=self._job, topic_id=self._topic_id)
        group_offsets(self._kafka).commit(self._topic, self._number, told)
        self._flow(incarnation).hear(told)

    def _ask(self) -> Settled | None:
        try:
            return group_offsets(self._kafka).settled(self._topic, self._number)
        except KafkaError:
            return None

    def _flow(self, incarnation: int) -> InFlight:
        suffix = str(self._named(incarnation))
        name = f"{self._topic}/{self._number}"
        return in_flight(self._kafka, f"{name}#{suffix}" if suffix else name)

    def _named(self, incarnation: int) -> Incarnation:
        return Incarnation(incarnation, self._topic_id) if incarnation else Incarnation()


_sources: dict[tuple[KafkaSettings, str, int, str], PartitionSource] = {}
_attention = Attention()
_lock = threading.Lock()


def partition_source(
    kafka: KafkaSettings, source: SourceSettings, topic: str, number: int, job: str
) -> PartitionSource:
    """That of this process for a partition and job."""
    with _lock:
        key = (kafka, topic, number, job)
        if key not in _sources:
            _sources[key] = PartitionSource(kafka, source, topic, number, job, _attention)
        return _sources[key]
