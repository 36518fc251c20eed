"""Rows of results to BigQuery: stored, or refused for themselves. A service that takes no rows is waited for."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from config.settings import BigQuerySettings
from connections.grouping import Grouping, run_aside
from connections.insert_all import BYTES, ROWS, InsertAll, NotUnderstood, Refusal, Row, encoded
from connections.next_success import NextSuccess
from connections.reduced_rows import reductions
from connections.retry import Pauses, until_it_answers
from connections.row_drafts import Draft, draft_of
from connections.row_trial import TRIES, RowTrial, Undecided
from connections.shared import Shared
from schemas.bigquery import result_row, table_schema
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Answer
from schemas.table_difference import difference

log = logging.getLogger(__name__)
_AT_ONCE = 4
"""Requests of each kind: with new rows, and of rows on trial."""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row."""

    refused: DocbeamError | None = None
    """None: it is stored, perhaps with less in it, which it says itself."""
    retries: int = 0


class Rows:
    """The results table of a process, for any number of threads.

    A row that fails is tried again alone, on a thread of its own, until it is stored or known to be refused for itself
    (`RowTrial`); its neighbours go on. While BigQuery takes no rows at all this waits, the source pauses, and the
    group's lag shows it: to give up would lose rows whose results are published already.
    """

    def __init__(self, settings: BigQuerySettings, pauses: Callable[[], Pauses] = lambda: Pauses(first=1.0)) -> None:
        self._settings = settings
        self._pauses = pauses
        self._table = InsertAll(settings)
        self._neighbour: Row | None = None
        self._taken = NextSuccess()
        self._on_trial = threading.Semaphore(_AT_ONCE)
        self._groups: Grouping[Row, Refusal | None] = Grouping(
            self._send, lambda row: len(row.body), max_items=ROWS, max_size=BYTES, at_once=_AT_ONCE
        )

    def insert(self, answer: Answer) -> Future[RowOutcome]:
        """Send the answer's row; the future ends when it is stored or refused, and raises nothing."""
        done: Future[RowOutcome] = Future()
        try:
            draft = draft_of(answer)
        except Exception as error:
            done.set_result(RowOutcome(DocbeamError(ErrorCode.ROW_REFUSED, f"not sent: {type(error).__name__}")))
            return done
        if isinstance(draft, DocbeamError):
            done.set_result(RowOutcome(draft))
            return done

        def tried(first: Future[Refusal | None]) -> None:
            if first.exception() is None and first.result() is None:
                done.set_result(RowOutcome(draft.misfit))
            else:
                run_aside(lambda: done.set_result(self._settled(draft)))

        self._groups.submit(draft.row).add_done_callback(tried)
        return done

    def close(self) -> None:
        """Give up connections; rows on their way are not touched."""
        self._table.close()

    def _send(self, rows: Sequence[Row]) -> list[Refusal | None]:
        outcomes = self._table.send(rows)
        if None in outcomes:
            self._taken.tell()
        for row, outcome in zip(rows, outcomes, strict=True):
            if outcome is None and row.whole:
                self._neighbour = row
        return outcomes

    def _settled(self, draft: Draft) -> RowOutcome:
        try:
            return self._try_alone(draft)
        except Exception as error:
            return RowOutcome(DocbeamError(ErrorCode.ROW_REFUSED, f"not sent: {type(error).__name__}"))

    def _try_alone(self, draft: Draft) -> RowOutcome:
        trial, refusal = self._tried(draft.row, lambda: draft.stand_in, lambda: self._neighbour)
        if refusal is None:
            return RowOutcome(draft.misfit, trial.tries)
        if refusal.too_large and draft.misfit is None and self._store_smaller(draft):
            return RowOutcome(None, trial.tries)
        if draft.stand_in is not None and draft.stand_in not in trial.taken:
            # A neighbour was the witness. The table should tell of every request, as far as it lets us.
            self._tried(draft.stand_in, lambda: self._neighbour)
        log.error("BigQuery refuses a row and takes its neighbours: %s; it becomes a dead letter", refusal.reason)
        return RowOutcome(draft.misfit or DocbeamError(ErrorCode.ROW_REFUSED, refusal.reason), trial.tries)

    def _tried(self, row: Row, *others: Callable[[], Row | None]) -> tuple[RowTrial, Refusal | None]:
        trial = RowTrial(
            row, others, lambda each: self._send([each])[0], self._table_problem, rounds=self._settings.attempts
        )

        spread, waits = self._pauses(), self._pauses()

        def round_() -> Refusal | None:
            with self._on_trial:
                return trial.round()

        def rest(seconds: float) -> None:
            if trial.counted:
                time.sleep(spread.next())
            elif self._taken.within(seconds):
                waits.reset()

        return trial, until_it_answers(round_, _undecided, log, pauses=waits, sleep=rest)

    def _store_smaller(self, draft: Draft) -> bool:
        """It is the row's size, by proof: one of its reductions is taken."""
        for result in reductions(draft.result):
            smaller = encoded(result_row(result, draft.row_id))
            if any(self._send([smaller])[0] is None for _ in range(TRIES)):
                return True
        return False

    def _table_problem(self) -> str | None:
        """Why every row of some kind would be refused; None if the table is right, or the service tells nothing."""
        try:
            columns = self._table.columns()
            found = None if columns is None else difference(columns, table_schema())
        except Exception as error:
            reason = str(error) if isinstance(error, NotUnderstood) else type(error).__name__
            return f"BigQuery takes no rows and does not describe the table: {reason} (see `docbeam doctor`)"
        if found is None or found.is_none:
            return None
        wrong = "; ".join([*(f"{name} is missing" for name in found.added), *found.refused, *found.relaxed])
        return f"the table is not the one rows are made for: {wrong[:300]} (run `docbeam tables check` and `migrate`)"


def _undecided(error: Exception) -> str | None:
    # Nothing may leave: the row would be lost, and its step would end the job.
    return str(error) if isinstance(error, Undecided) else f"a row could not be sent: {type(error).__name__}"


rows_of: Shared[BigQuerySettings, Rows] = Shared(Rows, Rows.close)
"""The table of this process: all steps that insert share its requests."""
