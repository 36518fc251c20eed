"""Kinds of option values that several commands take."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click

_AGE = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[datetime]):
    """A point in time: `90s`, `30m`, `2h`, `7d` ago, or ISO 8601 (UTC unless it says otherwise)."""

    name = "when"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, aware. Fails as wrong usage."""
        if isinstance(value, datetime):
            return value
        text = str(value)
        age = _AGE.fullmatch(text)
        if age:
            return datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{text!r} is no time; write 30m, 2h, 7d or 2031-05-01T12:00:00", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """`k=v` texts as a dict. Fails as wrong usage, naming `option`."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not name=value", param_hint=option)
        found[name] = value
    return found
