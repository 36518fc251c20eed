"""Corrections as a set of filled forms: the documents whole, their forms as registered here, and what people said."""

from __future__ import annotations

import json
import mimetypes
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.folder import write_index
from forms.form import Form, FormField
from forms.registry import RegisteredForm
from schemas.correction import Correction
from schemas.fields import FieldState

FORMS = "forms"
"""The folder's name: `docbeam form evaluate --data FOLDER/forms`, and `--data` of what is fitted to form readers."""
_COLUMNS = ("path", "form", "truth", "subset", "note")


class CorrectedForms:
    """Writes the set into `folder`; `forms` are those that are registered.

    Only fields that people judged are in the truth, whatever their kind. What they could not read is not, nor fields
    of a form that is not registered in the version they were read by, and of a field in places on several pages one
    whose page tells by no other field which page of the blank it is.
    """

    def __init__(self, folder: Path, forms: Mapping[str, RegisteredForm]) -> None:
        self._folder = folder
        self._forms = forms
        self._rows: list[Mapping[str, str]] = []

    def without_form(self, said: Correction) -> str:
        """Which form and version a field needs that is not registered; empty where nothing is missing."""
        form = self._forms.get(said.form)
        if not said.form or (form is not None and form.form.version == said.form_version):
            return ""
        return f"{said.form} {said.form_version}"

    def judged(self, corrections: Sequence[Correction]) -> dict[str, list[Correction]]:
        """Those that belong into the set, by form."""
        found: dict[str, list[Correction]] = defaultdict(list)
        for each in corrections:
            if each.form and not self.without_form(each) and each.state is not FieldState.UNREADABLE:
                found[each.form].append(each)
        told = {form: _told(self._forms[form].form, said) for form, said in found.items()}
        return {form: said for form, said in told.items() if said}

    def add(self, name: str, document: Path, media_type: str, form: str, said: Sequence[Correction]) -> int:
        """A document and what is true of its copies of one form, as `judged` has it; how many fields that is."""
        described = self._forms[form].form
        pages, known = _blank_pages(described, said), _by_name(described)
        fields = [_row(known[each.read.name], each, pages) for each in said]
        for part in ("files", "truth", "forms"):
            (self._folder / part).mkdir(parents=True, exist_ok=True)
        path = f"files/{name}{mimetypes.guess_extension(media_type) or ''}"
        shutil.copyfile(document, self._folder / path)
        shutil.copytree(self._forms[form].folder, self._folder / "forms" / form, dirs_exist_ok=True)
        numbers = {each.read.page: each.read.instance or 1 for each in said}
        truth = {
            "file": path,
            "form": form,
            # How a page was turned, and where it lies, nobody said.
            "pages": [
                {"page": number, "blank_page": pages[number], "instance": numbers[number], "turn": None, "matrix": None}
                for number in sorted(pages)
            ],
            "fields": fields,
        }
        text = json.dumps(truth, ensure_ascii=False, indent=1)
        (self._folder / "truth" / f"{name}.json").write_text(text, encoding="utf-8")
        note = f"{len(fields)} fields judged"
        row = (path, form, f"truth/{name}.json", said[0].use_case, note)
        self._rows.append(dict(zip(_COLUMNS, row, strict=True)))
        return len(fields)

    def close(self) -> None:
        """Write the index; without it there is no set."""
        if self._rows:
            write_index(self._folder, _COLUMNS, self._rows)


def _blank_pages(form: Form, said: Sequence[Correction]) -> dict[int, int]:
    """By page of the document the page of the blank, as its fields tell."""
    possible: dict[int, set[int]] = {}
    fields = _by_name(form)
    for each in said:
        field = fields.get(each.read.name)
        if field is not None and each.read.page is not None:
            own = {place.page for place in field.places}
            possible[each.read.page] = possible.get(each.read.page, own) & own
    return {number: next(iter(pages)) for number, pages in possible.items() if len(pages) == 1}


def _told(form: Form, said: Sequence[Correction]) -> list[Correction]:
    """Those of fields of which it is known where on the blank they are."""
    pages, fields = _blank_pages(form, said), _by_name(form)
    return [each for each in said if each.read.page in pages and each.read.name in fields]


def _row(field: FormField, said: Correction, pages: Mapping[int, int]) -> dict[str, Any]:
    assert said.read.page is not None
    page = pages[said.read.page]
    return {
        "instance": said.read.instance or 1,
        "name": field.name,
        "page": page,
        "kind": field.kind.value,
        "state": said.state.value,
        "value": said.value or ("off" if field.kind == "checkbox" else ""),
        "ink": "" if said.state is FieldState.FILLED else "none",
        "boxes": [place.box for place in field.places_on(page)],
    }


def _by_name(form: Form) -> Mapping[str, FormField]:
    return {field.name: field for field in form.fields}
