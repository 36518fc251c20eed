"""Application forms: judged as scans, verified, then read with their boxes and signatures."""

from __future__ import annotations

from use_cases.contract import Apply, Expect, UseCase


class ApplicationForm(UseCase):
    """Reads docbeam's sample application form: text, checkboxes and signatures."""

    name = "application-form"
    version = "1"
    steps = (
        Apply("deskew"),
        Apply("page-quality"),
        Expect("application-form"),
        Apply("ocr"),
        Apply("checkbox"),
        Apply("signature"),
    )
