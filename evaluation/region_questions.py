"""Asks models about given places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from models.contract import Model, PageImage, RegionReader
from schemas.reading import Reading, Region


def reads(model: Model, kind: str) -> TypeGuard[RegionReader]:
    """Whether the model can be asked about regions of that kind."""
    return isinstance(model, RegionReader) and kind in model.card.reads


def ask_regions(model: RegionReader, page: PageImage, regions: Sequence[Region]) -> Sequence[Reading]:
    """One reading for each region. Raises ValueError where the model answers another count."""
    readings = list(model.read(page, regions))
    if len(readings) != len(regions):
        raise ValueError(f"{model.card.name} answered {len(readings)} readings for {len(regions)} regions")
    return readings
