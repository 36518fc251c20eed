"""The gateway's time: microseconds since 1970, as entries carry it, and as people read it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from gateway.entries import MICROS


def now_micros() -> int:
    """Now."""
    return time.time_ns() // 1000


def micros(moment: datetime) -> int:
    """Of an aware time."""
    return round(moment.timestamp() * MICROS)


def moment(micros: int) -> datetime:
    """As records carry times: aware, UTC."""
    return datetime.fromtimestamp(micros / MICROS, UTC)
