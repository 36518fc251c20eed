"""What docbeam answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemas.document import DocumentFacts
from schemas.errors import ErrorItem
from schemas.fields import FieldKind, FieldState, ValueOrigin
from schemas.form_reading import FormCopy
from schemas.prediction import Prediction, Quad

_NOTHING = Prediction()


class OutcomeState(StrEnum):
    """What became of one model on one page: never two of these in one value."""

    FOUND = "found"
    NOTHING_FOUND = "nothing_found"
    BYPASSED = "bypassed"
    """Not run because the page is not of the expected type."""
    NOT_REQUESTED = "not_requested"
    """Not run because the use case does not ask for it on this page."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model that took part in a result."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one model did on one page."""

    model: str
    state: OutcomeState
    version: str = ""
    """Of the model that answered, told by the process that had loaded it; where none answered, of the one installed."""
    sha256: str = ""
    """Of its artifact, told likewise; of several the hash of their hashes. Empty when the model did not run."""
    duration_ms: float = 0.0
    """Time of the model alone, measured where it ran, without what it waited for a processor. Loading it and drawing
    the page are not in it. A batch's time is shared out over its pages; what several children did on one is added."""
    prediction: Prediction = _NOTHING
    error: ErrorItem | None = None
    waited_ms: float = 0.0
    """While no child was at work on the question: until one was free, or got a processor; shared out over a batch."""
    used: tuple[ModelUse, ...] = ()
    """Models that read for this one, told likewise."""


@dataclass(frozen=True, slots=True)
class TransformStep:
    """One step of the chain from the source page to the page as models saw it."""

    name: str
    """For example "quarter turn" or "straighten"."""
    matrix: tuple[float, ...]
    """3x3, row by row; maps pixels of the page before the step (x right, y down, homogeneous) to pixels after."""
    width: int
    """Of the page image after the step, in pixels."""
    height: int


@dataclass(frozen=True, slots=True)
class PageResult:
    """Everything found on one page."""

    number: int
    """From 1."""
    width: int = 0
    """Of the rasterised page as a viewer shows it (after EXIF turn and PDF /Rotate), in pixels."""
    height: int = 0
    dpi: float | None = None
    """Of that raster; None when an image does not say."""
    transforms: tuple[TransformStep, ...] = ()
    """From the source page to the straightened page, first step first; each is invertible."""
    outcomes: tuple[Outcome, ...] = ()
    """One for each step of the use case, in order."""
    error: ErrorItem | None = None
    """Why the page could not be read at all, if so."""
    negative: bool = False
    """The file shows the page bright on dark; it was turned over before anything looked at it."""


FieldKey = tuple[str, int | None, int | None]
"""Name, copy of the form, page."""


@dataclass(frozen=True, slots=True)
class Field:
    """A named value a use case concludes."""

    name: str
    kind: FieldKind
    state: FieldState
    value: str | None = None
    raw_text: str | None = None
    """As read, before normalising."""
    confidence: float | None = None
    page: int | None = None
    quad: Quad | None = None
    instance: int | None = None
    """Which copy of a form in the file it is of, from 1; None where the document is one."""
    review: bool = False
    """Less sure than the form allows, or against a rule: a person should look."""
    origin: ValueOrigin = ValueOrigin.PIXELS
    rule: str = ""
    """Which rule of its kind or of the form the value breaks; `hidden` of a field that cannot be seen; else empty."""

    @property
    def key(self) -> FieldKey:
        """What tells it from the other fields of its result."""
        return self.name, self.instance, self.page


class ResultStatus(StrEnum):
    """How a request ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    """Some page or model failed, or writing could not be read; the rest holds."""
    REJECTED = "rejected"
    """Not of the expected type; everything after that was bypassed."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Timings:
    """When the request passed where. Repeats of one result differ in these only."""

    received_at: datetime
    """Kafka timestamp of the request record, or the start of a bounded run."""
    finished_at: datetime
    fetch_ms: float = 0.0
    models_ms: float = 0.0
    """Of all models on all pages: `duration_ms`, added."""
    waited_ms: float = 0.0
    """Likewise `waited_ms`: much of it means too few children for the load."""


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """The one answer to a request."""

    request_id: str
    use_case: str
    status: ResultStatus
    timings: Timings
    client_id: str = ""
    use_case_version: str = ""
    document: DocumentFacts | None = None
    pages: tuple[PageResult, ...] = ()
    fields: tuple[Field, ...] = ()
    copies: tuple[FormCopy, ...] = ()
    """The filled copies of known forms that the document holds."""
    models: tuple[ModelUse, ...] = ()
    """Each version that answered: two of one name where it was exchanged meanwhile."""
    errors: tuple[ErrorItem, ...] = ()
    pipeline_version: str = ""
