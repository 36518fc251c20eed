"""Words that people write into forms: names of many countries, and what is printed there."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pypdfium2

from models.catalog.ocr.language.lexicon import words_of

LANGUAGES = (
    *("en_US", "en_GB", "en_NZ", "en_IE", "en_IN", "es_ES", "es_MX", "fr_FR", "fr_CA", "de_DE", "de_AT", "it_IT"),
    *("pt_BR", "pt_PT", "nl_NL", "pl_PL", "cs_CZ", "sv_SE", "no_NO", "fi_FI", "hu_HU", "ro_RO", "hr_HR", "tr_TR"),
    *("id_ID", "vi_VN"),
)
"""Of the package Faker, whose names are taken as far as they are ASCII."""
_LISTS = ("first_names", "first_names_male", "first_names_female", "last_names")
LEAST_PRINTED = 2
"""Times that a word of printed pages must occur there."""


def vocabulary(texts: Iterable[str], data: Path) -> frozenset[str]:
    """Words in lower case: of `texts`, of names, and of the printed pages in the training folder `data`."""
    words = {word for text in chain(texts, _names()) for word in words_of(text)}
    printed = Counter(word for text in _printed(data) for word in words_of(text))
    return frozenset(words | {word for word, count in printed.items() if count >= LEAST_PRINTED})


def _names() -> Iterable[str]:
    for language in LANGUAGES:
        provider = importlib.import_module(f"faker.providers.person.{language}").Provider
        yield from (name for listed in _LISTS for name in getattr(provider, listed, ()) if name.isascii())


def _printed(data: Path) -> Iterable[str]:
    for path in sorted([*(data / "pages").glob("*.pdf"), *(data / "forms").glob("*.pdf")]):
        document = pypdfium2.PdfDocument(path)
        try:
            for page in document:
                yield page.get_textpage().get_text_bounded()
        finally:
            document.close()
