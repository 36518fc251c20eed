"""How far a group is with the requests topic, and which jobs commit for it."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from clients.failure import NotReady
from clients.reaching import kafka_problems, open_consumer
from config.settings import KafkaSettings
from connections.offsets import GroupOffsets
from connections.settled import Settled

_ACTIVE_SECONDS = 90
"""A running job commits each partition at least once a minute, also when it is idle."""


@dataclass(frozen=True, slots=True)
class PartitionProgress:
    """One partition of the requests topic."""

    number: int
    end: int
    """Offset the next record will get."""
    settled: Settled | None
    """None where the group has committed nothing yet."""

    @property
    def lag(self) -> int:
        """Records that are not finished, those that nobody has read yet included."""
        if self.settled is None:
            return self.end
        return max(0, self.end - self.settled.offset - len(self.settled.finished))


def group_progress(settings: KafkaSettings) -> Sequence[PartitionProgress]:
    """Every partition. Raises NotReady when there is no broker or no such topic."""
    from kafka import TopicPartition

    asking = open_consumer(settings)
    group = GroupOffsets(settings)
    try:
        with kafka_problems(settings):
            numbers = sorted(asking.partitions_for_topic(settings.requests_topic) or ())
            if not numbers:
                raise NotReady(f"there is no topic {settings.requests_topic}. Create it with `docbeam topics create`.")
            ends = asking.end_offsets([TopicPartition(settings.requests_topic, number) for number in numbers])
            return [
                PartitionProgress(place.partition, int(end), group.settled(place.topic, place.partition))
                for place, end in sorted(ends.items())
            ]
    finally:
        asking.close()
        group.close()


def active_jobs(progress: Sequence[PartitionProgress]) -> Collection[str]:
    """The jobs that committed lately; more than one means that everything is done more than once.

    A job that was just restarted has another name than before: then there are two for a minute and a half.
    """
    since = time.time() - _ACTIVE_SECONDS
    return {each.settled.job for each in progress if each.settled is not None and each.settled.at >= since} - {""}
