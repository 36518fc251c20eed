"""The worker pool that stands beside a Flink task manager: `python -m runners.worker_pool --port 50000`.

It is Beam's own pool, told to start workers with this Python and `runners.worker_boot`. By itself it would start
whatever `python` is on PATH, without the job's options and without forwarding logs. It listens on every interface
without authentication, and whoever reaches it can have code run: keep it inside the pod or behind a firewall.

It answers only when the worker is connected to whom it works for. Beam's pool answers as soon as the process is there,
and then nobody ends a worker whose job is cancelled while it loads: Flink's runner stops waiting and forgets it (seen
with 2.70.0). A call that is still open can be cancelled, which gRPC does when the waiting thread is interrupted. One
that ends while it loads is an error that says what it printed, where the runner would wait for ever.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from subprocess import Popen

import grpc  # type: ignore[import-untyped]
import psutil
from apache_beam.portability.api import beam_fn_api_pb2 as fn_api
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer, kill_process_gracefully

from runners.worker_folders import last_printed

_LOOK_SECONDS = 0.1


class WorkerPool(BeamFnExternalWorkerPoolServicer):
    """Beam's pool, whose call to start a worker lasts until the worker is connected."""

    def StartWorker(  # noqa: N802
        self, request: fn_api.StartWorkerRequest, context: grpc.ServicerContext
    ) -> fn_api.StartWorkerResponse:
        """Start a worker; the answer's `error` says why there is none."""
        answer = super().StartWorker(request, context)
        worker = self._worker_processes.get(request.worker_id)
        if answer.error or worker is None:
            return answer
        port = int(request.control_endpoint.url.rpartition(":")[2])
        while not _connected(worker, port):
            if worker.poll() is not None:
                self._worker_processes.pop(request.worker_id, None)
                return fn_api.StartWorkerResponse(error=_why_it_ended(request.worker_id, worker.returncode))
            if not context.is_active():
                self._worker_processes.pop(request.worker_id, None)
                kill_process_gracefully(worker)
                break
            time.sleep(_LOOK_SECONDS)
        return answer


def _connected(worker: Popen[bytes], port: int) -> bool:
    """Whether the process has a connection to that port, which Beam's worker opens last of all."""
    try:
        connections = psutil.Process(worker.pid).net_connections(kind="tcp")
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_ESTABLISHED and each.raddr.port == port for each in connections if each.raddr)


def _why_it_ended(worker_id: str, code: int) -> str:
    printed = last_printed(worker_id)
    return f"worker {worker_id} ended with {code} before it was connected; it printed last:\n{printed or '(nothing)'}"


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
        _, server = WorkerPool.start(use_process=True, port=port, container_executable=str(launcher))
        try:
            server.wait_for_termination()
        except KeyboardInterrupt:
            server.stop(0)


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
