"""Which peers there are, and loading one."""

from __future__ import annotations

from collections.abc import Mapping

from evaluation.peers.contour import Contour
from evaluation.peers.deskew_package import DeskewPackage
from evaluation.peers.jdeskew import Jdeskew
from evaluation.peers.peer import Peer
from evaluation.peers.rapidocr import RapidOcr
from evaluation.peers.tesseract import Tesseract
from schemas.errors import DocbeamError, ErrorCode

_PEERS: Mapping[str, type[Peer]] = {peer.name: peer for peer in (Contour, DeskewPackage, Jdeskew, RapidOcr, Tesseract)}


def peers_for(output: str) -> list[str]:
    """The names of the peers of models with that output."""
    return sorted(name for name, peer in _PEERS.items() if peer.output == output)


def load_peer(name: str, output: str) -> Peer:
    """The peer, ready to answer.

    Raises DocbeamError: INVALID_REQUEST for a name that is no peer of models with that output, MODEL_UNAVAILABLE
    where its package is not installed.
    """
    if name not in peers_for(output):
        known = ", ".join(peers_for(output)) or "none"
        raise DocbeamError(
            ErrorCode.INVALID_REQUEST, f"there is no peer {name!r} for models that answer {output}; there is {known}"
        )
    peer = _PEERS[name]()
    peer.load({})
    return peer
