"""The process of the local job, seen from its supervisor."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from analysis.attempts import attempts_folder
from analysis.children.tree import adopt_orphans, descendants, end_descendants
from config.settings import Settings
from documents.fetch import cache_folder

_REMEMBERED_LINES = 20
_STOP_SECONDS = 20


class JobProcess:
    """Started when made. What it says is passed on to our standard error; its last lines are kept."""

    def __init__(
        self,
        settings: Settings,
        prism: Path,
        state_dir: Path,
        temporary: Path,
        log_level: str,
        program: Sequence[str] = (sys.executable, "-m", "runners.local_job"),
    ) -> None:
        adopt_orphans()
        self._others = descendants()
        self.last_lines: deque[str] = deque(maxlen=_REMEMBERED_LINES)
        self._process = subprocess.Popen(
            [*program, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "TMPDIR": str(temporary.absolute())},
            # Ctrl-C at a terminal goes to everybody in the session: Prism would be gone before the job has stopped.
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._pass_on, daemon=True)
        self._listener.start()
        # The temporary folder ends with the job; the documents that were fetched need not, and what was in work when
        # it died must not.
        documents = settings.documents.model_copy(update={"cache_dir": cache_folder(settings.documents).absolute()})
        analysis = settings.analysis.model_copy(update={"attempts_dir": attempts_folder(settings.analysis).absolute()})
        kept = settings.model_copy(update={"documents": documents, "analysis": analysis})
        order = {
            "settings": _with_secrets(kept.model_dump(mode="python")),
            "prism": str(prism),
            "state_dir": str(state_dir),
            "log_level": log_level,
        }
        assert self._process.stdin is not None
        # A process that is gone already says so by its exit code.
        with contextlib.suppress(OSError), self._process.stdin as pipe:
            pipe.write(json.dumps(order).encode())

    def ended(self) -> int | None:
        """The exit code, once it has one; below 0 the signal that killed it."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """SIGTERM; harmless when it has ended."""
        self._process.terminate()

    def kill(self) -> None:
        """SIGKILL; harmless when it has ended."""
        self._process.kill()

    def wait(self) -> int:
        """The exit code, when it has ended and all it said was passed on; killed if it does not end in time."""
        try:
            code = self._process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        # What a model has started may have left the job's processes, and outlive them.
        end_descendants(except_for=self._others)
        # They may hold the pipe for a moment longer.
        self._listener.join(timeout=2)
        return code

    def _pass_on(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            text = line.decode(errors="replace")
            self.last_lines.append(text.rstrip())
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(text)
                sys.stderr.flush()


def in_words(code: int) -> str:
    """An exit code for people."""
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


def _with_secrets(value: object) -> object:
    """JSON-ready settings with their secrets, for the pipe to the job and nowhere else."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {key: _with_secrets(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_with_secrets(item) for item in value]
    return str(value) if isinstance(value, Path) else value
