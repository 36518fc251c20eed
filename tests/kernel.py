"""What the kernel that runs the tests offers."""

from __future__ import annotations

import ctypes
import sys

import pytest

_CREATE_RULESET, _VERSION = 444, 1


def _landlock() -> int:
    if sys.platform != "linux":
        return 0
    return max(0, ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, _VERSION))


LANDLOCK = _landlock()
"""Version of Landlock; 0 where there is none. Asked of the kernel itself, so that a missing library is a failure."""


def needs_landlock(version: int) -> pytest.MarkDecorator:
    """Skip where the kernel is older."""
    return pytest.mark.skipif(version > LANDLOCK, reason=f"the kernel has Landlock {LANDLOCK}, not {version}")
