"""The model: a quick look at every registered type, a proper comparison with the likeliest and the expected."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from forms.form_file import FormError
from models.blank_pages.detail import fine_ink
from models.blank_pages.features import PageFeatures, features_of
from models.blank_pages.registered_blanks import RegisteredBlanks, registered_blanks
from models.blank_pages.voting import votes
from models.catalog.document_type.form_scores import form_scores
from models.catalog.document_type.known_type import KnownType, Look, known_type
from models.catalog.document_type.siblings import Siblings
from models.catalog.document_type.types_registry import DocumentTypeError, RegisteredType, all_types, types_in
from models.contract import Model, PageImage
from models.ink import Ink, grey_of
from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import Prediction, TypeScore

_LIKELIEST = 2
"""Types compared properly, besides the expected one."""
_LIKELIEST_WHEN_UNCLEAR = 3
_CLEAR_VOTES = 20
_WORTH_A_SECOND_LOOK = 0.15
_OTHER_SIZES = (680, 940)
"""Longer side in pixels, for the second look at a page that would be refused."""


class _Seen:
    """A page, whose ink at reading size is looked for only when it is asked for."""

    def __init__(self, pixels: npt.NDArray[np.uint8], features: PageFeatures) -> None:
        self.pixels, self.features = pixels, features

    @functools.cached_property
    def _fine(self) -> Ink:
        return fine_ink(grey_of(self.pixels))

    def read(self, look: Look) -> Look:
        """The look as the printed words bear it out."""
        return look.with_words(lambda: self._fine)


class DocumentType(Model):
    """Says whether each page is one of the registered types; `options["expected"]` names the one hoped for.

    A registered form is a type too: its registration is the evidence.
    """

    _types: Mapping[str, KnownType]
    _siblings: Siblings
    _forms: RegisteredBlanks | None

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Look at the blank pages of every registered type.

        Raises DocbeamError(MODEL_UNAVAILABLE) when one is broken, or two have one name.
        """
        try:
            types, forms = all_types(), registered_blanks()
        except (DocumentTypeError, FormError) as error:
            raise DocbeamError(ErrorCode.MODEL_UNAVAILABLE, str(error)) from None
        if twice := sorted(types.keys() & forms.forms.keys()):
            raise DocbeamError(
                ErrorCode.MODEL_UNAVAILABLE,
                f"{twice[0]!r} is registered as a document type ({types[twice[0]].folder}) and as a form "
                f"({forms.forms[twice[0]].folder}); a form is a type already: remove the first",
            )
        self.use_types(types, forms)

    def use_types_in(self, folder: Path) -> None:
        """Know the types whose folders lie in `folder` and no others from now on; for measuring.

        Raises DocumentTypeError when one is broken, or two have one name.
        """
        self.use_types(types_in(folder, str(folder)))

    def use_types(self, types: Mapping[str, RegisteredType], forms: RegisteredBlanks | None = None) -> None:
        """Know these types and forms and no others from now on."""
        self._forms = forms
        self._types = {name: known_type(registered) for name, registered in sorted(types.items())}
        self._siblings = Siblings()

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """The expected and the likeliest types of each page, best first: at least two where two are registered.

        Raises DocbeamError(MODEL_UNAVAILABLE) when a page expects a type that is not registered.
        """
        for page in pages:
            self._check(page.options.get("expected"))
        return [Prediction(types=self._scores(page)) for page in pages]

    def _check(self, expected: str | None) -> None:
        if expected is not None and expected not in self._types and not self._is_form(expected):
            known = ", ".join(sorted([*self._types, *(self._forms.forms if self._forms else ())])) or "none"
            raise DocbeamError(
                ErrorCode.MODEL_UNAVAILABLE,
                f"document type {expected!r} is not registered; known types: {known}; "
                "install the package that brings it, or name the folder that holds it in analysis.document_types",
            )

    def _is_form(self, name: str | None) -> bool:
        return self._forms is not None and name in self._forms.forms

    def _scores(self, page: PageImage) -> tuple[TypeScore, ...]:
        expected = page.options.get("expected")
        if self._forms is not None and self._is_form(expected):
            return form_scores(page.pixels, self._forms, expected)
        features = features_of(page.pixels)
        chosen = self._likeliest(features)
        if expected is not None and expected not in chosen:
            chosen = [*chosen, expected]
        seen = _Seen(page.pixels, features)
        looks = [seen.read(self._types[name].look(features)) for name in chosen]
        if expected is not None and not any(look.accepted for look in looks):
            hoped = next(look for look in looks if look.known.description.name == expected)
            looks = [self._again(seen, look) if look is hoped else look for look in looks]
        scores = [
            TypeScore(
                name,
                round(score, 4),
                threshold,
                accepted=score >= threshold,
                version=self._types[name].description.version,
                sha256=self._types[name].sha256,
            )
            for name, score, threshold in self._siblings.settle(looks)
        ]
        if expected is None and self._forms is not None and self._forms.pages:
            scores += form_scores(page.pixels, self._forms, None)
        return tuple(sorted(scores, key=lambda score: (-score.score, score.document_type)))

    def _again(self, seen: _Seen, look: Look) -> Look:
        """The best of the look and of second ones: more thorough, by all print at once, at the page larger and smaller.

        A wrong refusal is a silent loss, and a right one saves far more time than this takes.

        Keypoints bear a difference in size of a tenth or two: less where much is filled in, and a page that was cut,
        or photographed with much of the desk, has another size. Votes cannot say whether that is worth it: of a page
        cut on all sides they agree no more than by chance.
        """
        best = look
        for again in _second_looks(seen, look):
            best = max(best, seen.read(again), key=lambda each: each.comparison.score)
            if best.accepted:
                break
        return best

    def _likeliest(self, features: PageFeatures) -> list[str]:
        if len(self._types) <= _LIKELIEST:
            return list(self._types)
        ballots = [(name, ballot) for name, known in self._types.items() for ballot in known.ballots]
        counted: dict[str, int] = dict.fromkeys(self._types, 0)
        for (name, _), count in zip(ballots, votes(features, [ballot for _, ballot in ballots]), strict=True):
            counted[name] = max(counted[name], count)
        best = sorted(counted, key=lambda name: (-counted[name], name))
        return best[: _LIKELIEST if counted[best[0]] >= _CLEAR_VOTES else _LIKELIEST_WHEN_UNCLEAR]


def _second_looks(seen: _Seen, look: Look) -> Iterator[Look]:
    yield look.known.look(seen.features, thorough=True)
    yield look.known.look_whole(seen.features)
    for size in _OTHER_SIZES if look.comparison.score <= _WORTH_A_SECOND_LOOK else ():
        yield look.known.look(features_of(seen.pixels, size), thorough=True)
