"""Other software behind the contract of our models: the same pages, the same metrics."""

from evaluation.peers.line_up import load_peer, peers_for

__all__ = ["load_peer", "peers_for"]
