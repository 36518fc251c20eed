"""file://: regular files below a configured root of the worker's own disk."""

from __future__ import annotations

import errno
import os
import stat

from config.settings import DocumentSettings
from documents.allow_list import check_allowed
from documents.location import Location
from documents.stores.contract import Deadline, Sink, StoreFacts, TransientFailureError, access_denied, not_found
from schemas.errors import DocbeamError, ErrorCode

_CHUNK_BYTES = 1 << 20


class FileStore:
    """Opens the real path only, and checks what it opened, so that a swapped link leads nowhere."""

    def read(
        self, location: Location, generation: str | None, sink: Sink, settings: DocumentSettings, deadline: Deadline
    ) -> StoreFacts:
        """See `Store.read`."""
        descriptor = _open(os.path.realpath(location.path))
        try:
            _check_opened(descriptor, settings)
            sink.expect(os.fstat(descriptor).st_size)
            while chunk := _read(descriptor):
                sink.write(chunk)
        finally:
            os.close(descriptor)
        return StoreFacts()


def _open(path: str) -> int:
    try:
        # Not blocking, because opening a pipe would wait for a writer for ever.
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        raise not_found() from None
    except PermissionError:
        raise access_denied("the file may not be read") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV):
            raise _not_regular() from None
        if error.errno == errno.ENAMETOOLONG:
            raise not_found() from None
        raise _unreadable(error) from None


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _CHUNK_BYTES)
    except OSError as error:
        raise _unreadable(error) from None


def _unreadable(error: OSError) -> TransientFailureError:
    return TransientFailureError(f"the file could not be read ({error.strerror})")


def _check_opened(descriptor: int, settings: DocumentSettings) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise _not_regular()
    link = f"/proc/self/fd/{descriptor}"
    if os.path.islink(link):
        # A folder of the path may have been replaced by a link since it was checked.
        opened = os.readlink(link)
        check_allowed(Location("file", "", None, opened, f"file://{opened}"), settings.allow)


def _not_regular() -> DocbeamError:
    return DocbeamError(ErrorCode.LOCATION_FORBIDDEN, "the location is a folder, link or device, not a file")
