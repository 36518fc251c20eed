"""No service that fails without regard to rows, in whatever pattern, makes an innocent row guilty."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import cycle

import pytest

from connections.insert_all import Refusal, Row
from connections.row_trial import TRIES, RowTrial, Undecided

ROW, STAND_IN, NEIGHBOUR = (Row(name, b"{}", whole=name != "stand-in") for name in ("row", "stand-in", "neighbour"))
ROUNDS = 7


def at_random(share: float) -> Callable[[random.Random], Iterator[bool]]:
    return lambda lot: (lot.random() < share for _ in iter(int, 1))


def in_bursts(lot: random.Random) -> Iterator[bool]:
    while True:
        yield from [True] * lot.randrange(1, 200)
        yield from [False] * lot.randrange(1, 3)


PATTERNS: dict[str, Callable[[random.Random], Iterator[bool]]] = {
    "every second": lambda lot: cycle([True, False]),
    "all but one in ten": lambda lot: cycle([True] * 9 + [False]),
    "all but one in eleven": lambda lot: cycle([True] * 10 + [False]),
    "half at random": at_random(0.5),
    "nine of ten at random": at_random(0.9),
    "97 of 100 at random": at_random(0.97),
    "long bursts": in_bursts,
}


@pytest.mark.parametrize("well", range(1, 1 + TRIES))
def test_a_service_that_is_well_for_one_try_of_each_round_buries_nothing(well: int) -> None:
    for seed in range(300):
        sent = 0

        def send(row: Row) -> Refusal | None:
            nonlocal sent
            sent += 1
            return None if sent == 1 + well else Refusal("no")

        trial = RowTrial(
            ROW, [lambda: STAND_IN], send, lambda: None, rounds=ROUNDS, lot=random.Random(f"{well} {seed}")
        )
        for _ in range(20_000):
            sent = 0
            try:
                assert trial.round() is None
                break
            except Undecided:
                continue


def verdict(
    failing: Iterator[bool],
    refused: tuple[Row, ...],
    others: tuple[Row, ...],
    seed: int,
    table_problem: Callable[[], str | None] = lambda: None,
    most: int = 20_000,
) -> str:
    def send(row: Row) -> Refusal | None:
        return Refusal("no") if next(failing) or row in refused else None

    trial = RowTrial(
        ROW,
        [lambda other=other: other for other in others],
        send,
        table_problem,
        rounds=ROUNDS,
        lot=random.Random(seed),
    )
    for _ in range(most):
        try:
            return "stored" if trial.round() is None else "guilty"
        except Undecided:
            continue
    return "undecided"


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("others", [(STAND_IN,), (STAND_IN, NEIGHBOUR)], ids=["lone", "with a neighbour"])
def test_an_innocent_row_is_stored_in_the_end(pattern: str, others: tuple[Row, ...]) -> None:
    for seed in range(300):
        assert verdict(PATTERNS[pattern](random.Random(seed)), (), others, seed) == "stored"


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(
    ("refused", "others"),
    [
        ((ROW,), (STAND_IN,)),
        ((ROW,), (STAND_IN, NEIGHBOUR)),
        ((ROW, STAND_IN), (STAND_IN, NEIGHBOUR)),
        ((ROW, STAND_IN), (NEIGHBOUR,)),
    ],
    ids=["lone", "among others", "with its stand-in", "no stand-in"],
)
def test_a_guilty_row_is_found_in_the_end(pattern: str, refused: tuple[Row, ...], others: tuple[Row, ...]) -> None:
    for seed in range(20):
        assert verdict(PATTERNS[pattern](random.Random(seed)), refused, others, seed) == "guilty"


@pytest.mark.parametrize(
    ("refused", "others"),
    [
        ((ROW, STAND_IN, NEIGHBOUR), (STAND_IN, NEIGHBOUR)),
        ((ROW, NEIGHBOUR), (STAND_IN, NEIGHBOUR)),
        ((ROW, STAND_IN), (STAND_IN,)),
        ((ROW,), ()),
    ],
    ids=["all rows", "all whole rows", "no other passes", "no other there"],
)
def test_without_a_witness_there_is_no_verdict(refused: tuple[Row, ...], others: tuple[Row, ...]) -> None:
    assert verdict(cycle([False]), refused, others, 0, most=1000) == "undecided"


def test_while_the_table_is_wrong_there_is_no_verdict() -> None:
    assert verdict(cycle([False]), (ROW,), (STAND_IN,), 0, lambda: "a column is missing", most=1000) == "undecided"


def test_a_single_round_is_no_proof() -> None:
    assert verdict(cycle([False]), (ROW,), (STAND_IN,), 0, most=ROUNDS - 1) == "undecided"
    assert verdict(cycle([False]), (ROW,), (STAND_IN,), 0, most=ROUNDS) == "guilty"
