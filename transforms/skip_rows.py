"""Stands in for the BigQuery sink in jobs that have none."""

from __future__ import annotations

import apache_beam as beam

from schemas.part import Answer, Delivery
from transforms.insert_rows import OUTPUTS
from transforms.typed_outputs import TypedOutputs


class SkipRows(beam.PTransform):
    """Answers to `inserted` deliveries; nothing is ever `refused`."""

    def expand(self, input_or_inputs: beam.PCollection[Answer]) -> beam.pvalue.DoOutputsTuple:
        """Two outputs, as `InsertRows` has."""
        return input_or_inputs | "insert" >> TypedOutputs(_Settle(), OUTPUTS, main="inserted")


class _Settle(beam.DoFn):
    def process(self, element: Answer) -> list[Delivery]:
        return [element.delivery]
