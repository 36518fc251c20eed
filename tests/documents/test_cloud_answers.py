"""What the services behind gs and s3 may answer: versions, refusals, and requests to come later."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import parse_qs, urlsplit

import pytest

from config.settings import DocumentSettings
from documents.cache import DocumentCache
from documents.fetch import FetchedDocument, fetch
from documents.stores import gs, s3
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference
from tests.documents.test_hostile_clouds import DOCUMENT, Service, credentials, settings

__all__ = ["credentials"]

OLDER = b"%PDF-1.4 older"
asked: list[str] = []


class Versions(Service):
    """Holds documents in two versions, 7 and 9, and speaks the errors of both protocols."""

    def do_GET(self) -> None:
        asked.append(self.path)
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        super().do_GET()

    def do_HEAD(self) -> None:
        """S3's way to ask whether there is anything."""
        asked.append(f"HEAD {self.path}")
        self.answer(200 if "versions" in self.path else 404, b"")

    def refuse(self, status: int, code: str = "", **headers: str) -> None:
        self.answer(status, f"<Error><Code>{code}</Code></Error>".encode() if code else b"", **headers)

    def serve_versions(self, newest: str = "9") -> None:
        wanted = self.query.get("generation", self.query.get("versionId", newest))
        if wanted not in ("7", "9"):
            self.refuse(404, "NoSuchVersion")
        elif self.facts:
            self.tell(len(OLDER if wanted == "7" else DOCUMENT), generation=wanted)
        else:
            self.answer(200, OLDER if wanted == "7" else DOCUMENT, x_amz_version_id=wanted)

    def serve_deleted(self) -> None:
        self.serve_versions(newest="none")

    def serve_unversioned(self) -> None:
        self.answer(200, DOCUMENT, x_amz_version_id="null")

    def serve_longer(self) -> None:
        self.tell(len(DOCUMENT) - 1) if self.facts else self.answer(200, DOCUMENT)

    def serve_sized(self) -> None:
        self.tell(100_001) if self.facts else self.answer(200, b"", Content_Length="100001")

    def __getattr__(self, name: str) -> Any:
        """Names tell the status to answer with, and S3's code for it: status-503-SlowDown."""
        if not name.startswith("serve_status_"):
            raise AttributeError(name)
        status, _, code = name.removeprefix("serve_status_").partition("_")
        return lambda: self.refuse(int(status), code)

    def serve_much_later(self) -> None:
        self.refuse(503, "SlowDown", Retry_After="1000")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Versions)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def secure_endpoint(tls_files: tuple[Path, Path]) -> Iterator[str]:
    """As the clouds themselves have it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Versions)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls_files[0])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"https://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


def fetched(endpoint: str, cache: DocumentCache, location: str, generation: str | None = None) -> FetchedDocument:
    return fetch(DocumentReference(location, generation=generation), settings(endpoint), cache)


def failure(
    endpoint: str, cache: DocumentCache, location: str, generation: str | None = None, **changes: object
) -> DocbeamError:
    with pytest.raises(DocbeamError) as caught:
        fetch(DocumentReference(location, generation=generation), settings(endpoint, **changes), cache)
    assert "bucket" not in caught.value.message
    return caught.value


@pytest.mark.parametrize("scheme", ["gs", "s3"])
def test_a_request_gets_the_version_it_names(scheme: str, endpoint: str, cache: DocumentCache) -> None:
    location = f"{scheme}://bucket/versions"
    newest = fetched(endpoint, cache, location)
    assert (newest.path.read_bytes(), newest.generation) == (DOCUMENT, "9")
    assert fetched(endpoint, cache, location, "9").path.read_bytes() == DOCUMENT
    older = fetched(endpoint, cache, location, "7")
    assert (older.path.read_bytes(), older.generation) == (OLDER, "7")
    for gone in ("5", "10", "nonsense"):
        assert failure(endpoint, cache, location, gone).code == ErrorCode.DOCUMENT_CHANGED


@pytest.mark.parametrize("scheme", ["gs", "s3"])
def test_a_version_can_be_had_after_its_document_was_deleted(scheme: str, endpoint: str, cache: DocumentCache) -> None:
    location = f"{scheme}://bucket/deleted"
    assert fetched(endpoint, cache, location, "7").path.read_bytes() == OLDER
    assert failure(endpoint, cache, location).code == ErrorCode.DOCUMENT_NOT_FOUND
    assert failure(endpoint, cache, location, "5").code == ErrorCode.DOCUMENT_NOT_FOUND


def test_a_service_is_asked_for_nothing_else_and_for_the_very_generation_that_was_looked_at(
    endpoint: str, cache: DocumentCache
) -> None:
    """It may be replaced between the two questions. The client has a third one for traces, past all limits."""
    fetched(endpoint, cache, "gs://bucket/versions")
    time.sleep(0.5)
    facts, content = asked
    assert "generation=" not in facts
    assert "generation=9" in content


def test_what_has_no_versions_in_s3_has_no_generation(endpoint: str, cache: DocumentCache) -> None:
    assert fetched(endpoint, cache, "s3://bucket/unversioned").generation is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("status-401", ErrorCode.DOCUMENT_ACCESS_DENIED),
        ("status-403-AccessDenied", ErrorCode.DOCUMENT_ACCESS_DENIED),
        ("status-404", ErrorCode.DOCUMENT_NOT_FOUND),
        ("status-410", ErrorCode.DOCUMENT_NOT_FOUND),
        ("status-404-NoSuchKey", ErrorCode.DOCUMENT_NOT_FOUND),
        ("status-404-NoSuchBucket", ErrorCode.DOCUMENT_NOT_FOUND),
        ("status-400-InvalidArgument", ErrorCode.FETCH_FAILED),
        ("sized", ErrorCode.DOCUMENT_TOO_LARGE),
    ],
)
@pytest.mark.parametrize("scheme", ["gs", "s3"])
def test_what_will_not_pass_is_asked_once(
    scheme: str, answer: str, code: ErrorCode, endpoint: str, cache: DocumentCache
) -> None:
    assert failure(endpoint, cache, f"{scheme}://bucket/{answer}", fetch_attempts=2).code == code
    assert len(asked) == 1


@pytest.mark.parametrize("answer", ["status-429", "status-500-InternalError", "status-502", "status-503-SlowDown"])
@pytest.mark.parametrize("scheme", ["gs", "s3"])
def test_what_may_pass_is_asked_again(scheme: str, answer: str, endpoint: str, cache: DocumentCache) -> None:
    error = failure(endpoint, cache, f"{scheme}://bucket/{answer}", fetch_attempts=2)
    assert (error.code, len(asked)) == (ErrorCode.FETCH_FAILED, 2)


@pytest.mark.parametrize("answer", ["status-400-RequestTimeout", "status-400-Throttling"])
def test_s3_says_by_its_codes_what_may_pass(answer: str, endpoint: str, cache: DocumentCache) -> None:
    """Among them what has the status of a mistake (Amazon S3 API reference, list of error codes)."""
    error = failure(endpoint, cache, f"s3://bucket/{answer}", fetch_attempts=2)
    assert (error.code, len(asked)) == (ErrorCode.FETCH_FAILED, 2)


@pytest.mark.parametrize("scheme", ["gs", "s3"])
def test_a_service_that_says_later_than_the_fetch_may_last_is_not_asked_again(
    scheme: str, endpoint: str, cache: DocumentCache
) -> None:
    error = failure(endpoint, cache, f"{scheme}://bucket/much-later", fetch_attempts=None)
    assert (error.code, len(asked)) == (ErrorCode.FETCH_FAILED, 1)


@pytest.mark.parametrize("scheme", ["gs", "s3"])
def test_answers_over_tls_are_bounded_too(
    scheme: str,
    secure_endpoint: str,
    cache: DocumentCache,
    tls_files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tls_files[1]))
    assert fetched(secure_endpoint, cache, f"{scheme}://bucket/document").path.read_bytes() == DOCUMENT
    for way in ("trickle", "trickle-error"):
        location = f"{scheme}://bucket/{way}"
        hasty = {"fetch_seconds": 1, "connect_seconds": 10}
        code = failure(secure_endpoint, cache, location, **hasty).code  # type: ignore[arg-type]
        assert code in (ErrorCode.FETCH_TIMEOUT, ErrorCode.FETCH_FAILED)
    assert failure(secure_endpoint, cache, f"{scheme}://bucket/endless-error").code == ErrorCode.FETCH_FAILED
    ends = time.monotonic() + 5
    while any(thread.name == "docbeam-fetch" for thread in threading.enumerate()):
        assert time.monotonic() < ends, "a fetch that was given up goes on"
        time.sleep(0.01)


def test_more_bytes_than_were_announced_are_no_document(endpoint: str, cache: DocumentCache) -> None:
    error = failure(endpoint, cache, "gs://bucket/longer", fetch_attempts=2)
    assert (error.code, len(asked)) == (ErrorCode.FETCH_FAILED, 4)


def test_a_worker_without_credentials_may_read_nothing(cache: DocumentCache, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_EC2_METADATA_DISABLED", "NO_GCE_CHECK"):
        monkeypatch.setenv(name, "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "CLOUDSDK_CONFIG"):
        monkeypatch.setenv(name, "/nonexistent")
    for location in ("gs://bucket/a", "s3://bucket/a"):
        # Regions are part of the key of a client: one that has credentials from before is not used again.
        error = failure(None, cache, location, s3_region="eu-north-1")  # type: ignore[arg-type]
        assert error.code == ErrorCode.DOCUMENT_ACCESS_DENIED
        assert "credentials" in error.message


def test_every_question_to_a_store_has_a_time_limit() -> None:
    asked_of = Mock()
    asked_of.get_blob.side_effect = [None, None]
    with pytest.raises(DocbeamError):
        gs._look_up(asked_of, "key", "7", (3.0, 3.0))
    assert [call.kwargs["timeout"] for call in asked_of.get_blob.call_args_list] == [(3.0, 3.0)] * 2
    client = s3.s3_client(DocumentSettings(s3_region="eu-west-3", connect_seconds=3))
    assert client.meta.region_name == "eu-west-3"
    assert (client.meta.config.connect_timeout, client.meta.config.read_timeout) == (3, 3)
