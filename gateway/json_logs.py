"""Logs as one JSON object a line, as log collectors read them; never a location, never a document's text."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


_CHATTY = ("kafka", "httpx", "httpx2", "httpcore", "urllib3", "google", "botocore", "pymongo", "asyncio")
"""Libraries that tell of every call and try, addresses included; what matters of it, we say."""


class JsonLines(logging.Formatter):
    """`timestamp`, `severity`, `logger`, `message`, and what the record was given besides."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        said = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "severity": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name, value in vars(record).items() if name not in _ORDINARY}
        if record.exc_info and record.exc_info[0] is not None:
            said["error.type"] = record.exc_info[0].__name__
            said["error.stack"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)


def log_as_json(level: int) -> None:
    """All of this process's logs to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.DEBUG if level <= logging.DEBUG else logging.CRITICAL)
