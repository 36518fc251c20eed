"""Characters of fonts whose codes are no letters: boxes and marks, by the names that Unicode has for them.

A PDF of these fonts says a private character (U+F0FE), or the letter that has the code (a thorn for a ticked box).
Tables: Unicode's mapping of Wingdings, Wingdings 2 and Webdings (L2/12-368), and Adobe's of Zapf Dingbats.
"""

from __future__ import annotations

_WINGDINGS = {
    0x6C: "●",
    0x6E: "■",
    0x6F: "□",
    0x70: "❐",
    0x71: "❑",
    0x72: "❒",
    0x78: "⌧",
    0xA1: "○",
    0xA4: "◉",
    0xA8: "◻",
    0xFB: "✗",
    0xFC: "✓",
    0xFD: "☒",
    0xFE: "☑",
}
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "□"}
_WEBDINGS = {0x61: "✓", 0x63: "□", 0x67: "■", 0x6E: "●", 0x72: "✗"}
_DINGBATS = {
    0x33: "✓",
    0x34: "✔",
    0x35: "✕",
    0x36: "✖",
    0x37: "✗",
    0x38: "✘",
    0x6C: "●",
    0x6D: "❍",
    0x6E: "■",
    0x6F: "❏",
    0x70: "❐",
    0x71: "❑",
    0x72: "❒",
}
_OUTLINES = {"■": "□", "●": "○"}
_PRIVATE = 0xF000


def symbol_of(font: str, code: int) -> str | None:
    """The character that `code`, as a PDF's text says it, means in the font of that name.

    "" where it is a symbol of no known meaning, None where the font is none of symbols.
    """
    name = font.rpartition("+")[2].lower().replace("-", "").replace(" ", "")
    if name.startswith("wingdings2"):
        table = _WINGDINGS_2
    elif name.startswith("wingdings") and not name.startswith("wingdings3"):
        table = _WINGDINGS
    elif name.startswith("webdings"):
        table = _WEBDINGS
    elif "zapfdingbats" in name or name == "dingbats":
        # Under its standard name the engine knows the font, and the code is no letter.
        table = _DINGBATS
    else:
        return None
    if code > _PRIVATE + 0xFF or 0xFF < code < _PRIVATE:
        # The PDF says by itself what the symbol is.
        return None
    return table.get(code & 0xFF, "")


def outlined(character: str) -> str:
    """What a character is where only its outline is drawn: a solid square makes an empty box."""
    return _OUTLINES.get(character, character)
