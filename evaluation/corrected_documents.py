"""Corrections as evaluation sets: the documents that people have judged, with what they said as truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from config.settings import DocumentSettings
from documents.cache import DocumentCache
from documents.fetch import fetch
from documents.inspect import inspect
from documents.rasterise import rasterise
from evaluation.corrected_forms import FORMS, CorrectedForms
from evaluation.corrected_pages import MODELS, CorrectedPages, entries_by_page
from evaluation.folder import INDEX
from forms.registry import RegisteredForm
from schemas.correction import Correction
from schemas.document import DocumentFacts
from schemas.errors import DocbeamError
from schemas.request import DocumentReference


@dataclass(slots=True)
class Exported:
    """What became of corrections."""

    fields: Counter[str] = field(default_factory=Counter)
    """By set; one that is in two counts in both."""
    pages: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Fields that are in no set, by why."""
    forms_missing: Counter[str] = field(default_factory=Counter)
    """Fields, by the form and version they are of that is not registered here: they are in no set of forms."""
    refused: dict[str, str] = field(default_factory=dict)
    """By request why its document is not there."""


class CorrectionExport:
    """Writes the sets into a folder: `add` for the corrections of each request, `close` in the end.

    `FOLDER/ocr`, `/checkbox` and `/signature` hold pages, `/forms` whole documents.
    """

    def __init__(
        self, folder: Path, settings: DocumentSettings, cache: DocumentCache, forms: Mapping[str, RegisteredForm]
    ) -> None:
        """Raises FileExistsError where there is a set already."""
        for name in (*MODELS, FORMS):
            if (folder / name / INDEX).exists():
                raise FileExistsError(f"{folder / name / INDEX} is there already; name another folder")
        self._settings = settings
        self._cache = cache
        self._pages = CorrectedPages(folder)
        self._forms = CorrectedForms(folder / FORMS, forms)
        self.done = Exported()

    def add(self, corrections: Sequence[Correction]) -> None:
        """Those of one request; a document that has changed since it was read, or is gone, is in `done.refused`."""
        by_page, unfit = entries_by_page(corrections)
        by_form = self._forms.judged(corrections)
        self.done.forms_missing.update(filter(None, map(self._forms.without_form, corrections)))
        first = corrections[0]
        if first.document is not None and (by_page or by_form):
            # Ids may hold colons, which some file systems do not take.
            name = quote(first.request_id, safe="")
            try:
                with self._fetched(first.document) as (path, media_type):
                    drawn = {number: rasterise(path, media_type, number, self._settings).pixels for number in by_page}
                    for number, pixels in drawn.items():
                        self.done.fields += self._pages.add(f"{name}-{number}", pixels, by_page[number], first.use_case)
                        self.done.pages += 1
                    for form, said in by_form.items():
                        self.done.fields[FORMS] += self._forms.add(f"{name}-{form}", path, media_type, form, said)
            except DocbeamError as error:
                self.done.refused[first.request_id] = f"{error.code.value}: {error.message}"
                return
        of_forms = {id(each) for said in by_form.values() for each in said}
        self.done.left_out.update(why for each, why in unfit if id(each) not in of_forms)

    def close(self) -> Exported:
        """Write the indexes; without this there are no sets."""
        self._pages.close()
        self._forms.close()
        return self.done

    @contextmanager
    def _fetched(self, facts: DocumentFacts) -> Iterator[tuple[Path, str]]:
        reference = DocumentReference(facts.location, sha256=facts.sha256 or None, generation=facts.generation)
        document = fetch(reference, self._settings, self._cache)
        with self._cache.hold(document.path) as path:
            yield path, inspect(path, self._settings).media_type
