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
from typing import Any

from apache_beam.runners.runner import PipelineState

from analysis.children.death import die_with_parent
from analysis.worker import close_workers
from config.settings import Settings
from runners.options import prism_flags
from runners.prism import PrismServer
from runners.streaming_job import streaming_job
from use_cases.registry import all_use_cases

log = logging.getLogger("docbeam.job")

_LOOK_SECONDS = 0.5
_NOISY = ("apache_beam", "kafka", "urllib3", "httpx", "httpx2", "google", "botocore")


def run(settings: Settings, prism: Path, state_dir: Path) -> int:
    """Run until the job fails (1) or this process is asked to stop (0)."""
    with PrismServer(prism, state_dir / "prism.log") as server:
        pipeline = streaming_job(prism_flags(server.endpoint), settings)
        stopping = _stop_signal()
        result = pipeline.run()
        log.info("the job runs: use cases %s", ", ".join(sorted(all_use_cases())))
        (state_dir / "job.json").write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")
        # Not wait_until_finish(duration): each call of it reads the same stream from one more thread.
        while not stopping.wait(_LOOK_SECONDS):
            if PipelineState.is_terminal(result.state):
                log.error("the job ended as %s; its runner's log: %s", result.state, state_dir / "prism.log")
                return 1
        result.cancel()
        return 0


def _stop_signal() -> threading.Event:
    """Set when SIGTERM or SIGINT comes."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    return asked


def main() -> None:
    """Entry of the job process."""
    die_with_parent(int(sys.argv[1]))
    order: dict[str, Any] = json.loads(sys.stdin.read())
    logging.basicConfig(level=order["log_level"], format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Cancelling a job makes the harness log its closed channels as errors.
    for name in ("apache_beam.runners.worker", "apache_beam.runners.portability.stager"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    settings = Settings.model_validate(order["settings"])
    code = 1
    try:
        code = run(settings, Path(order["prism"]), Path(order["state_dir"]))
    except Exception:
        log.exception("the job could not run")
    finally:
        close_workers()
    # Threads of the harness would keep the process; everything that matters is flushed or will be read again.
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
