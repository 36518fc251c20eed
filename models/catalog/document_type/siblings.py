"""Decides between registered types that are versions of one another, by the print in which they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from models.blank_pages.comparison import Reference, compare
from models.catalog.document_type.known_type import Look

_LEAST_DIFFERENT = 1.0
"""Sum over a form's tiles of how much each differs from its sibling's print; with less nothing can be told."""
_LEAST_MARGIN = 0.05

Difference = npt.NDArray[np.float64]


class Siblings:
    """Remembers, for each pair of references, where they differ; pairs are compared when a page is like both."""

    def __init__(self) -> None:
        self._differences: dict[tuple[int, int], Difference | None] = {}
        self._kept: list[Reference] = []

    def settle(self, looks: Sequence[Look]) -> Iterator[tuple[str, float, float]]:
        """Name, score and threshold of each look.

        Where a page passes as two types, the print in which they differ decides. The loser's score is brought
        below its threshold: by how much worse it fits there. Where the page does not tell, both stay accepted.
        """
        accepted = [look for look in looks if look.accepted]
        for look in looks:
            score, threshold = look.comparison.score, look.known.description.threshold
            rivals = [self._share(look, other) for other in accepted if look in accepted and other is not look]
            yield look.known.description.name, min([score, *(threshold * share for share in rivals)]), threshold

    def _share(self, look: Look, other: Look) -> float:
        """Below 1 where the page fits the other better in what differs; else far above any score."""
        ours, theirs = self._fit(look, other), self._fit(other, look)
        if ours is None or theirs is None or theirs - ours < _LEAST_MARGIN:
            return np.inf
        return ours / theirs

    def _fit(self, look: Look, other: Look) -> float | None:
        """How well the page shows the print that `look` has and `other` has not; None where there is hardly any."""
        difference = self._difference(look.reference, other.reference)
        found = look.comparison.found
        if difference is None or found is None:
            return None
        weights = np.where(found.seen, difference, 0)
        if weights.sum() < _LEAST_DIFFERENT:
            return None
        return float(np.average(found.agreement, weights=weights))

    def _difference(self, ours: Reference, theirs: Reference) -> Difference | None:
        """Tile by tile how far our print is missing on their blank page; None where neither can be laid over."""
        key = id(ours), id(theirs)
        if key not in self._differences:
            self._kept += [ours, theirs]  # so that an id is never that of another reference
            found = compare(theirs.features, ours).found
            missing = None if found is None else np.where(found.seen, 1 - found.agreement, 0).astype(np.float64)
            self._differences[key] = missing
        return self._differences[key]
