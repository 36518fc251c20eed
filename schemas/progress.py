"""Where a request is, as the gateway tells it."""

from __future__ import annotations

from enum import StrEnum


class RequestStatus(StrEnum):
    """Moves forward only."""

    RECEIVED = "received"
    """Kept by the gateway, not known to be on Kafka yet."""
    PROCESSING = "processing"
    """On Kafka: the job has it, or will."""
    READY = "ready"
    """The result is whole."""
    PARTIAL = "partial"
    """Some page or model failed; the rest of the result holds."""
    REJECTED = "rejected"
    """Not the expected kind of document."""
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether there is an answer."""
        return self not in (RequestStatus.RECEIVED, RequestStatus.PROCESSING)
