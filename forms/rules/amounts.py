"""Amounts as people write them: either sign before the decimals, parentheses where negative, with a currency."""

from __future__ import annotations

import re
from decimal import Decimal

from forms.rules.broken import BrokenRule
from forms.rules.setting import Setting

_AROUND = re.compile(r"[$€£¥]|\b(?!\d)[A-Z]{3}\b|%", re.ASCII)
_DIGITS = re.compile(r"\d[\d.,' ]*|[.,]\d+", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}([.,' ])\d{3}(?:\1\d{3})*", re.ASCII)
_MOST_DIGITS = 28
"""What decimals keep exactly."""
_NO_BREAK_SPACES = str.maketrans("\u00a0\u202f\u2019", "  '")


def amount(value: str) -> Decimal:
    """1,234.50, 1.234,50, 1 234,50, $1,234, (12.00), 12-, 12 % as what they mean.

    A lone sign with three digits behind it divides thousands. Raises BrokenRule.
    """
    text = _AROUND.sub("", value.translate(_NO_BREAK_SPACES)).strip()
    negative = False
    for opening, closing in (("(", ")"), ("-", ""), ("", "-"), ("+", "")):
        if text.startswith(opening) and text.endswith(closing) and len(text) > len(opening + closing):
            negative = negative or "+" not in opening
            text = text[len(opening) : len(text) - len(closing)].strip()
            break
    if not _DIGITS.fullmatch(text) or sum(each.isdigit() for each in text) > _MOST_DIGITS:
        raise BrokenRule("not an amount")
    number = Decimal(_plain(text))
    return -number if negative else number


def plain_amount(value: str, setting: Setting) -> str:
    """The amount with a point before the decimals and no other sign. Raises BrokenRule."""
    del setting
    return f"{amount(value):f}"


def _plain(text: str) -> str:
    """Without signs that divide thousands, with a point before the decimals. Raises BrokenRule."""
    if text.isdigit() or _THOUSANDS.fullmatch(text):
        return re.sub(r"\D", "", text)
    last = max(text.rfind("."), text.rfind(","))
    whole, decimals = text[:last], text[last + 1 :]
    if last < 0 or not (decimals.isdigit() or not decimals) or not _is_whole(whole, text[last]):
        raise BrokenRule("not an amount")
    return f"{re.sub(r'[^0-9]', '', whole) or '0'}.{decimals}"


def _is_whole(text: str, decimal_sign: str) -> bool:
    thousands = _THOUSANDS.fullmatch(text)
    return not text or text.isdigit() or (thousands is not None and thousands[1] != decimal_sign)
