"""What a PDF page is drawn from: whether all of it is in the file. The engine leaves out in silence what is not."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, EncodedStreamObject, NameObject, NullObject, StreamObject

from documents.ccitt_end import has_last_row
from documents.jbig2_end import has_all_segments
from documents.pdf_pictures import LEAST_PIXELS

_SHOWN = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do\b")
_DEEPEST = 8
"""Forms in each other."""
_MOST = 2000
"""Streams that are looked at on one page."""
_MOST_OBJECTS = 20_000
"""Of a file that is looked at: scans have few, and this reader takes seconds for more."""
_OF_RESOURCES = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
_END = b"\nstartxref\n0\n%%EOF\n"
_ZLIB_HEAD = 2


class _Lacking(Exception):
    """Something that the page is drawn from is not whole; the message says what."""


def lacking_stream(path: Path, page: pypdfium2.PdfPage, page_number: int) -> str | None:
    """What of `page`, number `page_number` (from 1), is not in the file or ends early; None where nothing is known to.

    Looks at the streams that say what is drawn, at pictures that are not there at all, at fax and JBIG2 pictures and at
    masks. Call it with the engine's lock held.
    """
    try:
        # An open file is read as far as it is needed, a path is read to its end.
        with path.open("rb") as file:
            reader = _reader(file)
            if len(reader.xref_objStm) + sum(map(len, reader.xref.values())) > _MOST_OBJECTS:
                return None
            found = reader.pages[page_number - 1]
            walk = _Walk(sum(1 for _ in page.get_objects(filter=_OF_RESOURCES)))
            walk.look(list(_contents(_resolved(found, "/Contents"))), _resolved(found, "/Resources"))
    except _Lacking as lacking:
        return str(lacking)
    except Exception:
        # The engine opened the page; what another reader finds wrong with it is no reason to refuse it.
        return None
    return None


def _reader(file: BinaryIO) -> PdfReader:
    try:
        return PdfReader(file)
    except PyPdfError:
        # Without its end the file has no table of objects; they are looked for one by one.
        file.seek(0)
        return PdfReader(io.BytesIO(file.read() + _END))


@dataclass
class _Walk:
    drawn: int
    """Pictures and forms that the engine found on the page."""
    seen: int = 0

    def look(self, streams: list[StreamObject], resources: Any, depth: int = 0) -> None:
        """Every stream that is drawn, and what it shows of the resources."""
        content = b"\n".join(_content(each) for each in streams)
        pictures = _resolved(resources, "/XObject") if isinstance(resources, DictionaryObject) else None
        if not isinstance(pictures, DictionaryObject):
            return
        names = dict.fromkeys("/" + name.decode("latin-1") for name in _SHOWN.findall(content))
        keys = [name for name in names if name in pictures]
        for key in keys:
            self.seen += 1
            if self.seen > _MOST or depth > _DEEPEST:
                return
            try:
                shown = _resolved(pictures, key)
            except PyPdfError:
                # Cut off where the file ends, if the engine has not found it either.
                shown = NullObject() if self.drawn < len(keys) else None
            if isinstance(shown, NullObject):
                raise _Lacking("a picture that the page shows is not in the file")
            if not isinstance(shown, StreamObject):
                continue
            if shown.get("/Subtype") == "/Form":
                self.look([shown], _resolved(shown, "/Resources") or resources, depth + 1)
            elif shown.get("/Subtype") == "/Image":
                _check_picture(shown)


def _resolved(told: DictionaryObject, key: str) -> Any:
    """What stands under `key`, references followed: a null where one leads nowhere, None where there is no such key."""
    if key not in told:
        return None
    found = told.raw_get(key).get_object()
    return NullObject() if found is None else found


def _contents(told: Any) -> Iterator[StreamObject]:
    for each in told if isinstance(told, ArrayObject) else [told]:
        found = each.get_object() if each is not None else None
        if isinstance(found, StreamObject):
            yield found
        elif each is not None:
            raise _Lacking("a part of what the page shows is not in the file")


def _content(stream: StreamObject) -> bytes:
    filters = _filters(stream)
    if filters[:1] == ["/FlateDecode"] and not _is_whole_deflate(bytes(stream._data)):
        raise _Lacking("what the page shows is cut off")
    return bytes(stream.get_data())


def _filters(stream: StreamObject) -> list[str]:
    told = _resolved(stream, "/Filter")
    if isinstance(told, ArrayObject):
        return [str(each.get_object()) for each in told]
    return [] if told is None or isinstance(told, NullObject) else [str(told)]


def _is_whole_deflate(data: bytes) -> bool:
    """Whether the last block is there, or no data at all; the checksum behind it is left out by some programs."""
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    rest = data[_ZLIB_HEAD:]
    try:
        while rest and not inflating.eof:
            inflating.decompress(rest, 1 << 20)
            rest = inflating.unconsumed_tail
    except zlib.error:
        return False
    return inflating.eof or not data


def _check_picture(picture: StreamObject) -> None:
    size = int(picture.get("/Width", 0)), int(picture.get("/Height", 0))
    if size[0] * size[1] < LEAST_PIXELS:
        return
    filters = _filters(picture)
    last = filters[-1] if filters else ""
    whole = True
    if last == "/CCITTFaxDecode":
        whole = has_last_row(_unwrapped(picture, filters), size, _parameters(picture, len(filters)))
    elif last == "/JBIG2Decode":
        whole = has_all_segments(_unwrapped(picture, filters))
    if not whole:
        raise _Lacking(f"a picture on the page is cut off ({last[1:]})")
    for key in ("/SMask", "/Mask"):
        mask = _resolved(picture, key)
        if isinstance(mask, NullObject):
            raise _Lacking("the mask of a picture is not in the file")
        if isinstance(mask, StreamObject):
            _check_mask(mask)


def _check_mask(mask: StreamObject) -> None:
    filters = _filters(mask)
    if filters == ["/FlateDecode"] and not _is_whole_deflate(bytes(mask._data)):
        raise _Lacking("the mask of a picture is cut off (FlateDecode)")
    _check_picture(mask)


def _unwrapped(picture: StreamObject, filters: list[str]) -> bytes:
    """The data of the last filter."""
    if len(filters) == 1:
        return bytes(picture._data)
    outer = EncodedStreamObject()
    outer[NameObject("/Filter")] = ArrayObject(NameObject(each) for each in filters[:-1])
    outer._data = picture._data
    return bytes(outer.get_data())


def _parameters(picture: StreamObject, filters: int) -> Mapping[str, Any]:
    told = _resolved(picture, "/DecodeParms")
    if isinstance(told, ArrayObject):
        told = told[filters - 1].get_object() if len(told) >= filters else None
    return {key: value.get_object() for key, value in told.items()} if isinstance(told, DictionaryObject) else {}
