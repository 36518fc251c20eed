"""The contract of a model plug-in: who calls what, when, in which process.

| call | process | when |
|---|---|---|
| `card.toml` is read | every process of a job, and the command line | at the start; no runtime is imported |
| the adapter is imported, made, and `load` called | a child process | before the first page or region of this child |
| `predict` | a child process | once for each batch of pages, for each step `Apply(model)` of a use case |
| `read` | a child process | once for each page of which regions are asked about |

A child serves one call at a time, from one thread, for every use case and every document of its worker. It may be
killed at any time, and is when a call takes longer than the card's `seconds_per_page` or memory grows by more than
`memory_mb`; the next call then finds another child. The command line (`docbeam model evaluate`, `model verify`) and the
tests call the same in their own process.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.pdf_content import PdfContent
from schemas.prediction import Prediction
from schemas.reading import Reading, Region

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from models.card import ModelCard


class InvalidOption(ValueError):
    """Raised by `predict` for an option nobody can follow: the request fails with `invalid_parameter`."""

    def __init__(self, option: str, known: Iterable[str]) -> None:
        super().__init__(f"option {option} must be one of: {', '.join(known)}"[:500])


@dataclass(frozen=True, slots=True)
class Share:
    """Of what is on a page, the part that is asked about: several children may work on one page."""

    number: int = 0
    """From 0."""
    of: int = 1


WHOLE = Share()


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as a model sees it: straightened, unless the model is the one that straightens."""

    number: int
    """Page number in the document, from 1."""
    pixels: npt.NDArray[np.uint8]
    """(height, width) grey or (height, width, 3) BGR; read only."""
    dpi: float | None = None
    """None where an image does not say."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What the use case says to this model, such as `expected` for `document-type` or `engine` for `ocr`."""
    earlier: Mapping[str, Prediction] = field(default_factory=dict)
    """What the models before this one found of all that the card `needs`, by model name; quads in pixels of this
    image. Empty where the use case applies none of them first."""
    pdf: PdfContent | None = None
    """Values and text of a PDF's page, in pixels of this image; None unless the card asks for `pdf_content`."""
    share: Share = WHOLE
    """What of the page to answer for; the whole of it, unless the card allows more `shares`. All shares together must
    be what the whole is, in however many it is asked; each thing is in one of them."""


class Model(ABC):
    """A model plug-in: looks at whole pages.

    One instance lives in each child process. Nothing of it may use the network. Printing is harmless.
    """

    card: ModelCard
    """Set by the registry before `load`."""
    used: Mapping[str, RegionReader]
    """The models that the card `uses`, by name; set by the registry before `load`. They serve this model in its own
    call: its limits of time and memory hold for all of them."""

    @abstractmethod
    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Read the artifacts, by their name on the card; each file's sha256 has been checked against the card's.

        Called once, before anything else. Whatever this raises becomes `model_unavailable` on every page, and is
        tried again with the next question.
        """

    @abstractmethod
    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """Exactly one prediction for each page, in order; quads in pixels of the given image.

        At most the card's `max_batch` pages, all of one document. Raise InvalidOption for an option that cannot be
        followed. If this raises anything else, hangs, dies or answers something else, the pages are tried again one at
        a time and only those that fail alone are failed. A DocbeamError keeps its code and message; of any other
        exception only the type is told, since its text may quote the document.
        """


class RegionReader(Model):
    """A model that can also be asked what is at given places; its card says which kinds of places it `reads`."""

    @abstractmethod
    def read(self, page: PageImage, regions: Sequence[Region]) -> Sequence[Reading]:
        """Exactly one reading for each region, in order; regions in pixels of the given image, none or many.

        A blank place is a reading, and so is one that cannot be read, that is tiny, or that lies beyond the page
        (`UNREADABLE`, confidence 0). Confidences are 0 to 1.
        May raise DocbeamError(INVALID_REQUEST) for a kind that the card does not read and for cells that make no
        sense; it says what would. Whatever else it raises fails all of these regions, as `model_failed`.
        """
