"""A line a minute while the job has something to say, and the report its supervisor reads."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from analysis.tally import Counted, Tally
from config.settings import KafkaSettings
from connections.group_progress import read_progress
from connections.kafka.clients import consumer
from connections.retry import waited_for
from runners.job_report import JobReport, results_in_words

log = logging.getLogger("docbeam.job")

_MINUTE = 60.0
_REPORT_SECONDS = 1.0
_PATIENCE_SECONDS = 5.0


class JobProgress:
    """Watches the tally of this process on a thread of its own."""

    def __init__(self, tally: Tally, kafka: KafkaSettings, state_dir: Path) -> None:
        self._tally = tally
        self._kafka = kafka
        self._state_dir = state_dir
        self._report = JobReport(pid=os.getpid(), runs=True)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def start(self) -> None:
        """From now on."""
        self._report.write(self._state_dir)
        self._thread.start()

    def finish(self) -> None:
        """Say no more, and leave the last report: what was finished, and what waits."""
        self._ended.set()
        # A broker that hangs must not hold the stop.
        asker = threading.Thread(target=self._ask, daemon=True)
        asker.start()
        asker.join(_PATIENCE_SECONDS)
        self._write(always=True)

    def _watch(self) -> None:
        next_line = time.monotonic() + _MINUTE
        while not self._ended.wait(_REPORT_SECONDS):
            self._write()
            if time.monotonic() >= next_line:
                next_line += _MINUTE
                self._ask()
                line = minute_line(self._tally.since_last(), self._tally.total, self._report.waiting, waited_for())
                if line is not None:
                    log.info(line)

    def _write(self, *, always: bool = False) -> None:
        results = dict(self._tally.total.results)
        if always or results != self._report.results:
            self._report.results = results
            self._report.write(self._state_dir)

    def _ask(self) -> None:
        self._report.waiting = None
        try:
            asking = consumer(self._kafka, bootstrap_timeout_ms=round(_PATIENCE_SECONDS * 1000), metrics_enabled=False)
            try:
                self._report.waiting = sum(each.lag for each in read_progress(self._kafka, asking))
            finally:
                asking.close()
        except Exception as error:  # Only a number is missing then; the watch goes on.
            log.debug("the lag cannot be asked: %s", type(error).__name__)


def minute_line(minute: Counted, total: Counted, waiting: int | None, services: Mapping[str, float]) -> str | None:
    """What is worth saying about the last minute; None when all is quiet.

    `waiting` is the group's lag in requests, `services` what is waited for, with seconds.
    """
    if not minute.results and not minute.pages and waiting == 0 and not services:
        return None
    told = [f"last minute: {results_in_words(dict(minute.results))}, {total.results.total()} since the start"]
    told.append("Kafka does not answer" if waiting is None else f"{waiting} requests wait")
    slowest = minute.slowest
    if slowest is not None:
        name, share = slowest
        pages = minute.pages[name]
        each = f", {minute.milliseconds[name] / pages / 1000:.1f} s a page, waits for a child included" if pages else ""
        told.append(f"most of the time: {name} ({share:.0%}{each})")
    told += [f"waits for {seconds:.0f} s: {reason}" for reason, seconds in services.items()]
    return "; ".join(told)
