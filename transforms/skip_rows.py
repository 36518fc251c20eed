"""Stands in for the BigQuery sink in jobs that have none."""

from __future__ import annotations

import apache_beam as beam

from schemas.part import Answer, Delivery
from transforms.insert_rows import REFUSED


class SkipRows(beam.PTransform):
    """Answers to `inserted` deliveries; nothing is ever `refused`."""

    def expand(self, input_or_inputs: beam.PCollection[Answer]) -> beam.pvalue.DoOutputsTuple:
        """Two outputs, as `InsertRows` has."""
        settle = beam.ParDo(_Settle()).with_output_types(Delivery)
        return input_or_inputs | "no rows" >> settle.with_outputs(REFUSED, main="inserted")


class _Settle(beam.DoFn):
    def process(self, element: Answer) -> list[Delivery]:
        return [element.delivery]
