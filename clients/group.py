"""How far a group is with the requests topic, and which jobs commit for it."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from clients.failure import NotReady
from clients.reaching import kafka_problems, open_consumer
from config.settings import KafkaSettings
from connections.group_progress import PartitionProgress, read_progress

_ACTIVE_SECONDS = 90
"""A running job commits each partition at least once a minute, also when it is idle."""


def group_progress(settings: KafkaSettings) -> Sequence[PartitionProgress]:
    """Every partition. Raises NotReady when there is no broker or no such topic."""
    asking = open_consumer(settings)
    try:
        with kafka_problems(settings):
            found = read_progress(settings, asking)
    finally:
        asking.close()
    if not found:
        raise NotReady(f"there is no topic {settings.requests_topic}. Create it with `docbeam topics create`.")
    return found


def active_jobs(progress: Sequence[PartitionProgress]) -> Collection[str]:
    """The jobs that committed lately; more than one means that everything is done more than once.

    A job that was just restarted has another name than before: then there are two for a minute and a half.
    """
    since = time.time() - _ACTIVE_SECONDS
    return {each.settled.job for each in progress if each.settled is not None and each.settled.at >= since} - {""}
