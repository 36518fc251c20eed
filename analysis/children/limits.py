"""What a question to a child may cost, and how a child that passed it is reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from analysis.children.protocol import Stage

BACKSTOP = 10
"""Seconds on the clock for each second of a limit: a machine too busy for this long is given up on."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may cost."""

    seconds: Mapping[Stage, float]
    """By stage, of the child's own work and sleep; the count starts anew when the child enters a stage.

    Only stages named here may be entered.
    """
    memory_mb: int
    """Resident size of the child, everything it has loaded included."""
    growth_mb: int | None = None
    """By how much the child may grow while it predicts, if less than `memory_mb` allows."""
    pages: int = 1
    """How often a stage may be entered: once for each page of the question."""


class Reason(StrEnum):
    """Why a child is gone."""

    TIMEOUT = "timeout"
    """It worked, or slept, for longer than the stage may take."""
    MEMORY = "memory"
    CRASH = "crash"
    """It ended by itself, or said what no child says."""
    KILLED = "killed"
    """Somebody outside ended or stopped it: the kernel, an operator."""
    STARVED = "starved"
    """The machine left it no time to work."""

    @property
    def outside(self) -> bool:
        """It says nothing about the question."""
        return self in (Reason.KILLED, Reason.STARVED)


class ChildDied(Exception):
    """The child was killed for a limit, or ended by itself; it has to be replaced."""

    def __init__(self, reason: Reason, stage: Stage, page: int | None, detail: str) -> None:
        super().__init__(f"{reason.value} in {stage.value}: {detail}")
        self.reason = reason
        self.stage = stage
        self.page = page
        self.detail = detail


class PoolClosed(BaseException):
    """This process ends, and with it what it has in work: that is no answer, and is delivered again.

    Not an Exception, like KeyboardInterrupt: what turns exceptions into answers must not catch it.
    """
