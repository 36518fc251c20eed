"""One child process, seen from its parent: started, asked with time and memory limits, killed."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psutil

from analysis.children.answers import read_answer
from analysis.children.clock import WorkClock
from analysis.children.environment import child_environment
from analysis.children.limits import BACKSTOP, ChildDied, Limits, Reason
from analysis.children.protocol import BrokenFrame, Inbox, Message, Stage, encode
from analysis.children.resident_size import ResidentSize
from analysis.children.tree import MARK, end_orphans, end_tree

__all__ = ["ChildDied", "ChildProcess", "Limits", "Reason", "Spawn", "Start"]

_WATCH_SECONDS = 0.2
_PIPE_BYTES = 1 << 16
_STAGES = list(Stage)
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
"""Signals that no defect raises: of an operator, or of a kernel that is out of memory."""
Start = Callable[[], "subprocess.Popen[bytes]"]
Spawn = Callable[[Start], "subprocess.Popen[bytes]"]


@dataclass(slots=True)
class _Place:
    """Where the child is in its question."""

    limits: Limits
    memory_mb: int
    stage: Stage = Stage.START
    page: int | None = None
    entered: Counter[Stage] = field(default_factory=Counter)


class ChildProcess:
    """A running child. Not thread-safe: the pool lends it to one caller at a time.

    Raises ChildDied when it cannot be started.
    """

    def __init__(self, memory_mb: int, spawn: Spawn, environment: Mapping[str, str] | None = None) -> None:
        self._mark = f"{os.getpid()}-{secrets.token_hex(8)}"
        added = {**(environment or {}), MARK: self._mark}
        try:
            self._process = spawn(lambda: _start(memory_mb, added))
        except OSError as error:
            raise ChildDied(Reason.CRASH, Stage.START, None, f"it cannot be started: {error.strerror}") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions = self._process.stdin
        self._answers = self._process.stdout
        os.set_blocking(self._questions.fileno(), False)
        self._watched = psutil.Process(self._process.pid)
        self._clock = WorkClock(self._process.pid)
        self._resident = ResidentSize(self._process.pid)
        self._looked = 0.0
        self._inbox = Inbox()
        self._ready = False
        self.rss_bytes = 0
        """As the child last told."""
        self.spent_seconds = 0.0
        """What the last question took of the child's own time."""

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def ask(self, operation: str, arguments: Message, limits: Limits) -> Message:
        """The child's answer, in the shape `read_answer` says.

        Raises ChildDied when it passes a limit, ends, or says what it must not.
        """
        place = _Place(limits, limits.memory_mb)
        # What it slept until now was not on this question.
        self._restart()
        self.spent_seconds = 0.0
        self._resident.restart()
        if self._stopped():
            raise self._died(Reason.KILLED, place, "it was stopped from outside")
        if not self._ready:
            if "ready" not in self._next(place):
                raise self._died(Reason.CRASH, place, "it began with something else than being ready")
            self._ready = True
        self._write(encode({"operation": operation, "arguments": arguments}), place)
        while "stage" in (message := self._next(place)):
            self._enter(message, place)
        self._judge_memory(place)
        try:
            answer = read_answer(operation, message)
        except (ValueError, RecursionError):
            raise self._died(Reason.CRASH, place, "its answer has another shape than was asked for") from None
        self._restart()
        self.rss_bytes = answer["rss"]
        return answer

    def end(self) -> None:
        """End the child and all that it started; harmless when it is gone. A caller that waits for it is told."""
        end_tree(self._process.pid)
        self._process.wait()
        end_orphans(self._process.pid, self._mark, self._clock.seen)

    def kill(self) -> None:
        """End the child and close its pipes; for the one who has borrowed it."""
        self.end()
        with contextlib.suppress(OSError):
            self._questions.close()
        self._answers.close()

    def _restart(self) -> None:
        self._clock.look()
        self.spent_seconds += self._clock.worked
        self._clock.restart()
        self._looked = time.monotonic()

    def _enter(self, message: Message, place: _Place) -> None:
        try:
            stage, page = Stage(message["stage"]), message.get("page")
        except ValueError:
            raise self._died(Reason.CRASH, place, "it announced an unknown stage") from None
        place.entered[stage] += 1
        forward = _STAGES.index(stage) >= _STAGES.index(place.stage)
        if not forward or stage not in place.limits.seconds or place.entered[stage] > place.limits.pages:
            # A child that may announce stages at will would never run out of time.
            raise self._died(Reason.CRASH, place, "it announced a stage out of turn")
        self._judge_memory(place)
        self._restart()
        place.stage, place.page = stage, page if isinstance(page, int) else None
        if stage is Stage.PREDICT and place.limits.growth_mb is not None:
            self._resident.restart()
            place.memory_mb = min(place.limits.memory_mb, self._resident.now() // 1024**2 + place.limits.growth_mb)

    def _write(self, question: bytes, place: _Place) -> None:
        left = memoryview(question)
        while left:
            if _ready_for(self._questions.fileno(), select.POLLOUT, _WATCH_SECONDS):
                try:
                    left = left[os.write(self._questions.fileno(), left[:_PIPE_BYTES]) :]
                except BlockingIOError:
                    pass
                except OSError:
                    raise self._ended(place) from None
            self._judge(place)

    def _next(self, place: _Place) -> Message:
        while True:
            try:
                message = self._inbox.next()
            except BrokenFrame as broken:
                raise self._died(Reason.CRASH, place, f"it wrote {broken}") from None
            if message is not None:
                return message
            left = place.limits.seconds[place.stage] - self._clock.worked
            if _ready_for(self._answers.fileno(), select.POLLIN, min(max(left, 0.01), _WATCH_SECONDS)):
                chunk = os.read(self._answers.fileno(), 1 << 20)
                if not chunk:
                    raise self._ended(place)
                self._inbox.add(chunk)
            elif self._process.poll() is not None:
                # Something it started may hold the pipe open.
                raise self._ended(place)
            self._judge(place)

    def _judge(self, place: _Place) -> None:
        limit = place.limits.seconds[place.stage]
        if time.monotonic() - self._looked < min(_WATCH_SECONDS, limit) / 2:
            return
        self._looked = time.monotonic()
        self._clock.look()
        self._judge_memory(place)
        if self._clock.worked >= limit:
            raise self._died(Reason.TIMEOUT, place, f"more than {limit:g} s")
        if self._clock.stopped >= limit:
            raise self._died(Reason.KILLED, place, "it was stopped from outside")
        if self._clock.wall >= limit * BACKSTOP:
            raise self._died(Reason.STARVED, place, f"the machine left it no {limit:g} s in {limit * BACKSTOP:g} s")

    def _judge_memory(self, place: _Place) -> None:
        if self._resident.peak() > place.memory_mb * 1024**2:
            raise self._died(Reason.MEMORY, place, f"more than {place.memory_mb} MB")

    def _stopped(self) -> bool:
        try:
            return bool(self._watched.status() == psutil.STATUS_STOPPED)
        except psutil.Error:
            return False

    def _ended(self, place: _Place) -> ChildDied:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        code = self._process.returncode
        if code is None:
            return self._died(Reason.CRASH, place, "it closed its pipe")
        if code < 0:
            reason = Reason.KILLED if -code in _FROM_OUTSIDE else Reason.CRASH
            return self._died(reason, place, f"killed by signal {-code}")
        return self._died(Reason.CRASH, place, f"exit code {code}")

    def _died(self, reason: Reason, place: _Place, detail: str) -> ChildDied:
        self._clock.look()
        self.spent_seconds += self._clock.worked
        self.kill()
        return ChildDied(reason, place.stage, place.page, detail)


def _ready_for(descriptor: int, event: int, seconds: float) -> bool:
    # Not select(), which takes descriptors below 1024 only.
    waiting = select.poll()
    waiting.register(descriptor, event)
    return bool(waiting.poll(seconds * 1000))


def _start(memory_mb: int, added: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", "from analysis.children.child import main; main()", str(os.getpid()), str(memory_mb)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env=child_environment(os.environ, added),
        # A group of its own: a signal from the terminal is for the parent, which ends its children itself.
        process_group=0,
    )
