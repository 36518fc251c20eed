"""The parts of one request come together; a timer bounds the wait, so that a lost part never means silence."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

import apache_beam as beam
from apache_beam.coders import BooleanCoder
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import (
    BagRuntimeState,
    BagStateSpec,
    ReadModifyWriteRuntimeState,
    ReadModifyWriteStateSpec,
    RuntimeTimer,
    TimerSpec,
    on_timer,
)

from analysis import assembly
from analysis.assemble import assemble
from analysis.assembly import Assembly, Step
from analysis.worker import worker
from config.settings import AnalysisSettings, DocumentSettings
from schemas.part import Answer, DocumentPart
from transforms.coders import DocumentPartCoder
from transforms.metrics import counter, counting
from transforms.typed_outputs import TypedOutputs

_SEVERAL = "several parts"


class AssembleResults(beam.PTransform):
    """Parts to one answer for each delivery of a request.

    Keyed by the delivery and not by the request id alone, so that two deliveries of one id do not mix.
    """

    def __init__(self, documents: DocumentSettings, analysis: AnalysisSettings) -> None:
        super().__init__()
        self._documents = documents
        self._analysis = analysis

    def expand(self, input_or_inputs: beam.PCollection[DocumentPart]) -> beam.PCollection[Answer]:
        """Most documents are one part and pass without state."""
        documents, analysis = self._documents, self._analysis
        outputs = {"single": DocumentPart, _SEVERAL: DocumentPart}
        split = input_or_inputs | "single or several parts" >> TypedOutputs(_Split(), outputs, main="single")
        answer = beam.ParDo(_AnswerSingle(documents, analysis)).with_output_types(Answer)
        single = split.single | "answer single parts" >> answer
        several = (
            split[_SEVERAL]
            | "key by delivery" >> beam.Map(_keyed).with_output_types(tuple[str, DocumentPart])
            | "wait for all parts" >> beam.ParDo(_WaitForParts(documents, analysis)).with_output_types(Answer)
        )
        return (single, several) | "answers" >> beam.Flatten()


class _Split(beam.DoFn):
    def process(self, element: DocumentPart) -> Iterator[DocumentPart | TaggedOutput]:
        yield element if element.page_range.parts == 1 else TaggedOutput(_SEVERAL, element)


class _Assembling(beam.DoFn):
    def __init__(self, documents: DocumentSettings, analysis: AnalysisSettings) -> None:
        self._documents = documents
        self._analysis = analysis

    def _answer(self, parts: Sequence[DocumentPart]) -> Answer:
        with counting():
            result = assemble(parts, worker(self._documents, self._analysis))
        return Answer(parts[0].delivery, result, parts[0].echo)


class _AnswerSingle(_Assembling):
    def process(self, element: DocumentPart) -> Iterable[Answer]:
        return [self._answer([element])]


class _WaitForParts(_Assembling):
    PARTS = BagStateSpec("parts", DocumentPartCoder())
    ANSWERED = ReadModifyWriteStateSpec("answered", BooleanCoder())
    GIVE_UP = TimerSpec("give up", TimeDomain.REAL_TIME)

    def process(
        self,
        element: tuple[str, DocumentPart],
        parts: BagRuntimeState = beam.DoFn.StateParam(PARTS),
        answered: ReadModifyWriteRuntimeState = beam.DoFn.StateParam(ANSWERED),
        give_up: RuntimeTimer = beam.DoFn.TimerParam(GIVE_UP),
    ) -> Iterator[Answer]:
        state = Assembly(tuple(parts.read()), bool(answered.read()))
        step = assembly.wait(state, element[1], time.time(), self._analysis.assembly_seconds)
        if step.late:
            counter("parts_late").inc()
        yield from self._take(step, state, parts, answered, give_up)

    @on_timer(GIVE_UP)
    def give_up(
        self,
        parts: BagRuntimeState = beam.DoFn.StateParam(PARTS),
        answered: ReadModifyWriteRuntimeState = beam.DoFn.StateParam(ANSWERED),
        timer: RuntimeTimer = beam.DoFn.TimerParam(GIVE_UP),
    ) -> Iterator[Answer]:
        state = Assembly(tuple(parts.read()), bool(answered.read()))
        step = assembly.give_up(state, time.time(), self._analysis.assembly_seconds)
        yield from self._take(step, state, parts, answered, timer)

    def _take(
        self,
        step: Step,
        before: Assembly,
        parts: BagRuntimeState,
        answered: ReadModifyWriteRuntimeState,
        timer: RuntimeTimer,
    ) -> Iterator[Answer]:
        """Keep the state that a step leaves, set its timer, and answer. Parts only ever come in or all go out."""
        if before.parts and not step.state.parts:
            parts.clear()
        for part in step.state.parts[len(before.parts) :]:
            parts.add(part)
        if step.state.answered:
            answered.write(True)
        elif before.answered:
            answered.clear()
        if step.timer is not None:
            timer.set(step.timer)
        if step.answer is not None:
            yield self._answer(step.answer)


def _keyed(part: DocumentPart) -> tuple[str, DocumentPart]:
    return part.delivery.key, part
