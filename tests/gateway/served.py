"""Gateways for tests: inside this process without a broker, or as processes of their own on the real parts."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from clients.request_records import request_record
from config.load import load_settings
from config.settings import Settings
from connections.kafka.clients import consumer, producer
from connections.kafka.record_building import sendable_headers
from connections.requests import decode_avro
from connections.schema_registry import written_schema_id
from gateway.application import application
from gateway.services import Services
from schemas.errors import DocbeamError
from schemas.fields import FieldKind, FieldState
from schemas.part import Delivery, ReceivedRecord
from schemas.request import AnalysisRequest, now
from schemas.result import AnalysisResult, Field, PageResult, ResultStatus, Timings
from schemas.wire import RecordCodec, frame

PROGRAM = [sys.executable, "-m", "docbeam.main"]
_RESULTS = RecordCodec(AnalysisResult)


def local_settings(store: str, **gateway: object) -> Settings:
    """A gateway whose broker never answers."""
    flags = [
        "kafka.bootstrap=127.0.0.1:9",
        "kafka.delivery_seconds=1",
        "registry.url=http://127.0.0.1:9",
        "documents.allow=gs://forms/,s3://forms/in/,https://docs.example.org/a/",
        f"gateway.store={store}",
        *(f"gateway.{name}={value}" for name, value in gateway.items()),
    ]
    return load_settings(flags, environment={}).settings


@contextlib.asynccontextmanager
async def local_gateway(settings: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, Services]]:
    """Calls into an application of this process; its topics are not read and nothing is sent."""
    door, services = application(settings)
    await services.store.open()
    transport = httpx.ASGITransport(door, raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client, services
    finally:
        services.changes.stop()
        await services.outbox.close(0)
        await services.store.close()


@dataclass
class GatewayProcess:
    """`docbeam gateway`, started and ended by tests."""

    config: Path
    flags: tuple[str, ...]
    log: Path
    address: str = ""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> GatewayProcess:
        """Start and wait until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*PROGRAM, "--config", str(self.config), *self._chosen(), "gateway", "--port", "0"],
                stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("docbeam gateway: "), self.log.read_text()
        self.address = line.split()[-1]
        return self

    def docbeam(self, *arguments: str) -> str:
        """Run another command with the same settings; its stdout."""
        done = subprocess.run(
            [*PROGRAM, "--config", str(self.config), *self._chosen(), *arguments],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def kill(self) -> None:
        """As kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As an operator does; its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def another(self, log: Path, *flags: str) -> GatewayProcess:
        """One more, of the same settings but for `flags`; not started."""
        return GatewayProcess(self.config, (*self.flags, *flags), log)

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def _chosen(self) -> list[str]:
        return [part for flag in self.flags for part in ("--set", flag)]


class StandInJob:
    """Answers each request on the topic once, as the job would: for tests of the gateway the reading itself is nothing.

    What it answers may be told by the request's parameter `answer`: a status, `twice`, or `never`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.seen: list[str] = []
        kafka = settings.kafka
        self._schema = written_schema_id(f"{kafka.results_topic}-value", "analysis_result", settings.registry)
        self._producer = producer(kafka)

    def __enter__(self) -> StandInJob:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=20)
        self._producer.close()

    def publish(self, result: AnalysisResult) -> None:
        """A result to the topic."""
        value = frame(self._schema, _RESULTS.to_avro(result))
        self._producer.send(self._settings.kafka.results_topic, key=result.request_id.encode(), value=value).get(30)

    def request(self, request: AnalysisRequest) -> None:
        """A request past the gateway, as other clients send it."""
        kafka = self._settings.kafka
        schema = written_schema_id(f"{kafka.requests_topic}-value", "analysis_request", self._settings.registry)
        record = request_record(request, schema)
        self._producer.send(
            kafka.requests_topic, key=record.key, value=record.value, headers=sendable_headers(record.headers)
        ).get(30)

    def _run(self) -> None:
        from kafka import TopicPartition

        kafka = self._settings.kafka
        reading = consumer(kafka, group_id=None, auto_offset_reset="earliest")
        reading.assign(
            [
                TopicPartition(kafka.requests_topic, n)
                for n in sorted(reading.partitions_for_topic(kafka.requests_topic) or ())
            ]
        )
        while not self._stop.is_set():
            for records in reading.poll(timeout_ms=200).values():
                for record in records:
                    self._answer(record)
        reading.close()

    def _answer(self, record: Any) -> None:
        delivery = Delivery(record.topic, record.partition, record.offset, record.offset - 1, now())
        try:
            request = decode_avro(ReceivedRecord(delivery, record.key, record.value), self._settings.registry)
        except DocbeamError:
            return
        self.seen.append(request.request_id)
        wanted = request.parameters.get("answer", "complete")
        if wanted == "never":
            return
        twice = wanted == "twice"
        result = result_of(request, ResultStatus.COMPLETE if twice else ResultStatus(wanted))
        self.publish(result)
        if twice:
            self.publish(replace(result, pipeline_version="again"))


def result_of(request: AnalysisRequest, status: ResultStatus = ResultStatus.COMPLETE, **more: Any) -> AnalysisResult:
    """A small result of the request."""
    name = Field("name", FieldKind.TEXT, FieldState.FILLED, f"read of {request.request_id}", confidence=0.9, page=1)
    return AnalysisResult(
        request_id=request.request_id,
        use_case=request.use_case,
        status=status,
        timings=Timings(now() - timedelta(seconds=1), now()),
        client_id=request.client_id,
        pages=(PageResult(1, 100, 100),),
        fields=(name,),
        **more,
    )


def until(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """What the condition says once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def set_flags(settings: dict[str, object]) -> tuple[str, ...]:
    """As the command line takes them."""
    return tuple(f"{name}={value}" for name, value in settings.items())


def stop_all(processes: Sequence[GatewayProcess]) -> None:
    """End what still runs."""
    for each in processes:
        if each.process is not None and each.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                each.stop()
            if each.process.poll() is None:
                os.kill(each.process.pid, signal.SIGKILL)


def json_lines(text: str) -> Iterator[Any]:
    """Each line."""
    return (json.loads(line) for line in text.splitlines())
