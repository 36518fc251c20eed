"""What a field asks for: told from its tooltip and name, then from the print beside it, then from its shape."""

from __future__ import annotations

import re
from enum import StrEnum

from synthesis.filled.blank_fields import BlankField, BlankKind

_NARROW, _SQUARE = 16.0, 1.6
"""Points up to which a one-letter field is a place for an X; how much wider than high it may be."""
_AMOUNT_WIDEST = 130.0


class Ask(StrEnum):
    """Kinds of entries."""

    SSN = "ssn"
    EIN = "ein"
    PHONE = "phone"
    EMAIL = "email"
    DATE = "date"
    MM = "mm"
    DD = "dd"
    YEAR = "year"
    ZIP = "zip"
    STATE = "state"
    COUNTRY = "country"
    COUNTY = "county"
    CITY_STATE = "citystate"
    CITY = "city"
    APARTMENT = "apt"
    ADDRESS = "address"
    FIRST_MIDDLE = "firstmi"
    FIRST = "first"
    MIDDLE = "middle"
    LAST = "last"
    SUFFIX = "suffix"
    NAME = "name"
    FIRM = "firm"
    JOB = "job"
    RELATION = "relation"
    AGE = "age"
    COUNT = "count"
    PERCENT = "percent"
    AMOUNT = "amount"
    ROUTING = "routing"
    ACCOUNT = "account"
    CASE = "caseno"
    TIME = "time"
    SIGNATURE = "signature"
    CROSS = "x"
    DIGITS = "digits"
    CELLS = "cells"
    THING = "thing"
    NOTE = "note"
    CHOICE = "choice"


NUMBERS = frozenset(
    {
        *(Ask.SSN, Ask.EIN, Ask.PHONE, Ask.MM, Ask.DD, Ask.YEAR, Ask.ZIP, Ask.AGE, Ask.COUNT, Ask.PERCENT, Ask.AMOUNT),
        *(Ask.ROUTING, Ask.ACCOUNT, Ask.DIGITS),
    }
)
"""Asks whose fields count as numbers."""

_IN_CELLS = NUMBERS | {Ask.DATE, Ask.FIRST, Ask.LAST, Ask.MIDDLE, Ask.CITY, Ask.STATE, Ask.ADDRESS, Ask.CELLS}
_WORDS: tuple[tuple[Ask, str], ...] = (
    (Ask.EMAIL, r"e-?mail"),
    (Ask.SSN, r"\bssn|social security|\bitin\b|taxpayer identification|\btin\b"),
    (Ask.EIN, r"\bein\b|\bfein\b|employer id"),
    (Ask.ROUTING, r"routing"),
    (Ask.ACCOUNT, r"account (number|no)|acct"),
    (
        Ask.CASE,
        r"(case|docket|file|bbo|b\.b\.o\.?|bar|license|receipt|alien|passport) ?(registration )?(number|num|no)\b",
    ),
    (Ask.PHONE, r"phone|telephone|\btel\b|mobile|\bfax\b"),
    (Ask.MM, r"\bmm\b|^month\b"),
    (Ask.DD, r"\bdd\b|^day\b"),
    (Ask.DATE, r"\bdate\b|birth ?(date|day)|\bdob\b|mm/dd|\bexpires\b"),
    (Ask.YEAR, r"\byyyy\b|\byear\b"),
    (Ask.TIME, r"\btime\b"),
    (Ask.ZIP, r"\bzip\b|postal code"),
    (Ask.CITY_STATE, r"city.{0,30}state"),
    (Ask.COUNTRY, r"\bcountry\b"),
    (Ask.COUNTY, r"\bcounty\b|\bdivision\b|\bcourt\b|district"),
    (Ask.STATE, r"\bstate\b"),
    (Ask.CITY, r"\bcity\b|\btown\b"),
    (Ask.APARTMENT, r"\bapt\b|apartment|\bunit\b|\bsuite\b"),
    (Ask.ADDRESS, r"address|street|residence"),
    (Ask.SIGNATURE, r"signature|sign here|\bsigned\b"),
    (Ask.FIRST_MIDDLE, r"first name.{0,6}(and|&) ?(m\.?i|middle|initial)"),
    (Ask.MIDDLE, r"middle|\binitial\b|\bm\.?i\b"),
    (Ask.FIRST, r"first ?name|given name|name ?first|\bfirst$"),
    (Ask.LAST, r"last ?name|family name|surname|name ?last|\blast$"),
    (Ask.SUFFIX, r"\bsuffix\b"),
    (Ask.FIRM, r"\bfirm\b|employer|business|company|organi[sz]ation|\bpayer\b"),
    (Ask.JOB, r"occupation|\bjob\b|profession"),
    (Ask.RELATION, r"relation"),
    (Ask.AGE, r"\bage\b"),
    (Ask.PERCENT, r"percent|%"),
    (Ask.COUNT, r"number of|how many|\bcount\b"),
    (
        Ask.AMOUNT,
        r"amount|income|\btax\b|total|\bpaid\b|dollar|refund|credit|\$|wages|balance|enter|add lines|subtract",
    ),
    (Ask.NAME, r"name|debtor|petitioner|respondent|plaintiff|defendant|attorney|spouse|\bchild\b|dependent"),
    (Ask.NOTE, r"explain|describe|description|reason|comments|other"),
)
_COMPILED = tuple((ask, re.compile(words)) for ask, words in _WORDS)


def asked(field: BlankField, label: str, width: float, height: float) -> Ask:
    """What `field` wants; `label` is the print beside it, `width` and `height` are its points."""
    if field.kind is BlankKind.SIGNATURE:
        return Ask.SIGNATURE
    if field.kind is BlankKind.CHOICE:
        return Ask.CHOICE
    if width <= _NARROW and width <= _SQUARE * height and (field.max_length or 1) <= 1:
        return Ask.CROSS
    for words in (field.tooltip, _spelled(field.name.rpartition(".")[2])):
        if found := _named(words.lower()):
            return _fitting(found, field, width)
    if field.right_aligned:
        return Ask.AMOUNT
    if found := _named(label.lower()):
        return _fitting(found, field, width)
    return _by_shape(field, width)


def _named(words: str) -> Ask | None:
    return next((ask for ask, pattern in _COMPILED if pattern.search(words)), None)


def _fitting(ask: Ask, field: BlankField, width: float) -> Ask:
    """The same, or what there is room for instead."""
    length = field.max_length or 99
    if field.kind is BlankKind.COMB and ask not in _IN_CELLS:
        return Ask.CELLS
    part_of_date = {2: Ask.DD, 4: Ask.YEAR}
    if ask is Ask.DATE and length in part_of_date:
        return part_of_date[length]
    whole = ask in (Ask.SSN, Ask.EIN, Ask.PHONE, Ask.ROUTING, Ask.ACCOUNT) and length < 9
    if whole or (ask in (Ask.DATE, Ask.SSN, Ask.PHONE) and width < 30):
        return Ask.DIGITS
    return ask


def _by_shape(field: BlankField, width: float) -> Ask:
    if field.kind is BlankKind.COMB:
        return Ask.CELLS
    if width < 30 or (field.max_length or 99) <= 4:
        return Ask.DIGITS
    if width < _AMOUNT_WIDEST:
        return Ask.AMOUNT
    return Ask.NOTE if field.multiline else Ask.THING if width < 220 else Ask.NAME


def _spelled(name: str) -> str:
    """`zipCode2_x` as `zip Code x`: words, without numbers."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|[_.\[\]\-/]+|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", name)
    return " ".join(word for word in apart.split() if not word.isdigit())
