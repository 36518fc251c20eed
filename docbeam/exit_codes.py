"""How a command may end, and the exceptions that end it so."""

from __future__ import annotations

from enum import IntEnum

import click


class ExitCode(IntEnum):
    """What the shell is told."""

    OK = 0
    FAILED = 1
    """The work was tried and failed."""
    USAGE = 2
    """The command or a setting is wrong; nothing was tried."""
    NOT_READY = 3
    """Something outside does not answer, is not there yet, or did not come in time."""


class Failed(click.ClickException):
    """Ends the command with 1 and the message on stderr."""

    exit_code = ExitCode.FAILED


class WrongUse(click.ClickException):
    """Ends the command with 2 and the message on stderr."""

    exit_code = ExitCode.USAGE


class NotReady(click.ClickException):
    """Ends the command with 3 and the message, which names cause and cure, on stderr."""

    exit_code = ExitCode.NOT_READY
