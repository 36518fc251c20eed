"""A rule chooses between readings: what a field cannot hold was not written there, if something else may have been."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

from forms.form import Form, FormField
from forms.rules.checking import Checked, check
from forms.rules.formats import proves_itself
from schemas.fields import Alternative, FieldState
from schemas.reading import Reading

_PLAUSIBLE = 0.05
"""Of the best reading's confidence: a reader that gives an alternative less does not believe it."""
_PAIRS = (("0", "O"), ("1", "I"), ("5", "S"), ("8", "B"))
_CONFUSED = dict(_PAIRS) | {letter: figure for figure, letter in _PAIRS}
_MOST_CONFUSED = 3
"""Letters that were figures. Of other changes one alone: two of twenty places come out right by chance."""
_MOST_CHARACTERS = 40
"""Of a number with check digits; the longest IBAN has 34."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A reading, and the rule it breaks."""

    reading: Reading
    rule: str = ""
    """Empty where it breaks none."""


def settle(field: FormField, form: Form, reading: Reading) -> Settled:
    """The reading that its field's rules leave.

    If the best value breaks a rule and one alternative does not, that is it, with the confidence that the reader gave
    it. If none does, and the value has check digits, characters that are often confused are changed, as few as will do:
    where only one change makes the digits right, that is it, for a person to look at. Otherwise the value stays and is
    for a person. The raw text is what was read, whatever is chosen.
    """
    if reading.state is FieldState.BLANK or not reading.value.strip():
        return Settled(reading)
    best = check(field, form, reading.value)
    if not best.rule:
        return Settled(replace(reading, value=best.value))
    fitting = _fitting(field, form, reading)
    if len(fitting) == 1:
        other, checked = fitting[0]
        sure = min(other.confidence, reading.confidence)
        return Settled(_instead(reading, checked.value, sure, taken=other, rejected=reading.rejected))
    if (repaired := _repaired(field, form, reading.value)) is not None:
        # The reader believes what cannot be: what it did not believe is all that is left for the rest.
        sure = min(reading.confidence, 1 - reading.confidence)
        return Settled(_instead(reading, repaired.value, sure, taken=None, rejected=True))
    return Settled(replace(reading, value=best.value, rejected=True), best.rule)


def _fitting(field: FormField, form: Form, reading: Reading) -> list[tuple[Alternative, Checked]]:
    """Alternatives that the reader believes and the rules allow, each value once."""
    found: dict[str, tuple[Alternative, Checked]] = {}
    for other in reading.alternatives:
        checked = check(field, form, other.value)
        if checked.value and not checked.rule and other.confidence >= _PLAUSIBLE * reading.confidence:
            found.setdefault(checked.value, (other, checked))
    return list(found.values())


def _instead(reading: Reading, value: str, confidence: float, *, taken: Alternative | None, rejected: bool) -> Reading:
    """The reading with another value, and the one it had as an alternative."""
    rest = [other for other in reading.alternatives if other != taken]
    rest.append(Alternative(reading.value, reading.confidence))
    return replace(
        reading,
        value=value,
        raw_text=reading.raw_text or reading.value,
        confidence=confidence,
        rejected=rejected,
        alternatives=tuple(sorted(rest, key=lambda other: -other.confidence)),
        characters=(),
    )


def _repaired(field: FormField, form: Form, value: str) -> Checked | None:
    if not field.checked_as or not proves_itself(field.checked_as) or len(value) > _MOST_CHARACTERS:
        return None
    text = value.upper()
    places = [place for place, sign in enumerate(text) if sign in _CONFUSED]
    letters = [place for place in places if text[place].isalpha()]
    for count in range(1, _MOST_CONFUSED + 1):
        changed = (_changed(text, some) for some in combinations(places if count == 1 else letters, count))
        right = [found for each in changed if not (found := check(field, form, each)).rule]
        if right:
            return right[0] if len(right) == 1 else None
    return None


def _changed(text: str, places: tuple[int, ...]) -> str:
    return "".join(_CONFUSED[sign] if place in places else sign for place, sign in enumerate(text))
