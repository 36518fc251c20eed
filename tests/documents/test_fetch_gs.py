import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from config.settings import DocumentSettings
from documents.fetch import fetch
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference

pytestmark = pytest.mark.stack
BUCKET = "docbeam-fetch-test"


@pytest.fixture
def bucket(stack):
    client = storage.Client(
        project="docbeam", credentials=AnonymousCredentials(), client_options={"api_endpoint": stack.gcs_endpoint}
    )
    found = client.bucket(BUCKET)
    return found if found.exists() else client.create_bucket(BUCKET)


@pytest.fixture
def settings(stack) -> DocumentSettings:
    return DocumentSettings(
        allow=(f"gs://{BUCKET}/in",), gcs_endpoint=stack.gcs_endpoint, max_bytes=1000, fetch_seconds=20
    )


def failure(reference, settings, cache) -> ErrorCode:
    with pytest.raises(DocbeamError) as caught:
        fetch(reference, settings, cache)
    return caught.value.code


def test_a_document_is_read_with_its_generation(bucket, settings, cache):
    bucket.blob("in/a ü.pdf").upload_from_string(b"content")
    fetched = fetch(DocumentReference(f"gs://{BUCKET}/in/a%20ü.pdf"), settings, cache)
    assert fetched.path.read_bytes() == b"content"
    assert fetched.generation == str(bucket.get_blob("in/a ü.pdf").generation)
    pinned = DocumentReference(f"gs://{BUCKET}/in/a%20ü.pdf", sha256=fetched.sha256, generation=fetched.generation)
    assert fetch(pinned, settings, cache).from_cache


def test_each_way_to_fail_has_its_code(bucket, settings, cache):
    bucket.blob("in/large").upload_from_string(b"x" * 1001)
    bucket.blob("in/empty").upload_from_string(b"")
    bucket.blob("in/a").upload_from_string(b"a")
    url = f"gs://{BUCKET}/in"
    assert failure(DocumentReference(f"{url}/missing"), settings, cache) == ErrorCode.DOCUMENT_NOT_FOUND
    assert failure(DocumentReference(f"{url}/large"), settings, cache) == ErrorCode.DOCUMENT_TOO_LARGE
    assert failure(DocumentReference(f"{url}/empty"), settings, cache) == ErrorCode.DOCUMENT_EMPTY
    assert failure(DocumentReference(f"{url}/a", sha256="0" * 64), settings, cache) == ErrorCode.DOCUMENT_CHANGED
    assert failure(DocumentReference(f"{url}/a", generation="12"), settings, cache) == ErrorCode.DOCUMENT_CHANGED
    assert failure(DocumentReference(f"gs://{BUCKET}/other"), settings, cache) == ErrorCode.LOCATION_FORBIDDEN
