"""A document of ours into a store: what the gateway does with uploads."""

from __future__ import annotations

import functools
import os
import shutil
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
