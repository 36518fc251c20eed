"""A client is called back once its request has ended: signed, again and again, and nowhere it must not be."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from served import local_gateway, local_settings
from standardwebhooks import Webhook, WebhookVerificationError

from config.settings import Settings
from docbeam.main import program
from gateway.callbacks import signing_secret
from gateway.clock import now_micros
from gateway.entries import Change, packed
from schemas.progress import RequestStatus

BODY = {"location": "gs://forms/a.pdf", "use_case": "receipt", "request_id": "a"}
MASTER = "a master secret of the gateway"


@dataclass
class Receiver:
    """A client's server; what it answers may be changed."""

    port: int = 0
    status: int = 204
    calls: list[tuple[dict[str, str], str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/hooks/a"


@pytest.fixture
def receiver(tls_files: tuple[Path, Path]) -> Iterator[Receiver]:
    made = Receiver()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(made.status)
            if 300 <= made.status < 400:
                self.send_header("Location", f"{made.url}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls_files[0])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    made.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def settings_for(receiver: Receiver, store_url: str, authority: Path, **more: object) -> Settings:
    found = local_settings(
        store_url,
        access="open",
        webhook_secret=MASTER,
        webhook_allow=f"https://localhost:{receiver.port}/hooks/",
        **more,
    )
    documents = found.documents.model_copy(update={"private_hosts": ("localhost",), "https_cafile": authority})
    return found.model_copy(update={"documents": documents})


async def ended(client: Any, services: Any, receiver: Receiver, **body: object) -> None:
    answer = await client.post("/v1/requests", json=BODY | {"callback_url": receiver.url} | body)
    assert answer.status_code == 202, answer.text
    name = answer.json()["request_id"]
    assert await services.store.move(name, "", Change(RequestStatus.READY, 3, now_micros(), packed(b"{}")))


def test_an_end_is_told_once_and_its_signature_can_be_checked(receiver, store_url, tls_files):
    async def work() -> None:
        async with local_gateway(settings_for(receiver, store_url, tls_files[1])) as (client, services):
            await ended(client, services, receiver)
            await asyncio.gather(*(services.callbacks.sweep() for _ in range(3)))
            await services.callbacks.sweep()

    asyncio.run(work())
    ((headers, body),) = receiver.calls
    told = Webhook(signing_secret(MASTER, "")).verify(body, headers)
    assert told["type"] == "request.ended"
    assert told["data"] == {
        "request_id": "a", "status": "ready", "use_case": "receipt", "error": None, "url": "/v1/requests/a",
    }  # fmt: skip
    assert headers["host"] == f"localhost:{receiver.port}"
    for wrong in (signing_secret(MASTER, "another client"), signing_secret("another master secret....", "")):
        with pytest.raises(WebhookVerificationError):
            Webhook(wrong).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing_secret(MASTER, "")).verify(body.replace("ready", "failed"), headers)


@pytest.mark.parametrize("status", [500, 404, 302, 429])
def test_what_is_not_taken_is_tried_again_as_the_same_message(receiver, store_url, tls_files, status, monkeypatch):
    monkeypatch.setattr("gateway.callbacks._PAUSES", (0,))
    receiver.status = status

    async def work() -> None:
        async with local_gateway(settings_for(receiver, store_url, tls_files[1], webhook_attempts=3)) as (
            client,
            services,
        ):
            await ended(client, services, receiver)
            for _ in range(5):
                await services.callbacks.sweep()

    asyncio.run(work())
    assert len(receiver.calls) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == 1


def test_a_receiver_that_is_gone_is_not_tried_again(receiver, store_url, tls_files, monkeypatch):
    monkeypatch.setattr("gateway.callbacks._PAUSES", (0,))
    receiver.status = 410

    async def work() -> None:
        async with local_gateway(settings_for(receiver, store_url, tls_files[1])) as (client, services):
            await ended(client, services, receiver)
            for _ in range(3):
                await services.callbacks.sweep()

    asyncio.run(work())
    assert len(receiver.calls) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/hooks/a", "https://127.0.0.1:{port}/hooks/a", "http://localhost:{port}/hooks/a",
        "https://localhost:{port}/other", "https://localhost:{port}/hooks/../other", "https://u:p@localhost:{port}/hooks/a",
        "https://localhost:{port}/hooks/%2e%2e/a", "file:///etc/passwd", "gs://forms/a", "javascript:alert(1)", "",
        "https://localhost:{port}/hooks/a#b", "https://169.254.169.254/latest", "https://[::1]:{port}/hooks/a",
    ],
)  # fmt: skip
def test_addresses_that_may_not_be_called_are_refused_when_they_are_sent(receiver, store_url, tls_files, url):
    async def work() -> None:
        async with local_gateway(settings_for(receiver, store_url, tls_files[1])) as (client, _):
            body = BODY | {"callback_url": url.format(port=receiver.port)}
            answer = await client.post("/v1/requests", json=body)
            assert (answer.status_code, answer.json()["code"]) == (403, "callback_forbidden")
            assert (await client.get("/v1/requests/a")).status_code == 404

    asyncio.run(work())
    assert receiver.calls == []


def test_a_host_that_became_private_is_not_called(receiver, store_url, tls_files):
    """It was allowed when it was sent; what its name means is looked at when it is called."""

    async def work() -> None:
        allowed = settings_for(receiver, store_url, tls_files[1])
        async with local_gateway(allowed) as (client, services):
            await ended(client, services, receiver)
        documents = allowed.documents.model_copy(update={"private_hosts": ()})
        async with local_gateway(allowed.model_copy(update={"documents": documents})) as (_, services):
            await services.callbacks.sweep()

    asyncio.run(work())
    assert receiver.calls == []


def test_the_secret_of_a_client_is_told_to_operators(tmp_path):
    flags = ["--set", f"gateway.webhook_secret={MASTER}", "gateway", "webhook-secret", "--client", "shop"]
    assert CliRunner().invoke(program, flags).stdout.strip() == signing_secret(MASTER, "shop")
    assert CliRunner().invoke(program, flags[2:]).exit_code == 3


def test_nothing_of_what_was_read_is_in_a_message(receiver, store_url, tls_files):
    async def work() -> None:
        async with local_gateway(settings_for(receiver, store_url, tls_files[1])) as (client, services):
            await client.post("/v1/requests", json=BODY | {"callback_url": receiver.url})
            error = b'{"code": "document_corrupt", "message": "very secret"}'
            change = Change(RequestStatus.FAILED, 3, now_micros(), packed(b'{"text": "very secret"}'), error)
            await services.store.move("a", "", change)
            await services.callbacks.sweep()

    asyncio.run(work())
    ((_, body),) = receiver.calls
    assert "very secret" not in body
    assert json.loads(body)["data"]["error"] == "document_corrupt"
