"""A model that raises, hangs, dies, swells or lies costs its page, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.apply_step import apply_step
from analysis.assemble import assemble
from analysis.worker import Worker
from schemas.errors import ErrorCode, Fault
from schemas.part import DocumentPart
from schemas.result import OutcomeState, ResultStatus
from tests.analysis.conftest import OpenPart
from tests.processes import runs
from use_cases.contract import Apply

FAULTS = {
    "raise": ErrorCode.MODEL_FAILED,
    "hang": ErrorCode.MODEL_TIMEOUT,
    "exit": ErrorCode.MODEL_CRASHED,
    "segfault": ErrorCode.MODEL_CRASHED,
    "memory": ErrorCode.MODEL_OUT_OF_MEMORY,
    "count": ErrorCode.MODEL_CONTRACT_BROKEN,
    "nan": ErrorCode.MODEL_CONTRACT_BROKEN,
    "none": ErrorCode.MODEL_CONTRACT_BROKEN,
    "7.5": ErrorCode.MODEL_CONTRACT_BROKEN,
    "-0.1": ErrorCode.MODEL_CONTRACT_BROKEN,
    "1.00001": ErrorCode.MODEL_CONTRACT_BROKEN,
    "surrogate": ErrorCode.MODEL_CONTRACT_BROKEN,
    "bytes": ErrorCode.MODEL_CONTRACT_BROKEN,
}


@pytest.mark.parametrize(("fault", "code"), FAULTS.items(), ids=list(FAULTS))
def test_only_the_guilty_page_fails(
    fault: str, code: ErrorCode, here: Worker, pages_tiff: Path, open_part: OpenPart
) -> None:
    part = open_part(pages_tiff, "misbehaving", fault=fault)
    part = apply_step(part, Apply("faults"), here)
    part = apply_step(part, Apply("ink-share"), here)

    faults = [page.outcomes[0] for page in part.pages]
    assert [outcome.state for outcome in faults] == [OutcomeState.FOUND, OutcomeState.FAILED, OutcomeState.FOUND]
    assert faults[1].error is not None
    assert (faults[1].error.code, faults[1].error.page) == (code, 2)
    assert "document" not in faults[1].error.message
    assert [page.outcomes[1].state for page in part.pages] == [OutcomeState.FOUND] * 3
    assert assemble([part], here).status is ResultStatus.PARTIAL


def test_a_model_may_print_into_its_own_process(here: Worker, pages_tiff: Path, open_part: OpenPart) -> None:
    part = apply_step(open_part(pages_tiff, "misbehaving", fault="print"), Apply("faults"), here)
    assert [page.outcomes[0].state for page in part.pages] == [OutcomeState.FOUND] * 3


def test_a_confidence_that_misses_1_by_rounding_is_1(here: Worker, pages_tiff: Path, open_part: OpenPart) -> None:
    part = apply_step(open_part(pages_tiff, "misbehaving", fault="rounded"), Apply("faults"), here)
    assert [page.outcomes[0].prediction.labels[0].confidence for page in part.pages if page.number == 2] == [1.0]


def test_an_option_nobody_can_follow_is_the_clients_fault_and_asked_about_once(
    here: Worker, pages_tiff: Path, open_part: OpenPart
) -> None:
    part = open_part(pages_tiff, "misbehaving", fault="option", guilty="1")
    errors = [page.outcomes[0].error for page in apply_step(part, Apply("faults"), here).pages]
    assert {error.code if error else None for error in errors} == {ErrorCode.INVALID_PARAMETER}
    assert [error.page if error else None for error in errors] == [1, 2, 3]
    told = {error.message if error else "" for error in errors}
    assert told == {"faults: option fault must be one of: none, asked 1"}
    assert ErrorCode.INVALID_PARAMETER.meaning.fault is Fault.CLIENT


@pytest.mark.parametrize(("option", "value"), [("engine", "lite"), ("alphabet", "runes"), ("alphabet", "only:")])
def test_the_shipped_reader_names_the_options_it_has(
    option: str, value: str, here: Worker, pages_tiff: Path, open_part: OpenPart
) -> None:
    part = apply_step(open_part(pages_tiff, "notes", **{option: value}), Apply("ocr"), here)
    error = part.pages[0].outcomes[0].error
    assert error is not None
    assert error.code is ErrorCode.INVALID_PARAMETER
    assert "accurate, light" in error.message or "all, latin, digits, 'only:'" in error.message


def test_an_unknown_model_is_a_failed_outcome_that_lists_the_known(
    here: Worker, pages_tiff: Path, open_part: OpenPart
) -> None:
    part = apply_step(open_part(pages_tiff, "notes"), Apply("no-such-model"), here)
    assert {page.outcomes[0].state for page in part.pages} == {OutcomeState.FAILED}
    error = part.pages[0].outcomes[0].error
    assert error is not None
    assert error.code is ErrorCode.MODEL_UNAVAILABLE
    assert "known models: barcode, checkbox, deskew" in error.message


@pytest.mark.parametrize("fault", ["raise", "hang"])
def test_a_conclusion_that_fails_keeps_what_the_models_found(
    fault: str, here: Worker, pages_tiff: Path, open_part: OpenPart
) -> None:
    part = apply_step(open_part(pages_tiff, "bad-conclusion", fault=fault), Apply("ink-share"), here)
    result = assemble([part], here)
    assert result.status is ResultStatus.PARTIAL
    assert [error.code for error in result.errors] == [ErrorCode.USE_CASE_FAILED]
    assert len(result.pages) == 3


def test_children_end_with_the_worker(here: Worker, pages_tiff: Path, open_part: OpenPart) -> None:
    apply_step(open_part(pages_tiff, "notes"), Apply("deskew"), here)
    with here.children._lending.lend("another", "another"):
        open_part(pages_tiff, "notes")
    pools = here.children.pids(), here.quick_children.pids()
    assert all(pools)
    here.close()
    assert not any(runs(pid) for pids in pools for pid in pids)


def test_the_plugin_concludes_fields(here: Worker, read_notes: DocumentPart) -> None:
    result = assemble([read_notes], here)
    assert result.status is ResultStatus.COMPLETE
    assert [field.value for field in result.fields] == ["0.067", "0.133", "0.200"]
    assert (result.use_case, result.use_case_version) == ("notes", "7")
    assert [use.name for use in result.models] == ["deskew", "ink-share"]


def test_pages_are_straightened_by_whichever_model_says_how_they_lie(
    here: Worker, pages_tiff: Path, open_part: OpenPart
) -> None:
    part = open_part(pages_tiff, "upside-down")
    for model in ("half-turn", "ink-share", "listener"):
        part = apply_step(part, Apply(model), here)
    for page in part.pages:
        assert [(step.name, step.matrix[0]) for step in page.transforms] == [("quarter turn", -1.0)]
        assert [label.value for label in page.outcomes[-1].prediction.labels] == ["half-turn, ink-share"]
    assert assemble([part], here).status is ResultStatus.COMPLETE


def test_a_missing_part_makes_the_result_partial(here: Worker, pages_tiff: Path, open_part: OpenPart) -> None:
    from dataclasses import replace

    part = apply_step(open_part(pages_tiff, "notes"), Apply("ink-share"), here)
    alone = replace(part, page_range=replace(part.page_range, parts=2))
    result = assemble([alone], here)
    assert result.status is ResultStatus.PARTIAL
    assert [error.code for error in result.errors] == [ErrorCode.PART_MISSING]
