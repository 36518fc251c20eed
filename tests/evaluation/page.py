"""One page of a generated evaluation folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Page:
    label: str
    truth: Mapping[str, Any]
    answer: Any
    subset: str = "a"
    note: str = ""
