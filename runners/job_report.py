"""What a job process leaves for its supervisor: whether it ran, and what it finished, in a file of the state folder."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = "job.json"
REFUSED = 3
"""Exit code of a job process that no restart helps: the settings or the machine are wrong."""


@dataclass(slots=True)
class JobReport:
    """The last that is known of one job process."""

    pid: int = 0
    runs: bool = False
    """The graph was accepted by the runner."""
    refused: str = ""
    """Why no restart helps."""
    results: dict[str, int] = field(default_factory=dict)
    """Results by status."""
    waiting: int | None = None
    """Requests in Kafka that are not finished; None where it could not be asked."""

    def write(self, state_dir: Path) -> None:
        """Replace the file; a full disk must not end the job."""
        partial = state_dir / f"{FILE}.partial"
        with contextlib.suppress(OSError):
            partial.write_text(json.dumps(asdict(self)), encoding="utf-8")
            os.replace(partial, state_dir / FILE)


def read_report(state_dir: Path) -> JobReport:
    """What the last job process wrote; an empty report if it came to nothing."""
    try:
        return JobReport(**json.loads((state_dir / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return JobReport()


def results_in_words(results: dict[str, int]) -> str:
    """`12 results (10 complete, 2 failed)`."""
    total = sum(results.values())
    if not total:
        return "no results"
    by_status = ", ".join(f"{count} {status}" for status, count in sorted(results.items()))
    return f"{total} result{'s' if total > 1 else ''} ({by_status})"
