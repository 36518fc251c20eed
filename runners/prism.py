"""A Prism server of our own: its log in a file, its life bound to ours."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType


class PrismNotReady(Exception):
    """Prism did not start; the message says why and where its log is."""


class PrismEnded(PrismNotReady):
    """Prism ended instead of listening: it is not Prism, or not for this machine."""


class PrismServer:
    """Beam's portable one-machine runner as a process; use as a context manager.

    Beam's own launcher leaves Prism behind when the driver is killed.
    """

    def __init__(self, binary: Path, log: Path, start_seconds: float = 30) -> None:
        self._binary = binary
        self._log = log
        self._start_seconds = start_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoint = ""
        """host:port of the job service."""

    def __enter__(self) -> PrismServer:
        port = _free_port()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        arguments = ["--job_port", str(port), "--log_level", "warn", "--log_kind", "json", "--serve_http=false"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "analysis.children.death", str(os.getpid()), str(self._binary), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
        self._wait(port)
        self.endpoint = f"localhost:{port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait(self, port: int) -> None:
        assert self._process is not None
        deadline = time.monotonic() + self._start_seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise PrismEnded(
                    f"Prism ({self._binary}) ended with code {self._process.returncode}; its log: {self._log}. "
                    "Set runner.prism to another, or leave it out: `docbeam dev up prism` brings one"
                )
            with socket.socket() as probe:
                probe.settimeout(0.5)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        self._process.kill()
        raise PrismNotReady(f"Prism did not listen within {self._start_seconds:g} s; its log: {self._log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
