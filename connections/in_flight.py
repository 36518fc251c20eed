"""How much of what was read from a partition is unfinished: what the source is throttled by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from config.settings import KafkaSettings
from connections.settled import Settled

_ASK_SECONDS = 0.25
"""Between questions to the broker, for work that is finished in another process."""


class InFlight:
    """The deliveries of one partition that this process read and that are not finished yet. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._settled: Settled | None = None
        self._delivered: set[int] = set()
        self._known_from: int | None = None
        self._moved = time.monotonic()
        self._asked = float("-inf")

    def start(self, position: int) -> None:
        """Reading begins at `position`; what lies between the group's offset and it was read by another process."""
        with self._changed:
            if self._known_from is None:
                self._known_from = position

    def delivered(self, offset: int) -> None:
        """A record was handed on."""
        with self._changed:
            if self._settled is None or not _is_finished(offset, self._settled):
                self._delivered.add(offset)

    def hear(self, told: Settled) -> None:
        """The group's offset, or the finished work above it, has moved. Older news is ignored."""
        with self._changed:
            now = self._settled
            if now is not None and (told.offset, len(told.finished)) <= (now.offset, len(now.finished)):
                return
            self._settled = told
            self._delivered = {offset for offset in self._delivered if not _is_finished(offset, told)}
            self._moved = time.monotonic()
            self._changed.notify_all()

    def unfinished(self) -> int:
        """How many deliveries are in work."""
        with self._changed:
            return self._unfinished()

    def wait_for_room(
        self, position: int, limit: int, read_ahead: int, seconds: float, ask: Callable[[], Settled | None]
    ) -> int:
        """How many more may be read, after waiting up to `seconds` for half the limit; 0 where there is none.

        `ask` tells what the group has committed; it is called now and then while there is no room.
        """
        deadline = time.monotonic() + seconds
        # One by one would have the runner begin a call, and keep where it ended, for every record under a backlog.
        enough = (limit + 1) // 2
        while True:
            with self._changed:
                room = self._room(position, limit, read_ahead)
                left = deadline - time.monotonic()
                if room > 0:
                    self._moved = time.monotonic()
                if room >= enough or left <= 0:
                    return room
                due = self._asked + _ASK_SECONDS - time.monotonic()
                if due > 0:
                    self._changed.wait(min(left, due))
                    continue
                self._asked = time.monotonic()
            told = ask()
            if told is not None:
                self.hear(told)

    def seconds_without_progress(self) -> float:
        """Since anything was finished, or there was room."""
        with self._changed:
            return time.monotonic() - self._moved

    def forgive(self) -> None:
        """Count anew from now: what was in work is given up as lost sight of."""
        with self._changed:
            self._delivered.clear()
            self._known_from = self._settled.offset if self._settled is not None else self._known_from
            self._moved = time.monotonic()

    def _room(self, position: int, limit: int, read_ahead: int) -> int:
        if self._settled is None:
            return 0
        return max(0, min(limit - self._unfinished(), read_ahead - (position - self._settled.offset)))

    def _unfinished(self) -> int:
        told, before = self._settled, 0
        if told is not None and self._known_from is not None:
            # Gaps in the offsets count too, until the group's offset has passed them.
            before = max(0, self._known_from - told.offset)
            before -= sum(1 for offset in told.finished if offset < self._known_from)
        return max(0, before) + len(self._delivered)


def _is_finished(offset: int, told: Settled) -> bool:
    return offset < told.offset or offset in told.finished


_all: dict[tuple[KafkaSettings, str], InFlight] = {}
_lock = threading.Lock()


def in_flight(settings: KafkaSettings, partition: str) -> InFlight:
    """That of this process for a partition, named as deliveries name it (`Delivery.partition_key`)."""
    with _lock:
        return _all.setdefault((settings, partition), InFlight())
