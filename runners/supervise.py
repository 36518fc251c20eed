"""Keep the local job running: start it, restart it with growing pauses when it ends, leave nothing behind."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import shutil
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import Settings
from connections.retry import Pauses
from runners.job_process import JobProcess, in_words
from runners.job_report import FILE, REFUSED, JobReport, read_report, results_in_words
from runners.not_ready import RunnerNotReady
from runners.preflight import problems
from runners.stop_signals import StopSignals

log = logging.getLogger("docbeam.supervisor")

_RUNNER = "the local job"
_HEALTHY_SECONDS = 120
"""A job that lived so long starts the pauses anew."""
_LOOK_SECONDS = 0.5
_STOP_SECONDS = 20
_HURRY_SECONDS = 0.3
"""A second signal within this time is the same wish to stop: shells and `timeout` send to process and group."""
_LOOP_STARTS, _LOOP_SECONDS = 3, 600
"""So many restarts in so many seconds are a loop, and its job's last lines are worth repeating."""
_TEMPORARY = "tmp-"


class Supervisor:
    """One job process at a time."""

    def __init__(self, settings: Settings, prism: Path, state_dir: Path, log_level: str = "INFO") -> None:
        self._settings = settings
        self._prism = prism
        self._state_dir = state_dir
        self._log_level = log_level
        self._results: Counter[str] = Counter()
        self._waiting: int | None = None
        self._has_run = False
        self._refused = ""
        self._starts: deque[float] = deque()
        self.restarts = 0

    def run(self, stop: StopSignals, say: Callable[[str], None], max_restarts: int | None = None) -> int:
        """Until SIGTERM or SIGINT, then 0; 1 when `max_restarts` are used up. Says last what was done and what waits.

        Raises RunnerNotReady where the job cannot start for a reason that no restart mends.
        """
        found = problems(self._settings, self._prism, self._state_dir)
        if found:
            raise RunnerNotReady(_RUNNER, found)
        began = time.monotonic()
        with _only_one_in(self._state_dir):
            stop.leave_at_once = False
            code = self._keep_running(stop, max_restarts)
            say(self._summary(time.monotonic() - began))
            return code

    def _keep_running(self, stop: StopSignals, max_restarts: int | None) -> int:
        runner = self._settings.runner
        pauses = Pauses(runner.restart_seconds, runner.max_restart_seconds)
        while not stop.count:
            started = time.monotonic()
            code, last_lines = self._run_once(stop)
            if stop.count:
                break
            if code == REFUSED and not self._has_run:
                raise RunnerNotReady(_RUNNER, [self._refused])
            if time.monotonic() - started > _HEALTHY_SECONDS:
                pauses.reset()
            if max_restarts is not None and self.restarts >= max_restarts:
                log.error("the job ended (%s); no restart is left of %d", in_words(code), max_restarts)
                return 1
            self.restarts += 1
            pause = pauses.next()
            self._tell(code, pause, last_lines)
            stop.wait(pause)
        return 0

    def _run_once(self, stop: StopSignals) -> tuple[int, list[str]]:
        (self._state_dir / FILE).unlink(missing_ok=True)
        code = 1
        temporary = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=self._state_dir))
        try:
            job = JobProcess(self._settings, self._prism, self._state_dir, temporary, self._log_level)
            try:
                while job.ended() is None and not stop.wait(_LOOK_SECONDS):
                    pass
                if stop.count:
                    self._end(job, stop)
                code = job.wait()
                return code, list(job.last_lines)
            finally:
                job.kill()
                self._add(read_report(self._state_dir), complete=code == 0)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def _end(self, job: JobProcess, stop: StopSignals) -> None:
        """Let it stop in its own time, unless somebody asks again. Nothing is lost by a kill."""
        job.ask_to_stop()
        asked = time.monotonic()
        counted = stop.count
        while job.ended() is None and time.monotonic() - asked < _STOP_SECONDS:
            stop.wait_for_another(0.1)
            if time.monotonic() - asked < _HURRY_SECONDS:
                counted = stop.count
            elif stop.count > counted:
                break
        job.kill()

    def _add(self, report: JobReport, *, complete: bool) -> None:
        """Of a job that did not come to its end, what waits is as old as its last minute."""
        self._has_run |= report.runs
        self._results.update(report.results)
        self._waiting = report.waiting if complete else None
        self._refused = report.refused

    def _tell(self, code: int, pause: float, last_lines: list[str]) -> None:
        log.warning("the job ended (%s); restart %d in %.1f s", in_words(code), self.restarts, pause)
        now = time.monotonic()
        self._starts.append(now)
        while now - self._starts[0] > _LOOP_SECONDS:
            self._starts.popleft()
        if len(self._starts) >= _LOOP_STARTS:
            minutes = max(1, round((now - self._starts[0]) / 60))
            said = "\n".join(f"| {line}" for line in last_lines[-5:]) or "| (nothing)"
            log.error(
                "%d restarts in %d min: the job does not stay up. It said last:\n%s", len(self._starts), minutes, said
            )

    def _summary(self, seconds: float) -> str:
        if self._waiting is None:
            waiting = "how many requests wait could not be asked of Kafka"
        else:
            waiting = f"{self._waiting} request{'s wait' if self._waiting != 1 else ' waits'} in Kafka"
        restarts = f"{self.restarts} restart{'s' if self.restarts != 1 else ''}"
        return f"stopped after {_span(seconds)}: {results_in_words(dict(self._results))}, {waiting}, {restarts}"


@contextmanager
def _only_one_in(state_dir: Path) -> Iterator[None]:
    """Hold the folder, and take away what a supervisor that was killed left there."""
    with (state_dir / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = read_report(state_dir).pid
            raise RunnerNotReady(
                _RUNNER,
                [
                    f"another job runs with the state folder {state_dir}{f' (process {pid})' if pid else ''}: stop it, "
                    "or give this one a --state-dir of its own"
                ],
            ) from None
        for left in state_dir.glob(f"{_TEMPORARY}*"):
            shutil.rmtree(left, ignore_errors=True)
        with contextlib.suppress(OSError):
            (state_dir / FILE).unlink()
        yield


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
