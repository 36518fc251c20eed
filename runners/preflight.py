"""What keeps the local job from ever starting: told once, with its cure, instead of by restarts without end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from config.settings import DocumentSettings, Settings
from documents.allow_list import parse_allow_list
from documents.fetch import cache_folder, open_cache
from models.registry import all_models
from use_cases.registry import all_use_cases


def problems(settings: Settings, prism: Path, state_dir: Path) -> list[str]:
    """All of them at once, each with its cure. Asks nothing of the network: what is away there is waited for."""
    found = [*_programs(prism), *_files(settings)]
    found += _folder(state_dir, "--state-dir", lambda: state_dir.mkdir(parents=True, exist_ok=True))
    found += document_problems(settings.documents)
    for load, what in ((all_use_cases, "use cases"), (all_models, "models")):
        try:
            load()
        except Exception as error:  # Whatever a plug-in raises while it is imported.
            found.append(f"the {what} cannot be loaded: {type(error).__name__}: {error}. Mend or uninstall the plug-in")
    return found


def document_problems(settings: DocumentSettings) -> list[str]:
    """Those for which every document would fail, wherever it is analysed."""
    found = [*_folder(cache_folder(settings), "documents.cache_dir", lambda: open_cache(settings).check())]
    try:
        parse_allow_list(settings.allow)
    except ValueError as error:
        found.append(f"{error}. Mend documents.allow")
    return found


def _programs(prism: Path) -> Iterator[str]:
    cure = "Set runner.prism to the program, or leave it out: `docbeam dev up prism` brings one"
    if not prism.is_file():
        yield f"there is no Prism at {prism}. {cure}"
    elif not os.access(prism, os.X_OK):
        yield f"Prism at {prism} may not be executed. {cure}"


def _folder(folder: Path, setting: str, make: Callable[[], object]) -> Iterator[str]:
    try:
        make()
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or error
        yield f"the folder {folder} cannot be used ({reason}). Set {setting} to one that can be written"


def _files(settings: Settings) -> Iterator[str]:
    named = {
        "kafka.ssl_cafile": settings.kafka.ssl_cafile,
        "kafka.ssl_certfile": settings.kafka.ssl_certfile,
        "kafka.ssl_keyfile": settings.kafka.ssl_keyfile,
        "registry.ssl_cafile": settings.registry.ssl_cafile,
        "documents.https_cafile": settings.documents.https_cafile,
    }
    for setting, path in named.items():
        if path is not None and not os.access(path, os.R_OK):
            yield f"{setting} is {path}, which cannot be read. Name a file that is there and readable"
    makers = {"document_types": "docbeam model type add", "forms": "docbeam form new"}
    for setting, command in makers.items():
        folder = getattr(settings.analysis, setting)
        if folder is not None and not folder.is_dir():
            yield f"analysis.{setting} is {folder}, which is no folder. `{command}` makes one"
