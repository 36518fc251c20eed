"""Records that stopped the job for ever, between good requests: all are answered, or buried with what fits."""

from __future__ import annotations

import os
import time
import zlib
from pathlib import Path

import pytest
from kafka.record.util import encode_varint

from config.load import load_settings
from config.settings import Settings
from connections.kafka.clients import producer
from connections.kafka.record_building import sendable_headers
from docbeam.demonstration.read_back import wait_for_no_lag
from schemas.part import Header
from schemas.result import ResultStatus
from tests.connections.kafka_batches import sealed
from tests.kafka_broker import Broker
from tests.pipelines.job_account import accounted
from tests.pipelines.read_topics import records_of, results_of
from tests.pipelines.streaming import StartJob, request_value, send, wait_until

pytestmark = pytest.mark.stack

_GARBAGE: list[tuple[bytes | None, bytes | None, tuple[Header, ...]]] = [
    (b"0", b"garbage", (("null", None),)),
    (b"1", os.urandom(5_700_000), (("large", os.urandom(300_000)),)),
    (None, None, ()),
    (b"", b"", (("", b""),)),
]


def bomb() -> bytes:
    """One record of 1.2 GB of zeros in a batch of 1.2 MB."""
    inner = bytearray(b"\x00\x00\x00\x01")
    encode_varint(1_200_000_000, inner.append)
    outer = bytearray()
    encode_varint(len(inner) + 1_200_000_001, outer.append)
    packing = zlib.compressobj(9, wbits=31)
    packed = [packing.compress(bytes(outer + inner)), *(packing.compress(bytes(1_000_000)) for _ in range(1200))]
    packed += [packing.compress(b"\x00"), packing.flush()]
    now = round(time.time() * 1000)
    return sealed(b"".join(packed), base=0, last_delta=0, count=1, codec=1, timestamp=now)


def send_poison(settings: Settings, location: str) -> None:
    topic = settings.kafka.requests_topic
    out = producer(settings.kafka, max_request_size=8_000_000)
    for key, value, headers in _GARBAGE:
        marked = b"null" if key is None and value is None else value
        out.send(topic, key=key, value=marked, headers=sendable_headers(headers), partition=0)
    echoes: tuple[tuple[str, tuple[Header, ...]], ...] = (
        ("null-echo", (("traceparent", None),)),
        ("many-echoes", tuple(("tracestate", b"%01000d" % number) for number in range(6500))),
        ("traced", (("traceparent", b"00-trace-01"), ("kafka_correlationId", b"\xff"))),
    )
    for name, headers in echoes:
        value = request_value(settings, name, location, "notes", {})
        out.send(topic, key=name.encode(), value=value, headers=sendable_headers(headers), partition=0)
    out.close()
    aborted = producer(settings.kafka, transactional_id=topic)
    aborted.init_transactions()
    aborted.begin_transaction()
    value = request_value(settings, "aborted", location, "notes", {})
    aborted.send(topic, key=b"aborted", value=value, partition=0)
    aborted.flush()
    aborted.abort_transaction()
    aborted.close()
    assert Broker(settings.kafka, settings.registry, Path()).append(topic, bomb()) == 0


@pytest.mark.usefixtures("installed_plugins")
def test_no_record_stops_the_job(config: Path, documents: Path, tmp_path: Path, run_job: StartJob) -> None:
    settings = load_settings(file=config).settings
    here = f"{documents.as_uri()}/one.png"
    before = {f"before-{number}": (here, "notes", {}) for number in range(4)}
    after = {f"after-{number}": (here, "notes", {}) for number in range(4)}
    send(settings, before, partition=0)
    send_poison(settings, here)
    send(settings, after, partition=0)
    expected = [*before, "null-echo", "many-echoes", "traced", *after]
    with accounted(settings, expected, tmp_path):
        run_job()
        wait_until(lambda: set(results_of(settings)) >= set(expected), 300)
        assert wait_for_no_lag(settings, 120) == 0
    found = results_of(settings)
    assert set(found) == set(expected)
    assert all(result.status is ResultStatus.COMPLETE for results in found.values() for result in results)
    headers = {record.key: record.headers for record in records_of(settings.kafka.results_topic, settings)}
    assert {("traceparent", b"00-trace-01"), ("kafka_correlationId", b"\xff")} <= set(headers[b"traced"])
    letters = records_of(settings.kafka.dead_letters_topic, settings)
    codes = sorted(dict(letter.headers)["docbeam.error.code"] for letter in letters)
    assert codes == [b"batch_too_large", *[b"undecodable_record"] * len(_GARBAGE)]
    large = next(letter for letter in letters if letter.key == b"1")
    assert (large.value, dict(large.headers)["docbeam.headers_omitted"]) == (_GARBAGE[1][1], b"1")
    assert "restart" not in (tmp_path / "job-0.log").read_text(errors="replace")
