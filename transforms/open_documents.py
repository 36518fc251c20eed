"""From requests to the parts of their documents, spread over the workers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import apache_beam as beam

from analysis.open_document import open_document
from analysis.worker import worker
from config.settings import AnalysisSettings, DocumentSettings
from schemas.part import DocumentPart, ReceivedRequest
from transforms.concurrently import MapConcurrently
from transforms.metrics import Counted, collecting, count

_FETCHES = 64
"""Threads: as many documents as may be in flight; each store has a limit of its own."""


class OpenDocuments(beam.PTransform):
    """Received requests to document parts; a request whose document cannot be opened is one part with errors.

    Before: (invoice.pdf, 20 pages). After: pages 1-8, pages 9-16, pages 17-20.
    """

    def __init__(self, documents: DocumentSettings, analysis: AnalysisSettings) -> None:
        super().__init__()
        self._documents = documents
        self._analysis = analysis

    def expand(self, input_or_inputs: beam.PCollection[ReceivedRequest]) -> beam.PCollection[DocumentPart]:
        """Parts, on whichever worker is free."""
        work = collecting(partial(_open, documents=self._documents, analysis=self._analysis))
        return (
            input_or_inputs
            # The source must not wait for slow stores.
            | "spread requests" >> beam.Reshuffle()
            | "fetch and inspect" >> beam.ParDo(_Open(work)).with_output_types(DocumentPart)
            # Parts of one document, and documents of one partition, go to different workers.
            | "spread parts" >> beam.Reshuffle()
        )


def _open(received: ReceivedRequest, documents: DocumentSettings, analysis: AnalysisSettings) -> Iterable[DocumentPart]:
    return open_document(received, worker(documents, analysis))


class _Open(MapConcurrently):
    def __init__(self, work: object) -> None:
        super().__init__("open", _FETCHES, work)  # type: ignore[arg-type]

    def emit(self, value: Counted, timestamp: object, window: object) -> object:
        count(value.spans)
        return super().emit(value.value, timestamp, window)
