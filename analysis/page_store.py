"""The pages a child has turned into pixels: kept for the next model, never sent anywhere."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import DocumentSettings
from documents.geometry import apply_steps
from documents.rasterise import RasterPage, rasterise
from schemas.result import TransformStep

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

_Key = tuple[str, int, tuple[TransformStep, ...]]


class PageStore:
    """The most recently used pages, by document sha256, page number and transform chain; bounded in bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._pages: OrderedDict[_Key, RasterPage] = OrderedDict()

    def raster(self, path: Path, media_type: str, sha256: str, number: int, settings: DocumentSettings) -> RasterPage:
        """The page as a viewer shows it.

        Raises DocbeamError for a page that cannot be rasterised.
        """
        key: _Key = (sha256, number, ())
        kept = self._kept(key)
        return kept if kept is not None else self._keep(key, rasterise(path, media_type, number, settings))

    def straightened(self, sha256: str, number: int, raster: RasterPage, steps: Sequence[TransformStep]) -> Pixels:
        """The pixels of the page after its transform chain."""
        if not steps:
            return raster.pixels
        key: _Key = (sha256, number, tuple(steps))
        kept = self._kept(key)
        if kept is None:
            kept = self._keep(key, RasterPage(apply_steps(raster.pixels, steps), raster.dpi))
        return kept.pixels

    def _kept(self, key: _Key) -> RasterPage | None:
        page = self._pages.get(key)
        if page is not None:
            self._pages.move_to_end(key)
        return page

    def _keep(self, key: _Key, page: RasterPage) -> RasterPage:
        self._pages[key] = page
        self._bytes += page.pixels.nbytes
        while self._bytes > self._max_bytes and len(self._pages) > 1:
            _, oldest = self._pages.popitem(last=False)
            self._bytes -= oldest.pixels.nbytes
        return page
