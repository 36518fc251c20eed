"""What goes wrong between people and their local stack."""

from __future__ import annotations

from schemas.errors import DocbeamError, ErrorCode


class StackError(DocbeamError):
    """A part could not be fetched, started or found; the message names the cause and the cure."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.INTERNAL_ERROR, message)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (StackError, (self.message,))
