"""Kinds of option values that several commands take."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import click
from click.shell_completion import CompletionItem

from docbeam.output import Command

_AGE = re.compile(r"(\d{1,9})([smhd])")
_CLOCKS_DIFFER = timedelta(days=1)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[datetime]):
    """A point in time: `90s`, `30m`, `2h`, `7d` ago, or ISO 8601 (UTC unless it says otherwise)."""

    name = "when"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, aware. Fails as wrong usage."""
        if isinstance(value, datetime):
            return value
        text = str(value)
        now = datetime.now(UTC)
        try:
            moment = _moment(text, now)
            # Compared as numbers: at the ends of the calendar another zone's time is none.
            seconds = moment.timestamp()
        except (ValueError, OverflowError):
            self.fail(f"{text!r} is no time; write 30m, 2h, 7d or 2031-05-01T12:00:00", param, ctx)
        if seconds < 0:
            self.fail(f"{text!r} is before 1970, when no message was written", param, ctx)
        if seconds > (now + _CLOCKS_DIFFER).timestamp():
            self.fail(f"{text!r} is in the future", param, ctx)
        return moment


def _moment(text: str, now: datetime) -> datetime:
    age = _AGE.fullmatch(text)
    if age:
        return now - timedelta(**{_UNITS[age[2]]: int(age[1])})
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class UseCaseName(click.ParamType[str]):
    """The name of a use case. Not checked: the job may have others than this machine."""

    name = "name"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as it is."""
        return str(value)

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        """Which there are."""
        return f"Installed here are {', '.join(_use_cases()) or 'none'}; `docbeam usecase list` describes them."

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Those that are installed here."""
        return [CompletionItem(name) for name in _use_cases() if name.startswith(incomplete)]


def use_case_option() -> Callable[[Command], Command]:
    """Add the required option `--use-case`."""
    described = "What is to be done with them; see `docbeam usecase list`."
    return click.option("--use-case", type=UseCaseName(), required=True, help=described)


def _use_cases() -> list[str]:
    from use_cases.registry import UseCaseRegistryError, all_use_cases

    try:
        return sorted(all_use_cases())
    except UseCaseRegistryError:
        return []


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """`k=v` texts as a dict. Fails as wrong usage, naming `option`."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not name=value", param_hint=option)
        found[name] = value
    return found


class Via(StrEnum):
    """Which door a command goes through."""

    KAFKA = "kafka"
    REST = "rest"


def via_option() -> Callable[[Command], Command]:
    """Add `--via kafka|rest` to a command, as an argument `via`."""
    return click.option(
        "--via",
        type=click.Choice(list(Via), case_sensitive=False),
        default=Via.KAFKA,
        show_default=True,
        help="Kafka itself, or the gateway at client.url.",
    )
