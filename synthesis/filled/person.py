"""An invented person, and what they would enter: SSNs begin with 9, phones hold 555, mails end in example.com."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthesis.filled.asked import Ask
from synthesis.forms import form_words
from synthesis.forms.form_words import held_out
from synthesis.ink.pen_strokes import Part

Random = np.random.Generator

_COUNTRIES = (
    "Mexico",
    "Canada",
    "Poland",
    "India",
    "Ghana",
    "Peru",
    "Japan",
    "Kenya",
    "Norway",
    "Portugal",
    "Vietnam",
    "Brazil",
)
_COUNTIES = ("Norfolk", "Greene", "Franklin", "Suffolk", "Marion", "Monroe", "Clark", "Hampden", "Essex", "Fulton")
_FIRMS = (
    "Bakery",
    "Dental",
    "Freight",
    "Clinic",
    "Foods",
    "Motors",
    "Supply",
    "Farms",
    "Electric",
    "Books",
    "Dairy",
    "Insurance",
)
_SUFFIXES, _TIMES = ("JR", "SR", "II", "III", "Jr."), ("8:00 AM", "9:30 AM", "10:15 AM", "1:00 PM", "2:45 PM")
_RELATIONS = ("son", "daughter", "mother", "father", "brother", "sister", "niece", "nephew", "spouse", "friend")
_JOBS = (
    "nurse",
    "teacher",
    "driver",
    "welder",
    "cook",
    "clerk",
    "painter",
    "mechanic",
    "cashier",
    "carpenter",
    "student",
    "retired",
)
_THINGS = (
    *("rent", "bus pass", "car repair", "student loan", "child care", "medical bills", "rental income"),
    *("garden tools", "wedding ring", "home office", "night school fees", "interest", "savings bond", "used car"),
)
_NOTES = (
    *("not applicable", "none at this time", "see attached letter", "paid by check", "two children at home"),
    *("shared with sister", "no longer employed", "will send copy", "lives with parents", "since last spring"),
)
_CENTS_PEOPLE = 0.6
"""Share of people who write cents."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who fills a copy."""

    first: str
    middle: str
    last: str
    street: str
    city: str
    state: str
    zip_code: str
    ssn: str
    phone_sign: str
    date_form: int
    cents: bool
    thousands: bool
    dashes: bool
    """Between the groups of an SSN."""
    part: Part
    """Of the split, whose words are used."""


def invent(part: Part, random: Random) -> Person:
    """Somebody who does not exist, of the words of a part."""
    return Person(
        _word(form_words.FIRST, part, random),
        "ABCDEFGHJKLMNPRSTW"[random.integers(18)],
        _word(form_words.LAST, part, random),
        _street(part, random),
        _word(form_words.CITIES, part, random),
        _word(form_words.STATES, part, random),
        _digits(5, random, "123456789"),
        _digits(9, random, "9"),
        "(- "[random.integers(3)],
        int(random.choice(4, p=(0.45, 0.2, 0.2, 0.15))),
        bool(random.random() < _CENTS_PEOPLE),
        bool(random.random() < 0.5),
        bool(random.random() < 0.5),
        part,
    )


def entry(ask: Ask, person: Person, random: Random) -> str:
    """What the person would enter, or somebody related to them where a form asks for many people."""
    of = person if random.random() < 0.5 else _other(person, random)
    match ask:
        case Ask.SSN:
            number = of.ssn
            return f"{number[:3]}-{number[3:5]}-{number[5:]}" if person.dashes else number
        case Ask.PHONE:
            return _phone(person, random)
        case Ask.EMAIL:
            domain = ("example.com", "example.com", "example.org", "example.net")[random.integers(4)]
            return f"{of.first}.{_plain(of.last)}@{domain}".lower()
        case Ask.DATE:
            return _date(person.date_form, random)
        case Ask.NAME:
            return (f"{of.first} {of.last}", f"{of.first} {of.middle}. {of.last}")[random.integers(2)]
        case Ask.FIRST | Ask.MIDDLE | Ask.LAST:
            return {Ask.FIRST: of.first, Ask.MIDDLE: of.middle, Ask.LAST: of.last}[ask]
        case Ask.FIRST_MIDDLE:
            return f"{of.first} {of.middle}"
        case Ask.ADDRESS:
            return of.street
        case Ask.CITY | Ask.STATE | Ask.ZIP:
            return {Ask.CITY: of.city, Ask.STATE: of.state, Ask.ZIP: of.zip_code}[ask]
        case Ask.CITY_STATE:
            return f"{of.city}, {of.state} {of.zip_code}"
        case Ask.AMOUNT:
            return _amount(person, random)
        case _:
            return _other_entry(ask, person, random)


def _other_entry(ask: Ask, person: Person, random: Random) -> str:
    lists: dict[Ask, Sequence[str]] = {
        Ask.COUNTRY: _COUNTRIES,
        Ask.COUNTY: _COUNTIES,
        Ask.SUFFIX: _SUFFIXES,
        Ask.TIME: _TIMES,
        Ask.RELATION: _RELATIONS,
        Ask.JOB: _JOBS,
        Ask.THING: _THINGS,
    }
    if ask in lists:
        return lists[ask][int(random.integers(len(lists[ask])))]
    match ask:
        case Ask.FIRM:
            return f"{_word(form_words.STREETS, person.part, random)} {_FIRMS[random.integers(len(_FIRMS))]}"
        case Ask.MM | Ask.DD:
            return f"{random.integers(1, 13 if ask is Ask.MM else 29):02}"
        case Ask.YEAR:
            return str(random.integers(1950, 2027))
        case Ask.APARTMENT:
            return f"{random.integers(1, 99)}{('', '', 'A', 'B')[random.integers(4)]}"
        case Ask.AGE | Ask.COUNT | Ask.PERCENT:
            return str(random.integers(1, {Ask.AGE: 95, Ask.COUNT: 13, Ask.PERCENT: 100}[ask]))
        case Ask.CASE:
            year, number = random.integers(2018, 2027), _digits(4, random)
            return f"{year}-{('CV', 'DR', 'FA', 'BK')[random.integers(4)]}-{number}"
        case Ask.EIN:
            return f"9{_digits(1, random)}-{_digits(7, random)}" if person.dashes else _digits(9, random, "9")
        case Ask.ROUTING | Ask.ACCOUNT:
            return _digits(9 if ask is Ask.ROUTING else int(random.integers(7, 13)), random, "9")
        case Ask.NOTE:
            return _NOTES[random.integers(len(_NOTES))]
        case Ask.CROSS:
            return "X"
        case _:
            return _digits(int(random.integers(2, 9)), random, "123456789")


def _other(person: Person, random: Random) -> Person:
    """Of the same family or street, half of the time; anybody else, the other half."""
    stranger = invent(person.part, random)
    if random.random() < 0.5:
        return stranger
    return Person(**{**{name: getattr(stranger, name) for name in Person.__slots__}, "last": person.last})


def _word(words: Sequence[str], part: Part, random: Random) -> str:
    chosen = [word for word in words if held_out(word) == (part is not Part.TRAIN)]
    return chosen[random.integers(len(chosen))]


def _street(part: Part, random: Random) -> str:
    kinds = form_words.KINDS
    kind = kinds[int(random.integers(len(kinds)))]
    return f"{random.integers(2, 2400)} {_word(form_words.STREETS, part, random)} {kind}"


def _phone(person: Person, random: Random) -> str:
    area, line = _digits(3, random, "23456789"), _digits(4, random)
    forms = {"(": f"({area}) 555-{line}", "-": f"{area}-555-{line}", " ": f"{area} 555 {line}"}
    return forms[person.phone_sign]


def _date(form: int, random: Random) -> str:
    month, day, year = random.integers(1, 13), random.integers(1, 29), random.integers(1940, 2027)
    name = form_words.MONTHS[12 + (int(month) - 1) % 11]
    return (f"{month:02}/{day:02}/{year}", f"{month}/{day}/{year % 100:02}", f"{month:02}-{day:02}-{year}", "")[
        form
    ] or f"{name} {day}, {year}"


def _amount(person: Person, random: Random) -> str:
    value = float(10 ** random.uniform(0.7, 4.8))
    shown = f"{value:,.2f}" if person.cents else f"{value:,.0f}"
    return shown if person.thousands else shown.replace(",", "")


def _digits(count: int, random: Random, first: str = "0123456789") -> str:
    figures = [first[random.integers(len(first))]] + [str(random.integers(10)) for _ in range(count - 1)]
    return "".join(figures)


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha())
