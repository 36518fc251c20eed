"""What must never be fetched is refused at the door, and by the worker for requests that came past it: alike."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from served import local_gateway, local_settings

from config.settings import DocumentSettings
from documents.cache import DocumentCache
from documents.fetch import fetch
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference

ALLOW = ("gs://forms/in/", "s3://forms/in/", "https://docs.example.org/a/")
PRIVATE = (
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "169.254.170.2", "100.64.0.1", "0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1",
)  # fmt: skip
"""Of loopback, private, link-local, shared, metadata, documentation, multicast and mapped ranges."""

INVALID = (
    # Schemes that are none, or others.
    "http://docs.example.org/a/b", "ftp://docs.example.org/a/b", "gopher://docs.example.org/a/b",
    "dict://127.0.0.1:11211/",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "jar:https://docs.example.org/a!/b", "/etc/passwd",
    "\\\\server\\share\\a", "//docs.example.org/a/b", "https:docs.example.org/a/b", "file:/etc/passwd",
    # Who is asked: user names, odd ports, spelled-out addresses, look-alikes.
    "https://docs.example.org@evil.example/a/b", "https://user:pass@docs.example.org/a/b",
    "https://docs.example.org:0/a/b", "https://docs.example.org:65536/a/b", "https://docs.example.org:/a/b",
    "https://docs.example.org:443:80/a/b", "https://2130706433/a", "https://0x7f000001/a", "https://017700000001/a",
    "https://127.1/a", "https://[::1/a", "https://[fe80::1%25eth0]/a",
    "https://docs\u3002example\u3002org/a/b",
    "https://dOcs.example.org\u0131/a/b", "https://\uff44\uff4f\uff43\uff53.example.org/a/b", "https://docs.example.org\u200b/a/b",
    "https://docs.example.org%2f@evil.example/a/b", "https://docs.example.org\\@evil.example/a/b",
    "https://docs.example.org .evil.example/a/b", "https://-docs.example.org/a/b", "https:///a/b", "https://../a/b",
    "https://docs.example.org./a/b",
    # Where: paths that climb in some reading.
    "https://docs.example.org/a/../b", "https://docs.example.org/a/%2e%2e/b", "https://docs.example.org/a/%252e%252e/b",
    "https://docs.example.org/a/..;/b", "https://docs.example.org/a/.%2e;x=1/b", "https://docs.example.org/a/..%5cb",
    "https://docs.example.org/a/%c0%ae%c0%ae/b", "https://docs.example.org/a/%u002e%u002e/b",
    "https://docs.example.org/a/\u2024\u2024/b", "https://docs.example.org/a/\uff0e\uff0e/b",
    "https://docs.example.org/a/..\u2215b",
    "gs://forms/in/../out/a", "gs://forms/in/%2e%2e/out/a", "s3://forms/in/./../out/a", "s3://forms/in/..%2fout%2fa",
    # What a log, a header or a terminal would take for more than a name.
    "gs://forms/in/a\r\nX-Injected: 1", "gs://forms/in/a%0d%0aX-Injected:%201", "gs://forms/in/a\x00.pdf",
    "gs://forms/in/a%00.pdf", "gs://forms/in/\x1b[31ma", "gs://forms/in/a#fragment", "gs://forms/in/a?x=1",
    "gs://forms/in/%zz", "gs://forms/in/%ff%fe", "gs://forms/in/", "gs://FO/in/a", "gs:///in/a", "s3://for ms/in/a",
)  # fmt: skip
FORBIDDEN = (
    "gs://other/in/a", "gs://forms/out/a", "gs://forms/inside/a", "gs://forms/IN/a", "s3://other/in/a",
    "gs://s3.forms/in/a",
    "https://docs.example.org/b/a", "https://docs.example.org/ab", "https://docs.example.org:8443/a/b",
    "https://evil.example/a/b", "https://docs.example.org.evil.example/a/b",
    "https://127.0.0.1/a/b", "https://169.254.169.254/latest/meta-data", "https://[::1]/a/b", "https://localhost/a/b",
    "https://[::ffff:169.254.169.254]/a", "https://metadata.google.internal/a/b", "file:///etc/passwd",
    "file:///proc/self/environ", "file://localhost/etc/shadow", "file:///dev/zero",
)  # fmt: skip


def hostile() -> list[tuple[str, ErrorCode]]:
    return [(each, ErrorCode.INVALID_LOCATION) for each in INVALID] + [
        (each, ErrorCode.LOCATION_FORBIDDEN) for each in FORBIDDEN
    ]


def test_there_are_enough_of_them() -> None:
    assert len({location for location, _ in hostile()}) >= 80


def test_what_must_not_be_fetched_is_refused_alike_at_the_door_and_by_the_worker(
    store_url: str, tmp_path: Path
) -> None:
    settings = local_settings(store_url, access="open")
    documents = settings.documents.model_copy(update={"allow": ALLOW})

    async def at_the_door() -> list[ErrorCode | int]:
        found: list[ErrorCode | int] = []
        async with local_gateway(settings.model_copy(update={"documents": documents})) as (client, services):
            for location, _ in hostile():
                answer = await client.post("/v1/requests", json={"location": location, "use_case": "receipt"})
                assert location not in answer.text
                found.append(ErrorCode(answer.json()["code"]) if answer.status_code >= 400 else answer.status_code)
            assert await services.store.unsent() == 0
        return found

    door = dict(zip((location for location, _ in hostile()), asyncio.run(at_the_door()), strict=True))
    worker = {location: by_the_worker(location, documents, tmp_path) for location, _ in hostile()}
    assert {location: code for location, code in worker.items() if door[location] != code} == {}
    assert {location: door[location] for location, code in hostile() if door[location] is not code} == {}


@pytest.mark.parametrize("address", PRIVATE)
def test_a_host_of_the_list_that_leads_to_a_private_address_is_refused_alike(
    store_url: str, tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by DNS rebinding, or by a name server of somebody else."""
    location = "https://docs.example.org/a/b.pdf"
    settings = local_settings(store_url, access="open")
    documents = settings.documents.model_copy(update={"allow": ALLOW})
    real = socket.getaddrinfo

    def resolve(host: object, *arguments: object, **more: object) -> object:
        if host == "docs.example.org":
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))
            return [public, (family, socket.SOCK_STREAM, 6, "", (address, 443))]
        return real(host, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    async def at_the_door() -> ErrorCode:
        async with local_gateway(settings.model_copy(update={"documents": documents})) as (client, _):
            answer = await client.post("/v1/requests", json={"location": location, "use_case": "receipt"})
            return ErrorCode(answer.json()["code"])

    assert asyncio.run(at_the_door()) is by_the_worker(location, documents, tmp_path) is ErrorCode.LOCATION_FORBIDDEN


def by_the_worker(location: str, documents: DocumentSettings, folder: Path) -> ErrorCode | None:
    try:
        fetch(DocumentReference(location), documents, DocumentCache(folder / "cache", 1_000_000))
    except DocbeamError as error:
        return error.code
    return None
