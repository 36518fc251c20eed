"""Where the user's own document types are, told to every process by one environment variable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "DOCBEAM_ANALYSIS__DOCUMENT_TYPES"
"""That of the setting `analysis.document_types`: set by hand or by a parent process, it means the same."""


def document_types_folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """The folder, if one is set."""
    text = (os.environ if environment is None else environment).get(VARIABLE, "")
    return Path(text) if text else None


def environment_for(folder: Path | None) -> dict[str, str]:
    """What a child process needs in its environment to find the folder."""
    return {} if folder is None else {VARIABLE: str(folder.absolute())}
