"""What a failed test of the streaming job tells about the job, which is gone when somebody reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import Settings
from docbeam.demonstration.read_back import lag_by_partition
from tests.pipelines.read_topics import records_of, results_of

_LINES = 30


@contextmanager
def accounted(settings: Settings, expected: Collection[str], folder: Path) -> Iterator[None]:
    """Add to an assertion that fails in the block how far the job came; its logs are below `folder`."""
    try:
        yield
    except AssertionError as error:
        try:
            error.add_note(_topics(settings, expected))
        except Exception as unreadable:
            error.add_note(f"the topics cannot be read: {unreadable!r}")
        error.add_note(_logs(folder))
        raise


def _topics(settings: Settings, expected: Collection[str]) -> str:
    missing = set(expected) - set(results_of(settings))
    places = {
        record.key.decode(): f"{record.partition}/{record.offset}"
        for record in records_of(settings.kafka.requests_topic, settings)
    }
    named = ", ".join(f"{name} at {places.get(name, 'no place')}" for name in sorted(missing)) or "none"
    return f"requests without a result: {named}\nlag by partition: {lag_by_partition(settings)}"


def _logs(folder: Path) -> str:
    told = []
    for log in sorted(folder.rglob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        told.append("\n".join([f"--- the end of {log.relative_to(folder)} ({len(lines)} lines)", *lines[-_LINES:]]))
    return "\n".join(told) or "there are no logs"
