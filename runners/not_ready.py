"""What a runner says when something outside of docbeam is missing."""

from __future__ import annotations

from collections.abc import Sequence


class RunnerNotReady(Exception):
    """The job was not submitted; the message names each cause and its cure."""

    def __init__(self, runner: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{runner} is not ready:\n" + "\n".join(f"- {problem}" for problem in problems))
