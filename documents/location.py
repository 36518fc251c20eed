"""Locations of documents: one strict reading of a URL, so that no two readers can understand it differently."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from documents.readings import HostilePath, check_readings
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import MAX_LOCATION_CHARACTERS

SCHEMES = ("gs", "s3", "https", "file")
HTTPS_PORT = 443

_SHAPE = re.compile(r"(?P<scheme>[A-Za-z0-9]+)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH_SAFE = "/:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a document is, or (in an allow-list) where documents may be."""

    scheme: str
    host: str
    """Bucket (gs, s3) or host name (https), lower case; empty for file."""
    port: int | None
    """Of https; None for the others."""
    path: str
    """Decoded: the object's key without a leading slash (gs, s3), or an absolute path (https, file)."""
    url: str
    """Normalised; equal for equal locations."""

    @property
    def target(self) -> str:
        """Path and query as they stand in `url`, with their escapes and a leading slash: what a server is asked for."""
        return "/" + self.url.split("://", 1)[1].partition("/")[2]

    @property
    def escaped_path(self) -> str:
        """The path of `target`."""
        return self.target.partition("?")[0]

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts of `path` between slashes; the first is empty where the path is absolute."""
        return tuple(self.path.split("/"))


def parse_location(text: str) -> Location:
    """The location that `text` names.

    Percent escapes are decoded, so a literal %, ? or # in a key is written %25, %3F or %23.
    Raises DocbeamError(INVALID_LOCATION) for anything but a plain gs, s3, https or file URL of one document.
    """
    location = parse_prefix(text)
    if not location.path.strip("/") or location.path.endswith("/"):
        raise _invalid("it names a folder, not a document; add the document's name")
    return location


def parse_prefix(text: str) -> Location:
    """As `parse_location`, but the path may be empty or end in a slash: the start of many locations."""
    if not text or len(text) > MAX_LOCATION_CHARACTERS:
        raise _invalid(f"it must be 1 to {MAX_LOCATION_CHARACTERS} characters")
    if _CONTROL.search(text) or "\\" in text:
        raise _invalid("it holds control characters or backslashes; escape or remove them")
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise _invalid("it is not scheme://host/path without a fragment; write # as %23")
    scheme = shape["scheme"].lower()
    if scheme not in SCHEMES:
        raise _invalid("its scheme is none of gs, s3, https, file")
    path = _decoded_path(shape["path"])
    authority, query = shape["authority"], shape["query"]
    if not authority.isascii():
        # Before the case is folded: some letters outside ASCII have lower-case forms inside.
        raise _invalid("its host or bucket is not plain ASCII; write an international name as xn--")
    if query is not None and scheme != "https":
        raise _invalid("only https locations may have a query; write ? as %3F")
    if scheme == "https":
        location = _https(authority.lower(), path, shape["path"], query)
    elif scheme == "file":
        location = _file(authority.lower(), path)
    else:
        location = _object(scheme, authority.lower(), path.removeprefix("/"))
    try:
        check_readings(location.escaped_path)
    except HostilePath as error:
        raise _invalid(str(error)) from None
    return location


def _https(authority: str, path: str, raw_path: str, query: str | None) -> Location:
    host, port = _host_and_port(authority)
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port == HTTPS_PORT else f":{port}"
    shown_query = "" if query is None else "?" + quote(query, safe=_PATH_SAFE + "%?")
    # Escapes stay as they came: servers tell %2F from a slash, and signatures cover the exact text.
    target = quote(raw_path or "/", safe=_PATH_SAFE + "%")
    return Location("https", host, port, path or "/", f"https://{shown_host}{shown_port}{target}{shown_query}")


def _file(authority: str, path: str) -> Location:
    if authority not in ("", "localhost"):
        raise _invalid("a file location has no host; write file:///path")
    path = "/" + path.lstrip("/")
    return Location("file", "", None, path, "file://" + quote(path, safe=_PATH_SAFE))


def _object(scheme: str, bucket: str, key: str) -> Location:
    if not _BUCKET.fullmatch(bucket):
        raise _invalid("its bucket name is not one; use 3 or more lower-case letters, digits, dots and dashes")
    return Location(scheme, bucket, None, key, f"{scheme}://{bucket}/{quote(key, safe=_PATH_SAFE)}")


def _decoded_path(raw: str) -> str:
    if _BAD_ESCAPE.search(raw):
        raise _invalid("it holds a % that starts no escape; write % as %25")
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError:
        raise _invalid("its escapes are not UTF-8") from None


def _host_and_port(authority: str) -> tuple[str, int]:
    if "@" in authority:
        raise _invalid("it holds a user name or password; remove them")
    bracketed = re.fullmatch(r"\[([0-9a-f:.]+)\](?::([0-9]{1,5}))?", authority)
    plain = re.fullmatch(r"([^:\[\]]+)(?::([0-9]{1,5}))?", authority)
    shape = bracketed or plain
    if shape is None:
        raise _invalid("its host is not a host name with an optional port")
    host, port = shape[1], int(shape[2] or HTTPS_PORT)
    if not 1 <= port <= 65535:
        raise _invalid("its port is not one")
    return (_ip6(host) if bracketed else _host_name(host)), port


def _ip6(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise _invalid("its host is not an address") from None


def _host_name(host: str) -> str:
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _invalid("its host is not a plain ASCII host name")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        # 127.1, 2130706433 and 0x7f000001 are addresses to a resolver: only the plain form may be one here.
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise _invalid("its host is not a plain host name or address") from None
    return host


def _invalid(why: str) -> DocbeamError:
    return DocbeamError(ErrorCode.INVALID_LOCATION, f"the location cannot be used: {why}")
