"""Servers of many kinds, written down once more and independently, against the allow-list."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote_to_bytes

from hypothesis import example, given, settings
from hypothesis import strategies as st

from documents.allow_list import check_allowed
from documents.location import parse_location
from schemas.errors import DocbeamError

Server = Callable[[str], str]

NAMES = ("public", "in", "a", "secret", "b c", "x.pdf")
ODD = (
    "..", ".", "%2e", "%252e", "%2E%2e", ";", "%3b", ";v=1", "%2f", "%2F", "%252f", "%25252F", "/", "//", "%5c",
    "%255c", "\uff0e", "\uff0f", "\u2025", "%c0%ae", "%25c0%25ae", "%20", "+", " ", "%00", "%25", "\u2215", "~", "%7e",
)  # fmt: skip
SEGMENTS = st.sampled_from(NAMES)
ATTACKS = st.lists(st.sampled_from((*ODD, *NAMES, "/", "..", ";")), min_size=1, max_size=9).map("".join)


def overlong(raw: bytes) -> str:
    """As a decoder that does not ask for the shortest form."""
    raw = re.sub(rb"[\xc0\xc1][\x80-\xbf]", lambda m: bytes([((m[0][0] & 1) << 6) | (m[0][1] & 0x3F)]), raw)
    return raw.decode("utf-8", errors="replace")


def decoding(text: str) -> str:
    return overlong(unquote_to_bytes(text.encode("utf-8")))


def decoding_all_but_slashes(text: str) -> str:
    kept = re.sub(r"%(2[fF]|5[cC])", r"%25\1", text)
    return decoding(kept)


def servers() -> Iterator[Server]:
    """Decodes 0 to 4 times, drops parameters before, after or never, folds Unicode or not, trims names or not."""
    decoders = (decoding, decoding_all_but_slashes)
    for times, decode, parameters, fold, trim, backslash in itertools.product(
        range(5), decoders, ("first", "last", "each", "never"), (False, True), (False, True), (False, True)
    ):

        def server(
            text: str,
            times: int = times,
            decode: Server = decode,
            parameters: str = parameters,
            fold: bool = fold,
            trim: bool = trim,
            backslash: bool = backslash,
        ) -> str:
            drop = parameters in ("first", "each")
            for turn in range(times + 1):
                if drop and (turn == 0 or parameters == "each"):
                    text = re.sub(r";[^/]*", "", text)
                if turn < times:
                    text = decode(text)
            if fold:
                text = unicodedata.normalize("NFKC", text).replace("\u2215", "/")
            if backslash:
                text = text.replace("\\", "/")
            if parameters in ("last", "each"):
                text = re.sub(r";[^/]*", "", text)
            if trim:
                # Of dots and blanks, Windows leaves what climbs.
                text = "/".join(part.rstrip(" .") or ".."[: part.count(".")] for part in text.split("/"))
            return text

        yield server


SERVERS = tuple(servers())


def opened(path: str) -> list[str]:
    """The segments of the file that a server opens for a path."""
    stack: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del stack[-1:]
        elif segment not in ("", "."):
            stack.append(segment)
    return stack


def allowed(prefix: str, location: str) -> bool:
    try:
        check_allowed(parse_location(location), (prefix,))
    except DocbeamError:
        return False
    return True


@settings(max_examples=400, deadline=None)
@given(st.lists(SEGMENTS, max_size=3), st.booleans(), ATTACKS)
@example(["public"], True, "..;/secret")
@example(["public"], True, "%2e%2e;/secret")
@example(["public"], False, "%2fsecret")
@example(["public"], False, ";/secret")
@example(["public"], True, "a/..%3b/%252e%252e;/secret")
@example(["public"], True, "..;%2fx/secret")
def test_no_server_opens_what_no_prefix_covers(segments, with_slash, attack):
    start = "/" + "/".join(segments)
    path = f"{start}/{attack}" if with_slash else start + attack
    if not allowed(f"https://h.example{quote(start)}", f"https://h.example{path}"):
        return
    wire, prefix = quote(path, safe="/:@!$&'()*+,;=~-._%"), quote(start)
    for server in SERVERS:
        root = opened(server(prefix))
        assert opened(server(wire))[: len(root)] == root, (prefix, wire)


@settings(max_examples=200, deadline=None)
@given(st.lists(SEGMENTS, max_size=2), st.lists(st.text("aZ0 .-_()\u00e4\u6280%", min_size=1, max_size=8), min_size=1))
def test_plain_names_are_covered_however_they_are_escaped(segments, names):
    names = [name if name.strip(". ") else "a" for name in names]
    start = "https://h.example/" + "".join(quote(segment) + "/" for segment in segments)
    below = "/".join(quote(name.replace("%", "%-"), safe="") for name in names)
    assert allowed(start, start + below)
