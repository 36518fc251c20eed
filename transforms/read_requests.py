"""The Kafka source: one element for each partition, self-checkpointing, positions in the restriction.

A restored checkpoint goes on from its restriction; a cold start goes on from the group's offsets, which the
committing step behind the sinks moves only past finished work.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import apache_beam as beam
from apache_beam.io.restriction_trackers import OffsetRange, OffsetRestrictionTracker
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.transforms.core import RestrictionProvider
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Duration, Timestamp
from kafka import KafkaConsumer
from kafka.errors import KafkaError

from config.settings import KafkaSettings, SourceSettings
from connections.kafka.clients import METADATA_MS, consumer
from connections.kafka.partition_source import PartitionSource, Taken, partition_source, position_of
from connections.offsets import group_offsets
from connections.retry import until_it_answers
from schemas.part import ReceivedRecord
from transforms.metrics import counter

log = logging.getLogger(__name__)
Partition = tuple[str, tuple[int, str]]
"""Topic, (number, and where a group without offsets starts in it: `earliest` or `latest`).

Pairs only: for those Beam has coders that every runner knows, and Flink keys the reading step by its element.
"""


class ReadRequests(beam.PTransform):
    """Every record of the requests topic, for ever, new partitions included. `job` names this job among the group's."""

    def __init__(self, kafka: KafkaSettings, source: SourceSettings, job: str) -> None:
        super().__init__()
        self._kafka = kafka
        self._source = source
        self._job = job

    def expand(self, input_or_inputs: beam.Pipeline) -> beam.PCollection[ReceivedRecord]:
        """From nothing to received records."""
        return (
            input_or_inputs
            | "start" >> beam.Impulse()
            | "name the topic" >> beam.Map(_topic, self._kafka.requests_topic).with_output_types(str)
            # Flink keys the reading step by its element: the type gives it a coder with one encoding for one value.
            | "discover partitions"
            >> beam.ParDo(_DiscoverPartitions(self._kafka, self._source)).with_output_types(tuple[str, tuple[int, str]])
            | "read partitions"
            >> beam.ParDo(_ReadPartition(self._kafka, self._source, self._job)).with_output_types(ReceivedRecord)
        )


def _topic(start: bytes, topic: str) -> str:
    del start
    return topic


class EndlessTracker(OffsetRestrictionTracker):
    """Claims offsets of a range without end; gives up the rest only when asked for all of it."""

    def is_bounded(self) -> bool:
        return False

    def try_split(self, fraction_of_remainder: float) -> tuple[OffsetRange, OffsetRange] | None:
        """Checkpoint; a partition cannot be read in two places at once."""
        return super().try_split(0) if fraction_of_remainder == 0 else None


class _EndlessDoFn(beam.DoFn, RestrictionProvider):
    """What both steps share: a range from some start to no end, dropped when the job is drained."""

    def create_tracker(self, restriction: OffsetRange) -> EndlessTracker:
        return EndlessTracker(restriction)

    def restriction_size(self, element: Any, restriction: OffsetRange) -> float:
        return 1.0

    def truncate(self, element: object, restriction: OffsetRange) -> None:
        return None


class _DiscoverPartitions(_EndlessDoFn):
    """A topic's partitions as they appear: Kafka numbers them from 0 without gaps, so the position is a count."""

    def __init__(self, kafka: KafkaSettings, source: SourceSettings) -> None:
        self._kafka = kafka
        self._source = source

    def initial_restriction(self, element: str) -> OffsetRange:
        return OffsetRange(0, sys.maxsize)

    @beam.DoFn.unbounded_per_element()
    def process(
        self,
        element: str,
        tracker: Any = beam.DoFn.RestrictionParam(),
        watermark: Any = beam.DoFn.WatermarkEstimatorParam(ManualWatermarkEstimator.default_provider()),
    ) -> Iterator[Partition]:
        now = Timestamp.now()
        watermark.set_watermark(now)
        known = tracker.current_restriction().start
        start = "earliest"
        try:
            partitions = _metadata_consumer(self._kafka).partitions_for_topic(element) or set()
            if known == 0 and self._kafka.start == "latest" and not _has_offsets(self._kafka, element, len(partitions)):
                # Only for what was there when the group first looked: later partitions hold nothing but new requests.
                start = "latest"
        except KafkaError as error:
            log.warning("cannot list partitions of %s: %s", element, type(error).__name__)
            partitions = set()
        if not partitions and known == 0:
            log.warning("topic %s has no partitions yet; create it with `docbeam topics create`", element)
        for number in range(known, len(partitions)):
            if not tracker.try_claim(number):
                return
            counter("partitions_discovered").inc()
            yield TimestampedValue((element, (number, start)), now)
        pause = self._source.discovery_seconds if partitions else self._source.idle_seconds
        tracker.defer_remainder(Duration(pause))


class _ReadPartition(_EndlessDoFn):
    """The records of one partition, a few at a time."""

    def __init__(self, kafka: KafkaSettings, source: SourceSettings, job: str) -> None:
        self._kafka = kafka
        self._settings = source
        self._job = job

    def initial_restriction(self, element: Partition) -> OffsetRange:
        """From the group's offset on; waits for the broker, because without a start there is nothing to do."""
        topic, (number, start) = element
        first = until_it_answers(
            lambda: self._source(element).first_position(start),
            lambda error: f"cannot start {topic}/{number} yet ({type(error).__name__})" if _is_kafka(error) else None,
            log,
        )
        return OffsetRange(first, sys.maxsize)

    def restriction_size(self, element: Any, restriction: OffsetRange) -> float:
        try:
            return float(max(1, self._source(element).backlog(restriction.start)))
        except KafkaError:
            return 1.0

    @beam.DoFn.unbounded_per_element()
    def process(
        self,
        element: Partition,
        tracker: Any = beam.DoFn.RestrictionParam(),
        watermark: Any = beam.DoFn.WatermarkEstimatorParam(ManualWatermarkEstimator.default_provider()),
    ) -> Iterator[ReceivedRecord]:
        # Without a watermark an idle partition would hold the whole job at the beginning of time.
        now = Timestamp.now()
        watermark.set_watermark(now)
        try:
            source = self._source(element)
            taken = source.take(tracker.current_restriction().start)
        except KafkaError as error:
            log.warning("cannot read %s/%d: %s", element[0], element[1][0], type(error).__name__)
            tracker.defer_remainder(Duration(self._settings.idle_seconds))
            return
        self._tell(element, taken)
        for record in taken.records:
            if not tracker.try_claim(position_of(record.delivery)):
                return
            source.handed_on(record)
            counter("records_read").inc()
            yield TimestampedValue(record, now)
        # Whatever there was to wait for, the call has waited for it already.
        tracker.defer_remainder(Duration(0))

    def _source(self, element: Partition) -> PartitionSource:
        return partition_source(self._kafka, self._settings, element[0], element[1][0], self._job)

    def _tell(self, element: Partition, taken: Taken) -> None:
        name = f"{element[0]}/{element[1][0]}"
        if taken.full:
            counter("source_paused").inc()
        if taken.stalled:
            log.error("%s: no finished work for %.0f s, letting more in", name, self._settings.stall_seconds)
            counter("source_stalled").inc()
        if taken.other_job:
            log.error(
                "%s: another job (%s) commits for group %s, so both analyse everything; stop one of them, or give it a "
                "group of its own (kafka.group)",
                name,
                taken.other_job,
                self._kafka.group,
            )
            counter("other_jobs_seen").inc()


def _is_kafka(error: Exception) -> bool:
    return isinstance(error, KafkaError)


@lru_cache(maxsize=4)
def _metadata_consumer(kafka: KafkaSettings) -> KafkaConsumer:
    return consumer(kafka, metadata_max_age_ms=METADATA_MS, metrics_enabled=False)


def _has_offsets(kafka: KafkaSettings, topic: str, partitions: int) -> bool:
    """Whether the group has committed anything in the topic."""
    return any(group_offsets(kafka).settled(topic, number) is not None for number in range(partitions))
