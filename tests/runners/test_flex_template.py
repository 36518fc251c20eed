"""The template's parameters are settings, and its launcher's flags reach Beam."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.load import load_settings
from runners.flex_template import setting_name, settings_of

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
