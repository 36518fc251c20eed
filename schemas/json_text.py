"""JSON of strangers: its size and nesting are known before anything recursive looks at it."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str, max_characters: int, max_depth: int) -> Any:
    """What the text says.

    Raises ValueError when it is larger or deeper than allowed, or no JSON; the message never quotes it.
    """
    if len(text) > max_characters:
        raise ValueError(f"more than {max_characters} characters")
    if _deeper_than(text, max_depth):
        raise ValueError(f"nested deeper than {max_depth} levels")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no JSON ({type(error).__name__})") from None


def _deeper_than(text: str, limit: int) -> bool:
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > limit:
                return True
        elif character in "]}":
            depth -= 1
    return False
