"""Forms nobody has registered: judged as scans, then read with their boxes and signatures, whatever they are."""

from __future__ import annotations

from use_cases.contract import Apply, UseCase


class AnyForm(UseCase):
    """Reads any form: text, checkboxes and signatures, without a type it must be of and without fields."""

    name = "any-form"
    version = "1"
    steps = (Apply("deskew"), Apply("page-quality"), Apply("ocr"), Apply("checkbox"), Apply("signature"))
