"""Whatever a child that was taken over writes: its pages have an outcome each, and everything behind goes on."""

from __future__ import annotations

import json
import math
import os
import struct
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from analysis.apply_step import apply_step
from analysis.assemble import assemble
from analysis.children.limits import ChildDied, Limits, Reason
from analysis.children.process import ChildProcess
from analysis.children.protocol import LENGTH, Stage
from analysis.open_document import open_document
from schemas.avro_schema import plain
from schemas.document import DocumentFacts, PageRange
from schemas.errors import ErrorCode
from schemas.part import Answer, Delivery, DocumentPart, ReceivedRequest
from schemas.prediction import Prediction, Skew, TextLine
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import Field, PageResult
from tests.docbeam.record_strategies import any_of
from tests.fuzz.hostile import (
    ANY_FLOAT,
    ANY_INT,
    ANY_TEXT,
    DELIVERIES,
    FEW,
    JSON_LEAF,
    JSON_LIKE,
    damaged,
    mostly,
    slipped,
)
from tests.fuzz.odd_answers import FULL
from tests.fuzz.odd_files import samples
from tests.fuzz.stand_ins import ChildHere, folder, settings_here, worker_with
from tests.fuzz.whole_answers import check_answer, check_part
from use_cases.contract import Apply, Expect, Step

_STEPS = (Apply("deskew"), Apply("page-quality"), Expect("application-form"), Apply("ocr"))
_PREDICTIONS = st.one_of(
    any_of(Prediction, ANY_FLOAT),
    st.builds(Prediction, skew=st.builds(Skew, ANY_INT, ANY_FLOAT, ANY_FLOAT, ANY_FLOAT, st.booleans(), st.booleans())),
    st.builds(Prediction, lines=st.tuples(st.builds(TextLine, ANY_TEXT, st.tuples(*[ANY_FLOAT] * 8), ANY_FLOAT))),
).map(plain)
_SIZES = mostly(st.integers(1, 3000), ANY_INT | JSON_LIKE)
_PAGE = {
    "prediction": mostly(_PREDICTIONS, JSON_LIKE),
    "width": _SIZES,
    "height": _SIZES,
    "dpi": st.none() | ANY_FLOAT | JSON_LIKE,
    "code": mostly(st.sampled_from(ErrorCode), JSON_LIKE),
    "message": mostly(ANY_TEXT, JSON_LIKE),
}
_READ = {name: _PAGE[name] for name in ("prediction", "width", "height", "dpi")}
_FULL = {"prediction": plain(FULL), "width": 900, "height": 1200, "dpi": 200.0}
_PAGES = (
    slipped(_FULL, JSON_LEAF | JSON_LIKE) | st.fixed_dictionaries(_READ) | st.fixed_dictionaries({}, optional=_PAGE)
)
_ANSWERS = st.one_of(
    st.lists(_PAGES, max_size=4),
    st.fixed_dictionaries({"media_type": ANY_TEXT | st.just("image/tiff"), "page_count": ANY_INT | st.integers(-1, 9)}),
    st.lists(any_of(Field, ANY_FLOAT).map(plain), max_size=2),
    JSON_LIKE,
)
_SAID = {
    "answer": _ANSWERS,
    "code": st.sampled_from(ErrorCode) | JSON_LIKE,
    "message": ANY_TEXT | JSON_LIKE,
    "raised": ANY_TEXT | JSON_LIKE,
    "page": ANY_INT | JSON_LIKE,
    "exhausted": st.booleans() | JSON_LIKE,
}
_RSS = {"rss": mostly(st.just(1), ANY_INT | JSON_LIKE)}
_MESSAGES = st.one_of(
    st.fixed_dictionaries(_RSS | {"answer": st.lists(_PAGES, min_size=1, max_size=2)}),
    st.fixed_dictionaries(_RSS | {"code": st.sampled_from(ErrorCode), "message": ANY_TEXT}),
    st.fixed_dictionaries(_RSS, optional=_SAID),
)


def _framed(message: Any) -> bytes:
    try:
        body = json.dumps(message).encode()
    except ValueError:
        body = b'{"rss": 1e999}'
    return LENGTH.pack(len(body)) + body.replace(b"Infinity", b"1e999")


_ANSWERED = st.lists(slipped(_FULL, JSON_LEAF | st.sampled_from([math.inf, -math.inf])), min_size=1, max_size=2).map(
    lambda pages: _framed({"rss": 1, "answer": pages})
)
_WRITTEN = _ANSWERED | _MESSAGES.map(_framed) | damaged(_MESSAGES.map(_framed)) | st.binary(max_size=30)
_OPENED = mostly(st.integers(1, 5), st.sampled_from([0, -1, 10, 1000])).map(
    lambda pages: _framed({"rss": 1, "answer": {"media_type": "image/tiff", "page_count": pages}})
)
_STAGES = st.builds(
    lambda stage, page: _framed({"stage": stage, "page": page}), st.sampled_from(Stage) | JSON_LIKE, JSON_LIKE
)
_DEATHS = st.builds(
    ChildDied, st.sampled_from(Reason), st.sampled_from(Stage), st.none() | st.integers(0, 4), st.just("detail")
)


def _saying(said: list[bytes | ChildDied]) -> ChildHere:
    left = list(said)

    def written(operation: str) -> bytes:
        each = left.pop(0) if left else _framed({"rss": 1, "raised": "ValueError"})
        if isinstance(each, ChildDied):
            raise each
        return each

    return ChildHere(written)


@FEW
@given(
    delivery=DELIVERIES, opened=mostly(_OPENED, _WRITTEN),
    said=st.lists(_WRITTEN | _DEATHS, max_size=8), steps=st.lists(st.sampled_from(_STEPS), max_size=4),
)  # fmt: skip
def test_whatever_a_child_says_each_page_has_an_outcome_and_the_result_is_written(
    delivery: Any, opened: bytes, said: list[bytes | ChildDied], steps: list[Step]
) -> None:
    settings_here()
    place = folder() / "documents" / "said.tiff"
    place.write_bytes(samples()[3])
    here = worker_with(_saying([opened, *said]))
    request = AnalysisRequest("r-1", DocumentReference(place.as_uri()), "receipt")
    parts = open_document(ReceivedRequest(delivery, request), here)
    assert len(parts) <= here.documents.max_pages
    part = parts[-1]
    for step in steps:
        before, part = part, apply_step(part, step, here)
        check_part(part, before, step.model)
    check_answer(Answer(delivery, assemble([*parts[:-1], part], here)))


@FEW
@given(
    pages=st.lists(any_of(PageResult), max_size=2), said=st.lists(_WRITTEN, max_size=4), step=st.sampled_from(_STEPS),
    first=st.sampled_from([1, 3]), rejected=st.booleans(),
)  # fmt: skip
def test_any_earlier_findings_may_come_to_a_step(
    pages: list[PageResult], said: list[bytes], step: Step, first: int, rejected: bool
) -> None:
    settings_here()
    place = folder() / "documents" / "said.tiff"
    place.write_bytes(samples()[3])
    before = DocumentPart(
        Delivery("t", 0, 0, 0, datetime.now(UTC)),
        AnalysisRequest("r-1", DocumentReference(place.as_uri()), "receipt"),
        DocumentFacts(place.as_uri(), "image/tiff", sha256=sha256(samples()[3]).hexdigest()),
        tuple(replace(page, number=first + place) for place, page in enumerate(pages)),
        PageRange(first, first + len(pages) - 1, first, 3),
        rejected,
    )
    check_part(apply_step(before, step, worker_with(_saying(list(said)))), before, step.model)


_LIMITS = Limits({Stage.START: 0.2, Stage.LOAD: 0.2, Stage.PREDICT: 0.2}, 700, 10, pages=2)


@FEW
@given(
    chunks=st.lists(_STAGES | _WRITTEN | st.just(struct.pack(">I", 2**32 - 1)), max_size=5),
    ready=mostly(st.just(True), st.just(False)), hangs_up=st.booleans(),
)  # fmt: skip
def test_a_pipe_gives_an_answer_or_the_end_of_its_child(chunks: list[bytes], ready: bool, hangs_up: bool) -> None:
    process = subprocess.Popen(["sleep", "60"], process_group=0)
    reading, writing = os.pipe()
    asked, asking = os.pipe()
    process.stdin, process.stdout = os.fdopen(asking, "wb", 0), os.fdopen(reading, "rb", 0)
    os.write(writing, b"".join([_framed({"ready": True}) if ready else b"", *chunks])[:60_000])
    if hangs_up:
        process.kill()
        os.close(writing)
    child = ChildProcess(700, lambda start: process)
    try:
        answer = child.ask("apply", {"model": "ocr"}, _LIMITS)
        assert isinstance(answer["rss"], int)
    except ChildDied:
        assert process.poll() is not None
    finally:
        child.kill()
        os.close(asked)
        if not hangs_up:
            os.close(writing)
