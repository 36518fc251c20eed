"""The streaming job on one machine: Prism, workers in this process, models in its children.

Started by `runners.supervise` as `python -m runners.local_job PARENT`, settings as JSON on standard input.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineState

from analysis.worker import close_workers
from config.settings import Settings
from pipelines.document_analysis import build
from runners.prism import PrismServer
from runners.process_death import die_with_parent
from transforms.stream_edges import StreamEdges
from use_cases.registry import all_use_cases

log = logging.getLogger("docbeam.job")

_NOISY = ("apache_beam", "kafka", "urllib3", "httpx", "google", "botocore")


def run(settings: Settings, prism: Path, state_dir: Path) -> int:
    """Run until the job fails (1) or this process is asked to stop (0)."""
    with PrismServer(prism, state_dir / "prism.log") as server:
        options = PipelineOptions(
            [
                "--runner=PortableRunner",
                f"--job_endpoint={server.endpoint}",
                "--environment_type=LOOPBACK",
                "--streaming",
                "--job_name=docbeam",
            ]
        )
        pipeline = beam.Pipeline(options=options)
        use_cases = {name: registered.use_case for name, registered in all_use_cases().items()}
        build(pipeline, StreamEdges(settings), use_cases, settings)
        stopping = _Stopping()
        result = pipeline.run()
        log.info("the job runs: use cases %s", ", ".join(sorted(use_cases)))
        (state_dir / "job.json").write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")
        while not stopping.asked:
            result.wait_until_finish(duration=500)
            if PipelineState.is_terminal(result.state):
                log.error("the job ended as %s; its runner's log: %s", result.state, state_dir / "prism.log")
                return 1
        result.cancel()
        return 0


class _Stopping:
    """Remembers that SIGTERM or SIGINT came."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


def main() -> None:
    """Entry of the job process."""
    die_with_parent(int(sys.argv[1]))
    order: dict[str, Any] = json.loads(sys.stdin.read())
    logging.basicConfig(level=order["log_level"], format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Cancelling a job makes the harness log its closed channels as errors.
    logging.getLogger("apache_beam.runners.worker").setLevel(logging.CRITICAL)
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
