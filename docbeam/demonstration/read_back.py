"""What the demonstration reads back: results from Kafka as they come, rows from BigQuery, the group's lag."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

from kafka import TopicPartition

from clients.group import group_progress
from clients.request_records import read_result
from config.settings import Settings
from connections.kafka.clients import consumer
from connections.warehouse import warehouse
from schemas.result import AnalysisResult


def results_of(
    ids: Collection[str],
    settings: Settings,
    seconds: float,
    alive: Callable[[], bool],
    arrived: Callable[[AnalysisResult], None],
) -> dict[str, AnalysisResult]:
    """The results of `ids` from the results topic; fewer when `seconds` pass or `alive` says no."""
    found: dict[str, AnalysisResult] = {}
    topic = settings.kafka.results_topic
    reader = consumer(settings.kafka, group_id=None, auto_offset_reset="earliest")
    try:
        reader.assign([TopicPartition(topic, number) for number in reader.partitions_for_topic(topic) or ()])
        reader.seek_to_beginning()
        deadline = time.monotonic() + seconds
        while len(found) < len(ids) and time.monotonic() < deadline and alive():
            for records in reader.poll(timeout_ms=500).values():
                for record in records:
                    request_id = (record.key or b"").decode(errors="replace")
                    if request_id in ids and request_id not in found:
                        found[request_id] = read_result(record, settings.registry)
                        arrived(found[request_id])
    finally:
        reader.close()
    return found


def lag(settings: Settings) -> int:
    """Records of the requests topic that the group has not finished."""
    return sum(lag_by_partition(settings).values())


def lag_by_partition(settings: Settings) -> dict[int, int]:
    """The same for each partition."""
    return {each.number: each.lag for each in group_progress(settings.kafka)}


def wait_for_no_lag(settings: Settings, seconds: float) -> int:
    """The lag when it became 0, or after `seconds`."""
    deadline = time.monotonic() + seconds
    while (left := lag(settings)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


_ROWS = """
SELECT request_id, use_case, status, ARRAY_LENGTH(pages) AS pages,
  (SELECT COUNT(*) FROM UNNEST(pages) p, UNNEST(p.outcomes) o, UNNEST(o.prediction.lines)) AS lines,
  (SELECT COUNT(*) FROM UNNEST(pages) p, UNNEST(p.outcomes) o, UNNEST(o.prediction.checkboxes)) AS boxes,
  (SELECT COUNT(*) FROM UNNEST(pages) p, UNNEST(p.outcomes) o, UNNEST(o.prediction.checkboxes) c
    WHERE c.state != 'empty') AS marked,
  (SELECT COUNT(*) FROM UNNEST(pages) p, UNNEST(p.outcomes) o, UNNEST(o.prediction.signatures)) AS signatures,
  (SELECT STRING_AGG(DISTINCT e.code, ', ') FROM UNNEST(errors) e) AS errors
FROM `{view}` WHERE STARTS_WITH(request_id, '{prefix}') ORDER BY request_id
"""


def rows_of(prefix: str, settings: Settings) -> list[dict[str, Any]]:
    """The newest row of each request whose id starts with `prefix`, from the view `results_latest`."""
    view = f"{settings.bigquery.project}.{settings.bigquery.dataset}.results_latest"
    job = warehouse(settings.bigquery).query(_ROWS.format(view=view, prefix=prefix))
    return [dict(row) for row in job.result()]


_FIELDS = """
SELECT request_id, name, kind, state, value, confidence, review
FROM `{view}` WHERE STARTS_WITH(request_id, '{prefix}') AND use_case = '{use_case}' ORDER BY request_id, page, name
"""


def fields_of(prefix: str, use_case: str, settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """By request the fields that the use case concluded, from the view `fields_latest`."""
    view = f"{settings.bigquery.project}.{settings.bigquery.dataset}.fields_latest"
    job = warehouse(settings.bigquery).query(_FIELDS.format(view=view, prefix=prefix, use_case=use_case))
    found: dict[str, list[dict[str, Any]]] = {}
    for row in job.result():
        found.setdefault(row["request_id"], []).append(dict(row))
    return found
