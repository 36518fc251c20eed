"""Filled copies of registered forms: every field of every copy."""

from __future__ import annotations

from collections.abc import Sequence

from forms.concluding import form_fields
from schemas.result import Field
from use_cases.contract import AnalysedDocument, Apply, UseCase


class KnownForm(UseCase):
    """Reads the fields of whatever registered forms a file holds; parameter `form` names the ones that are wanted."""

    name = "known-form"
    version = "1"
    steps = (Apply("deskew"), Apply("page-quality"), Apply("barcode"), Apply("form-reader"))

    def conclude(self, document: AnalysedDocument) -> Sequence[Field]:
        """The fields of each copy."""
        return form_fields(document.pages)
