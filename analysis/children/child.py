"""The child process that meets hostile pixels: rasterises pages, holds the models, runs use-case code.

It may be killed at any time, dies with its parent, and speaks only through the pipe it was started with:
whatever native code prints to standard output goes to standard error instead.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

from analysis.children.death import die_with_parent
from analysis.children.protocol import Message, Stage, encode, read_message

ENVIRONMENT = {
    # One thread for each child: children are the parallelism, and oversubscribed cores cost more than they give.
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}
_ADDRESS_SPACE_SLACK = 6 * 1024**3
"""Libraries map far more than they touch; the limit on address space only backs the parent's watch on RSS."""


def main() -> None:
    """Serve requests from standard input until it ends."""
    die_with_parent(int(sys.argv[1]))
    _limit_memory(int(sys.argv[2]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions = sys.stdin.buffer
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
    from schemas.errors import DocbeamError

    try:
        return {"answer": operations[question["operation"]](at, **question["arguments"]), "rss": _rss()}
    except DocbeamError as error:
        return {"code": error.code.value, "message": error.message, "page": error.page, "rss": _rss()}
    except MemoryError:
        return {"raised": "MemoryError", "message": "no memory left under the child's limit", "rss": _rss()}
    except Exception as error:
        return {"raised": type(error).__name__, "message": str(error)[:500], "rss": _rss()}


def _rss() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)


def _limit_memory(memory_mb: int) -> None:
    limit = memory_mb * 1024**2 + _ADDRESS_SPACE_SLACK
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        # A core dump would write document pixels to disk.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
