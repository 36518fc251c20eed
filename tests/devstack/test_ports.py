"""Which port a part gets, with real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from devstack.ports import PortChooser


@pytest.fixture
def owner() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


def test_a_port_of_somebody_else_is_left_to_him_and_no_port_is_given_twice(owner: socket.socket) -> None:
    port = owner.getsockname()[1]
    chooser = PortChooser()
    found = [chooser.choose({"http": port}, {"http": port})["http"] for _ in range(2)]
    assert port not in found
    assert len(set(found)) == 2
