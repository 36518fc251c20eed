"""Corrections that the gateway has told: out of BigQuery, which keeps them, or off their topic."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from clients.reaching import open_warehouse, reach_registry, warehouse_problems
from clients.request_records import read_record
from clients.topic_reader import TopicReader
from config.settings import Settings
from schemas.correction import Correction
from schemas.wire import RecordCodec

_CORRECTIONS = RecordCodec(Correction)
_OWN = ("inserted_at", "row_id")


def from_table(settings: Settings, since: datetime | None) -> list[Correction]:
    """Of each field that was judged the newest correction, of `since` or later. Raises NotReady."""
    from google.cloud import bigquery

    own = settings.bigquery
    text = f"SELECT * FROM `{own.project}.{own.dataset}.{own.corrections_table}`"
    parameters = []
    if since is not None:
        text += " WHERE corrected_at >= @since"
        parameters.append(bigquery.ScalarQueryParameter("since", "TIMESTAMP", since))
    client = open_warehouse(own)
    try:
        with warehouse_problems(own):
            rows = client.query(text, job_config=bigquery.QueryJobConfig(query_parameters=parameters)).result()
            return newest(_of_row(dict(row.items())) for row in rows)
    finally:
        client.close()


def from_topic(settings: Settings, since: datetime | None) -> list[Correction]:
    """Likewise, as far back as the topic goes. Raises NotReady, and Failed naming a record that is none."""
    reach_registry(settings.registry)
    with TopicReader(settings.kafka, settings.kafka.corrections_topic, since=since) as reader:
        records = (record for record in reader.to_end() if record.value is not None)
        return newest(read_record(record, _CORRECTIONS, "correction", settings.registry) for record in records)


def newest(corrections: Iterable[Correction]) -> list[Correction]:
    """The last of each field; repeats of one are one."""
    ordered = sorted(corrections, key=lambda each: (each.corrected_at, _number(each)))
    return list({(each.request_id, each.read.key): each for each in ordered}.values())


def _number(correction: Correction) -> int:
    return int(correction.correction_id.rpartition("/")[2])


def _of_row(row: Mapping[str, Any]) -> Correction:
    said = {name: value for name, value in row.items() if name not in _OWN}
    # BigQuery has no list that is not there.
    said["read"] = {**said["read"], "quad": said["read"]["quad"] or None}
    return _CORRECTIONS.from_json(json.dumps(said, default=_as_text))


def _as_text(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
