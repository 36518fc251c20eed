"""Reads documents named on standard input one after the other and prints what came of each as a JSON line.

A document that takes longer than the limit ends the process: native code hears no exception.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

from config.settings import DocumentSettings
from documents.inspect import inspect
from documents.rasterise import rasterise
from schemas.errors import DocbeamError
from tests.processes import peak_mb

PAGES = 2


def outcomes(path: Path, settings: DocumentSettings) -> list[str]:
    """The code of the inspection if it failed, or one code or "ok" for each of the first pages."""
    try:
        found = inspect(path, settings)
    except DocbeamError as error:
        return [error.code.value]
    codes = []
    for number in range(1, min(PAGES, found.page_count) + 1):
        try:
            page = rasterise(path, found.media_type, number, settings)
        except DocbeamError as error:
            codes.append(error.code.value)
        else:
            height, width = page.pixels.shape[:2]
            codes.append("ok" if height * width <= settings.max_pixels else "over budget")
    return codes


def main(limit_seconds: int) -> None:
    settings = DocumentSettings()
    for line in sys.stdin:
        signal.alarm(limit_seconds)
        began = time.monotonic()
        try:
            codes = outcomes(Path(line.rstrip("\n")), settings)
        except Exception as error:
            codes = [f"raised {type(error).__name__}"]
        took = time.monotonic() - began
        print(json.dumps({"codes": codes, "seconds": took, "peak_mb": peak_mb()}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
