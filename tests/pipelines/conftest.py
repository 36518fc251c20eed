"""Topics, group and table of each test's own, documents, and the job as people start it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.endpoints import Endpoints
from tests.pipelines.small_documents import draw_documents
from tests.pipelines.streaming import StartJob, docbeam


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    draw_documents(folder)
    return folder


@pytest.fixture
def config(stack: Endpoints, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings for topics, group and table of this test's own."""
    name = f"t{time.time_ns()}"
    for variable, value in {
        **stack.environment(),
        "DOCBEAM_KAFKA__REQUESTS_TOPIC": f"{name}.requests",
        "DOCBEAM_KAFKA__RESULTS_TOPIC": f"{name}.results",
        "DOCBEAM_KAFKA__DEAD_LETTERS_TOPIC": f"{name}.dead-letters",
        "DOCBEAM_KAFKA__GROUP": name,
        "DOCBEAM_BIGQUERY__DATASET": name,
        "DOCBEAM_SOURCE__DISCOVERY_SECONDS": "2",
        "DOCBEAM_DOCUMENTS__ALLOW": documents.as_uri() + "/",
        "DOCBEAM_DOCUMENTS__CACHE_DIR": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(variable, value)
    for arguments in (["topics", "create"], ["schemas", "register"], ["tables", "create"]):
        docbeam(stack.settings_file, *arguments)
    return stack.settings_file


@pytest.fixture
def run_job(config: Path, tmp_path: Path) -> Iterator[StartJob]:
    """Start `docbeam run`; whatever was started is ended."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        log = (tmp_path / f"job-{len(started)}.log").open("wb")
        state = tmp_path / f"run-{len(started)}"
        command = [sys.executable, "-m", "docbeam.main", "--config", str(config), "run", *arguments]
        process = subprocess.Popen(
            [*command, "--state-dir", str(state)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=60)
