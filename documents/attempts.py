"""Reading from a store again and again while it fails in ways that may pass."""

from __future__ import annotations

import time

from config.pauses import Pauses
from config.settings import DocumentSettings
from documents.location import Location
from documents.slots import Slot
from documents.stores.contract import Deadline, Sink, Store, StoreFacts, TransientFailureError
from schemas.errors import DocbeamError, ErrorCode

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_SHORTEST_PAUSE = 0.05
"""Less time than twice this leaves no room for one more try."""


def read_until_it_passes(
    store: Store,
    location: Location,
    generation: str | None,
    sink: Sink,
    settings: DocumentSettings,
    deadline: Deadline,
) -> StoreFacts:
    """`store.read`, tried again with growing pauses until the deadline, or `documents.fetch_attempts` times at most.

    A store that asks for a pause gets it; one that asks for more than the deadline leaves is not asked again. The
    place among the fetches of the host is free while this one pauses.
    Raises what `store.read` raises, with DocbeamError(FETCH_FAILED) in place of TransientFailureError.
    """
    pauses = Pauses(_FIRST_PAUSE, _LONGEST_PAUSE)
    attempt = 1
    while True:
        try:
            with Slot(location, settings, deadline):
                sink.restart()
                return store.read(location, generation, sink, settings, deadline)
        except DocbeamError:
            raise
        except Exception as error:
            failure = _may_pass(error)
        deadline.failures = failure.message + ("" if attempt == 1 else f", {attempt} times in a row")
        pause = _pause(pauses, failure.retry_after or 0.0, deadline)
        if pause is None or attempt == settings.fetch_attempts:
            raise DocbeamError(ErrorCode.FETCH_FAILED, f"{deadline.failures}; try later")
        time.sleep(pause)
        attempt += 1


def _may_pass(error: Exception) -> TransientFailureError:
    """The failure as one that may pass; the clients of stores have many ways to stumble, and their texts quote."""
    if isinstance(error, TransientFailureError):
        return error
    if isinstance(error, OSError):
        return TransientFailureError(f"the connection to the store failed ({type(error).__name__})")
    return TransientFailureError(f"the store's answer could not be read ({type(error).__name__})")


def _pause(pauses: Pauses, asked: float, deadline: Deadline) -> float | None:
    """At least as long as the store asks, and never so long that no time is left for a try; None if there is none."""
    spare = (deadline.remaining - asked) / 2
    return asked + min(pauses.next(), spare) if spare > _SHORTEST_PAUSE else None
