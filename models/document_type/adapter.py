"""The model: a quick look at every registered type, a proper comparison with the likeliest and the expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.contract import Model, PageImage
from models.document_type.comparison import Reference, compare, reference_of
from models.document_type.features import PageFeatures, features_of, matches
from models.document_type.types_registry import RegisteredType, TypeDescription, all_types
from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import Prediction, TypeScore

LIKELIEST = 2
"""Types compared properly, besides the expected one."""


@dataclass(frozen=True, slots=True)
class _KnownType:
    description: TypeDescription
    references: tuple[Reference, ...]


class DocumentType(Model):
    """Says whether each page is one of the registered types; `options["expected"]` names the one hoped for."""

    _types: Mapping[str, _KnownType]

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Look at the blank pages of every registered type."""
        self._types = {name: _known(registered) for name, registered in all_types().items()}

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """The expected and the likeliest types of each page, best first.

        Raises DocbeamError(MODEL_UNAVAILABLE) when a page expects a type that is not registered.
        """
        for page in pages:
            self._check(page.options.get("expected"))
        return [Prediction(types=self._scores(page)) for page in pages]

    def _check(self, expected: str | None) -> None:
        if expected is not None and expected not in self._types:
            known = ", ".join(sorted(self._types)) or "none"
            raise DocbeamError(
                ErrorCode.MODEL_UNAVAILABLE,
                f"document type {expected!r} is not registered; known types: {known}; "
                "install the package that brings it",
            )

    def _scores(self, page: PageImage) -> tuple[TypeScore, ...]:
        features = features_of(page.pixels)
        chosen = self._likeliest(features)
        expected = page.options.get("expected")
        if expected is not None and expected not in chosen:
            chosen = [*chosen, expected]
        scores = [_score(self._types[name], features) for name in chosen]
        return tuple(sorted(scores, key=lambda score: (-score.score, score.document_type)))

    def _likeliest(self, features: PageFeatures) -> list[str]:
        if len(self._types) <= LIKELIEST:
            return sorted(self._types)
        votes = {
            name: max(len(matches(features, reference.features, strongest=True)) for reference in known.references)
            for name, known in self._types.items()
        }
        return sorted(votes, key=lambda name: (-votes[name], name))[:LIKELIEST]


def _known(registered: RegisteredType) -> _KnownType:
    references = []
    for path in registered.references:
        pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
        if pixels is None:
            raise DocbeamError(ErrorCode.MODEL_UNAVAILABLE, f"{path} is no image; draw the blank page anew")
        references.append(reference_of(features_of(np.asarray(pixels, dtype=np.uint8))))
    return _KnownType(registered.description, tuple(references))


def _score(known: _KnownType, features: PageFeatures) -> TypeScore:
    score = round(max(compare(features, reference) for reference in known.references), 4)
    threshold = known.description.threshold
    return TypeScore(known.description.name, score, threshold, accepted=score >= threshold)
