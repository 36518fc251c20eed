"""How far a group is with the requests topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition

from config.settings import KafkaSettings
from connections.offsets import GroupOffsets
from connections.settled import Settled


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


def read_progress(settings: KafkaSettings, asking: KafkaConsumer) -> Sequence[PartitionProgress]:
    """Every partition, by its number; none where there is no such topic. Raises KafkaError."""
    numbers = sorted(asking.partitions_for_topic(settings.requests_topic) or ())
    group = GroupOffsets(settings)
    try:
        ends = asking.end_offsets([TopicPartition(settings.requests_topic, number) for number in numbers])
        return [
            PartitionProgress(place.partition, int(end), group.settled(place.topic, place.partition))
            for place, end in sorted(ends.items())
        ]
    finally:
        group.close()
