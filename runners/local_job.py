"""The streaming job on one machine: Prism, workers in this process, models in its children.

Started by `runners.supervise` as `python -m runners.local_job PARENT`, settings as JSON on standard input.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.children.death import die_with_parent
from runners.job_report import REFUSED, JobReport

if TYPE_CHECKING:
    from config.settings import Settings

# Everything else is imported below: Beam alone takes seconds, and a signal must find its handler.

log = logging.getLogger("docbeam.job")

_LOOK_SECONDS = 0.5
_NOISY = ("apache_beam", "kafka", "urllib3", "httpx", "httpx2", "google", "botocore")
# The loop of kafka-python 3 calls every decompression a stall.
_NOISIER = ("apache_beam.runners.worker", "apache_beam.runners.portability.stager", "kafka.net.selector")


def run(settings: Settings, prism: Path, state_dir: Path) -> int:
    """Run until the job fails (1) or this process is asked to stop (0); REFUSED where no restart helps."""
    from apache_beam.runners.runner import PipelineState

    from analysis.attempts import forget_mine
    from analysis.observe import observe
    from analysis.tally import Tally
    from runners.job_progress import JobProgress
    from runners.options import prism_flags
    from runners.prism import PrismEnded, PrismServer
    from runners.stop_signals import StopSignals
    from runners.streaming_job import streaming_job
    from use_cases.registry import all_use_cases

    tally = Tally()
    observe(tally)
    stop = StopSignals()
    try:
        with PrismServer(prism, state_dir / "prism.log") as server:
            result = streaming_job(prism_flags(server.endpoint), settings).run()
            progress = JobProgress(tally, settings.kafka, state_dir)
            progress.start()
            log.info("the job runs: use cases %s", ", ".join(sorted(all_use_cases())))
            # Not wait_until_finish(duration): each call of it reads the same stream from one more thread.
            while not stop.wait(_LOOK_SECONDS):
                if PipelineState.is_terminal(result.state):
                    log.error("the job ended as %s; its runner's log: %s", result.state, state_dir / "prism.log")
                    return 1
            forget_mine()
            _be_quiet()
            result.cancel()
            progress.finish()
            return 0
    except PrismEnded as error:
        JobReport(os.getpid(), refused=str(error)).write(state_dir)
        return REFUSED


def _be_quiet() -> None:
    """From here on threads of the harness see their channels close, and tell each at length.

    What docbeam logs goes on: its handler has the stream already.
    """
    threading.excepthook = lambda _: None
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the rest of the process
    logging.getLogger().setLevel(logging.CRITICAL)
    for name in list(logging.root.manager.loggerDict):
        if not name.startswith("docbeam"):
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _start_logging(level: str) -> None:
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _NOISIER:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def main() -> None:
    """Entry of the job process."""
    die_with_parent(int(sys.argv[1]))
    for number in (signal.SIGTERM, signal.SIGINT):
        # Nothing is there yet that would have to be ended.
        signal.signal(number, lambda *_: os._exit(0))
    order: dict[str, Any] = json.loads(sys.stdin.read())
    _start_logging(order["log_level"])
    from analysis.attempts import forget_mine
    from analysis.worker import close_workers
    from config.settings import Settings

    code = 1
    try:
        code = run(Settings.model_validate(order["settings"]), Path(order["prism"]), Path(order["state_dir"]))
    except Exception:
        log.exception("the job could not run")
    finally:
        # Not the documents' fault, however the job ended: this process lives.
        forget_mine()
        close_workers()
    # Threads of the harness would keep the process; everything that matters is flushed or will be read again.
    logging.shutdown()
    os._exit(code)


if __name__ == "__main__":
    main()
