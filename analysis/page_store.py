"""The pages a child has turned into pixels: kept for the next model, never sent anywhere."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from config.settings import DocumentSettings
from documents.geometry import apply_steps
from documents.rasterise import RasterPage, rasterise
from schemas.result import TransformStep

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

K = TypeVar("K")
V = TypeVar("V")
_Key = tuple[str, int, tuple[TransformStep, ...]]


class PageStore:
    """The most recently used pages, as rasterised and as straightened, by document sha256 and page number."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._rasters: OrderedDict[tuple[str, int], RasterPage] = OrderedDict()
        self._straightened: OrderedDict[_Key, npt.NDArray[np.uint8]] = OrderedDict()

    def raster(self, path: Path, media_type: str, sha256: str, number: int, settings: DocumentSettings) -> RasterPage:
        """The page as a viewer shows it.

        Raises DocbeamError for a page that cannot be rasterised.
        """
        key = (sha256, number)
        if key not in self._rasters:
            self._rasters[key] = rasterise(path, media_type, number, settings)
        return _touch(self._rasters, key, self._capacity)

    def straightened(
        self, sha256: str, number: int, pixels: npt.NDArray[np.uint8], steps: Sequence[TransformStep]
    ) -> npt.NDArray[np.uint8]:
        """The page after its transform chain."""
        if not steps:
            return pixels
        key = (sha256, number, tuple(steps))
        if key not in self._straightened:
            self._straightened[key] = apply_steps(pixels, steps)
        return _touch(self._straightened, key, self._capacity)


def _touch(store: OrderedDict[K, V], key: K, capacity: int) -> V:
    store.move_to_end(key)
    while len(store) > capacity:
        store.popitem(last=False)
    return store[key]
