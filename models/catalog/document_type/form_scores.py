"""Registered forms as document types: a page is of a form if it lies on one of its blank pages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.blank_pages.registered_blanks import RegisteredBlanks
from models.blank_pages.registration import register
from models.blank_pages.verdict import LEAST_AGREEMENT
from schemas.prediction import TypeScore

_JUST_BELOW = LEAST_AGREEMENT - 1e-4


def form_scores(pixels: npt.NDArray[np.uint8], forms: RegisteredBlanks, expected: str | None) -> tuple[TypeScore, ...]:
    """The form that the page is most like, if any, and the expected one; best first.

    The score is the agreement of the registration, but below the threshold where that was refused for another reason.
    """
    found = register(pixels, forms.blanks)
    scores = []
    if found.form is not None:
        score = found.agreement if found.registered else min(found.agreement, _JUST_BELOW)
        scores.append((found.form, round(score, 4), found.registered))
    if expected is not None and found.form != expected:
        scores.append((expected, 0.0, False))
    return tuple(
        TypeScore(name, score, LEAST_AGREEMENT, accepted, forms.forms[name].form.version, forms.sha256(name))
        for name, score, accepted in scores
    )
