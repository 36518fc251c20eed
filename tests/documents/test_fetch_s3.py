import logging
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from config.settings import DocumentSettings
from documents.fetch import fetch
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference

BUCKET = "docbeam-documents"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(endpoint, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture
def settings(endpoint) -> DocumentSettings:
    return DocumentSettings(allow=(f"s3://{BUCKET}/in",), s3_endpoint=endpoint, max_bytes=1000, fetch_seconds=20)


def failure(reference, settings, cache) -> ErrorCode:
    with pytest.raises(DocbeamError) as caught:
        fetch(reference, settings, cache)
    return caught.value.code


def test_a_document_is_read_at_its_newest_or_named_version(client, settings, cache):
    key, url = "in/a ü%.pdf", f"s3://{BUCKET}/in/a%20ü%25.pdf"
    old = client.put_object(Bucket=BUCKET, Key=key, Body=b"old")["VersionId"]
    new = client.put_object(Bucket=BUCKET, Key=key, Body=b"new")["VersionId"]
    fetched = fetch(DocumentReference(url), settings, cache)
    assert (fetched.path.read_bytes(), fetched.generation) == (b"new", new)
    assert fetched.etag
    earlier = fetch(DocumentReference(url, generation=old), settings, cache)
    assert (earlier.path.read_bytes(), earlier.generation) == (b"old", old)
    again = fetch(DocumentReference(url, generation=new, sha256=fetched.sha256), settings, cache)
    assert again.from_cache
    assert again.path == fetched.path


def test_each_way_to_fail_has_its_code(client, settings, cache):
    client.put_object(Bucket=BUCKET, Key="in/large", Body=b"x" * 1001)
    client.put_object(Bucket=BUCKET, Key="in/empty", Body=b"")
    client.put_object(Bucket=BUCKET, Key="in/a", Body=b"a")
    url = f"s3://{BUCKET}/in"
    assert failure(DocumentReference(f"{url}/missing"), settings, cache) == ErrorCode.DOCUMENT_NOT_FOUND
    assert failure(DocumentReference(f"{url}/large"), settings, cache) == ErrorCode.DOCUMENT_TOO_LARGE
    assert failure(DocumentReference(f"{url}/empty"), settings, cache) == ErrorCode.DOCUMENT_EMPTY
    assert failure(DocumentReference(f"{url}/a", sha256="0" * 64), settings, cache) == ErrorCode.DOCUMENT_CHANGED
    gone = DocumentReference(f"{url}/a", generation="3f2c6f0e-0000-4000-8000-000000000000")
    assert failure(gone, settings, cache) == ErrorCode.DOCUMENT_CHANGED
    assert failure(DocumentReference(f"s3://{BUCKET}/other"), settings, cache) == ErrorCode.LOCATION_FORBIDDEN
    elsewhere = settings.model_copy(update={"allow": ("s3://no-such-bucket/",)})
    assert failure(DocumentReference("s3://no-such-bucket/a"), elsewhere, cache) == ErrorCode.DOCUMENT_NOT_FOUND


def test_a_store_that_is_away_is_a_failed_fetch(client, settings, cache):
    away = settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9", "fetch_attempts": 2})
    assert failure(DocumentReference(f"s3://{BUCKET}/in/a"), away, cache) == ErrorCode.FETCH_FAILED


def test_locations_are_never_logged(client, settings, cache, caplog):
    caplog.set_level(logging.DEBUG)
    client.put_object(Bucket=BUCKET, Key="in/very-private-name", Body=b"a")
    caplog.clear()
    fetch(DocumentReference(f"s3://{BUCKET}/in/very-private-name"), settings, cache)
    ours = [record for record in caplog.records if record.name != "werkzeug"]
    assert not any("very-private-name" in record.getMessage() for record in ours)
