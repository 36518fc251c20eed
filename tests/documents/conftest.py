"""A web server with a certificate of its own authority, whose every path misbehaves in one way."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from config.settings import DocumentSettings
from documents.cache import DocumentCache
from tests.tls_files import tls_files

__all__ = ["tls_files"]

DOCUMENT = b"%PDF-1.4 " + b"x" * 5000


@pytest.fixture
def cache(tmp_path: Path) -> DocumentCache:
    return DocumentCache(tmp_path / "cache", 10_000_000)


class WebServer:
    """Serves on 127.0.0.1 under the name localhost; counts requests by path."""

    document = DOCUMENT

    def __init__(self, certificate: Path, authority: Path) -> None:
        self.authority = authority
        self.requests: Counter[str] = Counter()
        self.hosts: set[str] = set()
        self.targets: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        self.url = f"https://localhost:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def settings(self, **changes: object) -> DocumentSettings:
        values: dict[str, object] = {
            "allow": (f"{self.url}/", f"https://127.0.0.1:{self.port}/"),
            "private_hosts": ("localhost",),
            "https_cafile": self.authority,
            "max_bytes": 100_000,
            "fetch_seconds": 20,
            "connect_seconds": 5,
        }
        return DocumentSettings(**{**values, **changes})

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def web(tls_files: tuple[Path, Path]) -> Iterator[WebServer]:
    server = WebServer(*tls_files)
    yield server
    server.close()


def _handler(web: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            name = self.path.split("?")[0].strip("/").split("/")[0]
            web.requests[name] += 1
            web.hosts.add(self.headers["Host"])
            web.targets.append(self.path)
            try:
                getattr(self, f"serve_{name.replace('-', '_')}", self.serve_missing)()
            except (OSError, ssl.SSLError):
                self.close_connection = True

        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key.replace("_", "-"), value)
            if "Content_Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def serve_missing(self) -> None:
            self.answer(404)

        def serve_document(self) -> None:
            self.answer(200, DOCUMENT, ETag='"abc"')

        def serve_empty(self) -> None:
            self.answer(200)

        def serve_status(self) -> None:
            self.answer(int(self.path.rsplit("/", 1)[1]))

        def serve_to(self) -> None:
            self.answer(302, Location=self.path.split("?", 1)[1])

        def serve_loop(self) -> None:
            self.answer(301, Location="/loop")

        def serve_hops(self) -> None:
            left = int(self.path.rsplit("/", 1)[1])
            self.answer(307, Location=f"/hops/{left - 1}#part" if left else "/document")

        def serve_busy_once(self) -> None:
            if web.requests["busy-once"] == 1:
                self.answer(429, Retry_After="0")
            else:
                self.serve_document()

        def serve_busy_for(self) -> None:
            """/busy-for/3 answers 503 three times; /busy-for/1/VALUE does it once, with VALUE as Retry-After."""
            _, _, times, *retry_after = self.path.split("/", 3)
            if web.requests["busy-for"] > int(times):
                self.serve_document()
            else:
                self.answer(503, **({"Retry_After": unquote(retry_after[0])} if retry_after else {}))

        def serve_busy_then_silent(self) -> None:
            if web.requests["busy-then-silent"] == 1:
                self.answer(503)
            else:
                self.serve_silent()

        def serve_part(self) -> None:
            self.answer(206, DOCUMENT[:100], Content_Range=f"bytes 0-99/{len(DOCUMENT)}")

        def serve_header_flood(self) -> None:
            self.send_response(200)
            while True:
                self.wfile.write(b"X-More: " + b"a" * 1000 + b"\r\n")

        def serve_packed_unless_asked(self) -> None:
            if self.headers["Accept-Encoding"] == "identity":
                self.serve_document()
            else:
                self.serve_compressed()

        def serve_nowhere(self) -> None:
            self.answer(302)

        def serve_informed(self) -> None:
            while True:
                self.wfile.write(b"HTTP/1.1 102 Processing\r\n\r\n")
                time.sleep(0.01)

        def serve_bomb(self) -> None:
            self.answer(200, gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")

        def serve_encoded_twice(self) -> None:
            self.answer(200, DOCUMENT, Transfer_Encoding="gzip, chunked")

        def serve_two_lengths(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")
            self.close_connection = True

        def serve_no_http(self) -> None:
            self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n" * 100)
            self.close_connection = True

        def serve_giant_chunk(self) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"FFFFFFFFFFFF\r\n")
            while True:
                self.wfile.write(b"y" * 65536)

        def serve_trickle_chunks(self) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.drip(b"1\r\nz\r\n")

        def serve_reset_once(self) -> None:
            if web.requests["reset-once"] == 1:
                self.answer(200, DOCUMENT[:100], Content_Length=str(len(DOCUMENT)))
                self.close_connection = True
            else:
                self.serve_document()

        def serve_short(self) -> None:
            self.answer(200, DOCUMENT[:100], Content_Length=str(len(DOCUMENT)))
            self.close_connection = True

        def serve_announced_huge(self) -> None:
            self.answer(200, b"", Content_Length="99999999999")

        def serve_endless(self) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            while True:
                self.wfile.write(b"1000\r\n" + b"y" * 4096 + b"\r\n")

        def serve_trickle(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.drip(b"z")

        def serve_trickle_headers(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            self.drip(b"a")

        def drip(self, byte: bytes) -> None:
            while True:
                self.wfile.write(byte)
                self.wfile.flush()
                time.sleep(0.05)

        def serve_silent(self) -> None:
            time.sleep(30)

        def serve_compressed(self) -> None:
            self.answer(200, DOCUMENT, Content_Encoding="gzip")

    return Handler
