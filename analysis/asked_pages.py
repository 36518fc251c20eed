"""What a child is told of a page it is asked about: how to draw it, and the earlier findings its model needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from config.settings import DocumentSettings
from models.card import ModelCard
from models.registry import is_needed
from schemas.result import PageResult

_PAGES = TypeAdapter(list[PageResult])

DRAWN_WITH = frozenset({"dpi", "max_pages", "max_pixels", "max_source_pixels"})
"""The settings that turning a page into pixels asks for; a child that opens hostile files is told no others."""


def asked_pages(card: ModelCard, pages: Sequence[PageResult]) -> list[dict[str, Any]]:
    """The pages as JSON-ready values, with those outcomes alone that the card needs; what is default is left out."""
    wanted = [replace(page, outcomes=tuple(o for o in page.outcomes if is_needed(card, o.model))) for page in pages]
    plain: list[dict[str, Any]] = _PAGES.dump_python(wanted, mode="json", exclude_defaults=True)
    return plain


def drawing_settings(settings: DocumentSettings) -> str:
    """`settings` as JSON, cut down to what a page is drawn with; the others read as their defaults."""
    return settings.model_dump_json(include=set(DRAWN_WITH), exclude_defaults=True)
