"""What a model is asked about a given place of a page, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.fields import Alternative, FieldState
from schemas.prediction import Quad


class RegionKind(StrEnum):
    """What a form says is at a place, in docbeam's own words; a plug-in model may read kinds of its own besides."""

    TEXT = "text"
    """Anything."""
    DIGITS = "digits"
    CAPITALS = "capitals"
    """Block capitals; small letters are answered as capitals."""
    DATE = "date"
    """In figures."""
    AMOUNT = "amount"
    CHARACTER = "character"
    """One letter or figure."""
    DIGIT = "digit"
    CAPITAL = "capital"
    CHECKBOX = "checkbox"
    """The box itself, border included; a radio button too."""
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Region:
    """A place on a page of which somebody, such as a form, says what kind of thing it holds."""

    quad: Quad
    """For a model: pixels of the page image it is given. Everywhere else: fractions 0..1 of the source page."""
    kind: str
    """A `RegionKind`, or a word that the card of the model `reads`."""
    cells: int | tuple[Quad, ...] | None = None
    """Of a comb or a row of boxes, one character in each: how many of equal width, or where each is, in the
    coordinates of `quad`, first character first. None: no cells."""


def map_region(region: Region, quad_map: Callable[[Quad], Quad]) -> Region:
    """The region with `quad_map` applied to its place and to its cells."""
    cells = region.cells
    if isinstance(cells, tuple):
        cells = tuple(quad_map(cell) for cell in cells)
    return Region(quad_map(region.quad), region.kind, cells)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a region holds."""

    state: FieldState
    """Filled, blank or unreadable; a model that was asked never answers `not_read`."""
    value: str = ""
    """The best guess, also where it is rejected: text; a `CheckboxState`; a `SignatureKind`; a word of a plug-in's."""
    confidence: float = 0.0
    """Estimated probability that the whole value is right."""
    raw_text: str = ""
    """Of text, as read, where `value` is a normalised form of it or the same; empty for what is no text."""
    rejected: bool = False
    """Less sure than a region of this kind has to be: a person should look."""
    alternatives: tuple[Alternative, ...] = ()
    """Likeliest first, without the value itself."""
    characters: tuple[float, ...] = ()
    """Of text, the estimated probability of each character of `value` seen by itself, where the model can tell."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Of a few possible values, how far each holds, 0..1, as the model sees it; what `confidence` was made from."""
    reader: str = ""
    """Which of the model's parts read it, where it has several."""
