"""s3://: S3 and everything that speaks its protocol, by boto3 and its usual chain of credentials."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import Any

import boto3
import botocore.awsrequest
import botocore.config
import botocore.exceptions

from config.settings import DocumentSettings
from documents.location import Location
from documents.stores.bounded_responses import BoundedResponse, bounded
from documents.stores.contract import (
    Deadline,
    Sink,
    StoreFacts,
    TransientFailureError,
    access_denied,
    changed,
    check_status,
    not_found,
    seconds_of,
)
from schemas.errors import DocbeamError, ErrorCode

_CHUNK_BYTES = 1 << 16
_UNVERSIONED = "null"
_MISSING = ("NoSuchKey", "NoSuchBucket", "NoSuchVersion", "404")
_BUSY = ("SlowDown", "RequestTimeout", "Throttling", "ThrottlingException", "InternalError")
_BROKEN_CONNECTION = (
    botocore.exceptions.ConnectionError,
    botocore.exceptions.HTTPClientError,
    botocore.exceptions.IncompleteReadError,
    botocore.exceptions.ResponseStreamingError,
)

# Locations must not be logged, and these libraries write them at their more talkative levels.
for _name in ("boto3", "botocore", "urllib3"):
    logging.getLogger(_name).setLevel(logging.ERROR)

for _connection in (botocore.awsrequest.AWSHTTPConnection, botocore.awsrequest.AWSHTTPSConnection):
    _connection.response_class = BoundedResponse  # type: ignore[assignment]


class S3Store:
    """One client for each endpoint; clients are thread-safe, making them is not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[tuple[object, ...], Any] = {}

    def read(
        self, location: Location, generation: str | None, sink: Sink, settings: DocumentSettings, deadline: Deadline
    ) -> StoreFacts:
        """See `Store.read`; a generation is a version id."""
        wanted = {"Bucket": location.host, "Key": location.path}
        try:
            with bounded(deadline, settings.max_bytes):
                client = self._client(settings)
                answer = _ask(client, wanted, generation)
                check_status(_status(answer))
                sink.expect(answer.get("ContentLength"))
                with contextlib.closing(answer["Body"]) as body:
                    for chunk in body.iter_chunks(_CHUNK_BYTES):
                        sink.write(chunk)
        except botocore.exceptions.ClientError as error:
            _raise_for(error)
            raise
        except botocore.exceptions.NoCredentialsError:
            raise access_denied("there are no credentials for S3") from None
        except _BROKEN_CONNECTION as error:
            raise TransientFailureError(f"the connection to the store failed ({type(error).__name__})") from None
        except botocore.exceptions.BotoCoreError as error:
            # Its own text holds the location.
            raise DocbeamError(ErrorCode.FETCH_FAILED, f"the S3 client failed ({type(error).__name__})") from None
        found = answer.get("VersionId")
        return StoreFacts(None if found == _UNVERSIONED else found, answer.get("ETag"))

    def _client(self, settings: DocumentSettings) -> Any:
        key = (settings.s3_endpoint, settings.s3_region, settings.connect_seconds, settings.concurrent_fetches_per_host)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = s3_client(settings)
            return self._clients[key]


def s3_client(settings: DocumentSettings) -> Any:
    """A client of the settings' endpoint."""
    return boto3.session.Session().client(
        "s3",
        region_name=settings.s3_region,
        endpoint_url=settings.s3_endpoint,
        config=botocore.config.Config(
            connect_timeout=settings.connect_seconds,
            read_timeout=settings.connect_seconds,
            # Retries are bounded in one place, the fetch.
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=settings.concurrent_fetches_per_host,
            s3={"addressing_style": "path" if settings.s3_endpoint else "auto"},
        ),
    )


def _ask(client: Any, wanted: dict[str, str], generation: str | None) -> Any:
    version = {} if generation is None else {"VersionId": generation}
    try:
        return client.get_object(**wanted, **version)
    except botocore.exceptions.ClientError as error:
        if generation is not None and _status(error.response) in (400, 404) and _exists(client, wanted):
            raise changed("version") from None
        raise


def _exists(client: Any, wanted: dict[str, str]) -> bool:
    try:
        client.head_object(**wanted)
    except botocore.exceptions.ClientError:
        return False
    return True


def _status(response: Any) -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _raise_for(error: Any) -> None:
    code = error.response.get("Error", {}).get("Code", "")
    retry_after = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("retry-after")
    if code in _MISSING:
        raise not_found() from None
    if code in _BUSY:
        raise TransientFailureError(f"the store answered {code}", seconds_of(retry_after)) from None
    check_status(_status(error.response) or 500, retry_after)
