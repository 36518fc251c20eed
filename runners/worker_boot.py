"""Become a Beam worker: what the containers' Go program `boot` does, for machines that run docbeam without containers.

Beam's worker pool starts it with the addresses of the runner's services. It asks the provision service for the job's
options, and then runs Beam's worker in its place. Nothing is installed: the code is the one installed here.
Contract: apache/beam, sdks/python/container/boot.go.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import grpc  # type: ignore[import-untyped]
from apache_beam.portability.api import beam_provision_api_pb2 as provision
from apache_beam.portability.api import beam_provision_api_pb2_grpc, endpoints_pb2
from apache_beam.runners.worker.worker_id_interceptor import WorkerIdInterceptor
from google.protobuf import json_format, text_format  # type: ignore[import-untyped]

from runners.worker_folders import PRINTED, new_worker_folder

_ANSWER_SECONDS = 60


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry; does not return."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--id", required=True)
    for service in ("logging", "artifact", "provision", "control"):
        parser.add_argument(f"--{service}_endpoint", default="")
    given = parser.parse_args(arguments)
    folder = new_worker_folder(given.id)
    _print_to(folder / PRINTED)
    told = provision_info(given.provision_endpoint, given.id)
    environment = worker_environment(given.id, told, folder, given.logging_endpoint, given.control_endpoint)
    command = [sys.executable, "-m", "apache_beam.runners.worker.sdk_worker_main"]
    os.execve(sys.executable, command, {**os.environ, **environment})


def provision_info(endpoint: str, worker_id: str) -> provision.ProvisionInfo:
    """What the runner tells a worker before it starts."""
    channel = grpc.intercept_channel(grpc.insecure_channel(endpoint), WorkerIdInterceptor(worker_id))
    stub = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel)
    return stub.GetProvisionInfo(provision.GetProvisionInfoRequest(), timeout=_ANSWER_SECONDS).info


def worker_environment(
    worker_id: str, told: provision.ProvisionInfo, folder: Path, logging: str, control: str
) -> Mapping[str, str]:
    """The variables Beam's worker reads; addresses of the provision service go before those of the command line."""
    options = folder / "options.json"
    # A variable may hold 128 KiB only.
    options.write_text(json_format.MessageToJson(told.pipeline_options), encoding="utf-8")
    options.chmod(0o600)
    environment = {
        "WORKER_ID": worker_id,
        "PIPELINE_OPTIONS_FILE": str(options),
        "SEMI_PERSISTENT_DIRECTORY": str(folder),
        "RUNNER_CAPABILITIES": " ".join(told.runner_capabilities),
        "LOGGING_API_SERVICE_DESCRIPTOR": _descriptor(told.logging_endpoint.url or logging),
        "CONTROL_API_SERVICE_DESCRIPTOR": _descriptor(told.control_endpoint.url or control),
    }
    if told.status_endpoint.url:
        environment["STATUS_API_SERVICE_DESCRIPTOR"] = _descriptor(told.status_endpoint.url)
    return environment


def _descriptor(url: str) -> str:
    return text_format.MessageToString(endpoints_pb2.ApiServiceDescriptor(url=url))


def _print_to(log: Path) -> None:
    """Nobody reads the pool's pipe: a worker that prints more than fits into it would stop for ever."""
    sys.stdout.flush()
    sys.stderr.flush()
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


if __name__ == "__main__":
    main()
