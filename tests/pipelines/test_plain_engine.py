"""Requests answered without a runner come out as the graph answers them, and the graph counts what was done."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from analysis.engine import Engine
from analysis.observe import forget, observe
from analysis.tally import Tally
from analysis.worker import close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings, Settings
from docbeam.samples import sample_folder, sample_requests
from runners.bounded import analyse_files
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import AnalysisResult
from schemas.wire import RecordCodec

_REQUEST, _RESULT = RecordCodec(AnalysisRequest), RecordCodec(AnalysisResult)


@pytest.fixture
def documents(documents: Path) -> Path:
    (documents / "empty.pdf").write_bytes(b"")
    (documents / "text.pdf").write_text("just text, no PDF")
    return documents


@pytest.fixture
def settings(tmp_path: Path, documents: Path) -> Iterator[Settings]:
    allow = (documents.as_uri() + "/", sample_folder().as_uri() + "/")
    yield Settings(
        documents=DocumentSettings(allow=allow, cache_dir=tmp_path / "cache"),
        analysis=AnalysisSettings(children=2, memory_mb=2000),
    )
    close_workers()


def _misbehaving(documents: Path) -> list[AnalysisRequest]:
    here = documents.as_uri()

    def request(name: str, file: str, use_case: str = "notes", **parameters: str) -> AnalysisRequest:
        return AnalysisRequest(name, DocumentReference(f"{here}/{file}"), use_case, parameters)

    faults = ("raise", "exit", "segfault", "count", "nan", "none", "hang")
    return [
        request("good", "one.png"),
        *(request(fault, "ten.tiff", "misbehaving", fault=fault, guilty="9") for fault in faults),
        request("no-conclusion", "one.png", "bad-conclusion"),
        request("unknown", "one.png", "no-such-use-case"),
        request("missing", "nothing.pdf"),
        request("empty", "empty.pdf"),
        request("text", "text.pdf"),
        AnalysisRequest("forbidden", DocumentReference("file:///etc/passwd"), "notes"),
        AnalysisRequest("changed", DocumentReference(f"{here}/one.png", sha256="0" * 64), "notes"),
        request("good", "one.png"),
    ]


@pytest.mark.usefixtures("installed_plugins")
def test_models_that_misbehave_are_answered_as_by_the_graph(
    documents: Path, settings: Settings, tmp_path: Path
) -> None:
    counted, graph, plain, _ = _both_ways(_misbehaving(documents), settings, tmp_path)
    assert plain == graph
    assert {each["status"] for each in plain} == {"complete", "partial", "failed"}

    # Beam counts what the results tell, on whatever thread it was done.
    outcomes = [outcome for each in graph for page in each["pages"] for outcome in page["outcomes"]]
    assert _with(counted, "results_") == Counter(f"results_{each['status']}" for each in graph)
    assert counted["documents_opened"] == sum(1 for each in graph if each["pages"])
    assert _with(counted, "requests_failed_") == Counter(
        f"requests_failed_{each['errors'][0]['code']}" for each in graph if not each["pages"]
    )
    for model in ("deskew", "ink_share", "faults"):
        told = [each for each in outcomes if each["model"].replace("-", "_") == model]
        answered = sum(each["state"] in ("found", "nothing_found") for each in told)
        assert _with(counted, f"model_{model}_") == {
            **Counter(f"model_{model}_{each['state']}" for each in told),
            **Counter(f"model_{model}_error_{each['error']['code']}" for each in told if each["error"]),
            **_with(counted, f"model_{model}_ms_"),
            **_with(counted, f"model_{model}_waited_ms_"),
        }
        for time in ("ms", "waited_ms"):
            assert counted[f"model_{model}_{time}_count"] == answered
            assert sum(_with(counted, f"model_{model}_{time}_le_").values()) == answered
    assert sum(_with(counted, "open_document_ms_le_").values()) == counted["documents_opened"]


def test_the_samples_come_out_as_their_manifest_says_with_a_runner_and_without(
    settings: Settings, tmp_path: Path
) -> None:
    samples = {sample.file: sample for sample in sample_requests()}
    requests = [
        AnalysisRequest(f"s-{place}", DocumentReference(sample.path.as_uri()), sample.use_case)
        for place, sample in enumerate(samples.values())
    ]
    _, graph, plain, tally = _both_ways(requests, settings, tmp_path)
    assert plain == graph
    assert tally.total.results == Counter(each["status"] for each in plain)
    assert tally.total.pages["ocr"] == sum(
        outcome["model"] == "ocr" for each in plain for page in each["pages"] for outcome in page["outcomes"]
    )

    results = dict(zip(samples, plain, strict=True))
    assert {name: each["status"] for name, each in results.items()} == {
        name: sample.expected_status.value for name, sample in samples.items()
    }
    for name, sample in samples.items():
        codes = {error["code"] for error in results[name]["errors"]}
        assert codes == ({sample.expected_code.value} if sample.expected_code else set())
    # The wrong form keeps its evidence, and nothing after the decision was run.
    outcomes = {outcome["model"]: outcome for outcome in results["wrong-type-w9.pdf"]["pages"][0]["outcomes"]}
    score = outcomes["document-type"]["prediction"]["types"][0]
    assert score["document_type"] == "application-form"
    assert score["score"] < score["threshold"]
    assert {outcomes[model]["state"] for model in ("ocr", "checkbox", "signature")} == {"bypassed"}
    # Who signed is seen, also where the name can be read and stands over the label; and nobody else has signed.
    for name, sample in samples.items():
        if "signature" in sample.truth:
            first, *_ = results[name]["pages"]
            (outcome,) = (each for each in first["outcomes"] if each["model"] == "signature")
            assert len(outcome["prediction"]["signatures"]) == (sample.truth["signature"] == "signature"), name
    # What was written by hand can be found in what was read, wherever the page lay.
    for name in ("application-clean-scan.pdf", "application-sideways.jpg", "application-upside-down-copy.tiff"):
        text = " ".join(
            line["text"] for outcome in results[name]["pages"][0]["outcomes"] for line in outcome["prediction"]["lines"]
        ).lower()
        assert samples[name].truth["last_name"].lower() in text


@pytest.mark.usefixtures("installed_plugins")
def test_requests_are_taken_only_a_few_ahead_of_the_results(documents: Path, settings: Settings) -> None:
    taken: list[int] = []

    def endless() -> Iterator[AnalysisRequest]:
        while True:
            taken.append(len(taken))
            yield AnalysisRequest(f"r-{len(taken)}", DocumentReference(f"{documents.as_uri()}/one.png"), "notes")

    with Engine(worker(settings.documents, settings.analysis)) as engine:
        for place, result in enumerate(engine.answer(endless()), 1):
            assert result.request_id == f"r-{place}"
            assert len(taken) <= place + 8
            if place == 30:
                break
    assert len(taken) >= 30


def _both_ways(
    requests: Sequence[AnalysisRequest], settings: Settings, folder: Path
) -> tuple[Counter[str], list[dict[str, Any]], list[dict[str, Any]], Tally]:
    encoded = [_REQUEST.to_json(request).encode() for request in requests]
    counted = analyse_files(encoded, folder / "out", settings)
    places = range(len(requests))
    graph = [json.loads((folder / "out" / "results" / f"{place}.json").read_text()) for place in places]
    tally = Tally()
    observe(tally)
    try:
        with Engine(worker(settings.documents, settings.analysis)) as engine:
            plain = [_RESULT.to_plain(result) for result in engine.answer(requests)]
    finally:
        forget(tally)
    return Counter(counted), [_without_times(each) for each in graph], [_without_times(each) for each in plain], tally


def _with(counted: Counter[str], prefix: str) -> dict[str, int]:
    return {name: count for name, count in counted.items() if name.startswith(prefix)}


def _without_times(result: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in result.items() if key != "timings"}
    for page in kept["pages"]:
        for outcome in page["outcomes"]:
            outcome.pop("duration_ms")
            outcome.pop("waited_ms")
    return kept
