"""Draws lines of print and of handwriting faces in any script, as scanners and copiers show them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from synthesis.sheet import Pixels
from synthesis.wear.crop_wear import tilt, wear
from training.ocr.scripts_drawn import BY_PARTS

Random = np.random.Generator

_SIZE = 40
_WORDS = (1, 1, 2, 2, 3, 4, 5)
_SMALLEST, _LARGEST = 16.0, 60.0
"""Height of a line in pixels of its scan."""
_LEAST = 6


@dataclass(frozen=True, slots=True)
class ScriptFaces:
    """Folders in which npm installed @fontsource packages; letters are set as their script wants (Raqm)."""

    folders: tuple[Path, ...]
    _loaded: dict[Path, ImageFont.FreeTypeFont] = field(default_factory=dict, repr=False)
    _parts: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict, repr=False)

    def line(self, words: Sequence[str], face: str, subset: str, random: Random) -> Pixels | None:
        """A line, 255 where there is ink, cut to its bounds; None where the face has none of the words."""
        bold, drawn = random.random() < 0.25, []
        for _ in range(int(random.choice(_WORDS))):
            word = self._word(words[int(random.integers(len(words)))], face, subset, bold=bold)
            if word is not None:
                drawn += [word, np.zeros((word.shape[0], round(_SIZE * random.uniform(0.22, 0.4))), np.uint8)]
        if not drawn:
            return None
        line = np.hstack(drawn[:-1])
        rows = np.flatnonzero(line.any(axis=1))
        line = line[rows[0] : rows[-1] + 1]
        return line if min(line.shape) >= _LEAST else None

    def mixed(self, text: str, face: str, subsets: Sequence[str]) -> Pixels | None:
        """A text whose letters are in several subsets of a face, cut to its bounds; None where the face lacks one."""
        image = Image.new("L", (_SIZE * (2 * len(text) + 2), 4 * _SIZE))
        draw, x = ImageDraw.Draw(image), float(_SIZE)
        for sign in text:
            if sign.isspace():
                x += _SIZE / 3
                continue
            part = self._part(face, sign, subsets)
            one = self._face(face, part, bold=False)
            if one is None:
                return None
            draw.text((x, 2.5 * _SIZE), sign, 255, one, "ls")
            x += one.getlength(sign)
        left, top, wide, high = cv2.boundingRect(np.asarray(image))
        return np.asarray(image)[top : top + high, left : left + wide] if high >= _LEAST else None

    def _word(self, word: str, face: str, subset: str, *, bold: bool) -> Pixels | None:
        pieces = [(word, subset)] if subset != BY_PARTS else [(sign, self._part(face, sign)) for sign in word]
        faces = [(text, self._face(face, part, bold=bold)) for text, part in pieces]
        image = Image.new(
            "L", (sum(_SIZE // 3 + int(one.getlength(text)) for text, one in faces if one) + 2 * _SIZE, 3 * _SIZE)
        )
        draw, x = ImageDraw.Draw(image), float(_SIZE)
        for text, one in faces:
            if one is None:
                return None
            draw.text((x, 2 * _SIZE), text, 255, one, "ls")
            x += one.getlength(text) + 1
        columns = np.flatnonzero(np.asarray(image).any(axis=0))
        return np.asarray(image)[:, columns[0] : columns[-1] + 1] if columns.size else None

    def _face(self, name: str, subset: str, *, bold: bool) -> ImageFont.FreeTypeFont | None:
        files = sorted(self._folder(name).glob(f"files/{name}-{subset}-[4-7]00-normal.woff2"))
        if not subset or not files:
            return None
        file = files[min(int(bold), len(files) - 1)]
        if file not in self._loaded:
            self._loaded[file] = ImageFont.truetype(file, _SIZE, layout_engine=ImageFont.Layout.RAQM)
        return self._loaded[file]

    def _part(self, name: str, sign: str, among: Sequence[str] = ()) -> str:
        """The file that has a character, of all or of some; empty where none has."""
        if name not in self._parts:
            self._parts[name] = _ranges(self._folder(name) / "unicode.json")
        having = [part for first, last, part in self._parts[name] if first <= ord(sign) <= last]
        if not among:
            return next(iter(having), "")
        return next((part for part in among if part in having), "")

    def _folder(self, name: str) -> Path:
        for folder in self.folders:
            if (found := folder / "node_modules" / "@fontsource" / name).is_dir():
                return found
        raise FileNotFoundError(f"no face {name!r}; npm install @fontsource/{name}")


def scanned(ink: Pixels, random: Random) -> Pixels:
    """A line, 255 where there is ink, as a worn grey crop with a little paper around it."""
    edges = (random.uniform(0.05, 0.3, 4) * ink.shape[0]).astype(int)
    padded = np.pad(ink, (tuple(edges[:2]), tuple(edges[2:])))
    height = float(np.exp(random.uniform(np.log(_SMALLEST), np.log(_LARGEST))))
    size = max(8, round(padded.shape[1] * height / padded.shape[0])), max(8, round(height))
    small: npt.NDArray[np.float32] = cv2.resize(padded, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    shade, paper = random.uniform(0, 90), random.uniform(225, 255)
    grey = np.asarray(paper - small / 255 * (paper - shade), dtype=np.uint8)
    if random.random() < 0.5:
        grey = tilt(grey, random, 1.2)
    return wear(grey, random)


def _ranges(file: Path) -> list[tuple[int, int, str]]:
    """First and last code point and part, of a package's `unicode.json`."""
    found = []
    for part, ranges in json.loads(file.read_text(encoding="utf-8")).items():
        for one in ranges.split(","):
            first, _, last = one.strip().removeprefix("U+").partition("-")
            found.append((int(first, 16), int(last or first, 16), part.strip("[]")))
    return found
