"""Answers to BigQuery; a refused row becomes a dead letter, its result is on the results topic already."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.windowed_value import WindowedValue

from config.settings import BigQuerySettings
from connections.reduced_rows import STAGE
from connections.row_drafts import row_id
from connections.row_letters import letter_of
from connections.rows import RowOutcome, Rows, rows_of
from schemas.errors import DocbeamError
from schemas.part import Answer, DeadLetter, Delivery
from transforms.metrics import counter
from transforms.typed_outputs import TypedOutputs

REFUSED = "refused"
OUTPUTS = {"inserted": Delivery, REFUSED: DeadLetter}
_UNFINISHED = 40
"""Rows of one bundle; it goes on when the first of them is done."""


class InsertRows(beam.PTransform):
    """Answers to `inserted` deliveries and `refused` dead letters."""

    def __init__(self, settings: BigQuerySettings) -> None:
        super().__init__()
        self._settings = settings

    def expand(self, input_or_inputs: beam.PCollection[Answer]) -> beam.pvalue.DoOutputsTuple:
        """Two outputs: `inserted`, `refused`."""
        return input_or_inputs | "insert" >> TypedOutputs(_InsertRows(self._settings), OUTPUTS, main="inserted")


class _InsertRows(beam.DoFn):
    """Each row is sent at once; those of all bundles of the process share requests."""

    _rows: Rows

    def __init__(self, settings: BigQuerySettings) -> None:
        self._settings = settings
        self._sent: list[tuple[Future[RowOutcome], Answer, Any, Any]] = []

    def setup(self) -> None:
        self._rows = rows_of.acquire(self._settings)

    def teardown(self) -> None:
        rows_of.release(self._settings)

    def start_bundle(self) -> None:
        self._sent = []

    def process(
        self,
        element: Answer,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        if len(self._sent) >= _UNFINISHED:
            self._sent[0][0].result()
        self._sent.append((self._rows.insert(element), element, timestamp, window))
        yield from self._done(wait=False)

    def finish_bundle(self) -> Iterator[Any]:
        yield from self._done(wait=True)

    def _done(self, *, wait: bool) -> Iterator[Any]:
        still = []
        for sent in self._sent:
            future, answer, timestamp, window = sent
            if not (wait or future.done()):
                still.append(sent)
                continue
            outcome = future.result()
            # Counted here: Beam counts for the step whose thread asks.
            counter("bigquery_retries").inc(outcome.retries)
            if outcome.refused is None:
                counter("rows_inserted").inc()
                yield WindowedValue(answer.delivery, timestamp, [window])
            else:
                counter("rows_refused").inc()
                letter = _dead_letter(answer, outcome.refused)
                yield TaggedOutput(REFUSED, WindowedValue(letter, timestamp, [window]))
        self._sent = still


def _dead_letter(answer: Answer, problem: DocbeamError) -> DeadLetter:
    value, headers = letter_of(answer.result, row_id(answer))
    return DeadLetter(answer.delivery, problem.item(STAGE), answer.result.request_id.encode(), value, headers)
