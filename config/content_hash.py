"""One hash for several contents, so that a result can say exactly what it rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def content_hash(*contents: bytes) -> str:
    """The sha256 of the contents, in any order."""
    return joined_hash(hashlib.sha256(content).hexdigest() for content in contents)


def joined_hash(hashes: Iterable[str]) -> str:
    """The one hash; of several, the sha256 of their text in order; "" of none."""
    ordered = sorted(hashes)
    return hashlib.sha256("".join(ordered).encode()).hexdigest() if len(ordered) > 1 else "".join(ordered)
