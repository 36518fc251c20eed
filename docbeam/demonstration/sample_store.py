"""The sample documents in the object-store emulators, where the job fetches them as it would in production."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import boto3
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import Conflict
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from devstack.endpoints import Endpoints
from docbeam.demonstration.sample_form import USE_CASE
from docbeam.samples import Sample, sample_requests
from schemas.result import ResultStatus

BUCKET = "docbeam-samples"
ALLOW = (f"gs://{BUCKET}/", f"s3://{BUCKET}/")
UPLOADS = f"gs://{BUCKET}/uploads/"


@dataclass(frozen=True, slots=True)
class Planned:
    """A request of the demonstration, and how it has to end."""

    location: str
    use_case: str
    expected: ResultStatus
    what: str
    """For people."""


def upload(endpoints: Endpoints) -> list[Planned]:
    """Put the samples into both stores by turns; the requests for them, and some that have to fail."""
    samples = sample_requests()
    gs, s3 = samples[0::2], samples[1::2]
    _upload_gs(gs, endpoints)
    _upload_s3(s3, endpoints)
    planned = [_planned(sample, "gs") for sample in gs] + [_planned(sample, "s3") for sample in s3]
    planned.sort(key=lambda each: each.what)
    return [
        *planned,
        *_as_known_forms(planned),
        Planned(f"gs://{BUCKET}/no-such-document.pdf", "receipt", ResultStatus.FAILED, "(not there)"),
        Planned("https://internal.example/secret.pdf", "receipt", ResultStatus.FAILED, "(location not allowed)"),
        Planned(f"gs://{BUCKET}/{samples[0].file}", "passport", ResultStatus.FAILED, "(use case nobody has)"),
    ]


def _as_known_forms(planned: Sequence[Planned]) -> list[Planned]:
    """The copies of the sample form once more, to read their fields."""
    return [
        replace(each, use_case=USE_CASE)
        for each in planned
        if each.use_case == "application-form" and each.expected is ResultStatus.COMPLETE
    ]


def _planned(sample: Sample, scheme: str) -> Planned:
    return Planned(f"{scheme}://{BUCKET}/{sample.file}", sample.use_case, sample.expected_status, sample.file)


def _upload_gs(samples: Sequence[Sample], endpoints: Endpoints) -> None:
    client = storage.Client(
        project="docbeam",
        credentials=AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=endpoints.gcs_endpoint),
    )
    try:
        bucket = client.create_bucket(BUCKET)
    except Conflict:
        bucket = client.bucket(BUCKET)
    for sample in samples:
        bucket.blob(sample.file).upload_from_filename(str(sample.path))


def _upload_s3(samples: Sequence[Sample], endpoints: Endpoints) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=endpoints.s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket=BUCKET)
    for sample in samples:
        client.upload_file(str(sample.path), BUCKET, sample.file)
