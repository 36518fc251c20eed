"""Records to Kafka, known to be stored before they are passed on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apache_beam as beam

from config.settings import KafkaSettings
from connections.kafka.outgoing import OutgoingRecord
from connections.kafka.publishing import publisher


class PublishToKafka(beam.DoFn):
    """Publish what `forms` makes of each element; yield the element as soon as the brokers have the record.

    Brokers that stay away longer than `kafka.delivery_seconds` raise NotPublished: nothing is committed, the job starts
    anew, and the records are read again. It is the one exception that may leave a step, since no input causes it.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings

    def forms(self, element: Any) -> Iterator[tuple[Any, OutgoingRecord]]:
        """The record for an element, then records that say less, for brokers that refuse the first.

        Beside each stands the element that it is the record of, which goes on. Must not raise.
        """
        raise NotImplementedError

    def setup(self) -> None:
        publisher(self._settings).acquire()

    def teardown(self) -> None:
        publisher(self._settings).release()

    def process(self, element: Any) -> Iterator[Any]:
        yield publisher(self._settings).publish(self.forms(element))
