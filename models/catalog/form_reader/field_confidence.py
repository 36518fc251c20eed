"""What a reader's confidence is worth for a whole field of a form, and from where on nobody has to look.

Fitted by `training.form_reader.fit_confidence` on drawn forms, for each kind of field and state by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from forms.form import MARKS, FieldKind
from schemas.fields import FieldState, ValueOrigin

_LEAST_SURE = 0.5
"""What a field is told at least, so that an error nobody would allow takes everything."""
_GROUPS: Mapping[FieldKind, str] = {
    FieldKind.DATE: "text",
    FieldKind.NUMBER: "text",
    FieldKind.CHOICE: "text",
    FieldKind.TEXT: "text",
    FieldKind.COMB: "comb",
    FieldKind.SIGNATURE: "signature",
}


def group_of(kind: FieldKind, state: FieldState, origin: ValueOrigin) -> str:
    """The fields whose confidences mean the same."""
    if origin is not ValueOrigin.PIXELS:
        return origin.value
    name = "mark" if kind in MARKS else _GROUPS.get(kind, kind.value)
    return f"{name} {'blank' if state is FieldState.BLANK else 'filled'}"


@dataclass(frozen=True, slots=True)
class FieldConfidence:
    """Two tables; without them confidences stay what readers say."""

    right: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    """By group pairs of a reader's confidence and the share of such fields that are right, both rising."""
    taken: Sequence[tuple[float, float]] = ()
    """Pairs of an error among the fields that are taken, and the least confidence of those; errors rising."""

    @classmethod
    def of(cls, path: Path) -> Self:
        """What the file says. Raises OSError, ValueError or KeyError for one that is none."""
        table = json.loads(path.read_text(encoding="utf-8"))
        return cls({name: [tuple(each) for each in pairs] for name, pairs in table["right"].items()}, table["taken"])

    def of_field(self, group: str, confidence: float) -> float:
        """The probability that such a field is right."""
        pairs = self.right.get(group)
        if not pairs:
            return confidence
        said, right = zip(*pairs, strict=True)
        return round(float(np.interp(confidence, said, right)), 4)

    def least(self, error: float) -> float:
        """From which probability on a field may be taken, if of all that are taken a share of `error` may be wrong."""
        if not self.taken:
            return 1 - error
        errors, least = zip(*self.taken, strict=True)
        # Below the least error that was reached nobody knows: less and less is taken.
        if error < errors[0]:
            return float(1 - (1 - least[0]) * error / errors[0])
        return max(_LEAST_SURE, float(np.interp(error, errors, least)))
