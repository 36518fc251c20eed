"""What a page of a known form says: which blank page it is, and each of its fields."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.fields import Alternative, FieldState, ValueOrigin

Quad = tuple[float, float, float, float, float, float, float, float]
"""As `schemas.prediction.Quad`."""


@dataclass(frozen=True, slots=True)
class FormFieldReading:
    """One field of the form, as it is on this page."""

    name: str
    """In the form."""
    kind: str
    """As in form.toml: text, comb, date, number, choice, checkbox, radio, signature, barcode."""
    state: FieldState
    value: str = ""
    """Text; of a check box `on` or `off`; of radio buttons the value of the marked one; of a signature `signed`."""
    raw_text: str = ""
    """As read, before it was put into a normal form."""
    confidence: float = 0.0
    """Estimated probability that state and whole value are right."""
    review: bool = False
    """Less sure than the form allows: a person should look."""
    quad: Quad | None = None
    """Where it is; of several places the one that is marked, or the first."""
    alternatives: tuple[Alternative, ...] = ()
    """Likeliest first."""
    origin: ValueOrigin = ValueOrigin.PIXELS
    rule: str = ""
    """Which rule of its kind or of the form the value breaks, in a few words; of a field that was not read `hidden`:
    something lies over it, or it is torn or cut off. Empty otherwise."""


@dataclass(frozen=True, slots=True)
class FormCopy:
    """One filled copy of a form in a file; all numbers of pages are from 1."""

    instance: int
    """As in the fields of the copy."""
    form: str
    version: str
    family: str = ""
    pages: tuple[int, ...] = ()
    """Of the file, in its order: the pages whose fields count."""
    missing: tuple[int, ...] = ()
    """Of the blank: pages with fields that the file does not have for this copy."""
    duplicates: tuple[int, ...] = ()
    """Of the file: pages that are in `pages` once already, scanned again."""
    extra: tuple[int, ...] = ()
    """Of the file: pages of no registered form, but separators; given to the copy before them, or to the first."""


@dataclass(frozen=True, slots=True)
class FormReading:
    """A page laid on the blank page it is most like."""

    form: str
    """Empty where no registered form has anything in common with the page."""
    version: str
    page: int
    """Of the blank, from 1; 0 where there is none."""
    verdict: str
    """`registered`, or why no field was read: `nothing_alike`, `too_little_seen`, `other_print`, `uneven`,
    `not_asked_for`, `no_forms`."""
    family: str = ""
    turn: int = 0
    """Degrees by which the page, as the model saw it, was turned clockwise: 0, 90, 180 or 270."""
    residual_px: float | None = None
    """How far, in pixels at 150 dpi, all but a tenth of the print lies at most from where it is looked for."""
    agreement: float = 0.0
    """0..1: how much of the print that can be seen is where it should be."""
    fields: tuple[FormFieldReading, ...] = ()
    """Those of this page, in the order of form.toml."""
    pages_with_fields: tuple[int, ...] = ()
    """Of the blank: what a whole copy consists of."""
    sha256: str = ""
    """Of form.toml and the form's blank pages as the model had read them: the hash of their hashes."""

    @property
    def registered(self) -> bool:
        """The fields were looked at."""
        return self.verdict == "registered"
