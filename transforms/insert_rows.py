"""Answers to BigQuery; a refused row becomes a dead letter, its result is on the results topic already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.windowed_value import WindowedValue

from config.settings import BigQuerySettings
from connections.rows import insert_answers, row_id
from schemas.errors import DocbeamError
from schemas.part import Answer, DeadLetter, Delivery
from transforms.metrics import counter
from transforms.typed_outputs import TypedOutputs

REFUSED = "refused"
OUTPUTS = {"inserted": Delivery, REFUSED: DeadLetter}
_ROWS = 20
_STAGE = "insert rows"


class InsertRows(beam.PTransform):
    """Answers to `inserted` deliveries and `refused` dead letters."""

    def __init__(self, settings: BigQuerySettings) -> None:
        super().__init__()
        self._settings = settings

    def expand(self, input_or_inputs: beam.PCollection[Answer]) -> beam.pvalue.DoOutputsTuple:
        """Two outputs: `inserted`, `refused`."""
        return input_or_inputs | "insert" >> TypedOutputs(_InsertRows(self._settings), OUTPUTS, main="inserted")


class _InsertRows(beam.DoFn):
    def __init__(self, settings: BigQuerySettings) -> None:
        self._settings = settings
        self._waiting: list[tuple[Answer, Any, Any]] = []

    def start_bundle(self) -> None:
        self._waiting = []

    def process(
        self,
        element: Answer,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        self._waiting.append((element, timestamp, window))
        if len(self._waiting) >= _ROWS:
            for value, _, _ in self._flush():
                yield value

    def finish_bundle(self) -> Iterator[Any]:
        for value, timestamp, window in self._flush():
            if isinstance(value, TaggedOutput):
                yield TaggedOutput(value.tag, WindowedValue(value.value, timestamp, [window]))
            else:
                yield WindowedValue(value, timestamp, [window])

    def _flush(self) -> Iterator[tuple[Any, Any, Any]]:
        waiting, self._waiting = self._waiting, []
        problems = insert_answers([answer for answer, _, _ in waiting], self._settings)
        for (answer, timestamp, window), problem in zip(waiting, problems, strict=True):
            if problem is None:
                counter("rows_inserted").inc()
                yield answer.delivery, timestamp, window
            else:
                counter("rows_refused").inc()
                yield TaggedOutput(REFUSED, _dead_letter(answer, problem)), timestamp, window


def _dead_letter(answer: Answer, problem: DocbeamError) -> DeadLetter:
    headers = (("docbeam.row_id", row_id(answer).encode()), ("docbeam.result", b"on the results topic"))
    return DeadLetter(answer.delivery, problem.item(_STAGE), answer.result.request_id.encode(), None, headers)
