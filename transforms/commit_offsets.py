"""Commit a partition's offset only past finished work: the group's lag is the unfinished work."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam
from apache_beam.coders import StrUtf8Coder
from apache_beam.transforms.userstate import ReadModifyWriteRuntimeState, ReadModifyWriteStateSpec

from config.settings import KafkaSettings
from connections.offsets import chain_from, committer, first_chain
from connections.settled import Settled
from schemas.part import Delivery
from transforms.metrics import counter

_Position = tuple[int, int]


class CommitOffsets(beam.PTransform):
    """Finished deliveries to commits.

    Each delivery names the position before it, so a partition's deliveries form a chain over any gaps
    (`connections.offsets.Chain`). `job` names this job among those of the group.
    """

    def __init__(self, kafka: KafkaSettings, job: str) -> None:
        super().__init__()
        self._kafka = kafka
        self._job = job

    def expand(self, input_or_inputs: beam.PCollection[Delivery]) -> beam.PCollection[str]:
        """The partitions whose offset moved, for whoever wants to watch."""
        return (
            input_or_inputs
            | "key by partition" >> beam.Map(_keyed).with_output_types(tuple[str, tuple[int, int]])
            | "commit offsets" >> beam.ParDo(_Commit(self._kafka, self._job)).with_output_types(str)
        )


class _Commit(beam.DoFn):
    CHAIN = ReadModifyWriteStateSpec("chain", StrUtf8Coder())

    def __init__(self, kafka: KafkaSettings, job: str) -> None:
        self._kafka = kafka
        self._job = job
        self._moved: dict[str, Settled] = {}

    def start_bundle(self) -> None:
        self._moved = {}

    def process(
        self,
        element: tuple[str, _Position],
        chain: ReadModifyWriteRuntimeState = beam.DoFn.StateParam(CHAIN),
    ) -> Iterator[str]:
        partition, (before, after) = element
        text = chain.read()
        links = chain_from(text) if text else first_chain(self._kafka, partition, before)
        low = links.low
        links.finish(before, after)
        chain.write(links.to_text())
        # Also where the mark did not move: the source counts what is finished above it.
        self._moved[partition] = links.settled
        if links.low > low:
            yield partition

    def finish_bundle(self) -> None:
        if self._moved:
            committer(self._kafka, self._job).commit(self._moved)
            counter("offset_commits").inc(len(self._moved))


def _keyed(delivery: Delivery) -> tuple[str, _Position]:
    return delivery.partition_key, (delivery.previous, delivery.offset + 1)
