"""Rows that BigQuery refused, put into the table again: out of their dead letters, or out of the results topic."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clients.failure import Failed, NotReady
from clients.reaching import open_warehouse, reach_registry, warehouse_problems
from clients.request_records import RequestRecord, read_result
from clients.tables import check_tables
from clients.topic_reader import TopicReader
from config.settings import Settings
from connections.insert_all import BYTES, ROWS, InsertAll, Row, encoded
from connections.row_letters import ROW_ID, row_of
from schemas.bigquery import result_row, row_problem
from schemas.request import now

if TYPE_CHECKING:
    from kafka.consumer.fetcher import ConsumerRecord


@dataclass(slots=True)
class RefusedRow:
    """A row and the letter it came in."""

    letter: RequestRecord
    """To be written again, should the row be refused again."""
    row_id: str
    row: dict[str, Any] | None
    """None: the letter has none."""

    @property
    def request_id(self) -> str:
        """Whose result it is."""
        return self.row_id.rpartition("@")[0]


@dataclass(slots=True)
class RowsAgain:
    """What became of rows."""

    stored: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    reason: str = ""
    """Why one of them was refused."""
    gone: list[str] = field(default_factory=list)
    """Ids of requests whose row is neither in the letter nor on the results topic."""


def refused_row(letter: ConsumerRecord, again: RequestRecord) -> RefusedRow:
    """What a letter says of its row."""
    headers = dict(letter.headers)
    return RefusedRow(again, (headers.get(ROW_ID) or b"").decode(errors="replace"), row_of(letter.value, headers))


def with_rows_of_results(rows: Sequence[RefusedRow], settings: Settings) -> None:
    """Give a row to those without, from the result that was published for the same delivery, where it still is."""
    wanted = {_event_id(row.row_id).encode(): row for row in rows if row.row is None and row.row_id}
    if not wanted:
        return
    reach_registry(settings.registry)
    with TopicReader(settings.kafka, settings.kafka.results_topic) as reader:
        for record in reader.to_end():
            found = wanted.get(dict(record.headers).get("ce_id") or b"")
            if found is None or record.value is None:
                continue
            try:
                found.row = result_row(read_result(record, settings.registry), found.row_id)
            except Failed:
                continue


def store_rows(rows: Sequence[RefusedRow], settings: Settings) -> RowsAgain:
    """Put the rows into the table, each with the time of now. Raises NotReady if the table is missing or not right."""
    found = RowsAgain(gone=[row.request_id for row in rows if row.row is None])
    if len(found.gone) == len(rows):
        return found
    _check_table(settings)
    table = InsertAll(settings.bigquery)
    try:
        for group in _groups(rows, found):
            _store(table, group, found)
    finally:
        table.close()
    return found


def _check_table(settings: Settings) -> None:
    client = open_warehouse(settings.bigquery)
    try:
        with warehouse_problems(settings.bigquery):
            states = check_tables(client, settings.bigquery)
    finally:
        client.close()
    for state in states:
        if state.kind != "view" and state.state == "fail":
            raise NotReady(f"rows cannot be stored: {state.kind} {state.name} {state.remark}")


def _groups(rows: Sequence[RefusedRow], found: RowsAgain) -> Iterator[list[tuple[RefusedRow, Row]]]:
    group: list[tuple[RefusedRow, Row]] = []
    size = 0
    for refused in rows:
        if refused.row is None:
            continue
        refused.row["inserted_at"] = now().isoformat()
        problem = row_problem(refused.row)
        if problem:
            found.refused.append(refused)
            found.reason = problem
            continue
        row = encoded(refused.row)
        if group and (len(group) >= ROWS or size + len(row.body) > BYTES):
            yield group
            group, size = [], 0
        group.append((refused, row))
        size += len(row.body)
    if group:
        yield group


def _store(table: InsertAll, group: list[tuple[RefusedRow, Row]], found: RowsAgain) -> None:
    outcomes = table.send([row for _, row in group])
    for (refused, row), first in zip(group, outcomes, strict=True):
        # One row can fail the request of its neighbours.
        outcome = first if first is None or len(group) == 1 else table.send([row])[0]
        if outcome is None:
            found.stored += 1
        else:
            found.refused.append(refused)
            found.reason = outcome.reason


def _event_id(row_id: str) -> str:
    """The CloudEvents id of the result that was published for the same delivery."""
    request_id, _, delivery = row_id.rpartition("@")
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"docbeam:{delivery}:{request_id}"))
