"""What ships as a network holds the network and nothing of the machine it was made on."""

from __future__ import annotations

from pathlib import Path

import pytest

MODELS = Path(__file__).parents[2] / "models" / "catalog"
NETWORKS = sorted(MODELS.glob("*/*.onnx"))


def test_there_are_networks_of_our_own() -> None:
    assert {path.parent.name for path in NETWORKS} == {"checkbox", "ocr", "signature"}


@pytest.mark.parametrize("network", NETWORKS, ids=[path.name for path in NETWORKS])
def test_a_network_names_no_path_and_fits_the_repository(network: Path) -> None:
    content = network.read_bytes()
    assert len(content) <= 5_000_000
    assert not [part for part in (b"site-packages", b"/home/", b"/tmp/", b"Traceback") if part in content]
