"""Conditional calls (RFC 9110, 13.1.2)."""

from __future__ import annotations


def matches(header: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names the tag; compared weakly, as for reading it has to be."""
    if header is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags
