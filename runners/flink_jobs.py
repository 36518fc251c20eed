"""What Flink says of docbeam's jobs: whether they run, their checkpoints, restores, and what is held up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.settings import Settings
from runners.flink import not_as_asked
from runners.flink_rest import ask

_ENDED = frozenset({"CANCELED", "FINISHED", "SUSPENDED"})


@dataclass(frozen=True, slots=True)
class FlinkJob:
    """A job that Flink has, running or failed."""

    id: str
    state: str
    """In Flink's words: RUNNING, RESTARTING, FAILED, ..."""
    seconds: float
    """Since it was submitted."""
    completed: int
    """Checkpoints since then."""
    failed: int
    """Checkpoints that came to nothing; the first few of each start, while tasks initialise, are among them."""
    restored: int
    """How often it began anew from a checkpoint or savepoint."""
    last_checkpoint_seconds: float | None
    """Since the last one was completed; None where none was."""
    checkpoint_bytes: int
    """Size of the last one."""
    held_up: tuple[str, ...]
    """Steps that cannot hand on what they have done, because those behind them are slower."""
    not_as_asked: tuple[str, ...]
    """Options of checkpoints that did not arrive."""


def flink_jobs(settings: Settings) -> list[FlinkJob]:
    """Those of the name `runner.job_name` that have not been ended on purpose, newest first.

    Raises as `runners.flink_rest.ask`.
    """
    told = ask(settings.runner.flink_master, "jobs/overview")["jobs"]
    named = [job for job in told if job["name"] == settings.runner.job_name and job["state"] not in _ENDED]
    return [_look(job, settings) for job in sorted(named, key=lambda job: -job["start-time"])]


def _look(job: Mapping[str, Any], settings: Settings) -> FlinkJob:
    master, path = settings.runner.flink_master, f"jobs/{job['jid']}"
    whole, checkpoints = ask(master, path), ask(master, f"{path}/checkpoints")
    last = checkpoints["latest"]["completed"]
    counts = checkpoints["counts"]
    runs = job["state"] == "RUNNING"
    return FlinkJob(
        id=job["jid"],
        state=job["state"],
        seconds=job["duration"] / 1000,
        completed=counts["completed"],
        failed=counts["failed"],
        restored=counts["restored"],
        last_checkpoint_seconds=(whole["now"] - last["latest_ack_timestamp"]) / 1000 if last else None,
        checkpoint_bytes=last["checkpointed_size"] if last else 0,
        held_up=tuple(_held_up(master, path, whole["vertices"])) if runs else (),
        not_as_asked=tuple(not_as_asked(ask(master, f"{path}/checkpoints/config"), settings)),
    )


def _held_up(master: str, path: str, steps: list[Mapping[str, Any]]) -> Iterator[str]:
    for step in steps:
        if ask(master, f"{path}/vertices/{step['id']}/backpressure").get("backpressureLevel") == "high":
            yield step["name"]
