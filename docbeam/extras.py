"""The layers that ship apart, as extras: which there are, and what to say when one is wanted and not installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("extras.txt")
_HOME = _LIST.resolve().parents[1]


@cache
def extras() -> dict[str, str]:
    """The extra that installs each layer which nothing at run time needs."""
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def install_line(extra: str) -> str:
    """The command that installs it, for messages."""
    return f"python -m pip install 'docbeam[{extra}]'"


def missing_extra(error: BaseException, home: Path = _HOME) -> str | None:
    """The extra whose installation cures a failed import; None where the import failed for another reason.

    `home` is the folder that `docbeam` lies in; another package of the layer's name elsewhere does not count.
    """
    if not isinstance(error, ImportError) or error.name is None:
        return None
    layer = error.name.partition(".")[0]
    return extras().get(layer) if not (home / layer).is_dir() else None
