"""What the options before the command say."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from config.load import LoadedSettings
    from config.settings import Settings

_CHATTY = ("kafka", "urllib3", "httpx", "httpcore", "google", "botocore", "apache_beam")


@dataclass
class Invocation:
    """The global options of one call; reads the settings when a command first asks for them."""

    config: Path | None = None
    flags: tuple[str, ...] = ()
    verbosity: int = 0
    """Below 0 quiet, 1 info, 2 and more debug."""

    @cached_property
    def loaded(self) -> LoadedSettings:
        """The settings with their origins. Raises InvalidSettings."""
        from config.load import load_settings

        return load_settings(self.flags, file=self.config)

    @property
    def settings(self) -> Settings:
        """The settings. Raises InvalidSettings."""
        return self.loaded.settings

    def start_logging(self) -> None:
        """Send log records to stderr, as many as asked for; client libraries only speak at -vv."""
        level = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(self.verbosity, logging.DEBUG)
        logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s", force=True)
        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.DEBUG if self.verbosity > 1 else logging.CRITICAL)

    def say(self, message: str) -> None:
        """Tell the person at the terminal, unless quiet; never part of the data."""
        if self.verbosity >= 0:
            click.echo(message, err=True)


pass_invocation = click.make_pass_decorator(Invocation, ensure=True)
