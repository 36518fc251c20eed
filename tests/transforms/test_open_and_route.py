"""Requests become parts, and each part goes to the branch of its use case unless its document was not opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to
from PIL import Image

from analysis.worker import close_workers
from config.settings import AnalysisSettings, DocumentSettings
from schemas.document import PageRange
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Delivery, DocumentPart, ReceivedRequest
from schemas.request import AnalysisRequest, DocumentReference
from transforms.analyse_documents import UNOPENED, AnalyseDocuments, RouteByUseCase
from transforms.open_documents import OpenDocuments
from use_cases.contract import Apply, UseCase


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[tuple[DocumentSettings, AnalysisSettings]]:
    root = tmp_path / "root"
    root.mkdir()
    pages = [Image.fromarray(np.full((40, 30), shade, np.uint8)) for shade in (0, 90, 255)]
    pages[0].save(root / "three.tiff", save_all=True, append_images=pages[1:])
    documents = DocumentSettings(allow=(f"file://{root}/",), cache_dir=tmp_path / "cache", pages_per_part=2)
    yield documents, AnalysisSettings(children=1, attempts=0)
    close_workers()


def request(offset: int, location: str, use_case: str = "one") -> ReceivedRequest:
    wanted = AnalysisRequest(f"r-{offset}", DocumentReference(location), use_case)
    return ReceivedRequest(Delivery("t", 0, offset, offset, datetime(2026, 1, 1, tzinfo=UTC)), wanted)


class _One(UseCase):
    name, version = "one", "1"
    steps = (Apply("deskew"), Apply("document-defects"))


def test_parts_take_the_branch_of_their_use_case() -> None:
    error = DocbeamError(ErrorCode.DOCUMENT_EMPTY, "no bytes").item("fetch")
    wanted = [("one", ()), ("two", ()), ("two", (error,)), ("one", ())]
    requests = [request(place, "gs://bucket/a", use_case) for place, (use_case, _) in enumerate(wanted)]
    parts = [
        DocumentPart(each.delivery, each.request, errors=errors)
        for each, (_, errors) in zip(requests, wanted, strict=True)
    ]
    with beam.Pipeline("FnApiRunner") as pipeline:
        routes = pipeline | beam.Create(parts).with_output_types(DocumentPart) | RouteByUseCase(("one", "two"))
        for name, expected in {"one": [0, 3], "two": [1], UNOPENED: [2]}.items():
            offsets = routes[name] | f"offsets of {name}" >> beam.Map(lambda part: part.delivery.offset)
            assert_that(offsets, equal_to(expected), name)


def test_a_document_is_opened_in_parts_analysed_and_counted(
    settings: tuple[DocumentSettings, AnalysisSettings],
) -> None:
    documents, _ = settings
    requests = [request(0, f"{documents.allow[0]}three.tiff"), request(1, "file:///etc/passwd")]
    pipeline = beam.Pipeline("FnApiRunner", PipelineOptions([]))
    parts = pipeline | beam.Create(requests).with_output_types(ReceivedRequest) | OpenDocuments(*settings)
    routes = parts | RouteByUseCase(("one",))
    analysed = routes["one"] | AnalyseDocuments(_One(), *settings)
    assert_that(routes[UNOPENED] | "codes" >> beam.Map(_codes), equal_to([("location_forbidden",)]), "unopened")
    assert_that(
        analysed | "outcomes" >> beam.Map(_outcomes),
        equal_to(
            [
                (
                    PageRange(1, 2, 1, 2),
                    [(1, "deskew"), (1, "document-defects"), (2, "deskew"), (2, "document-defects")],
                ),
                (PageRange(3, 3, 2, 2), [(3, "deskew"), (3, "document-defects")]),
            ]
        ),
        "analysed",
    )
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query(MetricsFilter().with_namespace("docbeam"))["counters"]
    counted = {each.key.metric.name: each.committed for each in found}
    assert (counted["documents_opened"], counted["requests_failed_location_forbidden"]) == (1, 1)
    assert (
        sum(number for name, number in counted.items() if name.startswith("model_deskew_") and "_ms_" not in name) == 3
    )


def _codes(part: DocumentPart) -> tuple[str, ...]:
    return tuple(error.code.value for error in part.errors)


def _outcomes(part: DocumentPart) -> tuple[PageRange, list[Any]]:
    return part.page_range, [(page.number, outcome.model) for page in part.pages for outcome in page.outcomes]
