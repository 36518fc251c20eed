"""Workers outside of containers, started as Flink's task managers have them started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apache_beam as beam
import grpc  # type: ignore[import-untyped]
import psutil
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_fn_api_pb2 as fn_api
from apache_beam.portability.api import beam_fn_api_pb2_grpc, endpoints_pb2
from apache_beam.portability.api import beam_provision_api_pb2 as provision
from google.protobuf import struct_pb2

from runners import worker_folders
from runners.worker_boot import worker_environment
from runners.worker_folders import LOG_FOLDER

REPOSITORY = Path(__file__).resolve().parents[2]
WORDS = ("deskew", "ocr", "checkbox")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ignore_interrupts() -> None:
    """As a shell does for what it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _running(tmp_path: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = _free_port()
    variables = {
        **os.environ,
        LOG_FOLDER: str(tmp_path / "workers"),
        "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{Path(__file__).parent}",
        "PATH": "/usr/bin:/bin",
    }
    with (tmp_path / "pool.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "runners.worker_pool", "--port", str(port)],
            env=variables,
            stdout=log,
            stderr=log,
            preexec_fn=_ignore_interrupts,
        )
    try:
        deadline = time.monotonic() + 120
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            assert process.poll() is None, (tmp_path / "pool.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield port, process
        process.terminate()
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[int]:
    with _running(tmp_path) as (port, _):
        yield port


def test_a_pool_from_the_background_of_a_shell_ends_at_an_interrupt(tmp_path: Path) -> None:
    with _running(tmp_path) as (_, process):
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


def _chatty(word: str, folder: str) -> None:
    import logging
    import os
    from pathlib import Path

    # More than any pipe holds: without a reader this would never return.
    os.write(1, b"x" * 1_000_000)
    logging.getLogger("test").warning("worked on %s", word)
    (Path(folder) / f"{word}-{os.getpid()}").touch()


def test_a_worker_runs_in_a_process_of_its_own_and_may_print(pool: int, tmp_path: Path) -> None:
    done = tmp_path / "done"
    done.mkdir()
    flags = ["--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=EXTERNAL"]
    with beam.Pipeline(options=PipelineOptions([*flags, f"--environment_config=localhost:{pool}"])) as pipeline:
        _ = pipeline | beam.Create(WORDS) | beam.Map(_chatty, str(done))
    words, processes = zip(*(path.name.split("-") for path in done.iterdir()), strict=True)
    assert sorted(words) == sorted(WORDS)
    assert str(os.getpid()) not in processes
    printed = list((tmp_path / "workers").glob("*/printed.log"))
    assert sum(path.stat().st_size for path in printed) >= 1_000_000 * len(WORDS)


def _request(port: int) -> fn_api.StartWorkerRequest:
    """Of a runner whose services all listen, or do not, at one port."""
    told = endpoints_pb2.ApiServiceDescriptor(url=f"localhost:{port}")
    return fn_api.StartWorkerRequest(
        worker_id="1-1", control_endpoint=told, logging_endpoint=told, artifact_endpoint=told, provision_endpoint=told
    )


def _workers_of(pool: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [each for each in psutil.Process(pool.pid).children() if each.status() != psutil.STATUS_ZOMBIE]


def _until(wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_whose_runner_gives_up_while_it_loads_is_ended(tmp_path: Path) -> None:
    with (
        _running(tmp_path) as (port, pool),
        socket.create_server(("127.0.0.1", 0)) as silent,
        grpc.insecure_channel(f"localhost:{port}") as channel,
    ):
        stub = beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel)
        call = stub.StartWorker.future(_request(silent.getsockname()[1]))
        _until(lambda: len(_workers_of(pool)) == 1)
        assert not call.done()
        call.cancel()
        _until(lambda: not _workers_of(pool))


def test_a_worker_that_ends_while_it_loads_is_an_error_with_what_it_printed(pool: int) -> None:
    with grpc.insecure_channel(f"localhost:{pool}") as channel:
        stub = beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel)
        error = stub.StartWorker(_request(_free_port()), timeout=60).error
    assert "worker 1-1 ended with 1 before it was connected" in error
    assert "GetProvisionInfo" in error or "UNAVAILABLE" in error


def test_folders_of_workers_do_not_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOG_FOLDER, str(tmp_path))
    made = [worker_folders.new_worker_folder(f"1-{number}") for number in range(70)]
    for number, folder in enumerate(made):
        if folder.exists():
            os.utime(folder, (number, number))
    last = worker_folders.new_worker_folder("1-70")
    assert last.is_dir()
    left = list(tmp_path.iterdir())
    assert len(left) == 51
    assert made[-1] in left


def test_what_the_runner_tells_goes_before_the_command_line(tmp_path: Path) -> None:
    options = struct_pb2.Struct()
    options.update({"beam:option:job_name:v1": "docbeam"})
    told = provision.ProvisionInfo(pipeline_options=options, runner_capabilities=["a", "b"])
    told.control_endpoint.url = "told:1"
    environment = worker_environment("worker-1", told, tmp_path, logging="given:2", control="given:3")
    assert environment["CONTROL_API_SERVICE_DESCRIPTOR"].strip() == 'url: "told:1"'
    assert environment["LOGGING_API_SERVICE_DESCRIPTOR"].strip() == 'url: "given:2"'
    assert environment["RUNNER_CAPABILITIES"] == "a b"
    assert "STATUS_API_SERVICE_DESCRIPTOR" not in environment
    options_file = Path(environment["PIPELINE_OPTIONS_FILE"])
    assert "docbeam" in options_file.read_text()
    assert options_file.stat().st_mode & 0o077 == 0
