"""Where the endless job begins and ends: Kafka and BigQuery."""

from __future__ import annotations

import uuid
from functools import partial

import apache_beam as beam

from analysis.attempts import decoding
from config.settings import Settings
from connections.requests import decode_avro
from transforms.commit_offsets import CommitOffsets
from transforms.decode_requests import DecodeRequests
from transforms.edges import Edges
from transforms.insert_rows import InsertRows
from transforms.publish_dead_letters import PublishDeadLetters
from transforms.publish_results import PublishResults
from transforms.read_requests import ReadRequests
from transforms.skip_rows import SkipRows


class StreamEdges(Edges):
    """Requests from Kafka; results to Kafka and BigQuery; offsets committed behind both."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._job = uuid.uuid4().hex[:12]

    def read(self) -> beam.PTransform:
        """The requests topic, for ever."""
        return ReadRequests(self._settings.kafka, self._settings.source, self._job)

    def decode(self, use_cases: tuple[str, ...]) -> beam.PTransform:
        """Confluent-framed Avro."""
        settings = self._settings
        guard = partial(decoding, documents=settings.documents, analysis=settings.analysis)
        decode = partial(decode_avro, registry=settings.registry, source=settings.source, guard=guard)
        return DecodeRequests(decode, use_cases)

    def publish(self) -> beam.PTransform:
        """The results topic."""
        return PublishResults(self._settings.kafka, self._settings.registry)

    def insert(self) -> beam.PTransform:
        """The results table, unless BigQuery is switched off."""
        return InsertRows(self._settings.bigquery) if self._settings.bigquery.enabled else SkipRows()

    def bury(self) -> beam.PTransform:
        """The dead-letter topic."""
        return PublishDeadLetters(self._settings.kafka)

    def settle(self) -> beam.PTransform:
        """The consumer group's offsets."""
        return CommitOffsets(self._settings.kafka, self._job)
