"""A cache folder that cannot be used is a failed fetch that may be tried again, whenever it becomes so."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analysis.apply_step import apply_step
from analysis.open_document import open_document
from analysis.worker import close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from docbeam.exit_codes import ExitCode
from documents.fetch import fetch, open_cache
from schemas.document import DocumentFacts
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Delivery, ReceivedRequest
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import PageResult
from use_cases.contract import Apply


@pytest.fixture
def settings(tmp_path: Path) -> DocumentSettings:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.pdf").write_bytes(b"content")
    (root / "large.pdf").write_bytes(os.urandom(200_000))
    return DocumentSettings(allow=(f"file://{root}",), cache_dir=tmp_path / "cache", fetch_seconds=5)


def location(settings: DocumentSettings, name: str = "a.pdf") -> str:
    return f"{settings.allow[0]}/{name}"


def refusal(settings: DocumentSettings, sha256: str | None = None) -> str:
    with pytest.raises(DocbeamError) as caught:
        fetch(DocumentReference(location(settings), sha256=sha256), settings, open_cache(settings))
    assert caught.value.code is ErrorCode.FETCH_FAILED
    assert caught.value.code.meaning.retryable
    assert "documents.cache_dir" in caught.value.message
    assert "a.pdf" not in caught.value.message
    return caught.value.message


def test_a_file_in_its_place(settings: DocumentSettings) -> None:
    assert settings.cache_dir is not None
    settings.cache_dir.write_text("not a folder")
    refusal(settings)
    refusal(settings, hashlib.sha256(b"content").hexdigest())
    settings.cache_dir.unlink()
    assert fetch(DocumentReference(location(settings)), settings, open_cache(settings)).size_bytes == 7


def test_a_place_where_none_can_be_made(settings: DocumentSettings) -> None:
    refusal(settings.model_copy(update={"cache_dir": Path("/proc/docbeam")}))
    refusal(settings.model_copy(update={"cache_dir": Path("/dev/null/docbeam")}))
    refusal(settings.model_copy(update={"cache_dir": Path("/" + "a" * 300)}))


def test_a_folder_of_another_user(settings: DocumentSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever owns it could have put documents into it, so that not even what is there is served."""
    cache = open_cache(settings)
    sha256 = fetch(DocumentReference(location(settings)), settings, cache).sha256
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert "another user" in refusal(settings, sha256)


def test_a_worker_without_one_answers_and_does_not_raise(settings: DocumentSettings) -> None:
    """What a step raises ends the job; started again, it would end again."""
    assert settings.cache_dir is not None
    settings.cache_dir.write_text("not a folder")
    here = worker(settings, AnalysisSettings(children=1))
    try:
        request = AnalysisRequest("r-1", DocumentReference(location(settings)), "receipt")
        received = ReceivedRequest(Delivery("t", 0, 0, 0, datetime.now(UTC)), request)
        (part,) = open_document(received, here)
        assert [(error.code, error.retryable) for error in part.errors] == [(ErrorCode.FETCH_FAILED, True)]
        asked = replace(part, errors=(), pages=(PageResult(1),), document=DocumentFacts(location(settings)))
        answered = apply_step(asked, Apply("deskew"), here)
        error = answered.pages[0].outcomes[0].error
        assert error is not None
        assert (error.code, error.retryable) == (ErrorCode.FETCH_FAILED, True)
        settings.cache_dir.unlink()
        (part,) = open_document(received, here)
        assert [error.code for error in part.errors] == [ErrorCode.UNSUPPORTED_MEDIA_TYPE]
    finally:
        close_workers()


def test_the_job_refuses_to_start_without_one(settings: DocumentSettings, tmp_path: Path) -> None:
    """As a program of its own, since a job that did start would go on for ever."""
    assert settings.cache_dir is not None
    settings.cache_dir.write_text("not a folder")
    command = [
        sys.executable,
        "-m",
        "docbeam.main",
        "run",
        "--state-dir",
        str(tmp_path / "state"),
        "--max-restarts",
        "0",
    ]
    environment = os.environ | {"DOCBEAM_DOCUMENTS__CACHE_DIR": str(settings.cache_dir)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ran.returncode == ExitCode.NOT_READY
    assert str(settings.cache_dir) in ran.stderr
    assert "documents.cache_dir" in ran.stderr.replace(str(settings.cache_dir), "")


def test_a_folder_that_goes_away_is_made_again(settings: DocumentSettings) -> None:
    cache = open_cache(settings)
    assert settings.cache_dir is not None
    for _ in range(2):
        fetched = fetch(DocumentReference(location(settings)), settings, cache)
        assert fetched.path.read_bytes() == b"content"
        shutil.rmtree(settings.cache_dir)


FETCH_WITH_LITTLE_ROOM = """
import hashlib, resource, sys
from config.settings import DocumentSettings
from documents.fetch import fetch, open_cache
from schemas.errors import DocbeamError
from schemas.request import DocumentReference
settings = DocumentSettings.model_validate_json(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
for name in ("large.pdf", "a.pdf"):
    try:
        print(fetch(DocumentReference(sys.argv[2] + name), settings, open_cache(settings)).size_bytes)
    except DocbeamError as error:
        print(error.code.value)
"""


@pytest.mark.parametrize("room", [0, 4, 20, 100_000])
def test_a_disk_without_room_corrupts_nothing(settings: DocumentSettings, room: int) -> None:
    """A limit on the size of files stands for a full disk: writes end in the middle of a document or of its facts."""
    assert settings.cache_dir is not None
    command = [
        sys.executable,
        "-c",
        FETCH_WITH_LITTLE_ROOM,
        settings.model_dump_json(),
        location(settings, ""),
        str(room),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert told == ["fetch_failed", "7" if room == 100_000 else "fetch_failed"]
    left = [path for path in settings.cache_dir.rglob("*") if path.is_file()]
    assert not [path for path in left if path.suffix == ".incoming"]
    for path in left:
        if path.suffix == ".document":
            assert hashlib.sha256(path.read_bytes()).hexdigest() in path.name
    cache = open_cache(settings)
    large = fetch(DocumentReference(location(settings, "large.pdf")), settings, cache)
    assert large.path.read_bytes() == (Path(location(settings, "large.pdf").removeprefix("file://"))).read_bytes()
