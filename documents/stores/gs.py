"""gs://: Google Cloud Storage by its own client and the application default credentials."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

import google.api_core.exceptions
import google.auth.credentials
import google.auth.exceptions
import google.cloud.storage.exceptions
import requests.exceptions
from google.cloud import storage

from config.settings import DocumentSettings
from documents.location import Location
from documents.stores.bounded_responses import bound_pools, bounded
from documents.stores.contract import (
    Deadline,
    Sink,
    StoreFacts,
    TransientFailureError,
    access_denied,
    changed,
    check_status,
    not_found,
)

_EMULATOR_PROJECT = "docbeam"
_BROKEN_CONNECTION = (
    google.auth.exceptions.TransportError,
    google.cloud.storage.exceptions.DataCorruption,
    requests.exceptions.RequestException,
)

# Locations must not be logged, and these libraries write them at their more talkative levels.
for _name in ("google.cloud.storage", "google.resumable_media", "google.auth", "urllib3"):
    logging.getLogger(_name).setLevel(logging.ERROR)

# For traces that nobody takes, the client would ask about each bucket, in threads of its own and without our bounds.
os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")


class GcsStore:
    """One client for each endpoint, used by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str | None, Any] = {}

    def read(
        self, location: Location, generation: str | None, sink: Sink, settings: DocumentSettings, deadline: Deadline
    ) -> StoreFacts:
        """See `Store.read`. Asks for the facts first, then for exactly that generation's bytes."""
        timeout = (settings.connect_seconds, settings.connect_seconds)
        try:
            with bounded(deadline, settings.max_bytes):
                bucket = self._client(settings.gcs_endpoint).bucket(location.host)
                blob = _look_up(bucket, location.path, generation, timeout)
                sink.expect(blob.size)
                pinned = bucket.blob(location.path, generation=blob.generation)
                pinned.download_to_file(sink, timeout=timeout, retry=None)
        except google.api_core.exceptions.GoogleAPICallError as error:
            check_status(int(error.code or 500), _retry_after(error.response))
            raise
        except google.cloud.storage.exceptions.InvalidResponse as error:
            check_status(int(error.response.status_code), _retry_after(error.response))
            raise
        except google.auth.exceptions.DefaultCredentialsError:
            raise access_denied("there are no credentials for Google Cloud Storage") from None
        except google.auth.exceptions.RefreshError:
            raise access_denied("the credentials for Google Cloud Storage could not be renewed") from None
        except _BROKEN_CONNECTION as error:
            raise TransientFailureError(f"the connection to the store failed ({type(error).__name__})") from None
        # What is stored compressed arrives unpacked.
        if blob.content_encoding is None and blob.size not in (None, sink.size_bytes):
            raise TransientFailureError("the store delivered another number of bytes than it said")
        return StoreFacts(str(blob.generation), blob.etag)

    def _client(self, endpoint: str | None) -> Any:
        with self._lock:
            if endpoint not in self._clients:
                self._clients[endpoint] = gcs_client(endpoint)
            return self._clients[endpoint]


def gcs_client(endpoint: str | None) -> Any:
    """A client of the real service, or of an emulator."""
    client = storage.Client() if endpoint is None else _emulator_client(endpoint)
    for adapter in client._http.adapters.values():
        bound_pools(adapter.poolmanager)
    return client


def _emulator_client(endpoint: str) -> Any:
    return storage.Client(
        project=_EMULATOR_PROJECT,
        credentials=google.auth.credentials.AnonymousCredentials(),
        client_options={"api_endpoint": endpoint},
    )


def _retry_after(response: Any) -> str | None:
    return getattr(response, "headers", {}).get("Retry-After")


def _look_up(bucket: Any, key: str, generation: str | None, timeout: tuple[float, float]) -> Any:
    if generation is not None and not generation.isdecimal():
        raise changed("generation")
    blob = bucket.get_blob(key, timeout=timeout, retry=None)
    if blob is None and generation is None:
        raise not_found()
    if generation is None or (blob is not None and str(blob.generation) == generation):
        return blob
    older = bucket.get_blob(key, generation=int(generation), timeout=timeout, retry=None)
    if older is not None and str(older.generation) == generation:
        return older
    raise not_found() if blob is None else changed("generation")
