"""Documents of clients that have no store of their own: limited, told by content, scanned, then kept in ours."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from config.settings import Settings
from documents.keeping import forget, keep
from documents.location import Location, parse_location, parse_prefix
from documents.media_type import detect_media_type
from gateway.fair_places import FairPlaces
from gateway.principal import Principal
from gateway.problems import Refusal
from schemas.errors import DocbeamError, ErrorCode

_SUFFIXES = {
    "application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/tiff": "tiff", "image/webp": "webp",
    "image/bmp": "bmp",
}  # fmt: skip
_OURS = re.compile(
    rf"[0-9a-f]{{32}}/[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\.({'|'.join(_SUFFIXES.values())})"
)
"""Below the prefix: what else lies there is not for us to delete."""
_CLEAN, _INFECTED = 0, 1
_CHUNK_SECONDS = 30.0
_LEAST_BYTES_A_SECOND = 4096
"""Beyond the first `_CHUNK_SECONDS`, over the whole upload: one byte now and then would keep a place for days."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A document that may be sent now."""

    location: str
    media_type: str
    size_bytes: int
    sha256: str


class Uploads:
    """Takes documents in, a few at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.places = FairPlaces(settings.gateway.concurrent_uploads, "uploads")

    async def take(self, chunks: AsyncIterator[bytes], principal: Principal) -> Uploaded:
        """Keep a document.

        Raises DocbeamError NO_SUCH_RESOURCE (no uploads here), DOCUMENT_TOO_LARGE, DOCUMENT_EMPTY,
        UNSUPPORTED_MEDIA_TYPE, DOCUMENT_INFECTED, SERVICE_UNAVAILABLE, RATE_LIMITED.
        """
        prefix = self._settings.gateway.upload_prefix
        if prefix is None:
            raise DocbeamError(
                ErrorCode.NO_SUCH_RESOURCE, "this gateway takes no uploads; gateway.upload_prefix is not set"
            )
        with self.places.one_for(principal.client_id), _temporary() as file:
            size, digest = await self._receive(chunks, file)
            path = Path(file.name)
            media_type = detect_media_type(path)
            await asyncio.to_thread(self._scan, path)
            name = f"{uuid.uuid4()}.{_SUFFIXES[media_type]}"
            location = parse_location(f"{prefix.rstrip('/')}/{folder_of(principal.client_id)}/{name}")
            await asyncio.to_thread(keep, path, location, media_type, self._settings.documents)
        return Uploaded(location.url, media_type, size, digest)

    async def forget(self, before: datetime) -> int:
        """Delete uploads from before then; returns how many.

        Raises DocbeamError(SERVICE_UNAVAILABLE) when the store does not let it.
        """
        prefix = self._settings.gateway.upload_prefix
        if prefix is None:
            return 0
        return await asyncio.to_thread(forget, parse_prefix(prefix), _OURS, before, self._settings.documents)

    async def _receive(self, chunks: AsyncIterator[bytes], file: IO[bytes]) -> tuple[int, str]:
        limit = self._settings.documents.max_bytes
        size, digest = 0, hashlib.sha256()
        waiting, began = aiter(chunks), time.monotonic()
        while True:
            try:
                async with asyncio.timeout(_CHUNK_SECONDS):
                    chunk = await anext(waiting)
            except StopAsyncIteration:
                break
            except TimeoutError:
                raise DocbeamError(ErrorCode.INVALID_REQUEST, "the upload stands still") from None
            size += len(chunk)
            if time.monotonic() - began > _CHUNK_SECONDS + size / _LEAST_BYTES_A_SECOND:
                raise Refusal(
                    ErrorCode.INVALID_REQUEST, f"the upload brings less than {_LEAST_BYTES_A_SECOND} bytes a second",
                    headers={"Connection": "close"},
                )  # fmt: skip
            if size > limit:
                raise Refusal(
                    ErrorCode.DOCUMENT_TOO_LARGE, f"more than {limit} bytes, which documents.max_bytes is",
                    headers={"Connection": "close"},
                )  # fmt: skip
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.flush)
        return size, digest.hexdigest()

    def _scan(self, path: Path) -> None:
        command = self._settings.gateway.scan_command
        if not command:
            return
        try:
            done = subprocess.run(
                [*command, str(path)], stdin=subprocess.DEVNULL, capture_output=True, check=False,
                timeout=self._settings.gateway.scan_seconds,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DocbeamError(
                ErrorCode.SERVICE_UNAVAILABLE, f"the scanner of uploads does not answer ({type(error).__name__})"
            ) from None
        if done.returncode == _INFECTED:
            raise DocbeamError(ErrorCode.DOCUMENT_INFECTED, "the scanner of uploads refuses the document")
        if done.returncode != _CLEAN:
            raise DocbeamError(ErrorCode.SERVICE_UNAVAILABLE, "the scanner of uploads cannot tell")


@contextlib.contextmanager
def _temporary() -> Iterator[IO[bytes]]:
    """A file that is gone afterwards. Raises DocbeamError(SERVICE_UNAVAILABLE) while the disk takes nothing."""
    try:
        with tempfile.NamedTemporaryFile(prefix="docbeam-upload-") as file:
            yield file
    except OSError as error:
        raise DocbeamError(
            ErrorCode.SERVICE_UNAVAILABLE, f"the gateway's disk does not take uploads now ({type(error).__name__})"
        ) from None


def folder_of(client_id: str) -> str:
    """The client's part of the store: no name of a client is a path."""
    return hashlib.sha256(client_id.encode()).hexdigest()[:32]


def check_own_upload(location: Location, principal: Principal, prefix: str | None) -> bool:
    """Whether the location is an upload of the client's own.

    Raises DocbeamError(LOCATION_FORBIDDEN) for another client's: all of them are within `documents.allow`.
    """
    if prefix is None:
        return False
    store = parse_prefix(f"{prefix.rstrip('/')}/")
    if (location.scheme, location.host) != (store.scheme, store.host):
        return False
    # Of files, many spellings are one; of objects, each is another.
    path, root = location.path, store.path.rstrip("/")
    if location.scheme == "file":
        path, root = os.path.realpath(path), os.path.realpath(root)
    if not path.startswith(f"{root}/"):
        return False
    if principal.seen_client is not None and not path.startswith(f"{root}/{folder_of(principal.client_id)}/"):
        raise DocbeamError(ErrorCode.LOCATION_FORBIDDEN, "the location is another client's upload")
    return True
