"""The whole job over files: golden results and golden failures side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from analysis.worker import close_workers
from config.settings import AnalysisSettings, DocumentSettings, Settings
from docbeam.samples import sample_folder
from runners.bounded import analyse_files
from schemas.request import AnalysisRequest, DocumentReference
from schemas.wire import RecordCodec

_CODEC = RecordCodec(AnalysisRequest)


def request(name: str, location: str, use_case: str = "notes", **parameters: str) -> bytes:
    return _CODEC.to_json(AnalysisRequest(name, DocumentReference(location), use_case, parameters)).encode()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good documents and bad ones in one folder."""
    folder = tmp_path_factory.mktemp("documents")
    page = np.full((400, 300), 255, np.uint8)
    page[100:140, 50:250] = 0
    images = [Image.fromarray(np.roll(page, shift, axis=0)) for shift in range(0, 100, 10)]
    images[0].save(folder / "one.png")
    images[0].save(folder / "ten.tiff", save_all=True, append_images=images[1:])
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "text.pdf").write_text("just text, no PDF")
    for name in ("refused-encrypted.pdf", "refused-truncated.jpg"):
        (folder / name).write_bytes((sample_folder() / name).read_bytes())
    # 48 kB that would be 1.2 GB as colour pixels.
    Image.new("1", (20_000, 20_000), 1).save(folder / "bomb.png")
    (folder / "folder.pdf").mkdir()
    return folder


@pytest.mark.usefixtures("installed_plugins")
def test_every_request_has_its_own_answer(documents: Path, tmp_path: Path) -> None:
    here = documents.as_uri()
    requests = {
        "good": request("good", f"{here}/one.png"),
        "ten-pages": request("ten-pages", f"{here}/ten.tiff"),
        "garbage": b"\x00\x01garbage",
        "no-id": request("", f"{here}/one.png"),
        "unknown": request("unknown", f"{here}/one.png", "no-such-use-case"),
        "forbidden": request("forbidden", "file:///etc/passwd"),
        "escaping": request("escaping", f"{here}/../../etc/passwd"),
        "missing": request("missing", f"{here}/nothing.pdf"),
        "scheme": request("scheme", "ftp://example.org/a.pdf"),
        "empty": request("empty", f"{here}/empty.pdf"),
        "folder": request("folder", f"{here}/folder.pdf"),
        "text": request("text", f"{here}/text.pdf"),
        "encrypted": request("encrypted", f"{here}/refused-encrypted.pdf"),
        "truncated": request("truncated", f"{here}/refused-truncated.jpg"),
        "bomb": request("bomb", f"{here}/bomb.png"),
        "changed": _CODEC.to_json(
            AnalysisRequest("changed", DocumentReference(f"{here}/one.png", sha256="0" * 64), "notes")
        ).encode(),
        "segfault": request("segfault", f"{here}/ten.tiff", "misbehaving", fault="segfault", guilty="9"),
        "twin": request("good", f"{here}/one.png"),
    }
    settings = Settings(
        documents=DocumentSettings(allow=(here + "/",), cache_dir=tmp_path / "cache"),
        analysis=AnalysisSettings(children=2, memory_mb=1500),
    )
    try:
        analyse_files(list(requests.values()), tmp_path / "out", settings)
    finally:
        close_workers()

    results = read(tmp_path / "out" / "results", list(requests))
    letters = read(tmp_path / "out" / "dead-letters", list(requests))
    assert {name: letter["error"]["code"] for name, letter in letters.items()} == {
        "garbage": "undecodable_record",
        "no-id": "undecodable_record",
    }
    assert {name: (each["status"], codes(each)) for name, each in results.items()} == {
        "good": ("complete", []),
        "twin": ("complete", []),
        "ten-pages": ("complete", []),
        "unknown": ("failed", ["unknown_use_case"]),
        "forbidden": ("failed", ["location_forbidden"]),
        "escaping": ("failed", ["invalid_location"]),
        "missing": ("failed", ["document_not_found"]),
        "scheme": ("failed", ["invalid_location"]),
        "empty": ("failed", ["document_empty"]),
        "folder": ("failed", ["location_forbidden"]),
        "text": ("failed", ["unsupported_media_type"]),
        "encrypted": ("failed", ["document_encrypted"]),
        "truncated": ("failed", ["page_unreadable"]),
        "bomb": ("failed", ["too_many_pixels"]),
        "changed": ("failed", ["document_changed"]),
        "segfault": ("partial", ["model_crashed"]),
    }
    assert "known use cases: any-form, application-form" in results["unknown"]["errors"][0]["message"]
    assert [page["number"] for page in results["ten-pages"]["pages"]] == list(range(1, 11))
    guilty = [page["number"] for page in results["segfault"]["pages"] if page["outcomes"][1]["state"] == "failed"]
    assert guilty == [9]
    assert without_times(results["good"]) == without_times(results["twin"])


def read(folder: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    return {names[int(path.stem)]: json.loads(path.read_text()) for path in folder.glob("*.json")}


def codes(result: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(error["code"] for error in result["errors"]))


def without_times(result: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in result.items() if key != "timings"}
    for page in kept["pages"]:
        for outcome in page["outcomes"]:
            outcome.pop("duration_ms")
            outcome.pop("waited_ms")
    return kept
