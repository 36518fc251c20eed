"""Documents of ours into a store and out of it again: what the gateway does with uploads."""

from __future__ import annotations

import functools
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.settings import DocumentSettings
from documents.location import Location
from schemas.errors import DocbeamError, ErrorCode


def keep(path: Path, location: Location, media_type: str, settings: DocumentSettings) -> None:
    """Copy a file to a gs, s3 or file location that holds nothing yet.

    Raises DocbeamError(SERVICE_UNAVAILABLE) when the store does not take it, whatever it says.
    """
    try:
        if location.scheme == "gs":
            blob = _gcs(settings.gcs_endpoint).bucket(location.host).blob(location.path)
            blob.upload_from_filename(str(path), content_type=media_type, timeout=settings.fetch_seconds, retry=None)
        elif location.scheme == "s3":
            _s3(settings).upload_file(str(path), location.host, location.path, ExtraArgs={"ContentType": media_type})
        else:
            _to_folder(path, Path(location.path))
    except Exception as error:
        # Cloud clients raise much, and their texts hold the location.
        raise DocbeamError(
            ErrorCode.SERVICE_UNAVAILABLE, f"the store of uploads did not take the document ({type(error).__name__})"
        ) from None


def forget(prefix: Location, ours: re.Pattern[str], before: datetime, settings: DocumentSettings) -> int:
    """Delete what lies under `prefix`, is named as `ours` says (the path below it) and was written before then.

    Returns how many. Raises DocbeamError(SERVICE_UNAVAILABLE) when the store does not let it.
    """
    try:
        old = [path for path, written in _under(prefix, ours, settings) if written < before]
        for path in old:
            _delete(prefix, path, settings)
        return len(old)
    except Exception as error:
        raise DocbeamError(
            ErrorCode.SERVICE_UNAVAILABLE, f"the store of uploads does not let old ones go ({type(error).__name__})"
        ) from None


def _under(prefix: Location, ours: re.Pattern[str], settings: DocumentSettings) -> Iterator[tuple[str, datetime]]:
    """Path and time of each that is ours."""
    root = f"{prefix.path.rstrip('/')}/".removeprefix("" if prefix.scheme == "file" else "/")
    for path, written in _listed(prefix, root, settings):
        if ours.fullmatch(path.removeprefix(root)):
            yield path, written


def _listed(prefix: Location, root: str, settings: DocumentSettings) -> Iterator[tuple[str, datetime]]:
    if prefix.scheme == "gs":
        for blob in _gcs(settings.gcs_endpoint).list_blobs(prefix.host, prefix=root, timeout=settings.fetch_seconds):
            yield blob.name, blob.time_created
    elif prefix.scheme == "s3":
        pages = _s3(settings).get_paginator("list_objects_v2").paginate(Bucket=prefix.host, Prefix=root)
        for page in pages:
            for each in page.get("Contents", ()):
                yield each["Key"], each["LastModified"]
    else:
        for folder, _, names in os.walk(root):
            for name in names:
                path = Path(folder) / name
                yield str(path), datetime.fromtimestamp(path.lstat().st_mtime, UTC)


def _delete(prefix: Location, path: str, settings: DocumentSettings) -> None:
    if prefix.scheme == "gs":
        _gcs(settings.gcs_endpoint).bucket(prefix.host).blob(path).delete(timeout=settings.fetch_seconds)
    elif prefix.scheme == "s3":
        _s3(settings).delete_object(Bucket=prefix.host, Key=path)
    else:
        Path(path).unlink(missing_ok=True)


def _to_folder(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(path, partial)
    os.replace(partial, target)


@functools.cache
def _gcs(endpoint: str | None) -> Any:
    from documents.stores.gs import gcs_client

    return gcs_client(endpoint)


@functools.lru_cache(maxsize=4)
def _s3(settings: DocumentSettings) -> Any:
    from documents.stores.s3 import s3_client

    return s3_client(settings)
