"""Features of drawn samples, computed once and kept on disk: the network that reads them sees each many times."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.ocr.word_samples import Written

CHUNK = 500
"""Samples of a file."""

Half = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Seen:
    """Features of one sample, (columns, rows, channels), and its text."""

    features: Half
    text: str


Draw = Callable[[np.random.Generator], Written]
Look = Callable[[NDArray[np.uint8]], NDArray[np.float32] | None]
Opened = tuple[Draw, Look]


def stored_features(folder: Path, count: int, seed: int, opened: Callable[[], Opened], workers: int) -> list[Seen]:
    """`count` samples (in whole chunks), sample i from default_rng([seed, i]); what `folder` has is not drawn again.

    `opened` is called once in each worker process. Samples without ink, or with fewer columns than characters, which
    CTC cannot learn, are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chunks = range(-(-count // CHUNK))
    missing = [chunk for chunk in chunks if not _file(folder, seed, chunk).exists()]
    started = time.monotonic()
    with get_context("spawn").Pool(workers, _open, (opened, folder, seed)) as pool:
        for done, _ in enumerate(pool.imap_unordered(_store, missing), start=1):
            rate = done * CHUNK / (time.monotonic() - started)
            sys.stderr.write(f"drawn {done * CHUNK} of {len(missing) * CHUNK}  {rate:.0f} samples/s\n")
            sys.stderr.flush()
    return [seen for chunk in chunks for seen in _load(_file(folder, seed, chunk))]


@dataclass(frozen=True, slots=True)
class _Worker:
    """What a worker process keeps between chunks."""

    draw: Draw
    look: Look
    folder: Path
    seed: int


_workers: list[_Worker] = []
"""One, in a worker process."""


def _open(opened: Callable[[], Opened], folder: Path, seed: int) -> None:
    draw, look = opened()
    _workers[:] = [_Worker(draw, look, folder, seed)]


def _store(chunk: int) -> None:
    worker = _workers[0]
    kept = []
    for index in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        written = worker.draw(np.random.default_rng([worker.seed, index]))
        features = worker.look(written.crop)
        if features is not None and len(features) >= len(written.text):
            kept.append(Seen(features.astype(np.float16), written.text))
    _save(_file(worker.folder, worker.seed, chunk), kept)


def _file(folder: Path, seed: int, chunk: int) -> Path:
    return folder / f"{seed}-{chunk:04}.npy"


def _save(path: Path, kept: Sequence[Seen]) -> None:
    notes = {"columns": [len(seen.features) for seen in kept], "texts": [seen.text for seen in kept]}
    path.with_suffix(".json").write_text(json.dumps(notes))
    trial = path.with_suffix(".part.npy")
    np.save(trial, np.concatenate([seen.features for seen in kept]))
    # Renamed when whole, so that a run that was stopped can go on.
    trial.replace(path)


def _load(path: Path) -> list[Seen]:
    notes = json.loads(path.with_suffix(".json").read_text())
    # Mapped: all together are more than many machines have memory.
    parts = np.split(np.load(path, mmap_mode="r"), np.cumsum(notes["columns"])[:-1])
    return [Seen(part, text) for part, text in zip(parts, notes["texts"], strict=True)]
