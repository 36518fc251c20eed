"""One file for each kind of model: what is asked of it, and which metrics its answers give."""

from __future__ import annotations

from collections.abc import Mapping

from evaluation.kinds.checkbox import CheckboxKind
from evaluation.kinds.deskew import DeskewKind
from evaluation.kinds.document_type import DocumentTypeKind
from evaluation.kinds.kind import Kind
from evaluation.kinds.ocr import OcrKind
from evaluation.kinds.page_quality import PageQualityKind
from evaluation.kinds.signature import SignatureKind

KINDS: Mapping[str, type[Kind]] = {
    "skew": DeskewKind,
    "types": DocumentTypeKind,
    "lines": OcrKind,
    "checkboxes": CheckboxKind,
    "signatures": SignatureKind,
    "quality": PageQualityKind,
}
"""By the `output` of the model's card."""
