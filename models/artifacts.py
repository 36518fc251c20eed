"""From a card to verified files: nothing is loaded whose sha256 is not the card's."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from models.card import Artifact, ModelCard
from schemas.errors import DocbeamError, ErrorCode


def verified_artifacts(card: ModelCard, folder: Path) -> Mapping[str, Path]:
    """The card's artifacts by name, each checked against its sha256.

    Raises DocbeamError(MODEL_UNAVAILABLE) naming the artifact that is missing or differs.
    """
    return {artifact.name: _verify(card, artifact, folder) for artifact in card.artifacts}


def file_states(path: Path) -> Mapping[str, tuple[int, int, int]]:
    """What changes with the file at `path`, or with each one right in that folder, when it is written or replaced."""
    try:
        files = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
        states = ((each, each.stat()) for each in files)
        return {str(each): (state.st_ino, state.st_size, state.st_mtime_ns) for each, state in states}
    except OSError:
        return {}  # It is being replaced.


def _verify(card: ModelCard, artifact: Artifact, folder: Path) -> Path:
    path = locate(artifact, folder)
    if path is None or not path.is_file():
        raise _unavailable(card, f"artifact {artifact.name!r} is not at {artifact.source}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != artifact.sha256:
        raise _unavailable(
            card,
            f"artifact {artifact.name!r} has sha256 {found}, the card says {artifact.sha256}; it was not loaded",
        )
    return path


def locate(artifact: Artifact, folder: Path) -> Path | None:
    """Where the artifact should be, whether or not it is there; None if its package is not installed."""
    kind, _, rest = artifact.source.partition(":")
    if kind == "file":
        return folder / rest
    if kind == "prefix":
        return Path(sys.prefix) / rest
    module, _, inner = rest.partition("/")
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / inner


def _unavailable(card: ModelCard, message: str) -> DocbeamError:
    return DocbeamError(ErrorCode.MODEL_UNAVAILABLE, f"{card.name} {card.version}: {message}")
