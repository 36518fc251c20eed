"""Pinned versions and checksums of everything that is fetched."""
