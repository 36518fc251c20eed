"""A registered type, ready to be compared with pages."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from config.content_hash import content_hash
from models.blank_pages.comparison import Comparison, Reference, compare, compare_whole, reference_of
from models.blank_pages.detail import fine_ink
from models.blank_pages.features import PageFeatures, features_of
from models.blank_pages.printed_words import PrintedWords, printed_words
from models.blank_pages.voting import Ballot, ballot_of
from models.catalog.document_type.types_registry import RegisteredType, TypeDescription
from models.ink import Ink
from schemas.errors import DocbeamError, ErrorCode

_WORTH_WORDS = 0.4
"""Least score of a comparison that words could still bear out."""
_DENSE = 1.5
"""Times the blank page's ink."""


@dataclass(frozen=True, slots=True)
class Look:
    """A page compared with the reference of a type that it is most like."""

    known: KnownType
    reference: Reference
    comparison: Comparison
    words: PrintedWords
    """Of the reference."""
    page: PageFeatures

    @property
    def accepted(self) -> bool:
        """Whether the score reaches the type's threshold."""
        return self.comparison.score >= self.known.description.threshold

    def with_words(self, reading: Callable[[], Ink]) -> Look:
        """The look, its score what the printed words say of it too; `reading` gives the page's ink at reading size.

        Frames of another form may be where this one's are; its words are not. And where writing covers frames, on a
        page that has much more ink than the blank one, words bear out what is left of them.
        """
        matrix, score = self.comparison.matrix, self.comparison.score
        if matrix is None or score < _WORTH_WORDS:
            return self
        fine = reading()
        seen = _scaling(max(self.page.ink.shape) / max(fine.shape))
        wanted = _scaling(max(self.words.size) / max(self.reference.features.ink.shape))
        whole = wanted @ matrix @ seen
        laid = np.asarray(cv2.warpPerspective(fine, whole, self.words.size), dtype=np.float32)
        found = self.words.share_found(laid)
        if found is None:
            return self
        if self.page.ink.sum() > _DENSE * self.reference.features.ink.sum():
            score = (score + found) / 2
        return replace(self, comparison=replace(self.comparison, score=min(score, found)))


@dataclass(frozen=True, slots=True)
class KnownType:
    """What the model keeps of a registered type."""

    description: TypeDescription
    references: tuple[Reference, ...]
    words: tuple[PrintedWords, ...]
    """Of each reference."""
    ballots: tuple[Ballot, ...]
    sha256: str
    """Of the type.toml and the blank pages that this was made of: the hash of their hashes."""

    def look(self, page: PageFeatures, *, thorough: bool = False) -> Look:
        """The best of the comparisons with each reference; `thorough` costs up to eight times as much."""
        return self._likest(page, functools.partial(compare, thorough=thorough))

    def look_whole(self, page: PageFeatures) -> Look:
        """As `look`, without keypoints: those of a densely filled form are its writer's."""
        return self._likest(page, compare_whole)

    def _likest(self, page: PageFeatures, compared: Callable[[PageFeatures, Reference], Comparison]) -> Look:
        found = [
            Look(self, each, compared(page, each), words, page)
            for each, words in zip(self.references, self.words, strict=True)
        ]
        return max(found, key=lambda look: look.comparison.score)


def _scaling(scale: float) -> npt.NDArray[np.float64]:
    return np.diag([scale, scale, 1.0])


def known_type(registered: RegisteredType) -> KnownType:
    """The type with its reference pages read. Raises DocbeamError(MODEL_UNAVAILABLE) for one that is no image."""
    contents = [path.read_bytes() for path in registered.references]
    pages = [_grey(content, path) for content, path in zip(contents, registered.references, strict=True)]
    references = tuple(reference_of(features_of(page)) for page in pages)
    return KnownType(
        registered.description,
        references,
        tuple(printed_words(fine_ink(page)) for page in pages),
        tuple(ballot_of(page.features) for page in references),
        content_hash(registered.content, *contents),
    )


def read_reference(path: Path) -> npt.NDArray[np.uint8]:
    """The grey pixels of a reference page. Raises DocbeamError(MODEL_UNAVAILABLE) if it is no image."""
    return _grey(path.read_bytes(), path)


def _grey(content: bytes, path: Path) -> npt.NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise DocbeamError(ErrorCode.MODEL_UNAVAILABLE, f"{path} is no image; draw the blank page anew")
    return np.asarray(pixels, dtype=np.uint8)
