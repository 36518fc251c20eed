"""The operators of what says what a PDF page shows (ISO 32000-1, annex A). The engine leaves out what is none."""

from __future__ import annotations

import re

_OPERATORS = frozenset(
    b"b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re "
    b"RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \" true false null".split()
)
_PART = re.compile(rb"\\.?|[()]|%[^\r\n]*|[^()\\%]+", re.DOTALL)
_PART_OF_STRING = re.compile(rb"\\.?|[()]|[^()\\]+", re.DOTALL)
_OPERANDS = re.compile(rb"<<|>>|<[0-9A-Fa-f\s]*>|/[^\s/<>\[\](){}%]*|[\[\]]")
_NUMBER = re.compile(rb"[-+.0-9]+")
_SPACES = re.compile(rb"[\0\t\n\f\r ]+")
_MAY_HOLD_ANYTHING = re.compile(rb"\b(?:BI|BX)\b")
"""Pictures between operators, and what other programs may know."""
_MOST_BYTES = 500_000


def has_other_operators(content: bytes) -> bool:
    """Whether something stands in it that is neither an operator nor what one is told: it was overwritten.

    False for what is not looked at: very long ones, and those with pictures right in them.
    """
    if len(content) > _MOST_BYTES or _MAY_HOLD_ANYTHING.search(content):
        return False
    rest = _without_strings(content)
    words = _SPACES.split(_OPERANDS.sub(b" ", rest)) if rest is not None else [b"("]
    return any(word not in _OPERATORS and not _NUMBER.fullmatch(word) for word in words if word)


def _without_strings(content: bytes) -> bytes | None:
    """Nor remarks; None where a string has no end."""
    kept, depth, place = [], 0, 0
    while part := (_PART_OF_STRING if depth else _PART).match(content, place):
        told, place = part[0], part.end()
        if told == b"(":
            depth += 1
        elif told == b")":
            depth -= 1
        elif not depth and told[:1] != b"%":
            kept.append(told)
        if not depth:
            kept.append(b" ")
        elif depth < 0:
            return None
    return None if depth else b"".join(kept)
