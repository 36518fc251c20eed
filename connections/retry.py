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
_waiting: dict[object, tuple[str, float]] = {}
_said: dict[tuple[str, str], float] = {}


def waited_for() -> dict[str, float]:
    """Why `until_it_answers` waits now, anywhere in this process, with the seconds it has waited."""
    now = time.monotonic()
    told: dict[str, float] = {}
    for reason, since in list(_waiting.values()):
        told[reason] = max(told.get(reason, 0.0), now - since)
    return told


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
    wait = object()
    try:
        while True:
            try:
                return attempt()
            except Exception as error:
                reason = away(error)
                if reason is None or time.monotonic() >= ends:
                    raise
                _, since = _waiting.get(wait, ("", time.monotonic()))
                _waiting[wait] = (reason, since)
                _say(log, reason)
            sleep(min(pauses.next(), max(0.0, ends - time.monotonic())))
    finally:
        _waiting.pop(wait, None)


def _say(log: logging.Logger, reason: str) -> None:
    """Once for all who wait for the same thing."""
    now = time.monotonic()
    if now - _said.get((log.name, reason), float("-inf")) < _LOG_SECONDS:
        return
    for said in [said for said, when in list(_said.items()) if now - when >= _LOG_SECONDS]:
        _said.pop(said, None)
    _said[log.name, reason] = now
    log.warning("%s; trying again", reason)
