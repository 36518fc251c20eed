"""Why a client's work ended without what was asked for; the command line gives each an exit code."""

from __future__ import annotations


class ClientError(Exception):
    """`message` names cause and cure, for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Failed(ClientError):
    """The work was tried and failed."""


class NotReady(ClientError):
    """Something outside does not answer, is not there yet, or did not come in time."""
