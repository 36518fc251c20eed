"""What the gateway costs: send and receive against the least that FastAPI and uvicorn can answer, in the same run.

    python -m benchmarks.gateway [--seconds N] [--rate N] [--redis URL] [--store URL] [--stack FILE]

One process serves on one processor, another calls at a fixed rate over many connections, as clients do: a call that
is due is made whether or not the one before it was answered. Told are the median and the 99th percentile of each kind
of call, and how many times that of the plain "hello" it is; times on a busy machine are worth little, the ratios
more. With the settings file of `docbeam dev up kafka registry redis` as `--stack`, requests are sent on as well;
without it the broker is away, and they are kept, which is what a client waits for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvicorn

from clients.reaching import open_admin
from clients.topics import create_topics
from config.load import load_settings
from config.settings import Settings
from gateway.application import application
from gateway.clock import now_micros
from gateway.entries import Change
from gateway.stores.opening import store_at
from schemas.fields import FieldKind, FieldState
from schemas.request import now
from schemas.result import AnalysisResult, Field, PageResult, ResultStatus, Timings

MAY_RECEIVE_MS, MAY_SEND_MS = 20.0, 50.0
_CONNECTIONS = 50
_KNOWN = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one kind of call, in milliseconds."""

    name: str
    median: float
    p99: float
    calls: int
    cpu_ms: float
    """Of the serving process, for each call."""


def main() -> int:
    """Print the figures; 1 when they are over what they may be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10, help="of each kind of call (default 10)")
    parser.add_argument("--rate", type=int, default=500, help="receiving calls a second (default 500)")
    parser.add_argument("--send-rate", type=int, default=100, help="sending calls a second (default 100)")
    parser.add_argument("--redis", help="redis://... in front of the store")
    parser.add_argument("--stack", type=Path, help="settings file that says where broker and registry are")
    parser.add_argument("--store", help="default: SQLite in a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="docbeam-bench-") as folder:
        store = arguments.store or f"sqlite:///{folder}/gateway.sqlite"
        settings = _settings(store, arguments.redis, arguments.stack)
        asyncio.run(_fill(settings))
        hello = _measured("hello", serve_hello, settings, arguments.rate, arguments.seconds, _hello)
        receive = _measured("receive", serve_gateway, settings, arguments.rate, arguments.seconds, _receive)
        send = _measured("send", serve_gateway, settings, arguments.send_rate, arguments.seconds, _send)
    for each in (hello, receive, send):
        print(
            f"{each.name:8} median {each.median:7.2f} ms  p99 {each.p99:7.2f} ms  CPU {each.cpu_ms:6.3f} ms a call  "
            f"{each.calls} calls  p99 / hello's {each.p99 / hello.p99:5.1f}  "
            f"CPU / hello's {each.cpu_ms / hello.cpu_ms:5.1f}"
        )
    return 1 if receive.p99 > MAY_RECEIVE_MS or send.p99 > MAY_SEND_MS else 0


def _settings(store: str, redis: str | None, stack: Path | None) -> Settings:
    name = f"bench{uuid.uuid4().hex[:8]}"
    topics = ("requests", "results", "dead_letters", "corrections")
    flags = [
        *(f"kafka.{topic}_topic={name}.{topic}" for topic in topics),
        *([] if stack else ["kafka.bootstrap=127.0.0.1:9", "registry.url=http://127.0.0.1:9"]),
        "documents.allow=gs://forms/",
        "gateway.access=open",
        f"gateway.store={store}",
        "gateway.requests_per_minute=100000000",
        "gateway.max_backlog=100000000",
    ]
    flags += [f"gateway.redis={redis}"] if redis else []
    settings = load_settings(flags, file=stack, environment={}).settings
    if stack:
        admin = open_admin(settings.kafka)
        create_topics(admin, settings.kafka)
        admin.close()
    return settings


async def _fill(settings: Settings) -> None:
    """Ended requests, each with the result of a form of 40 fields."""
    from gateway.acceptance import entry_of, request_of
    from gateway.bodies import SendBody
    from gateway.principal import ANYBODY

    store = store_at(settings.gateway.store.get_secret_value())
    await store.open()
    for number in range(_KNOWN):
        body = SendBody(location="gs://forms/a.pdf", use_case="known-form", request_id=f"known-{number}")
        request = request_of(body, ANYBODY, now_micros())
        await store.add(entry_of(request, settings.gateway, now_micros(), None))
        fields = tuple(
            Field(
                f"field.{place}",
                FieldKind.TEXT,
                FieldState.FILLED,
                f"value {place}",
                f"value {place}",
                0.987,
                1,
                (0.1, 0.1, 0.2, 0.1, 0.2, 0.2, 0.1, 0.2),
            )
            for place in range(40)
        )
        result = AnalysisResult(
            request.request_id, "known-form", ResultStatus.COMPLETE, Timings(now(), now()),
            pages=(PageResult(1, 1700, 2200),), fields=fields,
        )  # fmt: skip
        await store.move(request.request_id, "", Change.answered(result, now_micros()))
    await store.close()


def serve_hello(settings: Settings, port: int) -> None:
    """The least there is."""
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="error")


def serve_gateway(settings: Settings, port: int) -> None:
    """The whole application, logs and all; what it logs is thrown away."""
    import logging

    from gateway.json_logs import log_as_json

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    log_as_json(logging.INFO)
    door, _ = application(settings)
    uvicorn.run(door, host="127.0.0.1", port=port, access_log=False, log_config=None)


def _hello(number: int) -> bytes:
    return _get("/hello")


def _receive(number: int) -> bytes:
    return _get(f"/v1/requests/known-{number % _KNOWN}")


def _send(number: int) -> bytes:
    body = json.dumps({"location": "gs://forms/a.pdf", "use_case": "receipt"})
    head = "POST /v1/requests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
    head += f"\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n{body}".encode()


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


Call = Callable[[int], bytes]


class _Connection:
    """Keeps alive, says bytes, reads an answer: a client library would cost more than what is measured."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> _Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def answer(self, call: bytes) -> int:
        """The status."""
        self._writer.write(call)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        await self._reader.readexactly(length)
        return int(head[9:12])

    def close(self) -> None:
        self._writer.close()


def _measured(
    name: str, serve: Callable[[Settings, int], None], settings: Settings, rate: int, seconds: float, call: Call
) -> Figures:
    from devstack.ports import free_port

    port = free_port(18_080)
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(settings, port), daemon=True)
    server.start()
    assert server.pid is not None
    try:
        process = psutil.Process(server.pid)
        first, *others = sorted(process.cpu_affinity())
        process.cpu_affinity([first])
        # Who calls would take the server's processor, where the machine has another.
        psutil.Process().cpu_affinity(others or [first])
        times, cpu = asyncio.run(_called(port, process, rate, seconds, call))
    finally:
        psutil.Process().cpu_affinity([first, *others])
        server.terminate()
        server.join(20)
        server.kill()
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return Figures(name, statistics.median(ordered) * 1000, p99 * 1000, len(ordered), cpu / len(ordered) * 1000)


async def _called(
    port: int, process: psutil.Process, rate: int, seconds: float, call: Call
) -> tuple[list[float], float]:
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    await _until_it_listens(port)
    connections = [await _Connection.to(port) for _ in range(_CONNECTIONS)]
    for connection in connections:
        free.put_nowait(connection)
    times: list[float] = []

    async def one(number: int, due: float) -> None:
        connection = await free.get()
        if await connection.answer(call(number)) >= 300:
            raise SystemExit("a call was refused")
        # From when it was due: a call that waits for a connection has waited too.
        times.append(time.perf_counter() - due)
        free.put_nowait(connection)

    for number in range(200):
        await one(number, 0)
    times.clear()
    before = sum(process.cpu_times()[:2])
    began = time.perf_counter()
    calls = []
    for number in range(round(rate * seconds)):
        due = began + number / rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        calls.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*calls)
    for connection in connections:
        connection.close()
    return times, sum(process.cpu_times()[:2]) - before


async def _until_it_listens(port: int) -> None:
    for _ in range(600):
        try:
            (await _Connection.to(port)).close()
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise SystemExit("the server does not start")


if __name__ == "__main__":
    raise SystemExit(main())
