"""The job's graphs, each translated once for all tests."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

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
    with no_network():
        return dry_run(Settings())


@contextmanager
def no_network() -> Iterator[None]:
    """Whoever asks for a name or a connection fails."""

    def refuse(*asked: object, **more: object) -> None:
        raise AssertionError(f"the network was asked for: {asked}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
        yield
