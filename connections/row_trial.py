"""Whether BigQuery refuses one row for itself: found by trying others at the same time, in an order it cannot know."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from connections.insert_all import Refusal, Row

TRIES = 10
"""Of a round: in one of them, drawn by lot, another row is sent."""
Send = Callable[[Row], Refusal | None]


class Undecided(Exception):
    """Not stored, and not known to be the row's own fault: wait and try again. Holds the reason for people."""


class RowTrial:
    """Rounds of one row that failed, against others that should pass.

    A round counts against the row if it failed in every try and the other row passed. A service that fails without
    regard to rows does that by chance in one round of `TRIES` at most, whatever the pattern of its failures, because
    the place of the other row is drawn by lot: it would have to be well in just that one. After `rounds` such rounds,
    which the caller spreads over time, an innocent row is taken for guilty with probability TRIES ** -rounds at most.

    `others`, best witness last: the stand-in of the row, and a neighbour's row that was stored before (None: there is
    none yet). Each is sent for as long as it passes; the last round takes the best witness there is, since a service
    that takes stand-ins may be wrong about all whole rows.
    """

    def __init__(
        self,
        row: Row,
        others: Sequence[Callable[[], Row | None]],
        send: Send,
        table_problem: Callable[[], str | None],
        *,
        rounds: int,
        lot: random.Random | None = None,
    ) -> None:
        self._row = row
        self._others = others
        self._send = send
        self._table_problem = table_problem
        self._rounds = rounds
        self._lot = lot or random.Random()
        self._turn = 0
        self._against = 0
        self._away = False
        self.counted = False
        """Whether the last round counts against the row."""
        self.tries = 0
        """How often the row itself was sent."""
        self.taken: set[Row] = set()
        """The others that BigQuery stored meanwhile."""

    def round(self) -> Refusal | None:
        """None: the row is stored. Or why it is refused. Raises Undecided."""
        self.counted = False
        refusal = self._try()
        if refusal is None:
            return None
        problem = self._table_problem()
        if problem:
            raise Undecided(problem)
        other = self._other()
        if other is None:
            raise Undecided(_away(refusal))
        if self._away and self._lot.randrange(TRIES):
            # Asked once, outside the round: a service in trouble needs no ten tries. Not always, lest this keeps step
            # with one that fails every second time.
            self._try_other(other)
        place = self._lot.randrange(TRIES)
        away: Undecided | None = None
        for number in range(TRIES):
            if number != place:
                refusal = self._try()
                if refusal is None:
                    return None
                continue
            try:
                self._try_other(other)
            except Undecided as undecided:
                # The row keeps its later tries: else one that only the last can pass would never pass, and only count.
                away = undecided
        if away is not None:
            raise away
        self.counted = True
        self._against += 1
        if self._against < self._rounds:
            raise Undecided(f"BigQuery takes other rows but not one: {refusal.reason}")
        return refusal

    def _try_other(self, other: Row) -> None:
        failed = self._send(other)
        self._away = failed is not None
        if failed is not None:
            self._turn += 1
            raise Undecided(_away(failed))
        self.taken.add(other)

    def _try(self) -> Refusal | None:
        self.tries += 1
        return self._send(self._row)

    def _other(self) -> Row | None:
        found = [row for row in (other() for other in self._others) if row is not None]
        if not found:
            return None
        return found[-1] if self._against == self._rounds - 1 else found[self._turn % len(found)]


def _away(refusal: Refusal) -> str:
    return f"BigQuery takes no rows: {refusal.reason} (see `docbeam doctor`)"
