"""Submit the streaming job to Dataflow through Beam's own runner, or translate it without a network."""

from __future__ import annotations

from collections.abc import Sequence

from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.runner import PipelineResult

from config.settings import Settings
from runners.gcp_names import wrong_names
from runners.not_ready import RunnerNotReady
from runners.options import dataflow_flags
from runners.streaming_job import streaming_job

__all__ = ["RunnerNotReady", "dry_run", "problems", "submit"]

_REQUIRED = {
    "gcp_project": "the project that runs and pays the job",
    "gcp_region": "for example europe-west1",
    "gcp_temp_location": "gs://BUCKET/PATH for staged files",
}


def submit(settings: Settings, extra_flags: Sequence[str] = ()) -> PipelineResult:
    """Build the job and hand it to Dataflow; returns when the service has taken it.

    `extra_flags` go to Beam as they are (what a Flex Template's launcher adds).
    Raises RunnerNotReady, naming each setting that is missing.
    """
    found = problems(settings)
    if found:
        raise RunnerNotReady("dataflow", found)
    return streaming_job([*dataflow_flags(settings), *extra_flags], settings, resource_hints=True).run()


def dry_run(settings: Settings) -> beam_runner_api_pb2.Pipeline:
    """The whole job as Dataflow would get it, translated in seconds without a network or credentials.

    Settings that are missing get stand-ins. Raises RunnerNotReady for those that no service takes: Beam would ask the
    network about them.
    """
    found = list(wrong_names(settings.runner))
    if found:
        raise RunnerNotReady("dataflow", found)
    result = streaming_job(dataflow_flags(settings, dry_run=True), settings, resource_hints=True).run()
    return result.job.proto_pipeline


def problems(settings: Settings) -> list[str]:
    """Settings that Dataflow needs and that are missing or cannot be right, all at once."""
    runner = settings.runner
    found = [f"runner.{name} is not set: {what}" for name, what in _REQUIRED.items() if not getattr(runner, name)]
    if not runner.gcp_image and not runner.gcp_setup_file:
        found.append(
            "neither runner.gcp_image (a container image of the workers; see deploy/worker.Dockerfile) nor "
            "runner.gcp_setup_file (this repository's setup.py) is set: workers would lack docbeam itself"
        )
    return [*found, *wrong_names(runner)]
