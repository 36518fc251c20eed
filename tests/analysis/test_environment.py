"""A child gets what programs need to run, one thread, and no secret."""

from __future__ import annotations

import os
import sys

import pytest

from analysis.children.environment import child_environment
from config.plug_in_folders import DOCUMENT_TYPES


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "HOME", "USER", "LOGNAME", "TZ", "TZDIR", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG"),
        *("LANGUAGE", "VIRTUAL_ENV", "TESSDATA_PREFIX", "LC_ALL", "PYTHONHASHSEED", "MALLOC_ARENA_MAX"),
        *("OMP_PROC_BIND", "OPENBLAS_CORETYPE", "MKL_DEBUG", "OPENCV_LOG_LEVEL", DOCUMENT_TYPES.variable),
    ],
)
def test_what_programs_need_is_passed_on(name: str) -> None:
    assert child_environment({name: "as it is"}, {})[name] == "as it is"


@pytest.mark.parametrize("name", ["TOKEN", "XPATH", "PATHS", "DOCBEAM_KAFKA__SASL_PASSWORD", "path", "MY_LC_ALL"])
def test_nothing_else_is(name: str) -> None:
    assert name not in child_environment({name: "secret"}, {})


def test_a_child_computes_with_one_thread_whatever_its_parent_does() -> None:
    names = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    found = child_environment(dict.fromkeys(names, "16"), {})
    assert [found[name] for name in names] == ["1"] * 4
    assert found["ORT_DISABLE_TELEMETRY"] == "1"


def test_memory_is_kept_between_pages_unless_the_operator_says_otherwise() -> None:
    assert int(child_environment({}, {})["MALLOC_TRIM_THRESHOLD_"]) > 2**20
    assert child_environment({"MALLOC_TRIM_THRESHOLD_": "4096"}, {})["MALLOC_TRIM_THRESHOLD_"] == "4096"


def test_what_is_added_counts_more_than_what_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["", "/a", "/b"])
    found = child_environment({"TMPDIR": "/tmp", "PYTHONPATH": "/parents"}, {"TMPDIR": "/own", "MARK": "1"})
    assert (found["TMPDIR"], found["MARK"]) == ("/own", "1")
    assert found["PYTHONPATH"] == f"/a{os.pathsep}/b", "what the parent imports from, its own folder left out"
