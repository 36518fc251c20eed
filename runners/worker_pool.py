"""The worker pool that stands beside a Flink task manager: `python -m runners.worker_pool --port 50000`.

It is Beam's own pool, told to start workers with this Python and `runners.worker_boot`. By itself it would start
whatever `python` is on PATH, without the job's options and without forwarding logs. It listens on every interface
without authentication, and whoever reaches it can have code run: keep it inside the pod or behind a firewall.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from apache_beam.runners.worker import worker_pool_main


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted or terminated."""
    # Beam's pool ends at an interrupt only, which a shell's background jobs ignore and supervisors do not send.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m runners.worker_pool", allow_abbrev=False)
    parser.add_argument("--port", type=int, default=50000, help="the port of runner.environment_config")
    port = parser.parse_args(arguments).port
    with tempfile.TemporaryDirectory(prefix="docbeam-pool-") as folder:
        launcher = write_launcher(Path(folder))
        worker_pool_main.main([f"--service_port={port}", f"--container_executable={launcher}"])


def write_launcher(folder: Path) -> Path:
    """One executable file, which is all that Beam's pool can start, for this Python and its import path."""
    launcher = folder / "start-worker"
    path = os.pathsep.join(entry for entry in sys.path if entry)
    launcher.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(path)} exec {shlex.quote(sys.executable)} -m runners.worker_boot "$@"\n',
        encoding="utf-8",
    )
    launcher.chmod(0o700)
    return launcher


if __name__ == "__main__":
    main()
