"""Receipts: straighten and read them."""

from __future__ import annotations

from use_cases.contract import Apply, UseCase


class Receipt(UseCase):
    """Reads every line of a receipt."""

    name = "receipt"
    version = "1"
    steps = (Apply("deskew"), Apply("page-quality"), Apply("ocr"))
