"""The gateway's OpenAPI description in the repository: derived from its code, where that is installed."""

from __future__ import annotations

from pathlib import Path

from docbeam.extras import missing_extra
from schemas.generated_files import ROOT


def description_drifted() -> list[str]:
    """Its path from the repository's root, if it is not what the code says."""
    found = _description()
    if found is None:
        return []
    place, text = found
    file = ROOT / place
    return [] if file.is_file() and file.read_text(encoding="utf-8") == text else [place]


def write_description() -> list[str]:
    """Bring it up to date; returns its path if it was written."""
    stale = description_drifted()
    found = _description()
    if stale and found is not None:
        Path(ROOT / found[0]).write_text(found[1], encoding="utf-8")
    return stale


def _description() -> tuple[str, str] | None:
    if not (ROOT / "pyproject.toml").is_file():
        return None
    try:
        from gateway.application import routed
        from gateway.openapi import PLACE, openapi_text

        return PLACE, openapi_text(routed())
    except ModuleNotFoundError as error:
        if missing_extra(error) is None and error.name not in ("fastapi", "starlette"):
            raise
        return None
