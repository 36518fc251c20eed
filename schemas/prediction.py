"""What models may answer.

Quads are four corners, clockwise from the top left of the text or thing: x1 y1 x2 y2 x3 y3 x4 y4.
A model reports them in pixels of the page image it was given (origin top left). The framework alone maps
them to fractions 0..1 of the source page as a viewer shows it; that is what results carry.
Confidences are 0..1 and meant to be calibrated: 0.9 is right nine times in ten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from schemas.form_reading import FormReading

Quad = tuple[float, float, float, float, float, float, float, float]


def box_quad(left: float, top: float, right: float, bottom: float) -> Quad:
    """The quad of an upright box."""
    return (left, top, right, top, right, bottom, left, bottom)


def corner_quad(corners: Iterable[Iterable[float]]) -> Quad:
    """The quad of four (x, y) corners, such as the rows of a 4 x 2 array."""
    x1, y1, x2, y2, x3, y3, x4, y4 = (float(value) for corner in corners for value in corner)
    return (x1, y1, x2, y2, x3, y3, x4, y4)


def bounds(quad: Quad) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the upright box around a quad."""
    return min(quad[0::2]), min(quad[1::2]), max(quad[0::2]), max(quad[1::2])


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text line."""

    text: str
    quad: Quad
    confidence: float


class TextState(StrEnum):
    """How far a line of writing could be read."""

    READ = "read"
    PARTLY_READ = "partly_read"
    """Letters or words of it could not be; where one is known to stand, the text has U+FFFD."""
    UNREAD = "unread"
    """There is writing, in a script, a hand or a state that the reader cannot read."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of writing, as far as it is read."""

    text: str
    """Empty where nothing of it can be read."""
    quad: Quad
    confidence: float
    words: tuple[Word, ...] = ()
    """May be estimates inside the line; empty when the reader gives none."""
    state: TextState = TextState.READ
    script: str = ""
    """Of most of its letters, as Unicode calls it, in small letters: `latin`, `greek`, `han`; empty where not told."""


class CheckboxState(StrEnum):
    """What was done to a box."""

    EMPTY = "empty"
    TICKED = "ticked"
    CROSSED = "crossed"
    FILLED = "filled"
    SCRIBBLED_OUT = "scribbled_out"
    MARKED = "marked"
    """Some mark, kind not told apart."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Checkbox:
    """A box or radio button on the page, and its state."""

    state: CheckboxState
    quad: Quad
    confidence: float
    """That the state is right."""
    detection_confidence: float = 1.0
    """That there is a box at all."""
    radio: bool = False
    """Round rather than square."""


class SignatureKind(StrEnum):
    """What is in a region where a signature may be."""

    EMPTY = "empty"
    SIGNATURE = "signature"
    INITIALS = "initials"
    PRINTED_TEXT = "printed_text"
    HANDWRITTEN_TEXT = "handwritten_text"
    STAMP = "stamp"
    STRAY_LINE = "stray_line"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature found on the page."""

    kind: SignatureKind
    quad: Quad
    confidence: float

    @property
    def sure(self) -> bool:
        """False where it may be none, and a person should look."""
        return self.confidence >= 0.5


@dataclass(frozen=True, slots=True)
class Barcode:
    """A bar code or matrix code found on the page; its own check digits say that it was read right."""

    symbology: str
    """As zxing-cpp calls it, in small letters: `code_128`, `code_39`, `ean_13`, `itf`, `qr_code`, `data_matrix`..."""
    value: str
    """Its text; bytes that are no text in hexadecimal, with `hex:` in front."""
    quad: Quad


@dataclass(frozen=True, slots=True)
class TypeScore:
    """How far the page is of one registered document type; the expected and best types, best first."""

    document_type: str
    score: float
    """0..1, comparable with `threshold`."""
    threshold: float
    """At or above it the page is accepted as this type."""
    accepted: bool
    version: str = ""
    """Of the type, or of the form that is one, as the model had read it."""
    sha256: str = ""
    """Of its description and its blank pages: the hash of their hashes."""


MOST_ASKEW_DEGREES = 2.0
"""Boxes and letters are found up to about so much; beyond it a page that was not straightened is not to be believed."""


@dataclass(frozen=True, slots=True)
class Skew:
    """How the page lies, and what was done about it."""

    quarter_turns: int
    """How often the page as shown is turned by 90 degrees clockwise from upright: 0 to 3."""
    quarter_confidence: float
    angle_degrees: float
    """Fine angle, positive when the content is turned counter-clockwise from upright."""
    angle_confidence: float
    turned: bool
    """The quarter turn was undone for the models that follow."""
    straightened: bool
    """The fine angle was undone; False inside the dead band of 0.1 degrees and when abstaining."""

    @property
    def askew_degrees(self) -> float:
        """By how much the page seems to lie askew still, because that was not sure enough to be undone."""
        return 0.0 if self.straightened else abs(self.angle_degrees)


class Defect(StrEnum):
    """What can be wrong with a page as it came in."""

    BLUR = "blur"
    """Measured: width of edges in hundredths of the letters' height; more is worse."""
    LOW_CONTRAST = "low_contrast"
    """Measured: how much darker ink is than paper, in hundredths of full white; less is worse."""
    TOO_DARK = "too_dark"
    """Measured: brightness of the paper in hundredths of full white; less is worse."""
    GLARE = "glare"
    """Measured: hundredths of the page in which light has washed the ink out; more is worse."""
    CUT_OFF = "cut_off"
    """Measured: lines of text or rules that run into one edge of the page; more is worse."""
    NOISE = "noise"
    """Measured: grain and specks in hundredths of the distance between ink and paper; more is worse."""
    LOW_RESOLUTION = "low_resolution"
    """Measured: height of small letters in pixels; less is worse."""
    BLANK = "blank"
    """Measured: hundredths of the page that are ink; less is worse."""
    NOT_STRAIGHT = "not_straight"
    """Measured: degrees by which the page seems to lie askew and could not be straightened; more is worse."""


@dataclass(frozen=True, slots=True)
class DefectMeasure:
    """One possible defect of a page: what was measured, and whether it is too much."""

    defect: Defect
    value: float
    """In the unit that `docs/page-quality.md` gives for the defect."""
    threshold: float
    """In the same unit; beyond it, on the worse side, the defect costs reading accuracy."""
    exceeded: bool
    """The page has this defect."""
    advice: str = ""
    """What a person can do about it, in a sentence; empty where the page does not have the defect."""
    quad: Quad | None = None
    """Where on the page, if the defect has a place."""


@dataclass(frozen=True, slots=True)
class PageQuality:
    """Whether the page came in well enough to be read, and if not, what to do."""

    acceptable: bool
    """No defect is beyond its limit."""
    defects: tuple[DefectMeasure, ...] = ()
    """Every defect that could be measured on this page, those beyond their limits first."""


@dataclass(frozen=True, slots=True)
class Label:
    """A finding of a kind docbeam has no record for; lets a plug-in model report anything with a place."""

    name: str
    value: str
    confidence: float
    quad: Quad | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """All that one model says about one page. Everything empty means: looked, found nothing."""

    lines: tuple[TextLine, ...] = ()
    checkboxes: tuple[Checkbox, ...] = ()
    signatures: tuple[Signature, ...] = ()
    types: tuple[TypeScore, ...] = ()
    skew: Skew | None = None
    labels: tuple[Label, ...] = ()
    quality: PageQuality | None = None
    form: FormReading | None = None
    barcodes: tuple[Barcode, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing was found; measures of a page without defects are no finding."""
        if self.skew is not None or (self.quality is not None and not self.quality.acceptable):
            return False
        if self.form is not None and self.form.registered:
            return False
        return not (self.lines or self.checkboxes or self.signatures or self.types or self.labels or self.barcodes)
