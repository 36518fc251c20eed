"""What a store is given and what it answers."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import BinaryIO, Protocol

from config.settings import DocumentSettings
from documents.location import Location
from schemas.errors import DocbeamError, ErrorCode

_WHOLE = (200, 203, 204, 205)
"""203 is a proxy's 200; the last two are whole, and empty. 206 is a part that nobody asked for."""


class TransientFailureError(Exception):
    """A failure that may pass: the store is busy, or the connection broke. The fetch is tried again."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after
        """Seconds the store asks to wait, if it does."""


class Deadline:
    """The moment by which a whole fetch must be done."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self.failures = ""
        """How the tries so far ended, as text; empty while none has failed."""

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._ends - time.monotonic())

    def check(self) -> None:
        """Raise DocbeamError(FETCH_TIMEOUT) once it has passed."""
        if self.remaining <= 0:
            raise timeout()


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What the store says about the document it delivered."""

    generation: str | None = None
    etag: str | None = None


class Sink:
    """Takes a document's bytes: counts, hashes and writes them, and refuses what is too much or too late."""

    def __init__(self, file: BinaryIO, max_bytes: int, deadline: Deadline) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._deadline = deadline
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def expect(self, size_bytes: int | None) -> None:
        """Refuse a document of a size known in advance; raises DocbeamError(DOCUMENT_TOO_LARGE)."""
        if size_bytes is not None and size_bytes > self._max_bytes:
            raise DocbeamError(
                ErrorCode.DOCUMENT_TOO_LARGE, f"the document has more than {self._max_bytes} bytes; send a smaller one"
            )

    def write(self, chunk: bytes) -> int:
        """Take the next bytes; DocbeamError DOCUMENT_TOO_LARGE, FETCH_TIMEOUT or, on a full disk, FETCH_FAILED."""
        self._deadline.check()
        self.expect(self.size_bytes + len(chunk))
        try:
            written = self._file.write(chunk)
        except OSError as error:
            # Here, since the clients of some stores take any OSError for a broken connection and try again.
            raise disk_failed(error) from None
        self.size_bytes += len(chunk)
        self._hash.update(chunk)
        return written

    def restart(self) -> None:
        """Forget everything: a new attempt begins. Raises DocbeamError(FETCH_FAILED) if the disk fails."""
        try:
            self._file.seek(0)
            self._file.truncate()
        except OSError as error:
            raise disk_failed(error) from None
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        """Of all bytes so far, lower-case hex."""
        return self._hash.hexdigest()


class Store(Protocol):
    """Reads documents of one scheme. One attempt a call; safe for many threads."""

    def read(
        self, location: Location, generation: str | None, sink: Sink, settings: DocumentSettings, deadline: Deadline
    ) -> StoreFacts:
        """Write the document at `location` to `sink`.

        Raises TransientFailureError for what may pass, DocbeamError for what will not.
        """


def timeout() -> DocbeamError:
    """The error for a fetch that takes too long."""
    return DocbeamError(
        ErrorCode.FETCH_TIMEOUT, "the document did not arrive in time; try later or raise documents.fetch_seconds"
    )


def not_found() -> DocbeamError:
    """The error for a location with nothing there."""
    return DocbeamError(ErrorCode.DOCUMENT_NOT_FOUND, "there is no document at the location; check it")


def access_denied(why: str) -> DocbeamError:
    """The error for a store that refuses our credentials."""
    return DocbeamError(ErrorCode.DOCUMENT_ACCESS_DENIED, f"{why}; grant docbeam's identity read access")


def disk_failed(error: OSError) -> DocbeamError:
    """The error for a cache folder that cannot be used: full, not ours, gone, or not a folder."""
    cause = error.strerror or type(error).__name__
    return DocbeamError(
        ErrorCode.FETCH_FAILED, f"the worker's document cache cannot be used ({cause}); see documents.cache_dir"
    )


def changed(what: str) -> DocbeamError:
    """The error for a document that is not the one the request pins."""
    return DocbeamError(ErrorCode.DOCUMENT_CHANGED, f"the document there now is of another {what}; send a new request")


def check_status(status: int, retry_after: str | None = None) -> None:
    """Raise the error that an HTTP status other than the success of a whole document stands for.

    `retry_after` is the header of that name, if there is one.
    """
    if status in _WHOLE:
        return
    if status in (404, 410):
        raise not_found()
    if status in (401, 403):
        raise access_denied("the store refuses access")
    message = f"the store answered HTTP {status}"
    if status in (408, 425, 429) or status >= 500:
        raise TransientFailureError(message, seconds_of(retry_after))
    raise DocbeamError(ErrorCode.FETCH_FAILED, message)


def seconds_of(retry_after: str | None) -> float | None:
    """The header of RFC 9110 10.2.3, seconds or a date, as seconds from now; None for anything else."""
    if retry_after is None:
        return None
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
        return max(0.0, moment.timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None
