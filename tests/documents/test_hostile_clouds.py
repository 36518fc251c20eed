"""The services behind gs and s3, or whoever answers in their place, misbehave: each costs one fetch, for its time."""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from config.settings import DocumentSettings
from documents.cache import DocumentCache
from documents.fetch import fetch
from documents.stores import gs, s3
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference

DOCUMENT = b"%PDF-1.4 " + b"x" * 5000
BOMB = gzip.compress(bytes(60_000_000))
FRAME = b"10000\r\n" + b"y" * 65_536 + b"\r\n"


class Service(BaseHTTPRequestHandler):
    """Speaks as much of both protocols as a download needs; the last name of the path says how it misbehaves."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        way = self.path.split("?")[0].replace("%2F", "/").rsplit("/", 1)[1]
        # Google's service is asked for the facts about an object first.
        self.facts = "/b/bucket/o/" in self.path and "alt=media" not in self.path
        try:
            getattr(self, f"serve_{way.replace('-', '_')}")()
        except OSError:
            self.close_connection = True

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.start(status, **{"Content_Length": str(len(body)), "ETag": '"e"', **headers})
        self.wfile.write(body)

    def start(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()

    def tell(self, size: int = len(DOCUMENT), **facts: str) -> None:
        about = {"name": "x", "bucket": "bucket", "size": str(size), "generation": "1", **facts}
        self.answer(200, json.dumps(about).encode(), Content_Type="application/json")

    def drip(self, byte: bytes) -> None:
        while True:
            self.wfile.write(byte)
            self.wfile.flush()
            time.sleep(0.02)

    def serve_document(self) -> None:
        self.tell() if self.facts else self.answer(200, DOCUMENT)

    def serve_bomb(self) -> None:
        self.tell(len(BOMB), contentEncoding="gzip") if self.facts else self.answer(200, BOMB, Content_Encoding="gzip")

    def serve_trickle(self) -> None:
        if self.facts:
            self.tell()
        else:
            self.start(200, Content_Length="5009", ETag='"e"')
            self.drip(b"z")

    def serve_trickle_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self.drip(b"a")

    def serve_trickle_error(self) -> None:
        self.start(500, Transfer_Encoding="chunked")
        self.drip(b"1\r\nz\r\n")

    def serve_endless(self) -> None:
        self.tell() if self.facts else self.serve_endless_error(200)

    def serve_endless_error(self, status: int = 500) -> None:
        self.start(status, Transfer_Encoding="chunked")
        while True:
            self.wfile.write(FRAME)

    def serve_short(self) -> None:
        self.tell() if self.facts else self.answer(200, b"abc", Content_Length="5009")
        self.close_connection = not self.facts

    def serve_part(self) -> None:
        self.tell() if self.facts else self.answer(206, DOCUMENT[:10], Content_Range="bytes 0-9/5009")

    def serve_status_416(self) -> None:
        self.answer(416, b"")

    def serve_silent(self) -> None:
        time.sleep(5)

    def serve_garbage(self) -> None:
        self.wfile.write(b"\x00\x01garbage\r\n\r\n" * 50)
        self.close_connection = True

    def serve_page(self) -> None:
        self.answer(500, b"<html>sorry</html>")

    def serve_odd_facts(self) -> None:
        self.answer(200 if self.facts else 500, b"[1, 2]", Content_Type="application/json")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    assert gs
    assert s3, "loaded already: that takes longer than the fetches here may"


def settings(endpoint: str, **changes: object) -> DocumentSettings:
    values: dict[str, object] = {
        "allow": ("gs://bucket/", "s3://bucket/"),
        "gcs_endpoint": endpoint,
        "s3_endpoint": endpoint,
        "max_bytes": 100_000,
        "fetch_seconds": 5,
        "connect_seconds": 1,
        "fetch_attempts": 1,
    }
    return DocumentSettings(**{**values, **changes})


WAYS = {
    "endless": ErrorCode.DOCUMENT_TOO_LARGE,
    "endless-error": ErrorCode.FETCH_FAILED,
    "short": ErrorCode.FETCH_FAILED,
    "part": ErrorCode.FETCH_FAILED,
    "status-416": ErrorCode.FETCH_FAILED,
    "silent": ErrorCode.FETCH_FAILED,
    "garbage": ErrorCode.FETCH_FAILED,
    "page": ErrorCode.FETCH_FAILED,
    "odd-facts": ErrorCode.FETCH_FAILED,
}


def failure(location: str, chosen: DocumentSettings, cache: DocumentCache) -> ErrorCode:
    with pytest.raises(DocbeamError) as caught:
        fetch(DocumentReference(location), chosen, cache)
    return caught.value.code


@pytest.mark.parametrize("scheme", ["gs", "s3"])
@pytest.mark.parametrize(("way", "code"), WAYS.items(), ids=list(WAYS))
def test_each_way_to_misbehave_has_its_code(
    scheme: str, way: str, code: ErrorCode, endpoint: str, cache: DocumentCache
) -> None:
    good = fetch(DocumentReference(f"{scheme}://bucket/document"), settings(endpoint), cache)
    assert good.path.read_bytes() == DOCUMENT
    assert failure(f"{scheme}://bucket/{way}", settings(endpoint), cache) == code


def test_what_unpacks_to_more_than_a_document_may_hold_is_too_large(endpoint: str, cache: DocumentCache) -> None:
    """Google's client unpacks what is stored compressed; what S3 holds arrives as it is."""
    assert failure("gs://bucket/bomb", settings(endpoint), cache) == ErrorCode.DOCUMENT_TOO_LARGE
    packed = fetch(DocumentReference("s3://bucket/bomb"), settings(endpoint), cache)
    assert packed.path.read_bytes() == BOMB


@pytest.mark.parametrize("scheme", ["gs", "s3"])
@pytest.mark.parametrize("way", ["trickle", "trickle-headers", "trickle-error"])
def test_a_service_that_takes_its_time_is_cut_off_and_leaves_nothing_behind(
    scheme: str, way: str, endpoint: str, cache: DocumentCache
) -> None:
    """What is left behind holds a place of its host, until no document of any bucket can be fetched."""
    hasty = settings(endpoint, fetch_seconds=0.5, connect_seconds=10)
    descriptors = len(os.listdir("/proc/self/fd"))
    codes = {failure(f"{scheme}://bucket/{way}", hasty, cache) for _ in range(2)}
    assert codes <= {ErrorCode.FETCH_TIMEOUT, ErrorCode.FETCH_FAILED}
    ends = time.monotonic() + 5
    while any(thread.name == "docbeam-fetch" for thread in threading.enumerate()):
        assert time.monotonic() < ends, "a fetch that was given up goes on"
        time.sleep(0.01)
    # Each client keeps connections that may be used again, and the server has its ends of all of them here.
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 4
