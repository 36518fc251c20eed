"""Work of one bundle runs side by side, and each value leaves with the time and window of its element."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.window import FixedWindows, TimestampedValue

from transforms.concurrently import MapConcurrently

_meeting = threading.Barrier(3)
_once = threading.Barrier(2)


def both(element: int) -> Iterable[str]:
    time.sleep(0.01 * (element % 3))
    return [f"{element}a", f"{element}b"]


def meet(element: int) -> Iterable[int]:
    """Ends only when as many are inside at once; otherwise raises, which ends the bundle."""
    _meeting.wait(20)
    return [element]


def alone(element: int) -> Iterable[int]:
    """Whether another came in before this one left."""
    try:
        _once.wait(0.05)
    except threading.BrokenBarrierError:
        _once.reset()
        return [element]
    return [-1]


def fail(element: int) -> Iterable[int]:
    raise ArithmeticError(str(element))


class _Window(beam.DoFn):
    def process(
        self,
        element: str,
        timestamp: object = beam.DoFn.TimestampParam,
        window: object = beam.DoFn.WindowParam,
    ) -> Iterable[tuple[str, float, float]]:
        yield element, float(timestamp), float(window.start)  # type: ignore[arg-type, attr-defined]


def bundle(count: int) -> beam.PTransform:
    """Numbers that come as one bundle."""
    return "one bundle" >> beam.Create([range(count)]) | beam.FlatMap(list)  # type: ignore[no-any-return]


def test_every_value_of_every_element_leaves_with_its_time_and_window() -> None:
    with beam.Pipeline("FnApiRunner") as pipeline:
        stamped = pipeline | beam.Create(range(20)) | beam.Map(lambda each: TimestampedValue(each, each * 10))
        done = stamped | beam.WindowInto(FixedWindows(60)) | beam.ParDo(MapConcurrently("both", 4, both))
        expected = [(f"{n}{half}", n * 10.0, n * 10 // 60 * 60.0) for n in range(20) for half in "ab"]
        assert_that(done | beam.ParDo(_Window()), equal_to(expected), reify_windows=False)


def test_as_many_elements_of_a_bundle_are_worked_on_at_once_as_there_are_threads() -> None:
    with beam.Pipeline("FnApiRunner") as pipeline:
        done = pipeline | bundle(9) | beam.ParDo(MapConcurrently("meet", 3, meet))
        assert_that(done, equal_to(list(range(9))))


def test_no_more_elements_are_worked_on_than_there_are_threads() -> None:
    with beam.Pipeline("FnApiRunner") as pipeline:
        done = pipeline | bundle(4) | beam.ParDo(MapConcurrently("alone", 1, alone))
        assert_that(done, equal_to(list(range(4))))


def test_without_a_number_there_is_a_thread_for_each_core() -> None:
    with beam.Pipeline("FnApiRunner") as pipeline:
        done = pipeline | bundle(9) | beam.ParDo(MapConcurrently("cores", 0, both))
        assert_that(done | beam.combiners.Count.Globally(), equal_to([18]))


def test_what_the_work_raises_ends_the_bundle() -> None:
    with pytest.raises(ArithmeticError, match="while running"), beam.Pipeline("FnApiRunner") as pipeline:
        _ = pipeline | bundle(3) | beam.ParDo(MapConcurrently("fail", 2, fail))
