"""What a PDF page is drawn from: whether all of it is in the file. The engine leaves out in silence what is not."""

from __future__ import annotations

import io
import math
import re
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
from documents.counted_bytes import unpacked_bits, unpacked_lzw
from documents.deflated import Deflated, inflated
from documents.drawing_operators import has_other_operators
from documents.fax_rows import has_broken_rows
from documents.jbig2_end import is_whole_jbig2
from documents.pdf_pictures import is_whole_coded, matters

_FILTERS = {f"/{name}Decode" for name in ("ASCIIHex", "ASCII85", "LZW", "Flate", "RunLength", "CCITTFax", "DCT")} | {
    "/AHx", "/A85", "/LZW", "/Fl", "/RL", "/CCF", "/DCT", "/Crypt"
}  # fmt: skip
"""Of what says what is drawn (ISO 32000-1, 7.4)."""
_NEVER_DRAWN = ("/PS", "/Ps")
_HEX = re.compile(r"#([0-9A-Fa-f]{2})")
_SHOWN = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do\b")
_PAINTED = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+(?:scn|SCN)\b")
"""A pattern; some programs draw their pictures as one."""
_UNSEEN = 2 | 32
"""Flags of annotations that are hidden, or not viewed (ISO 32000-1, 12.5.3)."""
_DEEPEST = 8
"""Forms in each other."""
_MOST = 2000
"""Streams that are looked at on one page."""
_MOST_OBJECTS = 20_000
"""Of a file that is looked at: scans have few, and this reader takes seconds for more."""
_OF_RESOURCES = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
_END = b"\nstartxref\n0\n%%EOF\n"
_MISSING = 0.02
"""Of a picture's bytes: some programs leave the last row out."""
_PNG_ROWS = 10
"""Predictors from which on rows have a byte more."""
_PADDED = 2
"""Bytes behind the last row that programs add."""
_BROKEN_ROWS = 1
"""Of a fax: behind one the engine draws others displaced, in the other colour, or not at all."""
_COMPONENTS = {"/DeviceRGB": 3, "/CalRGB": 3, "/Lab": 3, "/DeviceCMYK": 4}


class _Lacking(Exception):
    """Something that the page is drawn from is not whole; the message says what."""


@dataclass(frozen=True, slots=True)
class PageStreams:
    """What a page is drawn from."""

    lacking: str | None = None
    """What of it is not in the file or damaged; None where nothing is known to be."""
    longest_unlisted: int = 0
    """Pixels of the longer side of the largest picture that the engine does not list."""


def look_through(path: Path, page: pypdfium2.PdfPage, page_number: int) -> PageStreams:
    """What `page`, number `page_number` (from 1), is drawn from.

    Looks at the streams that say what is drawn, at pictures that are not there at all, at fax, JBIG2 and deflated
    pictures and at masks; and at every picture in the appearance of an annotation or in a pattern, since the engine
    does not list those. Call it with the engine's lock held.
    """
    try:
        # An open file is read as far as it is needed, a path is read to its end.
        with path.open("rb") as file:
            reader = _reader(file)
            if len(reader.xref_objStm) + sum(map(len, reader.xref.values())) > _MOST_OBJECTS:
                return PageStreams()
            found = reader.pages[page_number - 1]
            blank = next(page.get_objects(), None) is None
            walk = _Walk(sum(1 for _ in page.get_objects(filter=_OF_RESOURCES)), blank)
            walk.look(list(_contents(_resolved(found, "/Contents"), blank)), _resolved(found, "/Resources"))
            for appearance in _appearances(found):
                walk.look([appearance], _resolved(appearance, "/Resources"), listed=False)
            return PageStreams(longest_unlisted=walk.longest_unlisted)
    except _Lacking as lacking:
        return PageStreams(str(lacking))
    except Exception:
        # The engine opened the page; what another reader finds wrong with it is no reason to refuse it.
        return PageStreams()


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
    blank: bool
    """It found nothing at all."""
    seen: int = 0
    longest_unlisted: int = 0

    def look(self, streams: list[StreamObject], resources: Any, depth: int = 0, *, listed: bool = True) -> None:
        """Every stream that is drawn, and what it shows of the resources; `listed`: the engine lists their pictures."""
        content = b"\n".join(_content(each) for each in streams)
        if listed and has_other_operators(content):
            raise _Lacking("what the page shows is damaged")
        if not isinstance(resources, DictionaryObject):
            return
        for pattern in self._shown(content, _PAINTED, _resolved(resources, "/Pattern"), depth, listed=False):
            if isinstance(pattern, StreamObject):
                self.look([pattern], _resolved(pattern, "/Resources") or resources, depth + 1, listed=False)
        for shown in self._shown(content, _SHOWN, _resolved(resources, "/XObject"), depth, listed=listed):
            if isinstance(shown, NullObject):
                raise _Lacking("a picture that the page shows is not in the file")
            if not isinstance(shown, StreamObject):
                continue
            if shown.get("/Subtype") == "/Form":
                self.look([shown], _resolved(shown, "/Resources") or resources, depth + 1, listed=listed)
            elif shown.get("/Subtype") == "/Image":
                _check_picture(shown, listed=listed)
                if not listed:
                    self.longest_unlisted = max(self.longest_unlisted, *_size(shown))
            elif shown.get("/Subtype") not in _NEVER_DRAWN:
                raise _Lacking("something that the page shows is damaged")

    def _shown(
        self, content: bytes, how: re.Pattern[bytes], resources: Any, depth: int, *, listed: bool
    ) -> Iterator[Any]:
        """What the content names of the resources."""
        if isinstance(resources, NullObject) and how.search(content):
            raise _Lacking("what the page shows is not in the file")
        if not isinstance(resources, DictionaryObject):
            return
        names = dict.fromkeys("/" + _plain(name) for name in how.findall(content))
        if self.blank and any(name not in resources for name in names):
            # Elsewhere such names are left behind by what takes away watermarks.
            raise _Lacking("something that the page shows is not in the file")
        keys = [name for name in names if name in resources]
        for key in keys:
            self.seen += 1
            if self.seen > _MOST or depth > _DEEPEST:
                return
            try:
                yield _resolved(resources, key)
            except PyPdfError:
                # Cut off where the file ends, if the engine has not found it either.
                yield NullObject() if listed and self.drawn < len(keys) else None


def _plain(name: bytes) -> str:
    """A name as the reader gives it."""
    return _HEX.sub(lambda told: chr(int(told[1], 16)), name.decode("latin-1"))


def _appearances(page: DictionaryObject) -> Iterator[StreamObject]:
    """How annotations of the page look that are seen at all."""
    told = _resolved(page, "/Annots")
    for each in told if isinstance(told, ArrayObject) else []:
        annotation = each.get_object()
        if not isinstance(annotation, DictionaryObject) or int(annotation.get("/F", 0)) & _UNSEEN:
            continue
        looks = _resolved(annotation, "/AP")
        normal = _resolved(looks, "/N") if isinstance(looks, DictionaryObject) else None
        if isinstance(normal, DictionaryObject) and not isinstance(normal, StreamObject):
            normal = _resolved(normal, str(annotation.get("/AS", "/Off")))
        if isinstance(normal, StreamObject):
            yield normal


def _resolved(told: DictionaryObject, key: str) -> Any:
    """What stands under `key`, references followed: a null where one leads nowhere, None where there is no such key."""
    if key not in told:
        return None
    found = told.raw_get(key).get_object()
    return NullObject() if found is None else found


def _contents(told: Any, blank: bool) -> Iterator[StreamObject]:
    """What says what is drawn; `blank`: the engine has found nothing of it."""
    for each in told if isinstance(told, ArrayObject) else [told]:
        try:
            found = each.get_object() if each is not None else None
        except PyPdfError:
            if not blank:
                raise  # The engine reads what this reader does not.
            found = None
        if isinstance(found, StreamObject):
            yield found
        elif each is not None:
            raise _Lacking("a part of what the page shows is not in the file")


def _content(stream: StreamObject) -> bytes:
    filters = _filters(stream)
    if not _FILTERS.issuperset(filters):
        raise _Lacking("what the page shows is damaged")
    if filters[-1:] == ["/FlateDecode"] and inflated(_unwrapped(stream, filters)) is not Deflated.WHOLE:
        raise _Lacking("what the page shows is cut off or damaged")
    return bytes(stream.get_data())


def _filters(stream: StreamObject) -> list[str]:
    told = _resolved(stream, "/Filter")
    if isinstance(told, ArrayObject):
        return [str(each.get_object()) for each in told]
    return [] if told is None or isinstance(told, NullObject) else [str(told)]


def _check_picture(picture: StreamObject, *, listed: bool = True) -> None:
    size = _size(picture)
    if not matters(size):
        return
    filters = _filters(picture)
    last = filters[-1] if filters else ""
    whole = True
    if last == "/CCITTFaxDecode":
        coded, parameters = _unwrapped(picture, filters), _parameters(picture, len(filters))
        whole = has_last_row(coded, size, parameters) and not has_broken_rows(coded, size, parameters, _BROKEN_ROWS)
    elif last == "/JBIG2Decode":
        whole = is_whole_jbig2(_unwrapped(picture, filters), size, _shared_segments(picture, len(filters)))
    elif last == "/FlateDecode":
        found = inflated(_unwrapped(picture, filters), round((1 - _MISSING) * _least_bytes(picture, size)))
        whole = found is Deflated.WHOLE
    elif last in ("/LZWDecode", "/RunLengthDecode"):
        whole = _has_whole_rows(picture, last, filters)
    elif not last:
        whole = len(bytes(picture._data)) >= (1 - _MISSING) * _least_bytes(picture, size)
    elif not listed:
        whole = is_whole_coded(_unwrapped(picture, filters), last[1:])
    if not whole:
        raise _Lacking(f"a picture on the page is cut off or damaged ({last[1:]})")
    for key in ("/SMask", "/Mask"):
        mask = _resolved(picture, key)
        if isinstance(mask, NullObject):
            raise _Lacking("the mask of a picture is not in the file")
        if isinstance(mask, StreamObject):
            _check_picture(mask, listed=False)


def _has_whole_rows(picture: StreamObject, last: str, filters: list[str]) -> bool:
    """Whether no row is begun: a code that was changed makes more or less of what it stands for."""
    data, parameters = _unwrapped(picture, filters), _parameters(picture, len(filters))
    row = _least_bytes(picture, (_size(picture)[0], 1)) + (int(parameters.get("/Predictor", 1)) >= _PNG_ROWS)
    early = int(parameters.get("/EarlyChange", 1))
    made = unpacked_lzw(data, early) if last == "/LZWDecode" else unpacked_bits(data)
    return made is not None and made % row <= _PADDED


def _size(picture: StreamObject) -> tuple[int, int]:
    return int(picture.get("/Width", 0)), int(picture.get("/Height", 0))


def _least_bytes(picture: StreamObject, size: tuple[int, int]) -> int:
    """Of the picture's samples, without what a predictor adds."""
    space = _resolved(picture, "/ColorSpace")
    components = _COMPONENTS.get(str(space), 1)
    if isinstance(space, ArrayObject) and space:
        components = _COMPONENTS.get(str(space[0]), 1)
        if space[0] == "/ICCBased":
            components = int(space[1].get_object().get("/N", 1))
        elif space[0] == "/DeviceN":
            components = len(space[1].get_object())
    bits = int(_resolved(picture, "/BitsPerComponent") or 1)
    return size[1] * math.ceil(size[0] * components * bits / 8)


def _unwrapped(picture: StreamObject, filters: list[str]) -> bytes:
    """The data of the last filter."""
    if len(filters) == 1:
        return bytes(picture._data)
    outer = EncodedStreamObject()
    outer[NameObject("/Filter")] = ArrayObject(NameObject(each) for each in filters[:-1])
    outer._data = picture._data
    return bytes(outer.get_data())


def _shared_segments(picture: StreamObject, filters: int) -> bytes:
    """Of a JBIG2 picture."""
    shared = _parameters(picture, filters).get("/JBIG2Globals")
    return bytes(shared.get_data()) if isinstance(shared, StreamObject) else b""


def _parameters(picture: StreamObject, filters: int) -> Mapping[str, Any]:
    told = _resolved(picture, "/DecodeParms")
    if isinstance(told, ArrayObject):
        told = told[filters - 1].get_object() if len(told) >= filters else None
    return {key: value.get_object() for key, value in told.items()} if isinstance(told, DictionaryObject) else {}
