"""Submit the streaming job to a Flink cluster through Beam's own FlinkRunner."""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
import time
import urllib.error
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.portability.flink_runner import MAGIC_HOST_NAMES, FlinkJarJobServer, FlinkRunner
from apache_beam.runners.runner import PipelineResult, PipelineState
from apache_beam.utils.subprocess_server import JavaJarServer
from apache_beam.version import __version__ as beam_version

from config.settings import Settings
from runners.flink_rest import ask, rest_url
from runners.not_ready import RunnerNotReady
from runners.options import TOLERATED_CHECKPOINTS, flink_flags
from runners.streaming_job import streaming_job

__all__ = [
    "RunnerNotReady",
    "fetch_job_server",
    "flink_job",
    "flink_proto",
    "job_server_artifact",
    "not_as_asked",
    "problems",
    "submit",
]

log = logging.getLogger(__name__)
_CONFIGURATION = "FLINK_CONF_DIR"
"""The variable that Flink's clients read."""
_SUBMISSION_SECONDS = 180
_PATIENCE_SECONDS = 60
_FAILED = frozenset({"FAILED", "FAILING"})


def submit(settings: Settings) -> PipelineResult:
    """Build the job and hand it to Flink; returns when Flink has it.

    Raises RunnerNotReady where the cluster, Java or Beam's job-server artifact is missing, where Flink does not
    get the job, and where it no longer answers.
    """
    found = problems(settings)
    if found:
        raise RunnerNotReady("flink", found)
    pipeline = flink_job(settings)
    try:
        before = _jobs(settings)
        with _defaults_of_flink():
            result = pipeline.run()
            job = _wait_for_flink(result, before, settings)
    except RuntimeError as error:
        problem = _submission_problem(error, settings)
        if problem is None:
            raise
        raise RunnerNotReady("flink", [problem]) from error
    try:
        told = _ask(settings, f"jobs/{job}/checkpoints/config")
    except RunnerNotReady as error:
        log.warning("Flink runs the job and does not say with which options. %s", error)
        return result
    for difference in not_as_asked(told, settings):
        log.warning("%s", difference)
    return result


@contextmanager
def _defaults_of_flink() -> Iterator[None]:
    """A configuration of Flink for the job server, unless the environment names one already.

    Job servers before Beam 2.71 do not know how many failed checkpoints are tolerated, and Flink's own default is none:
    a checkpoint that is not through in time would restart the job from the one before, again and again.
    """
    if os.environ.get(_CONFIGURATION):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="docbeam-flink-") as folder:
        text = f"execution:\n  checkpointing:\n    tolerable-failed-checkpoints: {TOLERATED_CHECKPOINTS}\n"
        (Path(folder) / "config.yaml").write_text(text, encoding="utf-8")
        os.environ[_CONFIGURATION] = folder
        try:
            yield
        finally:
            del os.environ[_CONFIGURATION]


def _wait_for_flink(result: PipelineResult, before: set[str], settings: Settings) -> str:
    """Flink's id of the job.

    The job server says that a job runs before it has translated it, and it ends with this process.
    Raises RunnerNotReady where Flink has ended it: a savepoint that does not fit, for example.
    """
    deadline = time.monotonic() + _SUBMISSION_SECONDS
    while not (new := _jobs(settings) - before):
        if PipelineState.is_terminal(result.state) or time.monotonic() > deadline:
            message = (
                f"Flink did not get the job, which is {result.state}: see the job server's log above, at level info"
            )
            raise RunnerNotReady("flink", [message])
        time.sleep(0.5)
    job = new.pop()
    if _ask(settings, f"jobs/{job}")["state"] in _FAILED:
        told = _ask(settings, f"jobs/{job}/exceptions").get("root-exception") or "no reason given"
        raise RunnerNotReady("flink", [f"Flink ended the job at once: {_causes(told)}"])
    return job


def _causes(trace: str) -> str:
    """What a Java stack trace says, without the places."""
    return " ".join(line.strip() for line in trace.splitlines() if not line.startswith(("\t", "    at ")))


def not_as_asked(told: Mapping[str, Any], settings: Settings) -> list[str]:
    """What Flink says of a job's checkpoints (`/jobs/ID/checkpoints/config`) that the preset asked for otherwise.

    A job server drops flags that it does not know, without a word: those of a newer Beam.
    """
    runner = settings.runner
    asked = {
        "interval": runner.checkpoint_seconds * 1000,
        "timeout": runner.checkpoint_timeout_seconds * 1000,
        "unaligned_checkpoints": True,
        "tolerable_failed_checkpoints": TOLERATED_CHECKPOINTS,
    }
    return [
        f"Flink runs the job with {name} = {json.dumps(told[name])} instead of {json.dumps(wanted)}: the job server "
        "does not know that option; docs/flink.md says what follows"
        for name, wanted in asked.items()
        if name in told and told[name] != wanted
    ]


def _jobs(settings: Settings) -> set[str]:
    """Ids of the jobs that Flink executes."""
    jobs = _ask(settings, "jobs/overview")["jobs"]
    return {job["jid"] for job in jobs if job["state"] not in ("INITIALIZING", "CREATED")}


def _ask(settings: Settings, path: str) -> Any:
    """What a cluster answers that has answered before. Raises RunnerNotReady where it no longer does."""
    try:
        return ask(settings.runner.flink_master, path, _PATIENCE_SECONDS)
    except (OSError, ValueError) as error:
        where = f"{rest_url(settings.runner.flink_master)}/v1/{path}"
        problem = f"Flink no longer answers ({error}): see whether it has the job at {where} before submitting again"
        raise RunnerNotReady("flink", [problem]) from error


def flink_job(settings: Settings) -> beam.Pipeline:
    """The job as Flink gets it: one environment for all stages."""
    return streaming_job(flink_flags(settings), settings)


def flink_proto(settings: Settings) -> beam_runner_api_pb2.Pipeline:
    """The graph the job server receives."""
    pipeline = flink_job(settings)
    return pipeline.to_runner_api(default_environment=FlinkRunner().default_environment(pipeline.options))


def problems(settings: Settings) -> list[str]:
    """Everything that keeps the job from being submitted, all at once, each with its cure."""
    runner = settings.runner
    found = []
    if runner.flink_uber_jar and runner.flink_savepoint:
        found.append(
            "runner.flink_savepoint has no effect with runner.flink_uber_jar: Beam only hands it on through a job "
            "server; switch runner.flink_uber_jar off"
        )
    if runner.flink_master in MAGIC_HOST_NAMES:
        found.append(
            f"runner.flink_master is {runner.flink_master!r}: that Flink would live in Beam's job server and end with "
            "this command, the job with it; name the REST address of a cluster (`docbeam dev up --flink` starts one)"
        )
    else:
        found += _cluster_problems(rest_url(runner.flink_master), runner.flink_version)
    if not runner.flink_uber_jar and shutil.which(runner.flink_java) is None:
        found.append(
            f"Java was not found as {runner.flink_java!r}: Beam's job server needs Java 17; install it, or name its "
            "launcher in runner.flink_java"
        )
    try:
        fetch_job_server(settings)
    except (RuntimeError, ValueError, OSError) as error:
        found.append(_no_jar(settings, error))
    return found


def fetch_job_server(settings: Settings) -> str:
    """The path of the job-server jar, fetched by Beam into its cache if it is not there yet.

    Raises what Beam raises: RuntimeError where it cannot be fetched, ValueError where the path set does not exist.
    """
    server = FlinkJarJobServer(PipelineOptions(flink_flags(settings)))
    return str(server.local_jar(server.path_to_jar()))


def job_server_artifact(settings: Settings) -> str:
    """Maven coordinates of the job server that fits the Beam installed here and the Flink version set."""
    return f"org.apache.beam:{_artifact_name(settings)}:{beam_version}"


def _artifact_name(settings: Settings) -> str:
    return f"beam-runners-flink-{settings.runner.flink_version}-job-server"


def _no_jar(settings: Settings, error: Exception) -> str:
    cached = os.path.join(JavaJarServer.JAR_CACHE, f"{_artifact_name(settings)}-{beam_version}.jar")
    tried = f"{settings.runner.flink_job_server_jar!r} (runner.flink_job_server_jar)"
    where = tried if settings.runner.flink_job_server_jar else "Maven Central"
    return (
        f"Beam's Flink job server {job_server_artifact(settings)} could not be fetched from {where}: "
        f"{_first_sentence(error)}. Download that jar where you can, and either set runner.flink_job_server_jar to "
        f"its path or URL, or place it at {cached}"
    )


def _submission_problem(error: RuntimeError, settings: Settings) -> str | None:
    text = str(error)
    if "Unable to fetch remote job server jar" in text:
        return _no_jar(settings, error)
    if "Service failed to start up" in text:
        return (
            f"Beam's Flink job server did not start ({text}): its log is above, at level info; it needs Java 17 and "
            f"the whole jar {job_server_artifact(settings)}"
        )
    return None


def _cluster_problems(url: str, wanted: str) -> list[str]:
    try:
        version = str(ask(url, "config")["flink-version"])
    except urllib.error.HTTPError as error:
        reason = f"what listens there answers HTTP {error.code} to /v1/config"
    except urllib.error.URLError as error:
        reason = str(error.reason)
    except TimeoutError:
        reason = "what listens there takes too long to answer /v1/config"
    except (OSError, ValueError, KeyError) as error:
        reason = f"its answer to /v1/config is not Flink's ({type(error).__name__})"
    else:
        return _version_problems(url, version, wanted)
    return [
        f"no Flink REST service at {url} (runner.flink_master): {reason}; start the cluster or name its REST address"
    ]


def _version_problems(url: str, version: str, wanted: str) -> list[str]:
    if version.split(".")[:2] != wanted.split("."):
        return [f"the cluster at {url} runs Flink {version}, but runner.flink_version is {wanted}"]
    return []


def _first_sentence(error: Exception) -> str:
    return str(error).split(". ")[0].rstrip(".")
