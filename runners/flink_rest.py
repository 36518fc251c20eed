"""Questions to Flink's REST service."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

from apache_beam.runners.portability.flink_runner import FlinkRunner

_SECONDS = 10
_PAUSE_SECONDS = 0.5


def rest_url(master: str) -> str:
    """The base URL that the setting `runner.flink_master` means: http where it names no scheme."""
    return str(FlinkRunner.add_http_scheme(master))


def ask(master: str, path: str, within: float = 0.0) -> Any:
    """The JSON at `/v1/PATH`. Raises URLError, HTTPError, OSError or ValueError where there is none.

    Asks again for `within` seconds: a job manager that begins a job, or takes another's place, is slow to answer.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            # The scheme is http or https: the master gets one if it has none.
            with urllib.request.urlopen(f"{rest_url(master).rstrip('/')}/v1/{path}", timeout=_SECONDS) as response:
                return json.load(response)
        except (OSError, ValueError):
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
