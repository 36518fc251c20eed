"""Finds what is worth sending again, and makes the records for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from clients.failure import Failed
from clients.reaching import reach_registry
from clients.replaying_rows import RefusedRow, refused_row
from clients.request_records import RequestRecord, read_result
from clients.topic_reader import TopicReader
from config.settings import Settings
from connections.reduced_rows import STAGE
from schemas.part import Header
from schemas.result import ResultStatus

if TYPE_CHECKING:
    from kafka.consumer.fetcher import ConsumerRecord

ATTEMPTS_HEADER = "docbeam.attempts"
"""How often the record was sent again, as decimal text."""
_STAGE_HEADER = "__connect.errors.stage"
_ERROR_PREFIXES = ("__connect.errors.", "docbeam.error.")
_CODE_HEADER = "docbeam.error.code"
_OMITTED_HEADER = "docbeam.record_omitted"
_NO_RECORD = (b"batch_unreadable", b"batch_too_large")
"""The value of such a letter is a raw stretch of the log."""


@dataclass(slots=True)
class Replay:
    """What one pass found."""

    records: list[RequestRecord] = field(default_factory=list)
    """To be written to the requests topic."""
    rows: list[RefusedRow] = field(default_factory=list)
    """To be put into the table; there is no request to send again."""
    without_value: int = 0
    tried_too_often: int = 0
    request_gone: list[str] = field(default_factory=list)
    """Ids that failed and may be tried again, but whose request the topic no longer holds."""
    unreadable_results: int = 0


def group_of(settings: Settings) -> str:
    """The consumer group that remembers which dead letters were replayed."""
    return f"{settings.kafka.group}.replay"


def from_dead_letters(reader: TopicReader, ids: Collection[str], max_attempts: int) -> Replay:
    """The original records of the dead letters from where `reader` stands to the end; of `ids` only, if any."""
    found = Replay()
    for letter in reader.to_end():
        if ids and _id(letter) not in ids:
            continue
        headers = dict(letter.headers)
        is_row = headers.get(_STAGE_HEADER) == STAGE.encode()
        no_record = letter.value is None or headers.get(_CODE_HEADER) in _NO_RECORD or _OMITTED_HEADER in headers
        if no_record and not is_row:
            found.without_value += 1
        elif _attempts(letter.headers) >= max_attempts:
            found.tried_too_often += 1
        elif is_row:
            found.rows.append(refused_row(letter, _counted(letter, letter.headers)))
        else:
            found.records.append(_again(letter))
    return found


def from_failed_results(settings: Settings, ids: Collection[str], since: datetime | None, max_attempts: int) -> Replay:
    """The requests whose newest result failed for a reason that may have passed; of `ids` only, if any."""
    found = Replay()
    reach_registry(settings.registry)
    failed = _failed_ids(settings, ids, since, found)
    if not failed:
        return found
    requests: dict[str, ConsumerRecord] = {}
    with TopicReader(settings.kafka, settings.kafka.requests_topic) as reader:
        for record in reader.to_end():
            if record.value is not None and _id(record) in failed:
                requests[_id(record)] = record
    for request_id in failed:
        original = requests.get(request_id)
        if original is None:
            found.request_gone.append(request_id)
        elif _attempts(original.headers) >= max_attempts:
            found.tried_too_often += 1
        else:
            found.records.append(_again(original))
    return found


def _failed_ids(settings: Settings, ids: Collection[str], since: datetime | None, found: Replay) -> list[str]:
    newest: dict[str, bool] = {}
    with TopicReader(settings.kafka, settings.kafka.results_topic, since=since) as reader:
        for record in reader.to_end():
            request_id = _id(record)
            if record.value is None or (ids and request_id not in ids):
                continue
            try:
                result = read_result(record, settings.registry)
            except Failed:
                found.unreadable_results += 1
                continue
            retryable = any(error.retryable for error in result.errors)
            newest[request_id] = result.status is ResultStatus.FAILED and retryable
    return [request_id for request_id, again in newest.items() if again]


def _again(record: ConsumerRecord) -> RequestRecord:
    return _counted(record, [header for header in record.headers if not header[0].startswith(_ERROR_PREFIXES)])


def _counted(record: ConsumerRecord, headers: Sequence[Header]) -> RequestRecord:
    kept = [header for header in headers if header[0] != ATTEMPTS_HEADER]
    attempts = str(_attempts(record.headers) + 1).encode()
    return RequestRecord(record.key, record.value, [*kept, (ATTEMPTS_HEADER, attempts)])


def _attempts(headers: Sequence[Header]) -> int:
    text = dict(headers).get(ATTEMPTS_HEADER) or b""
    return int(text) if text.isdigit() else 0


def _id(record: ConsumerRecord) -> str:
    return (record.key or b"").decode(errors="replace")
