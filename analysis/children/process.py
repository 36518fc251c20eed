"""One child process, seen from its parent: started, asked with time and memory limits, killed."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import psutil

from analysis.children.child import ENVIRONMENT
from analysis.children.protocol import LENGTH, MAX_MESSAGE_BYTES, Message, Stage, encode

_WATCH_SECONDS = 0.2
Start = Callable[[], "subprocess.Popen[bytes]"]
Spawn = Callable[[Start], "subprocess.Popen[bytes]"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may cost."""

    seconds: Mapping[Stage, float]
    """By stage; the clock starts anew when the child enters a stage."""
    memory_mb: int
    """Resident size of the child, everything it has loaded included."""
    growth_mb: int | None = None
    """By how much the child may grow during the question, if less than `memory_mb` allows."""


class ChildDied(Exception):
    """The child was killed for a limit, or ended by itself; it has to be replaced."""

    def __init__(self, reason: str, stage: Stage, page: int | None, detail: str) -> None:
        super().__init__(f"{reason} in {stage.value}: {detail}")
        self.reason = reason
        """`timeout`, `memory` or `crash`."""
        self.stage = stage
        self.page = page
        self.detail = detail


class ChildProcess:
    """A running child. Not thread-safe: the pool lends it to one caller at a time."""

    def __init__(self, memory_mb: int, spawn: Spawn, environment: Mapping[str, str] | None = None) -> None:
        self._process = spawn(lambda: _start(memory_mb, environment or {}))
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions = self._process.stdin
        self._answers = self._process.stdout
        self._watched = psutil.Process(self._process.pid)
        self._received = bytearray()
        self._ready = False
        self.rss_bytes = 0
        """As the child last told."""

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def ask(self, operation: str, arguments: Message, limits: Limits) -> Message:
        """The child's answer.

        Raises ChildDied when it passes a limit or ends.
        """
        if not self._ready:
            self._until(lambda message: "ready" in message, Stage.START, limits)
            self._ready = True
        try:
            self._questions.write(encode({"operation": operation, "arguments": arguments}))
            self._questions.flush()
        except OSError:
            raise self._died("crash", Stage.START, None) from None
        answer = self._until(lambda message: "stage" not in message, Stage.START, limits)
        self.rss_bytes = int(answer.get("rss", 0))
        return answer

    def kill(self) -> None:
        """End the child; harmless when it is gone."""
        self._process.kill()
        with contextlib.suppress(OSError):
            self._questions.close()
        self._process.wait()
        self._answers.close()

    def _until(self, wanted: Callable[[Message], bool], stage: Stage, limits: Limits) -> Message:
        if limits.growth_mb is not None:
            allowed = self._resident() // 1024**2 + limits.growth_mb
            limits = replace(limits, memory_mb=min(limits.memory_mb, allowed))
        page: int | None = None
        deadline = time.monotonic() + limits.seconds[stage]
        while True:
            message = self._next(deadline, stage, page, limits)
            if wanted(message):
                return message
            stage, page = Stage(message["stage"]), message.get("page")
            deadline = time.monotonic() + limits.seconds[stage]

    def _next(self, deadline: float, stage: Stage, page: int | None, limits: Limits) -> Message:
        while True:
            message = self._buffered()
            if message is not None:
                return message
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._died("timeout", stage, page, f"more than {limits.seconds[stage]:g} s")
            readable, _, _ = select.select([self._answers], [], [], min(left, _WATCH_SECONDS))
            if readable:
                chunk = os.read(self._answers.fileno(), 1 << 20)
                if not chunk:
                    raise self._died("crash", stage, page)
                self._received += chunk
            elif self._resident() > limits.memory_mb * 1024**2:
                raise self._died("memory", stage, page, f"more than {limits.memory_mb} MB")

    def _buffered(self) -> Message | None:
        if len(self._received) < LENGTH.size:
            return None
        (size,) = LENGTH.unpack_from(self._received)
        if size > MAX_MESSAGE_BYTES:
            raise self._died("crash", Stage.START, None, "it wrote a message beyond any size")
        end = LENGTH.size + size
        if len(self._received) < end:
            return None
        body = bytes(self._received[LENGTH.size : end])
        del self._received[:end]
        message = json.loads(body)
        assert isinstance(message, dict)
        return message

    def _resident(self) -> int:
        try:
            return int(self._watched.memory_info().rss)
        except psutil.Error:
            return 0

    def _died(self, reason: str, stage: Stage, page: int | None, detail: str = "") -> ChildDied:
        if reason == "crash" and not detail:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            code = self._process.returncode
            detail = f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        self.kill()
        return ChildDied(reason, stage, page, detail)


def _start(memory_mb: int, added: Mapping[str, str]) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(each for each in sys.path if each)
    environment = {**os.environ, **ENVIRONMENT, **added, "PYTHONPATH": path}
    return subprocess.Popen(
        [sys.executable, "-c", "from analysis.children.child import main; main()", str(os.getpid()), str(memory_mb)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )
