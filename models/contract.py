"""The contract of a model plug-in: who calls what, when, in which process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.prediction import Prediction

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from models.card import ModelCard


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as a model sees it: straightened, unless the model is `deskew` itself."""

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


class Model(ABC):
    """A model plug-in.

    An instance lives in a child process that may be killed at any time; one per child, shared by every use
    case. `load` is called once, before the first `predict`, with files whose sha256 was checked against the
    card. `predict` is called by one thread at a time. Neither may use the network. Printing is harmless.
    """

    card: ModelCard
    """Set by the registry before `load`."""

    @abstractmethod
    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Read the artifacts, by their name on the card.

        Whatever this raises becomes `model_unavailable` on every page, and is tried again later.
        """

    @abstractmethod
    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """Exactly one prediction for each page, in order; quads in pixels of the given image.

        If this raises, hangs, dies or answers another count, the pages are tried again one at a time and
        only those that fail alone are failed.
        """
