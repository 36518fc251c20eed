"""What was observed on any thread is counted under the names that dashboards know."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import apache_beam as beam
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions

from analysis.observe import APPLY, ASSEMBLE, OPEN, Span, span
from transforms.concurrently import MapConcurrently
from transforms.metrics import Counted, collecting, count, count_milliseconds, counting


def counted(work: Callable[[int], object], elements: int = 1) -> dict[str, int]:
    """What a job has counted that does `work` once for each element."""
    return _run(beam.Map(work), elements)


def _run(step: beam.PTransform, elements: int) -> dict[str, int]:
    pipeline = beam.Pipeline("FnApiRunner", PipelineOptions([]))
    _ = pipeline | beam.Create(range(elements)) | step
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query(MetricsFilter().with_namespace("docbeam"))["counters"]
    return {each.key.metric.name: each.committed for each in found}


def test_a_duration_is_in_the_sum_and_in_the_lowest_bucket_that_holds_it() -> None:
    def work(_: int) -> None:
        for milliseconds in (0.0, 10.0, 10.4, 30.0, 30_000.0, 30_000.6, 1_000_000.0):
            count_milliseconds("work", milliseconds)

    assert counted(work) == {
        "work_ms_sum": 0 + 10 + 10 + 30 + 30_000 + 30_001 + 1_000_000,
        "work_ms_count": 7,
        "work_ms_le_10": 2,
        "work_ms_le_30": 2,
        "work_ms_le_30000": 1,
        "work_ms_le_inf": 2,
    }


def test_each_stage_has_counters_of_its_own() -> None:
    def work(_: int) -> None:
        count(
            [
                Span(OPEN, milliseconds=5),
                Span(OPEN, outcome="failed", code="document_empty", milliseconds=7),
                Span(APPLY, "text-lines", 1, "found", milliseconds=20, waited_ms=400),
                Span(APPLY, "text-lines", 2, "nothing_found", milliseconds=20),
                Span(APPLY, "text-lines", 3, "failed", "model_crashed", milliseconds=20),
                Span(APPLY, "text-lines", 4, "bypassed", milliseconds=20),
                Span(ASSEMBLE, outcome="partial", milliseconds=9),
                Span("another stage", outcome="done"),
            ]
        )

    assert counted(work) == {
        "documents_opened": 1,
        "open_document_ms_sum": 5,
        "open_document_ms_count": 1,
        "open_document_ms_le_10": 1,
        "requests_failed_document_empty": 1,
        "model_text_lines_found": 1,
        "model_text_lines_nothing_found": 1,
        "model_text_lines_failed": 1,
        "model_text_lines_bypassed": 1,
        "model_text_lines_error_model_crashed": 1,
        "model_text_lines_ms_sum": 40,
        "model_text_lines_ms_count": 2,
        "model_text_lines_ms_le_30": 2,
        "model_text_lines_waited_ms_sum": 400,
        "model_text_lines_waited_ms_count": 2,
        "model_text_lines_waited_ms_le_10": 1,
        "model_text_lines_waited_ms_le_1000": 1,
        "results_partial": 1,
    }


def test_what_is_done_in_a_block_is_counted_once() -> None:
    def work(_: int) -> None:
        with span(ASSEMBLE) as before:
            before.outcome = "outside"
        with counting(), span(ASSEMBLE) as inside:
            inside.outcome = "complete"

    assert counted(work, elements=3) == {"results_complete": 3}


def observed(element: int) -> Iterable[int]:
    with span(ASSEMBLE) as told:
        told.outcome = "complete"
    return [element] * element


class _Counting(MapConcurrently):
    def emit(self, value: Counted, timestamp: object, window: object) -> object:
        count(value.spans)
        return super().emit(value.value, timestamp, window)


def test_what_other_threads_do_is_counted_once_however_many_values_they_make() -> None:
    """Nothing of work that makes none, since nothing leaves that could be counted."""
    step = beam.ParDo(_Counting("observed", 2, collecting(observed)))
    assert _run(step, elements=4) == {"results_complete": 3}
