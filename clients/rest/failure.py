"""Why a call of the gateway did not bring what was asked for."""

from __future__ import annotations

from clients.failure import ClientError
from schemas.errors import ErrorCode


class Refused(ClientError):
    """The gateway answered, and not with what was asked for."""

    def __init__(
        self, code: str, message: str, status: int, *, retryable: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        """Of the catalogue (`ErrorCode`), as text: a newer gateway may know more."""
        self.status = status
        """Of HTTP."""
        self.retryable = retryable
        self.retry_after = retry_after
        """Seconds, where the gateway said so."""

    def is_code(self, code: ErrorCode) -> bool:
        """Whether it was refused for that."""
        return self.code == code.value


class NotReached(ClientError):
    """No gateway answered within the time that was given."""


class TimedOut(ClientError):
    """The request has not ended within the time that was given; it goes on, and can be waited for again."""
