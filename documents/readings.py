"""Every reading that a server, or a proxy before it, may make of the path of a URL.

The same text is a different path to different software: one decodes escapes twice, one drops `;parameters` (RFC 3986
3.3; Tomcat and Jetty do), one takes a backslash, or a character that looks like one, for a slash. Nobody tells us
which software stands at the other end, so a path is used only if none of its readings climbs. One that also begins as
a prefix does, letter by letter, then lies below that prefix in every reading: what the steps below do to the shared
beginning they do to both, and none of them reaches across a slash.
"""

from __future__ import annotations

import re
import unicodedata

MOST_DECODINGS = 4
"""A text that still holds escapes after so many decodings is no path anyone writes."""
_MOST_READINGS = 512

_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_WIDE_ESCAPE = re.compile(r"%[uU]([0-9A-Fa-f]{4})")
_OVERLONG = re.compile(rb"[\xc0\xc1]|\xe0[\x80-\x9f]|\xf0[\x80-\x8f]")
"""Bytes that spell a character longer than UTF-8 allows (RFC 3629 3): the old way to hide a dot or a slash."""
_PARAMETERS = re.compile(r";[^/]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ENCODED_SLASH_AT_END = re.compile(r"%(?:25)*2[Ff]$")
_LOOK_ALIKES = str.maketrans(
    {
        # What Unicode's compatibility forms leave, but the best-fit tables of Windows code pages turn into ASCII.
        "\u2044": "/", "\u2215": "/", "\u29f8": "/", "\u2571": "/",
        "\u2216": "\\", "\u29f5": "\\", "\u29f9": "\\", "\u2572": "\\", "\u00a5": "\\", "\u20a9": "\\",
        # Stops that names of hosts may have in place of a dot (RFC 3490 3.1).
        "\u3002": ".", "\uff61": ".",
    }
)  # fmt: skip


class HostilePath(ValueError):
    """A path of which some reading is dangerous by itself; says which, without quoting it."""


def check_readings(path: str) -> None:
    """Raise HostilePath unless every reading of the escaped `path` is harmless.

    Harmful are readings that climb, that hold a control character, a backslash or an overlong spelling, and paths in
    more layers than anybody writes.
    """
    seen = {path}
    waiting = [(path, 0)]
    for reading, decodings in waiting:
        _check(reading)
        for step, cost in _STEPS:
            new = step(reading)
            if new in seen:
                continue
            if decodings + cost > MOST_DECODINGS or len(seen) >= _MOST_READINGS:
                raise HostilePath("its path is escaped in too many layers; write it plainly")
            seen.add(new)
            waiting.append((new, decodings + cost))


def begins_with(path: str, prefix: str) -> bool:
    """Whether the escaped `path` is spelled like `prefix` as far as that goes, by whole segments."""
    path, prefix = _upper_escapes(path), _upper_escapes(prefix)
    if _ENCODED_SLASH_AT_END.search(prefix):
        # It names keys that begin so, and in the plain reading their slashes are ordinary characters of a segment.
        return path.startswith(prefix)
    wanted = prefix.split("/")
    if not wanted[-1]:
        # A trailing slash, or no path at all: everything below.
        wanted.pop()
    return path.split("/")[: len(wanted)] == wanted


def _check(reading: str) -> None:
    if _CONTROL.search(reading) or "\\" in reading:
        raise HostilePath("its path holds escaped control characters or backslashes; remove them")
    if any(_climbs(segment) for segment in reading.split("/")):
        raise HostilePath("its path holds . or .. segments, or what may be read so; write the path out")


def _climbs(segment: str) -> bool:
    # Windows drops dots and blanks at the end of a name: `.. .` is `..` there.
    return "." in segment and not segment.strip(". ")


def _decoded(text: str) -> str:
    return _WIDE_ESCAPE.sub(lambda found: chr(int(found[1], 16)), _ESCAPES.sub(_unescape, text))


def _unescape(escapes: re.Match[str]) -> str:
    raw = bytes.fromhex(escapes[0].replace("%", ""))
    if _OVERLONG.search(raw):
        raise HostilePath("its path holds an overlong spelling of a character; write it plainly")
    return raw.decode("utf-8", errors="replace")


def _without_parameters(text: str) -> str:
    return _PARAMETERS.sub("", text)


def _folded(text: str) -> str:
    """Compatibility forms as their plain ones, look-alikes as what they look like, invisible characters dropped."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text).translate(_LOOK_ALIKES)
    # To folding, a backslash is one more slash: as itself it would be refused, and a yen sign is no attack.
    return "".join(each for each in plain if unicodedata.category(each) != "Cf").replace("\\", "/")


def _with_blanks(text: str) -> str:
    return text.replace("+", " ")


def _upper_escapes(text: str) -> str:
    return _ESCAPES.sub(lambda found: found[0].upper(), text)


_STEPS = ((_decoded, 1), (_without_parameters, 0), (_folded, 0), (_with_blanks, 0))
"""What some software does to a path, and how many of the allowed decodings it costs; in any order and number."""
