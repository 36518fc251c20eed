"""The streaming job on a real Flink cluster: `make test-flink`. Not part of the test suite: it takes half an hour.

    python -m tests.runners.flink_acceptance [SCENARIO ...]

It starts broker, registry, BigQuery emulator and cluster by itself, and plays the scenarios on one of them after
another, each behind a completed checkpoint. It ends with 0 only if every request has its result and its row, no repeat
differs, the job was restored from a checkpoint where it was broken, the group has nothing left to do, and no Python
worker outlives what it worked for.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from docbeam.samples import sample_folder
from models.registry import all_models
from schemas.result import ResultStatus
from tests.installing_plugins import install_plugins
from tests.pipelines.small_documents import draw_documents
from tests.processes import killing_who_works_on
from tests.runners.flink_cluster import Cluster, cluster, say
from use_cases.registry import all_use_cases

BATCH = 20
AWAY_SECONDS = 60
RECEIPTS = sorted(sample_folder().glob("receipt-*"))


def worker_killed(flink: Cluster, folder: Path) -> None:
    """All Python workers are killed in the middle of receipts."""
    _broken_in_the_middle(flink, "worker", flink.kill_workers)


def task_manager_killed(flink: Cluster, folder: Path) -> None:
    """One of two task managers is killed in the middle of receipts."""
    _broken_in_the_middle(flink, "task-manager", flink.kill_task_manager)


def job_manager_killed(flink: Cluster, folder: Path) -> None:
    """The job manager is killed in the middle of receipts; the next one finds the job by itself."""
    _broken_in_the_middle(flink, "job-manager", flink.kill_job_manager)


def upgraded_and_grown(flink: Cluster, folder: Path) -> None:
    """A savepoint with receipts in work; resumed with another package's use cases installed, in three places."""
    flink.checkpointed()
    flink.send("saved", BATCH, RECEIPTS, "receipt")
    savepoint = flink.savepoint()
    flink.send("sent-while-down", BATCH, RECEIPTS, "receipt")
    install(folder / "plugins")
    flink.start(savepoint, parallelism=3)
    flink.send("notes", BATCH, [folder / "one.png"], "notes")
    flink.answered("a savepoint, upgraded and grown from 2 to 3")


def shrunk(flink: Cluster, folder: Path) -> None:
    """A savepoint in three places, resumed in two of the one task manager that is left."""
    flink.checkpointed()
    flink.send("before-shrinking", BATCH, [folder / "ten.tiff"], "notes")
    savepoint = flink.savepoint()
    flink.end_added()
    flink.start(savepoint, parallelism=2)
    flink.send("after-shrinking", BATCH, [folder / "one.png"], "notes")
    flink.answered("a savepoint, shrunk from 3 to 2 and to one task manager")


def new_partition(flink: Cluster, folder: Path) -> None:
    """The requests topic gets a partition while the job runs."""
    number = flink.add_partition()
    flink.send("new-partition", BATCH, [folder / "one.png"], "notes", partition=number)
    flink.answered(f"a partition more, number {number}")


def parts(flink: Cluster, folder: Path) -> None:
    """A task manager is killed while documents of two parts are being put together."""
    flink.checkpointed()
    flink.send("parts", BATCH // 4, [folder / "ten.tiff"], "misbehaving", {"fault": "slow"})
    time.sleep(8)
    with flink.going_on_from_a_checkpoint():
        flink.kill_task_manager()
    flink.answered("documents of two parts over a restart")


def poison(flink: Cluster, folder: Path) -> None:
    """Documents that end a child, and one that ends the worker whenever it is begun, among others."""
    flink.checkpointed()
    document = [folder / "ten.tiff"]
    flink.send("beside-poison", BATCH, [folder / "one.png"], "notes")
    flink.send("ends-child", 4, document, "misbehaving", {"fault": "exit"}, ResultStatus.PARTIAL)
    flink.send("ends-worker", 1, document, "misbehaving", {"fault": "hang", "guilty": "1"}, ResultStatus.FAILED)
    attempts = flink.settings.analysis.attempts_dir
    assert attempts is not None
    with killing_who_works_on(attempts, ' ends-worker-0", "stage": "faults, part') as killed:
        flink.answered("poison among others")
    say(f"{len(killed)} workers ended by poison")


def broker_away(flink: Cluster, folder: Path) -> None:
    """The broker is killed in the middle and is away for a minute."""
    flink.send("broker-away", BATCH, [folder / "one.png"], "misbehaving", {"fault": "slow"})
    time.sleep(5)
    flink.broker_away(AWAY_SECONDS)
    flink.answered("a broker away for a minute")


def registry_away(flink: Cluster, folder: Path) -> None:
    """The registry answers nothing for a minute, and workers begin anew meanwhile and know no schema."""
    _asked_of_what_is_away(flink, folder, "registry")


def bigquery_away(flink: Cluster, folder: Path) -> None:
    """BigQuery answers nothing for a minute, and workers begin anew meanwhile."""
    _asked_of_what_is_away(flink, folder, "bigquery")


Scenario = Callable[[Cluster, Path], None]
SCENARIOS: Mapping[str, Scenario] = {
    each.__name__.replace("_", "-"): each
    for each in (
        worker_killed, task_manager_killed, job_manager_killed, upgraded_and_grown, new_partition, parts, poison,
        broker_away, registry_away, bigquery_away, shrunk,
    )
}  # fmt: skip


def main(names: list[str]) -> int:
    """Play those named, or all; the exit code."""
    chosen = {name: SCENARIOS[name] for name in names} if names else SCENARIOS
    with tempfile.TemporaryDirectory(prefix="docbeam-scenarios-") as path, pytest.MonkeyPatch.context() as patch:
        folder = Path(path)
        draw_documents(folder)
        (folder / "plugins").mkdir()
        patch.setenv("PYTHONPATH", str(folder / "plugins"))
        patch.syspath_prepend(str(folder / "plugins"))
        if upgraded_and_grown not in chosen.values():
            install(folder / "plugins")
        with cluster(folder) as flink:
            flink.add_task_manager()
            flink.start()
            flink.send("first", BATCH, RECEIPTS, "receipt")
            flink.answered("first requests")
            for name, scenario in chosen.items():
                say(f"{name}: {scenario.__doc__}")
                scenario(flink, folder)
                flink.tell_checkpoints()
            flink.cancel()
    say(f"passed: {', '.join(chosen)}")
    return 0


def install(folder: Path) -> None:
    """The tests' plug-ins, for workers that start from now on and for the next submission."""
    install_plugins(folder)
    importlib.invalidate_caches()
    all_models.cache_clear()
    all_use_cases.cache_clear()


def _broken_in_the_middle(flink: Cluster, what: str, kill: Callable[[], None]) -> None:
    flink.checkpointed()
    flink.send(f"{what}-killed", BATCH, RECEIPTS, "receipt")
    time.sleep(3)
    with flink.going_on_from_a_checkpoint():
        kill()
    flink.answered(f"{what} killed")


def _asked_of_what_is_away(flink: Cluster, folder: Path, part: str) -> None:
    flink.checkpointed()
    with flink.going_on_from_a_checkpoint(), flink.outage(part, AWAY_SECONDS):
        flink.send(f"{part}-away", BATCH, [folder / "one.png"], "notes")
        flink.kill_workers()
    flink.answered(f"{part} away for a minute")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
