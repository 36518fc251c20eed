"""The flags each runner is started with, and why each of them.

Those of Flink and Dataflow are written from the sources of Beam 2.77 and Flink 2.2; neither service runs in this
project's own checks.
`flink_options.toml` lists the options Flink's side knows, and a test holds the preset to it.
"""

from __future__ import annotations

from config.settings import RunnerSettings, Settings

BUNDLE_RECORDS = 1
"""Results leave an operator, and checkpoints are taken, when its bundle ends: with more, all wait for the slowest."""
BUNDLE_MILLISECONDS = 200
"""The default of a second would hold up what ends no bundle by its number."""
TOLERATED_CHECKPOINTS = 5
"""A slow document may outlive a checkpoint; to restart the job for it would only read it again."""
HARNESS_THREADS = 12
"""Bundles at once in a Dataflow worker. The service allows hundreds, each holding documents in memory."""
_NO_CREDENTIALS_NEEDED = "docbeam-dry-run"


def prism_flags(endpoint: str) -> list[str]:
    """Flags for the Prism that listens at `endpoint` (host:port), with workers in this process."""
    return [
        "--runner=PortableRunner",
        f"--job_endpoint={endpoint}",
        "--environment_type=LOOPBACK",
        "--streaming",
        "--job_name=docbeam",
        # Beam would run `pip freeze` for a log that nobody reads.
        "--experiments=disable_logging_submission_environment",
        # Prism splits what seems slow, steps with state included, and then runs two bundles of one key at once: each
        # begins with the same state, and the last one to end overwrites the other's. A part of a document or a link
        # of the offsets' chain is gone then, and its request waits for it in vain.
        "--experiments=prism_disable_sdf_split",
    ]


def flink_flags(settings: Settings) -> list[str]:
    """Flags for Beam's FlinkRunner."""
    runner = settings.runner
    flags = [
        "--runner=FlinkRunner",
        *_shared(runner),
        f"--flink_master={runner.flink_master}",
        f"--flink_version={runner.flink_version}",
        f"--job_server_java_launcher={runner.flink_java}",
        f"--parallelism={runner.flink_parallelism}",
        # Flink derives the number of key groups from the parallelism, and refuses a savepoint with another number.
        f"--max_parallelism={runner.flink_max_parallelism}",
        f"--max_bundle_size={BUNDLE_RECORDS}",
        f"--max_bundle_time_mills={BUNDLE_MILLISECONDS}",
        *_checkpoints(runner),
        f"--sdk_worker_parallelism={runner.sdk_worker_parallelism}",
        # Against a real cluster Beam's default would be DOCKER, which needs a Docker daemon beside every task manager.
        f"--environment_type={runner.environment_type}",
    ]
    if runner.environment_type != "LOOPBACK":
        flags.append(f"--environment_config={runner.environment_config}")
    if runner.flink_job_server_jar:
        flags.append(f"--flink_job_server_jar={runner.flink_job_server_jar}")
    if runner.flink_uber_jar:
        flags.append("--flink_submit_uber_jar")
    return flags


def _checkpoints(runner: RunnerSettings) -> list[str]:
    flags = [
        # Without an interval Beam ends idle sources at once and spins over the timers of the endless one.
        f"--checkpointing_interval={runner.checkpoint_seconds * 1000}",
        f"--checkpoint_timeout_millis={runner.checkpoint_timeout_seconds * 1000}",
        f"--tolerable_checkpoint_failure_number={TOLERATED_CHECKPOINTS}",
        # Barriers pass what waits before a step. Aligned ones queue behind every document already let in, for minutes.
        "--unaligned_checkpoint_enabled",
        "--force_unaligned_checkpoint_enabled",
        # Sinks flush when a bundle ends; this way they have flushed what a checkpoint covers.
        "--finish_bundle_before_checkpointing",
        # A cancelled job leaves the checkpoint from which the next one goes on.
        "--externalized_checkpoints_enabled",
        "--retain_externalized_checkpoints_on_cancellation",
    ]
    if runner.flink_state_path:
        # Beam refuses a state backend without a path, so there are both or neither.
        flags += ["--state_backend=rocksdb", f"--state_backend_storage_path={runner.flink_state_path}"]
    if runner.flink_savepoint:
        flags.append(f"--savepoint_path={runner.flink_savepoint}")
    return flags


def dataflow_flags(settings: Settings, *, dry_run: bool = False) -> list[str]:
    """Flags for Beam's DataflowRunner.

    With `dry_run` the job is translated and not submitted; names that are not set get stand-ins, because Beam
    reaches for the network when they are missing or not valid.
    """
    runner = settings.runner
    absent = _NO_CREDENTIALS_NEEDED if dry_run else None
    temp = runner.gcp_temp_location or (absent and f"gs://{absent}/temp")
    image = runner.gcp_image or (None if runner.gcp_setup_file else absent)
    flags = [
        "--runner=DataflowRunner",
        *_shared(runner),
        # One Python process in each VM: its children already use every core, and each process loads every model.
        "--experiments=no_use_multiple_sdk_containers",
        f"--number_of_worker_harness_threads={HARNESS_THREADS}",
        # Keyed state and timers live in the service, so workers come and go without moving disks.
        "--enable_streaming_engine",
    ]
    flags += _given(
        project=runner.gcp_project or absent,
        region=runner.gcp_region or (absent and "europe-west1"),
        temp_location=temp,
        # Beam would otherwise derive it and warn.
        staging_location=temp and f"{temp.rstrip('/')}/staging",
        sdk_container_image=image,
        setup_file=runner.gcp_setup_file,
        service_account_email=runner.gcp_service_account,
        worker_machine_type=runner.gcp_machine_type,
        max_num_workers=runner.gcp_max_workers,
        network=runner.gcp_network,
        subnetwork=runner.gcp_subnetwork,
    )
    if not runner.gcp_public_ips:
        flags.append("--no_use_public_ips")
    if runner.gcp_update:
        flags.append("--update")
    if dry_run:
        # The flag takes a value; Beam reads any text but the empty one as yes.
        flags.append("--dry_run=true")
    return flags


def _shared(runner: RunnerSettings) -> list[str]:
    return [
        f"--job_name={runner.job_name}",
        "--streaming",
        # Everything is in importable modules. On Dataflow Beam would otherwise pickle the submitting program too.
        "--no_save_main_session",
        # Beam would otherwise call pip, which an environment made by uv does not have.
        "--experiments=disable_logging_submission_environment",
    ]


def _given(**values: object) -> list[str]:
    return [f"--{name}={value}" for name, value in values.items() if value is not None]
