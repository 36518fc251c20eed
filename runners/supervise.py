"""Keep the local job running: start it, restart it with growing pauses when it ends, leave nothing behind."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from pydantic import SecretStr

from config.settings import Settings

log = logging.getLogger("docbeam.supervisor")

_HEALTHY_SECONDS = 120
"""A job that lived so long starts the pauses anew."""
_STOP_SECONDS = 20


class Supervisor:
    """One job process at a time."""

    def __init__(self, settings: Settings, prism: Path, state_dir: Path, log_level: str = "INFO") -> None:
        self._settings = settings
        self._prism = prism
        self._state_dir = state_dir
        self._log_level = log_level
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self.restarts = 0

    def run(self, max_restarts: int | None = None) -> int:
        """Until SIGTERM or SIGINT, then 0; 1 when `max_restarts` are used up."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        self._state_dir.mkdir(parents=True, exist_ok=True)
        pause = self._settings.runner.restart_seconds
        while not self._stopping:
            started = time.monotonic()
            code = self._run_once()
            if self._stopping:
                break
            if time.monotonic() - started > _HEALTHY_SECONDS:
                pause = self._settings.runner.restart_seconds
            if max_restarts is not None and self.restarts >= max_restarts:
                log.error("the job ended with code %d; no restart is left", code)
                return 1
            self.restarts += 1
            log.warning("the job ended with code %d; restart %d in %.1f s", code, self.restarts, pause)
            self._sleep(pause * random.uniform(0.8, 1.2))
            pause = min(pause * 2, self._settings.runner.max_restart_seconds)
        return 0

    def _run_once(self) -> int:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "runners.local_job", str(os.getpid())],
            stdin=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        assert self._process.stdin is not None
        order = {
            "settings": _with_secrets(self._settings.model_dump(mode="python")),
            "prism": str(self._prism),
            "state_dir": str(self._state_dir),
            "log_level": self._log_level,
        }
        self._process.stdin.write(json.dumps(order).encode())
        self._process.stdin.close()
        while True:
            try:
                return self._process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                if self._stopping:
                    return self._end(self._process)

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        process.terminate()
        try:
            return process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _sleep(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < deadline:
            time.sleep(0.1)


def _with_secrets(value: object) -> object:
    """JSON-ready settings with their secrets, for the pipe to the job and nowhere else."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {key: _with_secrets(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_with_secrets(item) for item in value]
    return str(value) if isinstance(value, Path) else value
