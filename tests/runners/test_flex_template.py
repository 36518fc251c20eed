"""The template's parameters are settings, and its launcher's flags reach Beam."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from apache_beam.portability.api import beam_runner_api_pb2 as proto
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from config.load import load_settings
from devstack.endpoints import Endpoints
from runners.flex_template import launch, setting_name, settings_of

METADATA = Path(__file__).resolve().parents[2] / "deploy" / "flex-template" / "metadata.json"
PARAMETERS = json.loads(METADATA.read_text(encoding="utf-8"))["parameters"]


@pytest.mark.parametrize("parameter", [each["name"] for each in PARAMETERS])
def test_each_parameter_is_a_setting(parameter: str) -> None:
    assert setting_name(parameter) is not None


def test_no_parameter_is_a_secret() -> None:
    """Parameters are shown in the console to everyone who sees the job."""
    assert [each["name"] for each in PARAMETERS if any(word in each["name"] for word in ("password", "secret"))] == []


def test_a_launchers_command_line() -> None:
    flags, rest = settings_of(
        [
            "--kafka_bootstrap=a:1,b:2",
            "--documents_allow=gs://in/,https://forms.example/",
            "--job_name=docbeam-2",
            "--project=p",
            "--region=europe-west1",
            "--temp_location=gs://bucket/temp",
            "--sdk_container_image=image",
            "--template_location=gs://bucket/template",
            "--requirements_cache_only_sources",
        ]
    )
    settings = load_settings(flags, environment={}).settings
    assert settings.kafka.bootstrap == "a:1,b:2"
    assert settings.documents.allow == ("gs://in/", "https://forms.example/")
    assert (settings.runner.job_name, settings.runner.gcp_project) == ("docbeam-2", "p")
    assert rest == ["--template_location=gs://bucket/template", "--requirements_cache_only_sources"]


@pytest.mark.stack
def test_a_template_writes_the_whole_job_into_the_bucket(stack: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything the launcher does but handing the service the file, with Beam's own submission to a store."""
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    # Beam would ask for an account, four times with growing pauses, before it does without.
    monkeypatch.setattr("apache_beam.internal.gcp.auth._Credentials._credentials_init", True)
    bucket = storage.Client(project="p", credentials=AnonymousCredentials()).create_bucket("docbeam-templates")
    given = {
        "kafka_bootstrap": "broker:9092",
        "registry_url": "https://registry",
        "documents_allow": "gs://inbox/",
        "bigquery_project": "my-project-1",
        "job_name": "docbeam-2",
        "project": "my-project-1",
        "region": "europe-west1",
        "temp_location": "gs://docbeam-templates/temp",
        "sdk_container_image": "europe-west1-docker.pkg.dev/my-project-1/docbeam/worker:0.1.0",
    }
    assert {each["name"] for each in PARAMETERS if not each["isOptional"]} <= set(given)
    flags = [f"--{name}={value}" for name, value in given.items()]
    launch([*flags, "--template_location=gs://docbeam-templates/job.json", "--no_auth"])
    job = json.loads(bucket.blob("job.json").download_as_bytes())
    assert (job["name"], job["type"]) == ("docbeam-2", "JOB_TYPE_STREAMING")
    (pool,) = job["environment"]["workerPools"]
    assert {each["containerImage"] for each in pool["sdkHarnessContainerImages"]} == {given["sdk_container_image"]}
    (graph,) = (blob for blob in bucket.list_blobs() if blob.name.endswith("/pipeline.pb"))
    steps = proto.Pipeline.FromString(graph.download_as_bytes()).components.transforms.values()
    assert "settle/commit offsets" in {step.unique_name for step in steps}
