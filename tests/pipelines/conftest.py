"""Topics, group and table of each test's own, documents, and the job as people start it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from devstack.endpoints import Endpoints
from docbeam.samples import sample_folder
from tests.pipelines.streaming import StartJob, docbeam


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    page = np.full((400, 300), 255, np.uint8)
    page[100:140, 50:250] = 0
    images = [Image.fromarray(np.roll(page, shift, axis=0)) for shift in range(0, 100, 10)]
    images[0].save(folder / "one.png")
    images[0].save(folder / "ten.tiff", save_all=True, append_images=images[1:])
    (folder / "encrypted.pdf").write_bytes((sample_folder() / "refused-encrypted.pdf").read_bytes())
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
