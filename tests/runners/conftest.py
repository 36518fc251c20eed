"""The job's graphs, each translated once for all tests."""

from __future__ import annotations

import socket

import pytest
from apache_beam.portability.api import beam_runner_api_pb2 as proto

from config.settings import Settings
from runners.dataflow import dry_run
from runners.flink import flink_proto


@pytest.fixture(scope="session")
def flink_graph() -> proto.Pipeline:
    return flink_proto(Settings())


@pytest.fixture(scope="session")
def dataflow_graph() -> proto.Pipeline:
    """Translated while every connection is refused: neither network nor credentials are needed."""
    with pytest.MonkeyPatch.context() as patch:

        def refuse(self: socket.socket, address: object) -> None:
            raise AssertionError(f"the network was asked for: {address}")

        patch.setattr(socket.socket, "connect", refuse)
        patch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
        return dry_run(Settings())
