"""Route parts by use case, and the branch of model-applying steps that each use case is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput

from analysis.apply_step import apply_step
from analysis.worker import worker
from config.settings import AnalysisSettings, DocumentSettings
from schemas.part import DocumentPart
from transforms.concurrently import MapConcurrently
from transforms.metrics import Counted, collecting, count
from transforms.typed_outputs import TypedOutputs
from use_cases.contract import Step, UseCase

UNOPENED = "not opened"
"""No use case can have this name: it has a blank."""

_WAITING = 64
"""Threads that wait for a child: the pool of children decides whose turn it is, so nobody may queue before it."""


class RouteByUseCase(beam.PTransform):
    """Parts to one output for each use case, and `unopened` for requests that failed before any model."""

    def __init__(self, use_cases: tuple[str, ...]) -> None:
        super().__init__()
        self._use_cases = use_cases

    def expand(self, input_or_inputs: beam.PCollection[DocumentPart]) -> beam.pvalue.DoOutputsTuple:
        """Outputs by the names of the use cases, and `unopened`."""
        outputs = dict.fromkeys((*self._use_cases, UNOPENED), DocumentPart)
        return input_or_inputs | "pick the branch" >> TypedOutputs(_Route(), outputs, main=UNOPENED)


class _Route(beam.DoFn):
    def process(self, element: DocumentPart) -> Iterator[DocumentPart | TaggedOutput]:
        yield element if element.errors else TaggedOutput(element.request.use_case, element)


class AnalyseDocuments(beam.PTransform):
    """One use case's branch: its steps in order, each a stage of its own that can be watched and sized."""

    def __init__(self, use_case: UseCase, documents: DocumentSettings, analysis: AnalysisSettings) -> None:
        super().__init__()
        self._use_case = use_case
        self._documents = documents
        self._analysis = analysis

    def expand(self, input_or_inputs: beam.PCollection[DocumentPart]) -> beam.PCollection[DocumentPart]:
        """The parts with one outcome on each page for each step."""
        parts = input_or_inputs
        for step in self._use_case.steps:
            apply = ApplyStep(step, self._documents, self._analysis)
            # Dataflow sizes its workers by this; other runners ignore it.
            parts = parts | step.model >> apply.with_resource_hints(min_ram=f"{self._analysis.memory_mb}MB")
        return parts


class ApplyStep(beam.PTransform):
    """One step on every part."""

    def __init__(self, step: Step, documents: DocumentSettings, analysis: AnalysisSettings) -> None:
        super().__init__()
        self._step = step
        self._documents = documents
        self._analysis = analysis

    def expand(self, input_or_inputs: beam.PCollection[DocumentPart]) -> beam.PCollection[DocumentPart]:
        """The parts with one more outcome on each page."""
        work = collecting(partial(_apply, step=self._step, documents=self._documents, analysis=self._analysis))
        apply = beam.ParDo(_Apply("apply", _WAITING, work)).with_output_types(DocumentPart)
        return input_or_inputs | "apply" >> apply


def _apply(
    part: DocumentPart, step: Step, documents: DocumentSettings, analysis: AnalysisSettings
) -> Iterable[DocumentPart]:
    return [apply_step(part, step, worker(documents, analysis))]


class _Apply(MapConcurrently):
    def emit(self, value: Counted, timestamp: object, window: object) -> object:
        count(value.spans)
        return super().emit(value.value, timestamp, window)
