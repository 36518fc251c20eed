"""Requests given by hand: each is one record, and each answer or dead letter one file named by its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to

from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Answer, DeadLetter
from schemas.request import AnalysisRequest, DocumentReference
from schemas.wire import RecordCodec
from tests.connections.insert_all_server import answer
from transforms.decode_requests import UNDECODABLE
from transforms.file_edges import DEAD_LETTERS, RESULTS, FileEdges
from transforms.insert_rows import REFUSED

REQUEST = RecordCodec(AnalysisRequest).to_json(
    AnalysisRequest("r-1", DocumentReference("gs://bucket/document"), "receipt")
)


@pytest.fixture
def edges(tmp_path: Path) -> FileEdges:
    return FileEdges([REQUEST.encode(), b"\x00garbage"], tmp_path / "out" / "here")


@pytest.fixture
def pipeline() -> Iterator[Any]:
    with beam.Pipeline("FnApiRunner") as made:
        yield made


def test_requests_are_decoded_and_known_by_their_place(edges: FileEdges, pipeline: Any) -> None:
    records = pipeline | edges.read()
    assert_that(
        records | beam.Map(lambda each: (each.delivery.key, each.delivery.previous, each.key, each.error)),
        equal_to([("requests/0/0", 0, None, None), ("requests/0/1", 1, None, None)]),
        "records",
    )
    outputs = records | edges.decode(("receipt",))
    requests = outputs.requests | "ids" >> beam.Map(lambda each: each.request.request_id)
    assert_that(requests, equal_to(["r-1"]), "requests")
    letters = outputs[UNDECODABLE] | "values" >> beam.Map(lambda each: (each.value, each.delivery.offset))
    assert_that(letters, equal_to([(b"\x00garbage", 1)]), "letters")


def test_each_answer_is_a_file_and_goes_on(edges: FileEdges, tmp_path: Path) -> None:
    answers = [answer(f"r-{place}", place) for place in (0, 7)]
    with beam.Pipeline("FnApiRunner") as pipeline:
        published = pipeline | beam.Create(answers).with_output_types(Answer) | edges.publish()
        assert_that(published, equal_to(answers), "published")
        outputs = published | edges.insert()
        assert_that(outputs.inserted, equal_to([each.delivery for each in answers]), "no table")
        assert_that(outputs[REFUSED], equal_to([]), "nothing refused")
    folder = tmp_path / "out" / "here" / RESULTS
    assert sorted(path.name for path in folder.iterdir()) == ["0.json", "7.json"]
    assert json.loads((folder / "7.json").read_text(encoding="utf-8"))["request_id"] == "r-7"


def test_each_dead_letter_is_a_file_and_settles_its_delivery(edges: FileEdges, tmp_path: Path) -> None:
    delivery = answer("r", 3).delivery
    error = DocbeamError(ErrorCode.UNDECODABLE_RECORD, "kein Schl\u00fcssel").item("decode")
    letter = DeadLetter(delivery, error, None, b"\xff", ())
    with beam.Pipeline("FnApiRunner") as pipeline:
        settled = pipeline | beam.Create([letter]).with_output_types(DeadLetter) | edges.bury()
        assert_that(settled, equal_to([delivery]), "settled")
        done = settled | edges.settle()
        assert_that(done, equal_to([delivery.key]), "done with")
    (path,) = (tmp_path / "out" / "here" / DEAD_LETTERS).iterdir()
    told = json.loads(path.read_text(encoding="utf-8"))
    assert (path.name, told["error"]["message"], told["delivery"]["offset"]) == ("3.json", "kein Schl\u00fcssel", 3)


def test_a_job_may_write_beside_what_is_there(edges: FileEdges, tmp_path: Path) -> None:
    del edges
    FileEdges([], tmp_path / "out" / "here")
