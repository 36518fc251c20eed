"""The step around the assembly, on the runner that jobs run on: keys, states and the timer that gives up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.io.restriction_trackers import OffsetRange, OffsetRestrictionTracker
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.transforms.core import RestrictionProvider
from apache_beam.utils.timestamp import Duration

from config.settings import AnalysisSettings, DocumentSettings
from devstack.prism import prism_binary
from runners.options import prism_flags
from runners.prism import PrismServer
from schemas.document import PageRange
from schemas.part import Answer, Delivery, DocumentPart
from schemas.request import AnalysisRequest, DocumentReference
from transforms.assemble_results import AssembleResults

pytestmark = pytest.mark.stack

PATIENCE_SECONDS = 2


def part(number: int, of: int, offset: int) -> DocumentPart:
    request = AnalysisRequest("one-id", DocumentReference("gs://bucket/a"), "receipt")
    delivery = Delivery("t", 0, offset, offset, datetime(2026, 1, 1, tzinfo=UTC))
    return DocumentPart(delivery, request, page_range=PageRange(number, number, number, of))


# Each list is handed over at once; between them passes twice the time that a first part waits.
HISTORY = (
    [
        *(part(1, 2, offset=1), part(2, 2, offset=2), part(2, 2, offset=1), part(1, 2, offset=2)),
        part(1, 1, offset=3),
        *(part(2, 3, offset=4), part(2, 3, offset=4), part(2, 3, offset=4)),
    ],
    [part(1, 3, offset=4), part(3, 3, offset=4)],
)


# Threads of the harness are left when a pipeline has ended, and see Prism go.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_two_deliveries_of_one_id_do_not_mix_and_a_lost_part_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    with PrismServer(prism_binary(lambda _: None), tmp_path / "prism.log") as server:
        pipeline = beam.Pipeline(options=PipelineOptions(prism_flags(server.endpoint)))
        parts = pipeline | beam.Create(["all"]) | beam.ParDo(_Arrive()).with_output_types(DocumentPart)
        assemble = AssembleResults(DocumentSettings(), AnalysisSettings(assembly_seconds=PATIENCE_SECONDS))
        _ = parts | assemble | beam.ParDo(_Write(str(answers)))
        pipeline.run().wait_until_finish()
    assert sorted(answers.read_text(encoding="utf-8").splitlines()) == [
        "t/0/1 complete",
        "t/0/2 complete",
        "t/0/3 complete",
        # No second one when the other two came late, though they are as many as a repeated part was.
        "t/0/4 failed part 1 of 3 did not arrive in time, part 3 of 3 did not arrive in time",
    ]


class _Arrive(beam.DoFn, RestrictionProvider):
    """Hands over one list of the history after the other."""

    def initial_restriction(self, element: str) -> OffsetRange:
        return OffsetRange(0, len(HISTORY))

    def create_tracker(self, restriction: OffsetRange) -> OffsetRestrictionTracker:
        return OffsetRestrictionTracker(restriction)

    def restriction_size(self, element: str, restriction: OffsetRange) -> int:
        return int(restriction.size())

    def process(
        self,
        element: str,
        tracker: Any = beam.DoFn.RestrictionParam(),  # noqa: B008
    ) -> Iterator[DocumentPart]:
        position = tracker.current_restriction().start
        if tracker.try_claim(position):
            yield from HISTORY[position]
            tracker.defer_remainder(Duration(2 * PATIENCE_SECONDS))


class _Write(beam.DoFn):
    def __init__(self, file: str) -> None:
        self._file = file

    def process(self, element: Answer) -> None:
        told = ", ".join(error.message for error in element.result.errors)
        with open(self._file, "a", encoding="utf-8") as file:
            file.write(f"{element.delivery.key} {element.result.status.value} {told}".strip() + "\n")
