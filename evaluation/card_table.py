"""Writes what was measured into the model's card and leaves the rest of the card as it is."""

from __future__ import annotations

import os
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

from evaluation.result import Evaluation
from evaluation.statistics import Measured
from models.card import CARD_FILE, Metric, ModelCard
from models.registry import find_model

_HEADER = "[[metrics]]"
_STRINGS = ('"""', "'''")
TIMES = {"ms_per_page": 1, "ms_to_refuse": 1, "ms_per_crop": 1, "seconds_per_page": 3}
"""Metrics that differ from run to run, with the places they are rounded to."""
PLACES = 4


class CardError(ValueError):
    """The card cannot take the table; the message says why and what to do."""


def card_to_write(model_name: str) -> Path:
    """The card of a model of one's own.

    Raises RegistryError for an unknown model, CardError where the card is read-only or belongs to an installed package.
    """
    folder = find_model(model_name).folder.resolve()
    installed = [Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")]
    if any(folder.is_relative_to(place) for place in installed):
        raise CardError(f"{folder}: {model_name} is an installed package; write the card in its source folder")
    path = folder / CARD_FILE
    if not os.access(path, os.W_OK) or not os.access(folder, os.W_OK):
        raise CardError(f"{path}: cannot be written; take a copy of the model that can be, or print the table instead")
    return path


def card_rows(evaluation: Evaluation) -> list[Metric]:
    """What was measured, as the card holds it: whole set first, then by subset where there are several."""
    parts = {"all": evaluation.metrics}
    if len(evaluation.subsets) > 1:
        parts |= evaluation.subsets
    return [
        _row(evaluation, subset, name, measured)
        for subset, metrics in parts.items()
        for name, measured in metrics.items()
        if measured.value is not None
    ]


def write_card(card: Path, evaluation: Evaluation) -> None:
    """Replace the rows of this data set (and variant) in the card file, or add them at its end.

    Raises CardError, and leaves the file as it is, when it is no card, before or after, or when the model failed on
    every page, which measures nothing.
    """
    pages = {sample.case.name for sample in evaluation.samples}
    if len(evaluation.failures) >= len(pages):
        raise CardError(
            f"{card}: not written, for {evaluation.model} failed on all pages; first {evaluation.failures[:1]}"
        )
    before = card.read_text(encoding="utf-8")
    after = with_rows(before, evaluation)
    old, new = _checked(card, before), _checked(card, after)
    if old.model_copy(update={"metrics": ()}) != new.model_copy(update={"metrics": ()}):
        raise CardError(f"{card}: its metrics cannot be told from the rest; put each under a [[metrics]] line")
    fresh = card.with_name(f".{card.name}.new")
    fresh.write_text(after, encoding="utf-8")
    fresh.replace(card)


def with_rows(text: str, evaluation: Evaluation) -> str:
    """The text of a card with the rows of this evaluation in place of the earlier ones."""
    fresh = "\n".join(_block(row) for row in card_rows(evaluation))
    kept: list[str] = []
    place: int | None = None
    for block in _blocks(text):
        if _is_earlier(block, evaluation):
            place = len(kept) if place is None else place
            kept += [line + "\n" for line in block.splitlines() if line.startswith("#")]
        else:
            kept.append(block)
    at = len(kept) if place is None else place
    parts = ["".join(kept[:at]).rstrip("\n"), fresh.rstrip("\n"), "".join(kept[at:]).strip("\n")]
    return "\n\n".join(part for part in parts if part) + "\n"


def rounded(name: str, value: float) -> float:
    """A metric's value as a card holds it."""
    return round(value, TIMES.get(name, PLACES))


def _row(evaluation: Evaluation, subset: str, name: str, measured: Measured) -> Metric:
    ends = [None if end is None else rounded(name, end) for end in (measured.low, measured.high)]
    return Metric(
        data=evaluation.data,
        subset=", ".join(part for part in (subset, evaluation.variant) if part),
        name=name,
        value=rounded(name, measured.value or 0.0),
        low=ends[0],
        high=ends[1],
        count=measured.count,
    )


def _block(row: Metric) -> str:
    lines = [_HEADER, f"data = {_quoted(row.data)}"]
    if row.subset != "all":
        lines.append(f"subset = {_quoted(row.subset)}")
    lines += [f"name = {_quoted(row.name)}", f"value = {row.value}"]
    lines += [f"{end} = {value}" for end, value in (("low", row.low), ("high", row.high)) if value is not None]
    return "\n".join([*lines, f"count = {row.count}", ""])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _blocks(text: str) -> Iterator[str]:
    """The text in pieces that each begin with a table header, but for the first."""
    block: list[str] = []
    inside = ""
    for line in text.splitlines(keepends=True):
        if not inside and line.startswith("[") and block:
            yield "".join(block)
            block = []
        block.append(line)
        inside = _open_string(line, inside)
    yield "".join(block)


def _open_string(line: str, inside: str) -> str:
    """The quotes of the multi-line string that is open after `line`; "" when there is none."""
    rest = line
    while True:
        marks = [inside] if inside else _STRINGS
        found = min((at for at in (rest.find(mark) for mark in marks) if at >= 0), default=-1)
        if found < 0:
            return inside
        inside = "" if inside else rest[found : found + 3]
        rest = rest[found + 3 :]


def _is_earlier(block: str, evaluation: Evaluation) -> bool:
    """Whether the block is a row of the same data set measured in the same way."""
    if not block.startswith(_HEADER):
        return False
    row = tomllib.loads(block)["metrics"][0]
    subset, _, variant = str(row.get("subset", "all")).partition(", ")
    return bool(row.get("data") == evaluation.data and variant == evaluation.variant and subset)


def _checked(path: Path, text: str) -> ModelCard:
    try:
        return ModelCard.model_validate(tomllib.loads(text))
    except ValueError as error:
        raise CardError(f"{path}: {error}") from None
