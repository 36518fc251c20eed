"""What is known about a document before any page is decoded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A fetched and inspected document."""

    location: str
    media_type: str = ""
    """By content, not by name."""
    size_bytes: int = 0
    sha256: str = ""
    page_count: int = 0
    generation: str | None = None
    """Object generation (gs) or version id (s3), where the store has one."""
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class PageRange:
    """The pages of one part of a document, analysed together."""

    first_page: int
    """From 1."""
    last_page: int
    part: int
    """From 1."""
    parts: int

    @property
    def page_numbers(self) -> range:
        """The page numbers of this part."""
        return range(self.first_page, self.last_page + 1)
