"""The group's offsets: how far a chain of finished deliveries goes, committed without joining the group."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from config.settings import KafkaSettings
from connections.in_flight import in_flight
from connections.kafka.clients import METADATA_MS, consumer
from connections.retry import Pauses, until_it_answers
from connections.settled import Incarnation, Settled, incarnation_from, settled

log = logging.getLogger(__name__)
_ANSWER_MS = 10_000
"""A coordinator that does not answer by then is asked again: a lock is held meanwhile."""


@dataclass(slots=True)
class Chain:
    """A partition's finished deliveries as links from position to position, over any gaps.

    (5 to 6), (6 to 9), (9 to 10): with the first and the last finished the mark is 6; with all, 10.
    """

    low: int
    """Everything below is finished."""
    links: dict[int, int] = field(default_factory=dict)
    """Finished deliveries above the mark: position before, position after."""
    skipped: frozenset[int] = frozenset()
    """Offsets above the mark that a job before this one had finished, which the source therefore left out."""

    def finish(self, before: int, after: int) -> None:
        """One more delivery is finished; repeats change nothing."""
        if before < self.low < after:
            # The source moved the group's offset over what is no record before the delivery behind it came.
            self.low = after
        elif before >= self.low:
            self.links[before] = after
        while self.low in self.links:
            self.low = self.links.pop(self.low)
        self.skipped = frozenset(offset for offset in self.skipped if offset >= self.low)

    @property
    def settled(self) -> Settled:
        """What the group is told."""
        return Settled(self.low, self.skipped.union(after - 1 for after in self.links.values()))

    def to_text(self) -> str:
        """For state; read by `chain_from`."""
        return json.dumps([self.low, sorted(self.links.items()), sorted(self.skipped)])


def chain_from(text: str) -> Chain:
    """The chain in state; also as jobs before 0.2 wrote it, without what was skipped."""
    low, links, *skipped = json.loads(text)
    return Chain(low, dict(links), frozenset(skipped[0] if skipped else ()))


class GroupOffsets:
    """What a group has committed, asked and told without joining it. Thread-safe."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._lock = threading.Lock()
        self._consumer: KafkaConsumer | None = None

    def settled(self, topic: str, number: int) -> Settled | None:
        """What the group has committed of a partition; None where it has nothing. Raises KafkaError."""
        name = TopicPartition(topic, number)
        with self._lock:
            found = self._assigned(name).committed(name, metadata=True, timeout_ms=_ANSWER_MS)
        return None if found is None or found.offset < 0 else settled(int(found.offset), found.metadata)

    def commit(self, topic: str, number: int, told: Settled) -> None:
        """Tell the group's offset of a partition. Raises KafkaError."""
        name = TopicPartition(topic, number)
        with self._lock:
            offsets = {name: OffsetAndMetadata(told.offset, told.metadata(), -1)}
            self._assigned(name).commit(offsets, timeout_ms=_ANSWER_MS)

    def close(self) -> None:
        """Close the connection; it opens again when it is needed."""
        with self._lock:
            if self._consumer is not None:
                self._consumer.close()
                self._consumer = None

    def _assigned(self, name: TopicPartition) -> KafkaConsumer:
        asking = self._opened()
        assigned = asking.assignment()
        if name not in assigned:
            asking.assign([*assigned, name])
        return asking

    def _opened(self) -> KafkaConsumer:
        if self._consumer is None:
            self._consumer = consumer(
                self._kafka, group_id=self._kafka.group, metadata_max_age_ms=METADATA_MS, metrics_enabled=False
            )
        return self._consumer


class Committer:
    """Commits finished work; what cannot be committed now is owed, and paid as soon as the broker takes it."""

    def __init__(self, kafka: KafkaSettings, job: str) -> None:
        self._kafka = kafka
        self._job = job
        self._offsets = GroupOffsets(kafka)
        self._lock = threading.Lock()
        self._paying = threading.Lock()
        self._owed: dict[tuple[str, int], Settled] = {}
        self._last: dict[tuple[str, int], Settled] = {}
        self._incarnations: dict[tuple[str, int], Incarnation] = {}
        self._ids: dict[tuple[str, int], str] = {}
        self._late = threading.Event()
        self._payer: threading.Thread | None = None

    def commit(self, moved: Mapping[str, Settled]) -> None:
        """Tell the group what is finished, by `Delivery.partition_key`; does not wait for a broker that is away.

        The source of this process hears it at once.
        """
        with self._lock:
            for name, told in moved.items():
                in_flight(self._kafka, name).hear(told)
                self._owe(name, replace(told, job=self._job))
        if not self._pay():
            self._pay_later()

    def _owe(self, name: str, told: Settled) -> None:
        topic, number, incarnation = partition_of(name)
        place = (topic, number)
        known = self._incarnations.get(place, Incarnation())
        if incarnation.number < known.number:
            # Of a topic that is gone: its offsets mean nothing in the one that took its name.
            return
        newer = incarnation.number > known.number
        self._incarnations[place] = incarnation
        last = self._last.get(place)
        # A restored job begins with older state; the group must not go back with it.
        if last is None or newer or (told.offset, len(told.finished)) > (last.offset, len(last.finished)):
            self._last[place] = self._owed[place] = told

    def _pay(self) -> bool:
        """Commit all that is owed; False when the broker did not take it."""
        with self._paying:
            with self._lock:
                owed = dict(self._owed)
            for (topic, number), told in owed.items():
                try:
                    self._tell(topic, number, told)
                except KafkaError as error:
                    log.warning("cannot commit offsets of %s/%d: %s", topic, number, type(error).__name__)
                    return False
                with self._lock:
                    if self._owed.get((topic, number)) is told:
                        del self._owed[topic, number]
            return True

    def _tell(self, topic: str, number: int, told: Settled) -> None:
        """Name the topic the offsets are of: if it was made anew just now, the next job must not go by them."""
        incarnation = self._incarnations[topic, number]
        if incarnation.number == 0 and self._is_ahead(topic, number, told):
            return
        topic_id = incarnation.topic_id or self._ids.get((topic, number))
        if topic_id is None:
            # The source said it when it began.
            begun = self._offsets.settled(topic, number)
            topic_id = self._ids[topic, number] = begun.topic_id if begun is not None else ""
        self._offsets.commit(topic, number, replace(told, topic_id=topic_id))

    def _is_ahead(self, topic: str, number: int, told: Settled) -> bool:
        """Whether the group had come further before this process: a restored job begins with older state."""
        place = (topic, number)
        if place in self._ids:
            return False
        begun = self._offsets.settled(topic, number)
        # The source said it when it began.
        self._ids[place] = begun.topic_id if begun is not None else ""
        with self._lock:
            if begun is None or (begun.offset, len(begun.finished)) <= (told.offset, len(told.finished)):
                return False
            self._last[place] = begun
            return True

    def _pay_later(self) -> None:
        self._late.set()
        with self._lock:
            if self._payer is None:
                self._payer = threading.Thread(target=self._keep_paying, name="offset payer", daemon=True)
                self._payer.start()

    def _keep_paying(self) -> None:
        pauses = Pauses(1.0, 30.0)
        while self._late.wait():
            self._late.clear()
            while not self._pay():
                threading.Event().wait(pauses.next())
            pauses.reset()


_committers: dict[tuple[KafkaSettings, str], Committer] = {}
_asked: dict[KafkaSettings, GroupOffsets] = {}
_lock = threading.Lock()


def committer(kafka: KafkaSettings, job: str) -> Committer:
    """The committer of this process for a job."""
    with _lock:
        if (kafka, job) not in _committers:
            _committers[kafka, job] = Committer(kafka, job)
        return _committers[kafka, job]


def group_offsets(kafka: KafkaSettings) -> GroupOffsets:
    """What this process asks the group with, beside the committer's connection so that neither waits for the other."""
    with _lock:
        return _asked.setdefault(kafka, GroupOffsets(kafka))


def partition_of(name: str) -> tuple[str, int, Incarnation]:
    """Topic, number and incarnation in a `Delivery.partition_key`."""
    topic, _, rest = name.rpartition("/")
    number, _, incarnation = rest.partition("#")
    return topic, int(number), incarnation_from(incarnation)


def first_chain(kafka: KafkaSettings, name: str, before: int) -> Chain:
    """Where a partition's chain begins: the source has committed its start before it read anything.

    Waits for the broker: to guess could skip deliveries that are not finished.
    """
    topic, number, _ = partition_of(name)
    found = until_it_answers(
        lambda: group_offsets(kafka).settled(topic, number),
        lambda error: f"cannot learn the offset of {name} ({type(error).__name__})" if _is_away(error) else None,
        log,
    )
    return Chain(before) if found is None else Chain(found.offset, {}, found.finished)


def _is_away(error: Exception) -> bool:
    return isinstance(error, KafkaError)
