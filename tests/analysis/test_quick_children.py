"""What takes milliseconds does not wait for a child that is busy with a model."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analysis.assemble import _ONE_AT_A_TIME, assemble
from analysis.children.turns import Turn
from analysis.worker import Worker
from schemas.part import DocumentPart
from schemas.result import ResultStatus
from tests.analysis.conftest import OpenPart

PATIENCE = 120.0
"""Seconds; who waits for the borrowed child waits for ever."""


@pytest.fixture
def caller() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_a_document_alone_needs_one_child(here: Worker, read_notes: DocumentPart) -> None:
    assert assemble([read_notes], here).status is ResultStatus.COMPLETE
    assert len(here.children.pids()) == 1
    assert not here.quick_children.pids()


def test_documents_are_looked_at_and_results_concluded_while_every_child_is_busy(
    here: Worker, pages_tiff: Path, open_part: OpenPart, read_notes: DocumentPart, caller: ThreadPoolExecutor
) -> None:
    with here.children._lending.lend("another", "another") as loan:
        assert loan is not None
        assert not here.quick_children.pids()
        opened = caller.submit(open_part, pages_tiff, "notes").result(PATIENCE)
        result = caller.submit(assemble, [read_notes], here).result(PATIENCE)
    assert (opened.errors, opened.document.page_count) == ((), 3)
    assert result.status is ResultStatus.COMPLETE
    assert [field.value for field in result.fields] == ["0.067", "0.133", "0.200"]


def test_a_document_is_looked_at_while_a_use_case_concludes(
    here: Worker, pages_tiff: Path, open_part: OpenPart, caller: ThreadPoolExecutor
) -> None:
    with here.quick_children._lending.lend("another", "another", _ONE_AT_A_TIME):
        # A second one that concludes waits for the first, and so leaves the other child.
        waiting = caller.submit(_borrowed, here, _ONE_AT_A_TIME)
        assert not open_part(pages_tiff, "notes").errors
        assert not waiting.done()
    assert waiting.result(PATIENCE)


def _borrowed(here: Worker, turn: Turn) -> bool:
    with here.quick_children._lending.lend("third", "third", turn) as loan:
        return loan is not None
