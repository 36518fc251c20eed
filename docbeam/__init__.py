"""docbeam reads forms in a stream. Everything a use case or model plug-in imports is here."""

from __future__ import annotations

from pathlib import Path

from docbeam.shadowing import refuse_shadowed

refuse_shadowed(Path(__file__).resolve().parents[1])

from forms.concluding import form_fields  # noqa: E402
from models.contract import (  # noqa: E402 - only once it is sure whose `models` this is
    InvalidOption,
    Model,
    PageImage,
    RegionReader,
)
from schemas.document import DocumentFacts  # noqa: E402
from schemas.errors import DocbeamError, ErrorCode  # noqa: E402
from schemas.fields import Alternative, FieldKind, FieldState  # noqa: E402
from schemas.form_reading import FormFieldReading, FormReading  # noqa: E402
from schemas.prediction import (  # noqa: E402
    Checkbox,
    CheckboxState,
    Defect,
    DefectMeasure,
    Label,
    PageQuality,
    Prediction,
    Quad,
    Signature,
    SignatureKind,
    Skew,
    TextLine,
    TypeScore,
    Word,
    box_quad,
)
from schemas.reading import Reading, Region, RegionKind  # noqa: E402
from schemas.request import AnalysisRequest, DocumentReference  # noqa: E402
from schemas.result import Field, Outcome, OutcomeState, PageResult  # noqa: E402
from use_cases.contract import AnalysedDocument, Apply, Expect, UseCase  # noqa: E402

__all__ = [
    "Alternative",
    "AnalysedDocument",
    "AnalysisRequest",
    "Apply",
    "Checkbox",
    "CheckboxState",
    "Defect",
    "DefectMeasure",
    "DocbeamError",
    "DocumentFacts",
    "DocumentReference",
    "ErrorCode",
    "Expect",
    "Field",
    "FieldKind",
    "FieldState",
    "FormFieldReading",
    "FormReading",
    "InvalidOption",
    "Label",
    "Model",
    "Outcome",
    "OutcomeState",
    "PageImage",
    "PageQuality",
    "PageResult",
    "Prediction",
    "Quad",
    "Reading",
    "Region",
    "RegionKind",
    "RegionReader",
    "Signature",
    "SignatureKind",
    "Skew",
    "TextLine",
    "TypeScore",
    "UseCase",
    "Word",
    "box_quad",
    "form_fields",
]
