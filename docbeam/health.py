"""Checks of what docbeam needs, each with its cure. None changes anything, none takes longer than seconds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from clients.failure import Failed, NotReady
from config.settings import Settings
from docbeam.extras import install_line, missing_extra

if TYPE_CHECKING:
    from runners.flink_jobs import FlinkJob

_MODULES = {
    "apache_beam": "apache-beam[gcp]",
    "kafka": "kafka-python",
    "confluent_kafka": "confluent-kafka[schemaregistry]",
    "fastavro": "fastavro",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.storage": "google-cloud-storage",
    "boto3": "boto3",
    "httpx": "httpx",
    "numpy": "numpy",
    "cv2": "opencv-python-headless",
    "pypdfium2": "pypdfium2",
    "pydantic": "pydantic",
    "psutil": "psutil",
}


class Health(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    """It works, but something will surprise."""
    FAIL = "fail"
    """Something will not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome."""

    check: str
    state: Health
    found: str
    cure: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def findings(settings: Settings) -> Iterator[Finding]:
    """Every check, cheap ones first. A check that cannot go on is a failed finding, never an exception."""
    for name, check in CHECKS:
        try:
            yield from check(settings)
        except (NotReady, Failed) as error:
            yield Finding(name, Health.FAIL, *_cause_and_cure(error.message))
        except Exception as error:
            yield Finding(name, Health.FAIL, f"{type(error).__name__}: {error}")


def packages(settings: Settings) -> Iterator[Finding]:
    """Whether every library is installed."""
    del settings
    absent = [package for module, package in _MODULES.items() if not _importable(module)]
    if absent:
        yield Finding("packages", Health.FAIL, f"not installed: {', '.join(absent)}", "install docbeam again")
    elif not _compiled("numpy"):
        # As uv leaves it, and an image with PYTHONDONTWRITEBYTECODE; children may not write it themselves.
        site = Path(str(_origin("numpy"))).parents[1]
        found = f"{len(_MODULES)} libraries installed, not compiled: children take twice as long to start"
        yield Finding("packages", Health.WARN, found, f"run `{sys.executable} -m compileall -q -j 0 {site}`")
    else:
        yield Finding("packages", Health.OK, f"{len(_MODULES)} libraries installed")


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether the document cache can grow to its limit."""
    folder = settings.documents.cache_dir or Path(tempfile.gettempdir())
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free, limit = shutil.disk_usage(folder).free, settings.documents.cache_bytes
    if not os.access(folder, os.W_OK):
        yield Finding("disk", Health.FAIL, f"{folder} cannot be written to", "set documents.cache_dir")
    elif free < limit:
        yield Finding(
            "disk",
            Health.WARN,
            f"{free / 1e9:.1f} GB free at {folder}, the document cache may take {limit / 1e9:.1f} GB",
            "lower documents.cache_bytes or set documents.cache_dir to a larger disk",
        )
    else:
        yield Finding("disk", Health.OK, f"{free / 1e9:.1f} GB free at {folder}")


def confinement(settings: Settings) -> Iterator[Finding]:
    """What the system keeps child processes, which open strangers' documents, from doing."""
    del settings
    from analysis.children.confinement import Confinement

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "analysis.children.confinement", "1024", folder]
        path = os.pathsep.join(each for each in sys.path if each)
        done = subprocess.run(command, check=True, capture_output=True, timeout=60, env={"PYTHONPATH": path})
    on = Confinement(**json.loads(done.stdout))
    kept = {
        "no core dumps": True,
        "no new privileges": on.no_new_privileges,
        "limited address space": on.address_space_mb > 0,
        "no writing outside a folder of their own": on.writes,
        "no TCP": on.connections,
        "no signals to others": on.signals,
    }
    found = "; ".join(name for name, holds in kept.items() if holds)
    absent = ", ".join(name for name, holds in kept.items() if not holds)
    if not absent:
        yield Finding("child processes", Health.OK, found)
    else:
        why = f"Landlock: {on.missing}" if on.missing else f"Landlock {on.landlock} of the kernel is too old"
        cure = "run on Linux 6.12 or newer, with Landlock among its security modules and landlockpy installed"
        state = Health.OK if on.connections else Health.WARN
        yield Finding("child processes", state, f"{found}; without: {absent} ({why})", cure)


def allow_list(settings: Settings) -> Iterator[Finding]:
    """Whether any document may be fetched at all."""
    from documents.allow_list import parse_allow_list

    allow = settings.documents.allow
    if not allow:
        yield Finding(
            "allow-list", Health.WARN, "documents.allow is empty: every document is refused", "set documents.allow"
        )
        return
    try:
        prefixes = parse_allow_list(allow)
    except ValueError as error:
        yield Finding("allow-list", Health.FAIL, str(error), "correct documents.allow")
        return
    absent = [prefix.path for prefix in prefixes if prefix.scheme == "file" and not Path(prefix.path).exists()]
    if absent:
        yield Finding("allow-list", Health.WARN, f"not on this machine: {', '.join(absent)}", "create or remove it")
    else:
        yield Finding("allow-list", Health.OK, f"{len(prefixes)} prefixes")


def use_cases(settings: Settings) -> Iterator[Finding]:
    """Whether the use cases load and their models are installed."""
    del settings
    from models.registry import all_models
    from use_cases.registry import all_use_cases

    known = all_models()
    for name, registered in sorted(all_use_cases().items()):
        absent = [step.model for step in registered.use_case.steps if step.model not in known]
        if absent:
            yield Finding(
                f"use case {name}",
                Health.FAIL,
                f"its models {', '.join(absent)} are not installed",
                "install the package that brings them",
            )
        else:
            yield Finding(f"use case {name}", Health.OK, f"version {registered.use_case.version}")


def models(settings: Settings) -> Iterator[Finding]:
    """Whether every model's files are the ones its card names."""
    del settings
    from models.checks import check_model
    from models.registry import all_models

    for name, registered in sorted(all_models().items()):
        found = check_model(registered, quick=True)
        if found.state == "ok":
            yield Finding(f"model {name}", Health.OK, f"{found.version}, {found.artifacts} artifacts")
        else:
            yield Finding(f"model {name}", Health.FAIL, found.remark, "install its package again")


def broker(settings: Settings) -> Iterator[Finding]:
    """Whether Kafka answers and has the topics."""
    from clients.reaching import open_admin
    from clients.topics import check_topics

    admin = open_admin(settings.kafka)
    try:
        yield Finding("Kafka", Health.OK, settings.kafka.bootstrap)
        for topic in check_topics(admin, settings.kafka):
            said = topic.remark or f"{topic.partitions} partitions"
            yield Finding(f"topic {topic.topic}", Health(topic.state), *_cause_and_cure(said))
    finally:
        admin.close()


def group(settings: Settings) -> Iterator[Finding]:
    """How much is unfinished, and whether one job works on it."""
    from clients.group import active_jobs, group_progress

    progress = group_progress(settings.kafka)
    jobs = active_jobs(progress)
    found = f"{sum(each.lag for each in progress)} requests are not finished; jobs at work: {len(jobs)}"
    if len(jobs) > 1:
        cure = "stop one of them, or give it a group of its own (kafka.group); after a restart wait for 90 s"
        yield Finding(f"group {settings.kafka.group}", Health.WARN, f"{found}, so all is done twice", cure)
    else:
        yield Finding(f"group {settings.kafka.group}", Health.OK, found)


def registry(settings: Settings) -> Iterator[Finding]:
    """Whether the registry answers and has the newest schemas."""
    from clients.registered_schemas import registry_states

    states = list(registry_states(settings))
    yield Finding("registry", Health.OK, settings.registry.url)
    for state in states:
        # The job registers what is missing by itself.
        health = Health.OK if state.state == "ok" else Health.WARN
        yield Finding(f"subject {state.subject}", health, *_cause_and_cure(state.remark))


def warehouse(settings: Settings) -> Iterator[Finding]:
    """Whether BigQuery has the table and its views."""
    from clients.reaching import open_warehouse, warehouse_problems
    from clients.tables import check_tables

    if not settings.bigquery.enabled:
        yield Finding("BigQuery", Health.OK, "bigquery.enabled is off")
        return
    client = open_warehouse(settings.bigquery)
    try:
        with warehouse_problems(settings.bigquery):
            for thing in check_tables(client, settings.bigquery):
                yield Finding(f"{thing.kind} {thing.name}", Health(thing.state), *_cause_and_cure(thing.remark))
    finally:
        client.close()


def stores(settings: Settings) -> Iterator[Finding]:
    """Whether object stores that were given an address answer."""
    import httpx

    documents = settings.documents
    for name in ("gcs_endpoint", "s3_endpoint"):
        url = getattr(documents, name)
        if url is None:
            continue
        try:
            httpx.get(url, timeout=5)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            yield Finding(
                f"documents.{name}",
                Health.FAIL,
                f"{url} does not answer: {error}",
                f"correct documents.{name}, or start the parts with `docbeam dev up`",
            )
        else:
            yield Finding(f"documents.{name}", Health.OK, url)


def gateway(settings: Settings) -> Iterator[Finding]:
    """Whether a gateway could be started, and whether one answers."""
    from docbeam.gateway_health import gateway_checks

    for told in gateway_checks(settings):
        yield Finding("gateway", Health(told.state), told.found, told.cure)


def runner(settings: Settings) -> Iterator[Finding]:
    """Whether the job could be started as `runner.kind` says."""
    kind = settings.runner.kind
    if kind == "local":
        yield _prism(settings)
        return
    if kind == "flink":
        from runners.flink import problems
    else:
        from runners.dataflow import problems
    found: Sequence[str] = problems(settings)
    for problem in found:
        yield Finding(f"runner {kind}", Health.FAIL, *_cause_and_cure(problem))
    if not found:
        yield Finding(f"runner {kind}", Health.OK, "ready")
        if kind == "flink":
            yield from _flink_jobs(settings)


def _flink_jobs(settings: Settings) -> Iterator[Finding]:
    """How the job on Flink is, if it runs there."""
    from runners.flink_jobs import flink_jobs

    found = flink_jobs(settings)
    if not found:
        cure = "start it: docbeam run --runner flink"
        yield Finding("flink job", Health.WARN, f"none of the name {settings.runner.job_name} runs", cure)
    if sum(job.state == "RUNNING" for job in found) > 1:
        cure = "cancel all but one: each analyses everything"
        yield Finding("flink job", Health.WARN, f"{len(found)} run: {', '.join(job.id for job in found)}", cure)
    for job in found:
        yield from _flink_job(job, settings)


def _flink_job(job: FlinkJob, settings: Settings) -> Iterator[Finding]:
    name = f"flink job {job.id[:8]}"
    late = settings.runner.checkpoint_timeout_seconds + settings.runner.checkpoint_seconds
    age = job.seconds if job.last_checkpoint_seconds is None else job.last_checkpoint_seconds
    size = job.checkpoint_bytes / 1e6
    said = f"{job.state}, {job.completed} checkpoints, the last of {size:.1f} MB {age:.0f} s ago"
    said = said if job.completed else f"{job.state}, no checkpoint yet"
    if job.state != "RUNNING":
        yield Finding(name, Health.FAIL, said, "Flink's page of the job has the exception, and the workers' logs")
    elif age > late:
        cure = "documents take longer than runner.checkpoint_timeout_seconds, or the storage does not answer"
        yield Finding(name, Health.WARN, f"{said}: none was completed in time", cure)
    elif job.restored:
        cure = "once after a restore is meant; if it grows, see the exceptions on Flink's page of the job"
        yield Finding(name, Health.WARN, f"{said}; restored {job.restored} times", cure)
    else:
        yield Finding(name, Health.OK, said)
    for step in job.held_up:
        cure = "behind it is too little processor: more workers, or fewer requests"
        yield Finding(name, Health.WARN, f"held up: {step}", cure)
    for difference in job.not_as_asked:
        yield Finding(name, Health.WARN, difference, "set it in a Flink configuration that FLINK_CONF_DIR names")


def _prism(settings: Settings) -> Finding:
    binary = settings.runner.prism
    if binary is not None:
        if binary.is_file() and os.access(binary, os.X_OK):
            return Finding("runner local", Health.OK, str(binary))
        return Finding("runner local", Health.FAIL, f"runner.prism: {binary} is no program", "correct runner.prism")
    try:
        from devstack.fetched import cache_root
    except ModuleNotFoundError as error:
        extra = missing_extra(error)
        if extra is None:
            raise
        found = f"runner.prism is not set, and docbeam's extra {extra!r}, which builds Prism, is not installed"
        return Finding("runner local", Health.FAIL, found, f"set runner.prism, or: {install_line(extra)}")
    built = [path for path in cache_root().glob("prism-*/prism") if (path.parent / ".complete").exists()]
    if built:
        return Finding("runner local", Health.OK, str(built[0]))
    return Finding(
        "runner local",
        Health.WARN,
        "Prism is not built yet; the first run does it and takes minutes",
        "run `docbeam dev up prism`",
    )


def _importable(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # Of the parent package.
        return False


def _origin(module: str) -> str | None:
    spec = find_spec(module)
    return spec.origin if spec else None


def _compiled(module: str) -> bool:
    """Whether its bytecode is kept on disk."""
    origin = _origin(module)
    return origin is not None and Path(cache_from_source(origin)).exists()


def _cause_and_cure(text: str) -> tuple[str, str]:
    """Messages are `cause. Cure.` or `cause; run ...`: split so that each has its column."""
    for mark in ("; run ", ". "):
        cause, found, cure = text.partition(mark)
        if found:
            return cause, (mark.strip("; ") + " " + cure).removeprefix(". ").strip()
    return text, ""


CHECKS: tuple[tuple[str, Check], ...] = (
    ("packages", packages),
    ("disk", disk),
    ("child processes", confinement),
    ("allow-list", allow_list),
    ("use cases", use_cases),
    ("models", models),
    ("Kafka", broker),
    ("group", group),
    ("registry", registry),
    ("BigQuery", warehouse),
    ("object stores", stores),
    ("gateway", gateway),
    ("runner", runner),
)
