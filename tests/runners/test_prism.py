"""Prism as the local job starts it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.coders import VarIntCoder
from apache_beam.io.restriction_trackers import OffsetRange, OffsetRestrictionTracker
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.transforms.core import RestrictionProvider
from apache_beam.transforms.userstate import ReadModifyWriteRuntimeState, ReadModifyWriteStateSpec
from apache_beam.utils.timestamp import Duration

from devstack.endpoints import Endpoints
from runners.options import prism_flags
from runners.prism import PrismServer

pytestmark = pytest.mark.stack

_ELEMENTS = 6


# Threads of the harness are left when a pipeline has ended, and see Prism go.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_key_keeps_all_of_its_state_when_its_elements_are_slow(stack: Endpoints, tmp_path: Path) -> None:
    counts = tmp_path / "counts"
    with PrismServer(stack.prism, tmp_path / "prism.log") as server:
        pipeline = beam.Pipeline(options=PipelineOptions(prism_flags(server.endpoint)))
        keyed = pipeline | beam.Create(["key"]) | beam.ParDo(_Pausing()).with_output_types(tuple[str, int])
        _ = keyed | beam.ParDo(_Count(str(counts)))
        pipeline.run().wait_until_finish()
    assert sorted(map(int, counts.read_text(encoding="utf-8").split())) == list(range(1, _ELEMENTS + 1))


class _Pausing(beam.DoFn, RestrictionProvider):
    """Pauses once, as the source does, and hands over everything at once: one bundle behind it."""

    def initial_restriction(self, element: str) -> OffsetRange:
        return OffsetRange(0, 2)

    def create_tracker(self, restriction: OffsetRange) -> OffsetRestrictionTracker:
        return OffsetRestrictionTracker(restriction)

    def restriction_size(self, element: str, restriction: OffsetRange) -> int:
        return int(restriction.size())

    def process(
        self,
        element: str,
        tracker: Any = beam.DoFn.RestrictionParam(),  # noqa: B008
    ) -> Iterator[tuple[str, int]]:
        position = tracker.current_restriction().start
        if not tracker.try_claim(position):
            return
        if position == 0:
            tracker.defer_remainder(Duration(1))
            return
        for number in range(_ELEMENTS):
            yield element, number


class _Count(beam.DoFn):
    """Writes down which of its key's elements each is."""

    SEEN = ReadModifyWriteStateSpec("seen", VarIntCoder())

    def __init__(self, file: str) -> None:
        self._file = file

    def process(
        self,
        element: tuple[str, int],
        seen: ReadModifyWriteRuntimeState = beam.DoFn.StateParam(SEEN),  # noqa: B008
    ) -> None:
        time.sleep(0.5)
        count = (seen.read() or 0) + 1
        seen.write(count)
        with open(self._file, "a", encoding="utf-8") as file:
            file.write(f"{count}\n")
