"""Which pages of a file are one filled copy of a form: a scanned pile holds several, and some pages twice."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from schemas.fields import FieldState
from schemas.form_reading import FormReading

_SAME = 0.8
"""How alike the values of filled fields are, on the mean, on a page that was scanned twice."""
_FEW = 2
"""With fewer filled fields nothing can be compared: the page counts as another copy's."""


def copies(readings: Sequence[FormReading | None]) -> list[int | None]:
    """For each page, in the file's order, the number of its copy, from 1; None for pages of no registered form.

    A page goes to the last copy of its form that has no such page yet. Where all have it, it is the same page scanned
    twice if it says the same, and otherwise begins another copy. Copies are numbered through the file.
    """
    found: list[int | None] = []
    seen: list[dict[int, FormReading]] = []
    """By copy, its pages by number."""
    forms: list[str] = []
    for reading in readings:
        if reading is None or not reading.registered:
            found.append(None)
            continue
        own = [number for number, form in enumerate(forms) if form == reading.form]
        copy = next((number for number in own if _is_again(reading, seen[number].get(reading.page))), None)
        if copy is None and own and reading.page not in seen[own[-1]]:
            copy = own[-1]
        if copy is None:
            copy = len(seen)
            seen.append({})
            forms.append(reading.form)
        seen[copy].setdefault(reading.page, reading)
        found.append(copy + 1)
    return found


def _is_again(page: FormReading, other: FormReading | None) -> bool:
    if other is None:
        return False
    pairs = [
        (mine, theirs)
        for mine, theirs in zip(page.fields, other.fields, strict=True)
        if FieldState.FILLED in (mine.state, theirs.state)
    ]
    alike = sum(SequenceMatcher(None, mine.value, theirs.value).ratio() for mine, theirs in pairs)
    return len(pairs) >= _FEW and alike >= _SAME * len(pairs)
