"""What a PDF says of a page beside its picture: values typed into its fields, and characters drawn as text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from schemas.prediction import Quad

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class PdfFieldType(StrEnum):
    """The types of ISO 32000-2, 12.7.5, with buttons told apart."""

    TEXT = "text"
    CHOICE = "choice"
    CHECKBOX = "checkbox"
    RADIO = "radio"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class PdfField:
    """A widget of the PDF's form that shows on the page."""

    name: str
    """The full name."""
    type: PdfFieldType
    value: str
    """Of text as typed; of a choice what people see, several with line feeds between; of a signature `signed` or ""."""
    on: bool
    """Of a button: this one is marked."""
    quad: Quad


@dataclass(frozen=True, slots=True)
class PdfContent:
    """For a model: in pixels of the page image it is given. Everywhere else: in fractions 0..1 of the source page."""

    fields: tuple[PdfField, ...]
    text: str
    """The characters that are drawn as visible text, in the order in which they are drawn, with spaces and line feeds
    where the gaps between them say so. Without those under a picture of the page: what a scanner's program read is no
    truth."""
    boxes: npt.NDArray[np.float64]
    """(len(text), 4): left, top, right, bottom of each; nan for what is only a gap."""
