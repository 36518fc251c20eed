"""Waiting between tries: the one policy for everything outside that may be away for a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from config.pauses import Pauses

__all__ = ["Pauses", "until_it_answers"]

T = TypeVar("T")
_LOG_SECONDS = 60.0
"""A service that stays away is said once, and then again so often."""


def until_it_answers(
    attempt: Callable[[], T],
    away: Callable[[Exception], str | None],
    log: logging.Logger,
    *,
    pauses: Pauses | None = None,
    give_up: float = float("inf"),
    sleep: Callable[[float], object] = time.sleep,
) -> T:
    """What `attempt` returns, tried again for as long as `away` says why the service is away.

    `away` returns a reason for people, or None for an exception that is not about being away: that one is raised.
    After `give_up` seconds the last exception is raised too. `sleep` may be an event's `wait`.
    """
    pauses = pauses or Pauses()
    ends = time.monotonic() + give_up
    said = float("-inf")
    while True:
        try:
            return attempt()
        except Exception as error:
            reason = away(error)
            if reason is None or time.monotonic() >= ends:
                raise
            if time.monotonic() - said >= _LOG_SECONDS:
                log.warning("%s; trying again", reason)
                said = time.monotonic()
        sleep(min(pauses.next(), max(0.0, ends - time.monotonic())))
