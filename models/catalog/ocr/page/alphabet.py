"""Which characters a page may hold, named by the use case."""

from __future__ import annotations

from string import ascii_letters, digits, punctuation

from models.contract import InvalidOption

OPTION = "alphabet"
ALL = "all"
LATIN = "latin"
DIGITS = "digits"
ONLY = "only:"
"""Prefix of an alphabet given by its characters."""

_MARKS = "¢£¥§©®°±²³µ·¼½¾\u2013\u2014\u2018\u2019\u201c\u201d„†‡•…‰€™«»¡¿ªº"
_NAMED = {
    LATIN: ascii_letters + digits + punctuation + _MARKS + "".join(map(chr, range(0xC0, 0x180))),
    DIGITS: digits + "+-.,:/%",
}


def alphabet_of(option: str) -> frozenset[str] | None:
    """The characters an option allows besides white space; None for all that the network knows.

    Raises InvalidOption for what is neither a name nor `only:` and at least one character.
    """
    if option == ALL:
        return None
    if option in _NAMED:
        return frozenset(_NAMED[option])
    characters = frozenset(option.removeprefix(ONLY)) if option.startswith(ONLY) else frozenset()
    if not characters:
        raise InvalidOption(OPTION, (ALL, *_NAMED, f"'{ONLY}' and the characters"))
    return characters
