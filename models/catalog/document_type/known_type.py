"""A registered type, ready to be compared with pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from config.content_hash import content_hash
from models.blank_pages.comparison import Comparison, Reference, compare, compare_whole, reference_of
from models.blank_pages.features import PageFeatures, features_of
from models.blank_pages.voting import Ballot, ballot_of
from models.catalog.document_type.types_registry import RegisteredType, TypeDescription
from schemas.errors import DocbeamError, ErrorCode


@dataclass(frozen=True, slots=True)
class Look:
    """A page compared with the reference of a type that it is most like."""

    known: KnownType
    reference: Reference
    comparison: Comparison

    @property
    def accepted(self) -> bool:
        """Whether the score reaches the type's threshold."""
        return self.comparison.score >= self.known.description.threshold


@dataclass(frozen=True, slots=True)
class KnownType:
    """What the model keeps of a registered type."""

    description: TypeDescription
    references: tuple[Reference, ...]
    ballots: tuple[Ballot, ...]
    sha256: str
    """Of the type.toml and the blank pages that this was made of: the hash of their hashes."""

    def look(self, page: PageFeatures, *, thorough: bool = False) -> Look:
        """The best of the comparisons with each reference; `thorough` costs up to eight times as much."""
        found = [Look(self, each, compare(page, each, thorough=thorough)) for each in self.references]
        return max(found, key=lambda look: look.comparison.score)

    def look_whole(self, page: PageFeatures) -> Look:
        """As `look`, without keypoints: those of a densely filled form are its writer's."""
        found = [Look(self, each, compare_whole(page, each)) for each in self.references]
        return max(found, key=lambda look: look.comparison.score)


def known_type(registered: RegisteredType) -> KnownType:
    """The type with its reference pages read. Raises DocbeamError(MODEL_UNAVAILABLE) for one that is no image."""
    contents = [path.read_bytes() for path in registered.references]
    pages = [_grey(content, path) for content, path in zip(contents, registered.references, strict=True)]
    references = tuple(reference_of(features_of(page)) for page in pages)
    return KnownType(
        registered.description,
        references,
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
