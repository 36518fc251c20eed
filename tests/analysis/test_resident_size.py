"""The peak of a child's memory is seen however short it lasts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.children.resident_size import ResidentSize

MB = 1024**2
_PROGRAM = """
import mmap
for line in iter(input, "end"):
    taken = mmap.mmap(-1, int(line))
    for place in range(0, len(taken), 4096):
        taken[place] = 1
    taken.close()
    print("given back", flush=True)
"""


class Taker:
    """A process that takes memory and gives it back at once."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid
        self.take(1)

    def take(self, size: int) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(size, file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "given back\n"

    def end(self) -> None:
        self._process.communicate("end\n")


@pytest.fixture
def taker() -> Iterator[Taker]:
    made = Taker()
    yield made
    made.end()


linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems count no peak")


@linux
def test_memory_given_back_before_anybody_looked_counts(taker: Taker) -> None:
    size = ResidentSize(taker.pid)
    size.restart()
    before = size.now()
    taker.take(200 * MB)
    assert size.now() < before + 20 * MB
    assert size.peak() > before + 190 * MB


@linux
def test_what_was_before_the_restart_does_not_count(taker: Taker) -> None:
    size = ResidentSize(taker.pid)
    taker.take(200 * MB)
    size.restart()
    assert size.peak() < 100 * MB


def test_where_no_peak_is_counted_what_it_holds_now_is_told(taker: Taker, tmp_path: Path) -> None:
    size = ResidentSize(taker.pid, proc=tmp_path)
    size.restart()
    taker.take(200 * MB)
    assert 0 < size.peak() < 100 * MB


def test_a_process_that_is_gone_holds_nothing() -> None:
    taker = Taker()
    size = ResidentSize(taker.pid)
    taker.end()
    size.restart()
    assert (size.now(), size.peak()) == (0, 0)
