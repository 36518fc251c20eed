"""Commands that are imported when they are called, so that `docbeam --help` costs next to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from docbeam.exit_codes import Failed, NotReady, WrongUse
from docbeam.global_options import HEADING, NAMES, add_global_options

_MEANT = {
    "start": ["run"],
    "up": ["dev up"],
    "down": ["dev down"],
    "stop": ["dev down"],
    "status": ["doctor"],
    "check": ["doctor"],
    "list": ["usecase list"],
    "create": ["topics create"],
    "evaluate": ["model evaluate"],
}
"""What people type who do not know the names yet."""


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is, and its line in the help."""

    place: str
    """`module:attribute`."""
    summary: str

    def load(self) -> click.Command:
        """Import it."""
        module, _, attribute = self.place.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        add_global_options(command, hidden=True)
        return command


class LazyGroup(click.Group):
    """A group that knows its commands by name; also the place where failures become exit codes."""

    def __init__(self, *, commands_by_name: Mapping[str, LazyCommand], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._lazy = commands_by_name

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table, which is the order in which a newcomer needs them."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported; None if there is none of that name."""
        lazy = self._lazy.get(cmd_name)
        return lazy.load() if lazy else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a name nobody has is answered with those it may stand for."""
        name = args[0]
        if name in self._lazy or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        if name == "help":
            raise click.UsageError("write `docbeam --help`, or `docbeam COMMAND --help`", ctx)
        near = _MEANT.get(name) or get_close_matches(name, self._lazy, n=1, cutoff=0.6)
        hint = f" Did you mean `docbeam {near[0]}`?" if near else " `docbeam --help` lists them."
        raise click.UsageError(f"No such command {name!r}.{hint}", ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the program's own options, those that every command takes, and the commands."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for option in self.get_params(ctx):
            record = option.get_help_record(ctx)
            if record is not None:
                (shared if option.name in NAMES else own).append(record)
        for heading, records in (("Options", own), (f"{HEADING}, before a command or after it", shared)):
            with formatter.section(heading):
                formatter.write_dl(records)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in self._lazy.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what docbeam raises on purpose ends it with a message instead of a traceback."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            known = _as_exit(error)
            if known is None:
                raise
            raise known from error


def _as_exit(error: Exception) -> click.ClickException | None:
    from clients import failure
    from config.load import InvalidSettings
    from docbeam.extras import install_line, missing_extra
    from models.card import InvalidCard
    from models.registry import RegistryError
    from schemas.errors import DocbeamError
    from use_cases.registry import UseCaseRegistryError

    if (extra := missing_extra(error)) is not None:
        return NotReady(f"this needs docbeam's extra {extra!r}, which is not installed: {install_line(extra)}")
    if isinstance(error, InvalidSettings):
        return WrongUse(str(error))
    if isinstance(error, failure.NotReady):
        return NotReady(error.message)
    if isinstance(error, (failure.Failed, DocbeamError, InvalidCard, RegistryError, UseCaseRegistryError)):
        return Failed(str(error))
    return None
