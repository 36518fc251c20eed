"""The child process that meets hostile pixels: rasterises pages, holds the models, runs use-case code.

It may be killed at any time, dies with its parent, and speaks only through the pipe it was started with:
whatever native code prints to standard output goes to standard error instead.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.children.confinement import confine
from analysis.children.death import die_with_parent
from analysis.children.protocol import Message, Stage, encode, read_message
from analysis.children.tree import adopt_orphans
from schemas.errors import DocbeamError

_OUT_OF = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EAGAIN)
"""Errors that tell of this process or this machine, not of a document."""
_CHARACTERS = 2000
"""Of what an error says."""


def main() -> None:
    """Serve requests from standard input until it ends."""
    die_with_parent(int(sys.argv[1]))
    adopt_orphans()
    confine(int(sys.argv[2]), Path(tempfile.gettempdir()))
    # Programs that a model starts get neither pipe.
    answers, questions = os.fdopen(os.dup(1), "wb"), os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def send(message: Message) -> None:
        answers.write(encode(message))
        answers.flush()

    def at(stage: Stage, page: int | None = None) -> None:
        send({"stage": stage.value, "page": page})

    # Imported here so that a child that cannot import still tells its parent why.
    from analysis.operations import OPERATIONS

    send({"ready": True})
    while (question := read_message(questions)) is not None:
        send(_answer(OPERATIONS, question, at))


def _answer(operations: dict[str, Callable[..., Any]], question: Message, at: Callable[..., None]) -> Message:
    try:
        return {"answer": operations[question["operation"]](at, **question["arguments"]), "rss": _rss()}
    except DocbeamError as error:
        return {**_said(error), "rss": _rss()}
    except MemoryError:
        return {"raised": "MemoryError", "exhausted": True, "rss": _rss()}
    except Exception as error:
        # Only the kind of error: its text may quote the document.
        exhausted = isinstance(error, OSError) and error.errno in _OUT_OF
        return {"raised": _plain(type(error).__name__), "exhausted": exhausted, "rss": _rss()}


def _said(error: DocbeamError) -> Message:
    """What the error says; a plug-in may have made it of anything."""
    page = error.page if isinstance(error.page, int) else None
    return {"code": error.code.value, "message": _plain(error.message), "page": page}


def _plain(text: object) -> str:
    return str(text)[:_CHARACTERS].encode("utf-8", "backslashreplace").decode()


def _rss() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)
