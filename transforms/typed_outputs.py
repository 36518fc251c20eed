"""A step with several outputs."""

from __future__ import annotations

from collections.abc import Mapping

import apache_beam as beam


class TypedOutputs(beam.PTransform):
    """Run a DoFn whose outputs each have a type; Beam would pickle elements of outputs without one."""

    def __init__(self, dofn: beam.DoFn, outputs: Mapping[str, type], main: str) -> None:
        super().__init__()
        self._dofn = dofn
        self._outputs = outputs
        self._main = main

    def expand(self, input_or_inputs: beam.PCollection) -> beam.pvalue.DoOutputsTuple:
        """The outputs by name; `main` gets what the DoFn yields without a tag."""
        step = beam.ParDo(self._dofn).with_output_types(self._outputs[self._main])
        # Otherwise it is named after the DoFn's class, which is nobody's contract.
        step.label = "split"
        found = input_or_inputs | step.with_outputs(*(set(self._outputs) - {self._main}), main=self._main)
        for name, kind in self._outputs.items():
            found[name].element_type = kind
        return found
