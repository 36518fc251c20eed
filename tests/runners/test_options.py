"""Each flag of a preset is one that Beam 2.77 knows, and has the form it expects."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path
from typing import Any

import apache_beam.options.pipeline_options as beam_options
import pytest
from apache_beam.options.pipeline_options import FlinkRunnerOptions, PipelineOptions, SetupOptions, StandardOptions
from apache_beam.version import __version__ as beam_version
from hypothesis import given
from hypothesis import strategies as st

import runners
from config.settings import RunnerSettings, Settings
from runners.options import dataflow_flags, flink_flags

KNOWN = tomllib.loads((Path(runners.__file__).parent / "flink_options.toml").read_text(encoding="utf-8"))
EVERYTHING: dict[str, Any] = {
    "flink_job_server_jar": "server.jar",
    "flink_uber_jar": True,
    "flink_savepoint": "s3://bucket/savepoint",
    "flink_state_path": "s3://bucket/state",
    "gcp_project": "project",
    "gcp_region": "europe-west1",
    "gcp_temp_location": "gs://bucket/temp/",
    "gcp_image": "registry/docbeam:1",
    "gcp_setup_file": "setup.py",
    "gcp_service_account": "docbeam@project.iam.gserviceaccount.com",
    "gcp_machine_type": "n2-standard-4",
    "gcp_max_workers": 8,
    "gcp_network": "default",
    "gcp_subnetwork": "regions/europe-west1/subnetworks/docbeam",
    "gcp_public_ips": False,
    "gcp_update": True,
}


def _settings(**runner: Any) -> Settings:
    return Settings.model_validate({"runner": runner})


def _parser(*classes: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in classes:
        getattr(beam_options, name)._add_argparse_args(parser)
    return parser


def _names(flags: list[str]) -> list[str]:
    return [flag.removeprefix("--").partition("=")[0] for flag in flags]


@pytest.mark.parametrize("runner", [{}, EVERYTHING])
def test_every_flink_flag_is_known(runner: dict[str, Any]) -> None:
    flags = flink_flags(_settings(**runner))
    _, unknown_to_python = _parser(*KNOWN["python"]["classes"]).parse_known_args(flags)
    assert set(_names(unknown_to_python)) <= set(KNOWN["flink"]["names"])


def test_the_list_is_of_the_beam_that_is_installed() -> None:
    assert KNOWN["beam"] == beam_version
    assert RunnerSettings.model_fields["flink_version"].default == FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS[-1]


def test_switches_have_no_value_and_the_others_have_one() -> None:
    flags = flink_flags(_settings(**EVERYTHING))
    _, for_flink = _parser(*KNOWN["python"]["classes"]).parse_known_args(flags)
    assert {flag for flag in _names(for_flink) if f"--{flag}" in for_flink} == set(KNOWN["flink"]["switches"])


def test_checkpoints_are_always_on() -> None:
    """Without them Beam's Flink runner ends idle sources and spins."""
    assert "--checkpointing_interval=30000" in flink_flags(Settings())


def test_a_state_backend_comes_with_its_path_or_not_at_all() -> None:
    assert not [flag for flag in flink_flags(Settings()) if flag.startswith("--state_backend")]
    flags = flink_flags(_settings(flink_state_path="s3://bucket/state"))
    assert {"--state_backend=rocksdb", "--state_backend_storage_path=s3://bucket/state"} <= set(flags)


def test_every_dataflow_flag_is_known() -> None:
    parser = _parser("StandardOptions", "GoogleCloudOptions", "WorkerOptions", "SetupOptions", "DebugOptions")
    parser.add_argument("--dry_run")
    for flags in (dataflow_flags(_settings(**EVERYTHING)), dataflow_flags(Settings(), dry_run=True)):
        _, unknown = parser.parse_known_args(flags)
        assert unknown == []


def test_staging_lies_under_the_temporary_location() -> None:
    assert "--staging_location=gs://bucket/temp/staging" in dataflow_flags(_settings(**EVERYTHING))


def test_a_real_submission_never_invents_names() -> None:
    assert not [flag for flag in dataflow_flags(Settings()) if "dry-run" in flag or "dry_run" in flag]


@pytest.mark.parametrize("flags", [flink_flags(Settings()), dataflow_flags(Settings(), dry_run=True)])
def test_the_submitting_program_is_not_pickled(flags: list[str]) -> None:
    options = PipelineOptions(flags)
    assert options.view_as(SetupOptions).save_main_session is False
    assert options.view_as(StandardOptions).streaming is True


@given(st.integers(2, 10_000), st.integers(1, 10_000), st.sampled_from(FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS))
def test_numbers_arrive_as_they_were_set(parallelism: int, seconds: int, version: str) -> None:
    flags = flink_flags(_settings(flink_parallelism=parallelism, checkpoint_seconds=seconds, flink_version=version))
    options = PipelineOptions(flags).view_as(FlinkRunnerOptions)
    assert (options.parallelism, options.flink_version) == (parallelism, version)
    assert f"--checkpointing_interval={seconds * 1000}" in flags
