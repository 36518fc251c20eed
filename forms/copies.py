"""Which pages of a file are one filled copy of a form: a scanned pile holds several, and some pages twice."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from schemas.fields import FieldState
from schemas.form_reading import FormCopy, FormReading

_SAME = 0.8
"""How alike the values of filled fields are, on the mean, on a page that was scanned twice."""
_FEW = 2
"""With fewer filled fields nothing can be compared: the page counts as another copy's."""


@dataclass(frozen=True, slots=True)
class PiledPage:
    """A page of a file, as far as it matters here."""

    number: int
    """In the file, from 1."""
    reading: FormReading | None
    is_blank: bool = False
    has_barcode: bool = False

    @property
    def of_form(self) -> FormReading | None:
        """What was read, where it is a page of a registered form."""
        return self.reading if self.reading is not None and self.reading.registered else None


@dataclass(slots=True)
class _Copy:
    first: FormReading
    pages: dict[int, FormReading] = field(default_factory=dict)
    """By number in the blank."""
    in_file: list[int] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)
    is_ended: bool = False


def copies(pages: Sequence[PiledPage]) -> tuple[FormCopy, ...]:
    """The filled copies in a file, numbered from 1 by their first pages.

    A page goes to the last copy of its form that has no such page yet. Where all have it, it is the same page scanned
    twice if it says the same, and otherwise begins another copy. A separator sheet ends the copies before it: a page of
    no registered form that is blank or bears a bar code. Blank backs of a pile scanned on both sides are none.
    """
    found: list[_Copy] = []
    leading: list[int] = []
    backs = _have_backs(pages)
    for page in pages:
        reading = page.of_form
        if reading is not None:
            _put(page.number, reading, found)
        elif page.has_barcode or (page.is_blank and not backs):
            for copy in found:
                copy.is_ended = True
        elif not page.is_blank:
            (found[-1].extra if found else leading).append(page.number)
    if found:
        found[0].extra[:0] = leading
    return tuple(_told(number, copy) for number, copy in enumerate(found, start=1))


def _put(number: int, reading: FormReading, found: list[_Copy]) -> None:
    own = [copy for copy in found if copy.first.form == reading.form and not copy.is_ended]
    again = next((copy for copy in own if _is_again(reading, copy.pages.get(reading.page))), None)
    if again is not None:
        again.duplicates.append(number)
        return
    if own and reading.page not in own[-1].pages:
        copy = own[-1]
    else:
        copy = _Copy(reading)
        found.append(copy)
    copy.pages[reading.page] = reading
    copy.in_file.append(number)


def _have_backs(pages: Sequence[PiledPage]) -> bool:
    """Whether each page of a form but the last has one blank page behind it: the empty backs of one-sided forms."""
    places = [place for place, page in enumerate(pages) if page.of_form is not None]
    followers = [pages[place + 1 : following] for place, following in itertools.pairwise(places)]
    return bool(followers) and all(len(behind) == 1 and behind[0].is_blank for behind in followers)


def _told(number: int, copy: _Copy) -> FormCopy:
    return FormCopy(
        instance=number,
        form=copy.first.form,
        version=copy.first.version,
        family=copy.first.family,
        pages=tuple(copy.in_file),
        missing=tuple(sorted(set(copy.first.pages_with_fields) - set(copy.pages))),
        duplicates=tuple(copy.duplicates),
        extra=tuple(copy.extra),
    )


def _is_again(page: FormReading, other: FormReading | None) -> bool:
    if other is None:
        return False
    theirs = {field.name: field for field in other.fields}
    pairs = [
        (mine, theirs[mine.name])
        for mine in page.fields
        if mine.name in theirs and FieldState.FILLED in (mine.state, theirs[mine.name].state)
    ]
    alike = sum(SequenceMatcher(None, mine.value, their.value).ratio() for mine, their in pairs)
    return len(pairs) >= _FEW and alike >= _SAME * len(pairs)
