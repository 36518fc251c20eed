"""What the parts have written."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from devstack.part import part_named
from devstack.stack import DEFAULT_STATE_DIR, PARTS
from devstack.state import StateFolder

_POLL_SECONDS = 0.3


def logs(
    part: str | None = None, lines: int = 50, follow: bool = False, state_dir: Path = DEFAULT_STATE_DIR
) -> Iterator[str]:
    """The last `lines` of a part, or of each; with `follow`, then every new line until the caller stops.

    Lines of several parts begin with the part's name. Raises StackError for an unknown part.
    """
    folder = StateFolder.at(state_dir)
    names = [part_named(part).name] if part else list(PARTS)
    tails = [_Tail(folder.log(name), f"{name}: " if len(names) > 1 else "") for name in names]
    return _lines(tails, lines, follow)


def _lines(tails: Sequence[_Tail], lines: int, follow: bool) -> Iterator[str]:
    for tail in tails:
        yield from deque(tail.new(), maxlen=lines)
    while follow:
        time.sleep(_POLL_SECONDS)
        for tail in tails:
            yield from tail.new()


class _Tail:
    """Whole lines of a file as they come; begins again when the file is replaced by a shorter one."""

    def __init__(self, path: Path, prefix: str) -> None:
        self._path = path
        self._prefix = prefix
        self._offset = 0

    def new(self) -> Iterator[str]:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            if file.seek(0, 2) < self._offset:
                self._offset = 0
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                yield self._prefix + line.decode(errors="replace").rstrip("\n")
