"""Data on stdout: JSON for programs, tables for people; colour and boxes only where a person looks."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from csv import writer as csv_writer
from enum import StrEnum
from typing import Any, TypeVar

import click

Row = Mapping[str, Any]
Command = TypeVar("Command", bound=Callable[..., Any])


class Output(StrEnum):
    """How data is printed."""

    JSON = "json"
    TABLE = "table"
    CSV = "csv"


def output_option(default: Output | None = Output.TABLE, *, csv: bool = False) -> Callable[[Command], Command]:
    """Add `--output json|table` to a command, with `csv` that as well, as an argument `output`."""
    return click.option(
        "--output",
        type=click.Choice([each for each in Output if csv or each is not Output.CSV], case_sensitive=False),
        default=default,
        show_default=default is not None,
        help="How to print to stdout.",
    )


def print_rows(rows: Sequence[Row], output: Output, columns: Sequence[str] | None = None) -> None:
    """Print rows: one JSON array with everything in them, or `columns` (by default the first row's) as table or CSV."""
    if output is Output.JSON:
        click.echo(json.dumps(list(rows), indent=2, default=str))
        return
    names = list(columns if columns is not None else (rows[0] if rows else ()))
    if output is Output.CSV:
        lines = csv_writer(sys.stdout, lineterminator="\n")
        lines.writerows([names, *([_no_formula(row.get(name)) for name in names] for row in rows)])
        return
    cells = [[shown(row.get(name)) for name in names] for row in rows]
    if sys.stdout.isatty():
        _print_rich(names, cells)
    else:
        click.echo(aligned([names, *cells]))


def print_lines(rows: Sequence[Row]) -> None:
    """Print each row as JSON on a line of its own."""
    for row in rows:
        click.echo(json.dumps(row, default=str))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows as text in columns two spaces apart, without trailing blanks."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def shown(value: Any) -> str:
    """A cell's text. Control characters are spelled out: text read from a document must not steer a terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        value = ", ".join(str(item) for item in value)
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in str(value))


def _no_formula(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula: what stands on a document must not be run."""
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in ("=", "@", "\t", "\r") or _SIGNED_FORMULA.match(text) else text


def _print_rich(names: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*names, box=None, header_style="bold", pad_edge=False)
    for row in cells:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    Console(highlight=False).print(table)


_SIGNED_FORMULA = re.compile(r"[+-](?![\d.,]*$)")
"""A sign in front of anything but a number."""
_STYLES = {
    "ok": "green",
    "complete": "green",
    "warn": "yellow",
    "partial": "yellow",
    "rejected": "yellow",
    "fail": "bold red",
    "failed": "bold red",
}
