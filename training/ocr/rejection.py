"""From which confidence on a reading is answered, and what that costs."""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt

LOWEST, HIGHEST = 0.5, 0.99
"""What is more likely wrong than right is never answered; the highest is for kinds that do not reach their target."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def threshold_of(sure: Floats, right: Flags, target: float) -> float:
    """The least confidence from which on `target` of the answers are right, within LOWEST and HIGHEST."""
    order = np.argsort(-sure, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    enough = np.flatnonzero(shares >= target)
    return min(HIGHEST, max(LOWEST, float(sure[order[enough[-1]]]))) if len(enough) else HIGHEST


def report(name: str, sure: Floats, right: Flags, threshold: float) -> None:
    """Says on standard output how many are right, in all and of those answered."""
    kept = sure >= threshold
    answered = float(right[kept].mean()) if kept.any() else float("nan")
    sys.stdout.write(
        f"{name}: {len(right)} crops, right {right.mean():.4f}, mean confidence {sure.mean():.4f}; "
        f"from {threshold:.3f} on {kept.mean():.3f} answered, {answered:.4f} of them right\n"
    )
