"""The client for programs, waiting and for asyncio, and the commands that use it, on a gateway as people start it."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner
from served import GatewayProcess, StandInJob

from docbeam.client import AsyncClient, Client, NotReached, Refused, RequestStatus, TimedOut
from docbeam.exit_codes import ExitCode
from docbeam.main import program

pytestmark = pytest.mark.stack
SEND = ("send", "--use-case", "u", "--via", "rest")
NOWHERE = "http://127.0.0.1:9"


def fresh(name: str = "c") -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def client(served: GatewayProcess, keys: dict[str, str], job: StandInJob) -> Iterator[Client]:
    with Client(served.address, keys["shop"], patience=5) as made:
        yield made


def test_a_document_is_sent_waited_for_and_received(client):
    told: list[RequestStatus] = []
    receipt = client.send("gs://forms/a.pdf", "receipt", parameters={"answer": "partial"}, sha256="ab" * 32)
    state = client.wait(receipt.request_id, timeout=30, progress=lambda now: told.append(now.status))
    assert state.status is RequestStatus.PARTIAL
    assert state.result is not None
    assert state.result.fields[0].value == f"read of {receipt.request_id}"
    assert (state.document.location, state.document.sha256) == ("gs://forms/a.pdf", "ab" * 32)
    assert told[-1] is RequestStatus.PARTIAL
    assert told == sorted(told, key=list(RequestStatus).index)
    assert client.receive(receipt.request_id).result == state.result
    assert receipt.request_id in [each.request_id for each in client.requests(use_case="receipt")]
    assert all(each.status is RequestStatus.PARTIAL for each in client.requests(statuses=[RequestStatus.PARTIAL]))


def test_the_same_for_asyncio_many_at_once(served, keys, job):
    async def one(client: AsyncClient) -> bool:
        receipt = await client.send("gs://forms/a.pdf", "receipt")
        state = await client.wait(receipt.request_id, timeout=30)
        assert state.result is not None
        return state.result.fields[0].value == f"read of {receipt.request_id}"

    async def work() -> None:
        async with AsyncClient(served.address, keys["shop"], patience=5) as client:
            assert all(await asyncio.gather(*(one(client) for _ in range(20))))
            seen = [each.request_id async for each in client.requests()]
            assert len(seen) >= 20
            with pytest.raises(Refused):
                await client.receive("absent")

    asyncio.run(work())


def test_what_the_gateway_refuses_has_its_code(client, served):
    name = fresh()
    client.send("gs://forms/a.pdf", "receipt", request_id=name, parameters={"answer": "never"})
    client.send("gs://forms/a.pdf", "receipt", request_id=name, parameters={"answer": "never"})
    for call, code, status in (
        (lambda: client.send("gs://forms/b.pdf", "receipt", request_id=name), "request_conflict", 409),
        (lambda: client.send("gs://elsewhere/b.pdf", "receipt"), "location_forbidden", 403),
        (lambda: client.send("/etc/passwd", "receipt"), "invalid_location", 400),
        (lambda: client.receive("absent?y#z"), "request_not_found", 404),
        (lambda: client.upload(b"x"), "permission_denied", 403),
        (lambda: client.page(name, 1), "no_such_resource", 404),
    ):
        with pytest.raises(Refused) as caught:
            call()
        assert (caught.value.code, caught.value.status) == (code, status)
    with Client(served.address, "wrong", patience=5) as stranger, pytest.raises(Refused) as caught:
        stranger.receive(name)
    assert caught.value.status == 401
    with pytest.raises(TimedOut, match=name):
        client.wait(name, timeout=1)


class _Flaky(BaseHTTPRequestHandler):
    """A balancer: it drops a connection, tells to come later, answers nonsense, and then is a gateway."""

    answers: list[Any] = []
    bodies: list[bytes] = []

    def do_POST(self) -> None:
        type(self).bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.answers.pop(0)
        if answer is None:
            self.connection.close()
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def test_a_call_is_repeated_as_the_same_request_until_a_gateway_answers():
    made = {"request_id": "a", "created_at": "2031-01-01T00:00:00Z", "expires_at": "2031-01-02T00:00:00Z", "new": 1}
    receipt = json.dumps(made).encode()
    _Flaky.answers = [
        None,
        (503, {"Retry-After": "0"}, b"<html>"),
        (429, {}, b"[]"),
        (202, {}, receipt),
    ]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Flaky)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Client(f"http://127.0.0.1:{server.server_port}", "k") as client:
            assert client.send("gs://forms/a.pdf", "receipt").request_id == "a"
            assert len(_Flaky.bodies) == 4
            assert len(set(_Flaky.bodies)) == 1
            _Flaky.answers = [(302, {"Location": "http://elsewhere.example/"}, b""), (200, {}, b"{}")]
            with pytest.raises(Refused) as caught:
                client.send("gs://forms/a.pdf", "receipt")
            assert caught.value.status == 302
            with pytest.raises(NotReached):
                client.send("gs://forms/a.pdf", "receipt")
    finally:
        server.shutdown()
    with Client("http://127.0.0.1:9", patience=0.3) as client, pytest.raises(NotReached):
        client.receive("a")


def docbeam(served: GatewayProcess, key: str, *arguments: str) -> Any:
    flags = ["--set", f"client.url={served.address}", "--set", f"client.key={key}"]
    return CliRunner().invoke(program, [*flags, *arguments])


def test_the_commands_send_and_receive_over_rest(served, keys, job):
    name = fresh("cli")
    sent = docbeam(
        served, keys["shop"], "send", "gs://forms/a.pdf", "gs://forms/b.pdf", "--use-case", "receipt", "--via", "rest",
        "--id-prefix", name,
    )  # fmt: skip
    assert (sent.exit_code, sent.stdout.split()) == (0, [f"{name}-1", f"{name}-2"])
    received = docbeam(served, keys["shop"], "receive", f"{name}-1", f"{name}-2", "--via", "rest", "--wait")
    assert received.exit_code == 0, received.output
    assert [json.loads(line)["request_id"] for line in received.stdout.splitlines()] == [f"{name}-1", f"{name}-2"]
    table = docbeam(
        served, keys["shop"], "send", "gs://forms/a.pdf", "--use-case", "receipt", "--via", "rest", "--wait",
        "--output", "table",
    )  # fmt: skip
    assert (table.exit_code, "complete" in table.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (["receive", "absent-id", "--via", "rest"], ExitCode.NOT_READY, "request_not_found"),
        (["receive", "a", "--via", "rest", "--since", "1h"], ExitCode.USAGE, "for Kafka"),
        ([*SEND, "gs://forms/a", "--client-id", "x"], ExitCode.USAGE, "client.key"),
        ([*SEND, "gs://elsewhere/a"], ExitCode.FAILED, "location_forbidden"),
        (["--set", "client.key=x", "receive", "a", "--via", "rest"], ExitCode.FAILED, "unauthenticated"),
        (["--set", f"client.url={NOWHERE}", "receive", "a", "--via", "rest"], ExitCode.NOT_READY, "docbeam gateway"),
        (["--set", "client.url=nonsense", "receive", "a", "--via", "rest"], ExitCode.NOT_READY, "client.url"),
    ],
)  # fmt: skip
def test_the_commands_say_what_is_wrong(served, keys, arguments, exit_code, told):
    done = docbeam(served, keys["shop"], *arguments)
    assert (done.exit_code, told in done.stderr) == (exit_code, True), done.output
    assert "Traceback" not in done.output


def test_doctor_knows_the_gateway(served):
    from docbeam.gateway_health import gateway_checks

    settings = served_settings(served)
    (told,) = gateway_checks(settings)
    assert (told.state, served.address in told.found) == ("ok", True)
    away = settings.model_copy(update={"client": settings.client.model_copy(update={"url": "http://127.0.0.1:9"})})
    (told,) = gateway_checks(away)
    assert (told.state, "docbeam gateway" in told.found) == ("ok", True)
    outside = away.gateway.model_copy(update={"upload_prefix": "gs://elsewhere/"})
    found = list(gateway_checks(away.model_copy(update={"gateway": outside})))
    assert [each.state for each in found] == ["fail", "ok"]


def served_settings(served: GatewayProcess) -> Any:
    from config.load import load_settings

    flags = (*served.flags, f"client.url={served.address}")
    return load_settings(flags, file=served.config, environment={}).settings
