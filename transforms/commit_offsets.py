"""Commit a partition's offset only past finished work: the group's lag is the unfinished work."""

from __future__ import annotations

import json
from collections.abc import Iterator

import apache_beam as beam
from apache_beam.coders import StrUtf8Coder
from apache_beam.transforms.userstate import ReadModifyWriteRuntimeState, ReadModifyWriteStateSpec

from config.settings import KafkaSettings
from connections.offsets import advance, chain_start, committer, parse_chain
from schemas.part import Delivery
from transforms.metrics import counter

_Position = tuple[int, int]


class CommitOffsets(beam.PTransform):
    """Finished deliveries to commits.

    Each delivery names the position before it, so a partition's deliveries form a chain over any gaps:
    (5 to 6), (6 to 9), (9 to 10). With the first and the last finished, 6 is committed; with all, 10.
    """

    def __init__(self, kafka: KafkaSettings) -> None:
        super().__init__()
        self._kafka = kafka

    def expand(self, input_or_inputs: beam.PCollection[Delivery]) -> beam.PCollection[str]:
        """The partitions whose offset moved, for whoever wants to watch."""
        return (
            input_or_inputs
            | "key by partition" >> beam.Map(_keyed).with_output_types(tuple[str, tuple[int, int]])
            | "commit offsets" >> beam.ParDo(_Commit(self._kafka)).with_output_types(str)
        )


class _Commit(beam.DoFn):
    CHAIN = ReadModifyWriteStateSpec("chain", StrUtf8Coder())

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._moved: dict[str, int] = {}

    def start_bundle(self) -> None:
        self._moved = {}

    def process(
        self,
        element: tuple[str, _Position],
        chain: ReadModifyWriteRuntimeState = beam.DoFn.StateParam(CHAIN),
    ) -> Iterator[str]:
        partition, (before, after) = element
        text = chain.read()
        low, finished = parse_chain(text) if text else (chain_start(self._kafka, partition, before), {})
        new_low = advance(low, finished, before, after)
        chain.write(json.dumps([new_low, sorted(finished.items())]))
        if new_low > low:
            self._moved[partition] = new_low
            yield partition

    def finish_bundle(self) -> None:
        if self._moved:
            committer(self._kafka).commit(self._moved)
            counter("offset_commits").inc(len(self._moved))


def _keyed(delivery: Delivery) -> tuple[str, _Position]:
    return f"{delivery.topic}/{delivery.partition}", (delivery.previous, delivery.offset + 1)
