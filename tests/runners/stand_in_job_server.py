"""Stands in for Beam's Flink job server, which is a Java program: started as `java`, it speaks the job API.

`stand_in_job_server.py FOLDER -jar JAR --flink-master URL --job-port PORT ...` describes the options of
`flink_options.toml`, takes one job, and writes what it was given into FOLDER.
"""

from __future__ import annotations

import json
import sys
import threading
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from apache_beam.portability.api import beam_job_api_pb2 as api
from apache_beam.portability.api import beam_job_api_pb2_grpc
from google.protobuf import json_format

OPTIONS = Path(__file__).resolve().parents[2] / "runners" / "flink_options.toml"


class StandIn(beam_job_api_pb2_grpc.JobServiceServicer):
    """Takes one job and says that it runs."""

    def __init__(self, folder: Path, stopped: threading.Event) -> None:
        self._folder = folder
        self._stopped = stopped

    def DescribePipelineOptions(self, request: Any, context: Any) -> api.DescribePipelineOptionsResponse:
        known = tomllib.loads(OPTIONS.read_text(encoding="utf-8"))["flink"]
        kinds = api.PipelineOptionType.Enum
        return api.DescribePipelineOptionsResponse(
            options=[
                api.PipelineOptionDescriptor(
                    name=name, type=kinds.BOOLEAN if name in known["switches"] else kinds.STRING, description=name
                )
                for name in known["names"]
            ]
        )

    def Prepare(self, request: api.PrepareJobRequest, context: Any) -> api.PrepareJobResponse:
        (self._folder / "graph.pb").write_bytes(request.pipeline.SerializeToString())
        options = json_format.MessageToDict(request.pipeline_options)
        (self._folder / "options.json").write_text(json.dumps(options), encoding="utf-8")
        return api.PrepareJobResponse(preparation_id="prepared")

    def Run(self, request: api.RunJobRequest, context: Any) -> api.RunJobResponse:
        return api.RunJobResponse(job_id=request.preparation_id)

    def GetState(self, request: Any, context: Any) -> api.JobStateEvent:
        return api.JobStateEvent(state=api.JobState.RUNNING)

    def GetStateStream(self, request: Any, context: Any) -> Iterator[api.JobStateEvent]:
        yield api.JobStateEvent(state=api.JobState.RUNNING)
        self._stopped.wait()
        yield api.JobStateEvent(state=api.JobState.CANCELLED)

    def GetMessageStream(self, request: Any, context: Any) -> Iterator[api.JobMessagesResponse]:
        self._stopped.wait()
        yield from ()

    def Cancel(self, request: Any, context: Any) -> api.CancelJobResponse:
        self._stopped.set()
        return api.CancelJobResponse(state=api.JobState.CANCELLED)


def main() -> None:
    folder, arguments = Path(sys.argv[1]), sys.argv[2:]
    (folder / "arguments.json").write_text(json.dumps(arguments), encoding="utf-8")
    port = arguments[arguments.index("--job-port") + 1]
    server = grpc.server(ThreadPoolExecutor(8))
    beam_job_api_pb2_grpc.add_JobServiceServicer_to_server(StandIn(folder, threading.Event()), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
