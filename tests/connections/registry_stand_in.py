"""A schema registry that answers as told, for each path and over time."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from config.settings import RegistrySettings

Reply = tuple[int, Any]
"""Status and body; bytes go out as they are, everything else as JSON, None is no answer at all."""

DENIED: Reply = (404, {"error_code": 40403, "message": "Schema not found"})
NO_SUBJECT: Reply = (404, {"error_code": 40401, "message": "Subject not found"})


class Registry:
    """Replies by path; a reply may be a function of how often the path was asked before."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply | Callable[[int], Reply]] = {}
        self.otherwise: Reply = DENIED
        self.asked: Counter[str] = Counter()
        self._ending = threading.Event()
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                path = self.path.strip("/").split("?")[0].partition("/")[2]
                place = registry.asked[path]
                registry.asked[path] += 1
                reply = registry.replies.get(path, registry.otherwise)
                status, body = reply(place) if callable(reply) else reply
                if length := int(self.headers.get("Content-Length") or 0):
                    self.rfile.read(length)
                if body is None:
                    registry._ending.wait(60)
                    return
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        # A name of its own: what a registry said is remembered by its URL, and ports come back.
        url = f"http://127.0.0.1:{self.server.server_port}/{uuid.uuid4()}/"
        self.settings = RegistrySettings(url=url, timeout_seconds=0.5, doubt_seconds=0.3)

    def speak(self) -> None:
        """Hang up where nothing was answered, and keep silent no longer."""
        self._ending.set()

    def close(self) -> None:
        self._ending.set()
        self.server.shutdown()
        self.server.server_close()

    def wait_until_asked(self, path: str, times: int) -> None:
        deadline = time.monotonic() + 60
        while self.asked[path] < times:
            assert time.monotonic() < deadline, f"{path} was asked {self.asked[path]} times"
            time.sleep(0.02)


def given(schema: Any, **more: Any) -> Reply:
    """The answer that gives a schema."""
    return 200, {"schema": schema if isinstance(schema, str) else json.dumps(schema), **more}
