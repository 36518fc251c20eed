"""What a format raises for a value that is none."""

from __future__ import annotations


class BrokenRule(ValueError):
    """The message is the rule in a few words, such as `not a date (month/day/year)`; never text of the document."""
