"""Print that surrounds or imitates signatures: rendered pages, lines of type, and printed drawings."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from synthesis.fonts import FontFolder
from synthesis.ink.line_drawings import diagram, emblem
from synthesis.sheet import Pixels

Random = np.random.Generator

RENDERED_DPI = 200
USUAL_LINE = 34.0
"""Height of a line of usual text of a rendered page, in its pixels."""
_LINE_HEIGHT = 44
_PAGES_A_PDF = 4
CLOSINGS = (
    *("Sincerely,", "Sincerely yours,", "Very truly yours,", "Respectfully,", "Cordially,", "Regards,", "Yours truly,"),
    *("Signature", "Signature of applicant", "Authorized signature", "Signed:", "By:", "Date", "Name:", "Title:"),
    *("Sign here", "Signed", "Approved by", "Witness", "Agreed and accepted", "Print name", "(Signature)"),
)


class PageStore:
    """Grey pages of PDFs at 200 dpi, rendered once into `cache`."""

    def __init__(self, pdfs: Sequence[Path], cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self._pages: list[Pixels] = []
        for pdf in pdfs:
            stem = cache / f"{pdf.parent.name}-{pdf.stem}"
            if not stem.with_name(stem.name + "-0.npy").exists():
                _render(pdf, stem)
            for file in sorted(cache.glob(f"{glob.escape(stem.name)}-[0-9].npy")):
                self._pages.append(np.load(file, mmap_mode="r"))

    def crop(self, random: Random, size: tuple[int, int], line: float) -> Pixels:
        """A random part of a page as `size` (height, width) pixels where a text line is `line` pixels high."""
        page = self._pages[int(random.integers(len(self._pages)))]
        scale = line / USUAL_LINE
        high, wide = min(page.shape[0], round(size[0] / scale)), min(page.shape[1], round(size[1] / scale))
        top = int(random.integers(0, page.shape[0] - high + 1))
        left = int(random.integers(0, page.shape[1] - wide + 1))
        part = page[top : top + high, left : left + wide]
        return np.asarray(cv2.resize(part, (size[1], size[0]), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _render(pdf: Path, stem: Path) -> None:
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number in reversed(range(min(len(document), _PAGES_A_PDF))):
            image = document[number].render(scale=RENDERED_DPI / 72, grayscale=True).to_numpy()
            np.save(stem.with_name(f"{stem.name}-{number}.npy"), np.ascontiguousarray(image.reshape(image.shape[:2])))
    finally:
        document.close()


class LineBank:
    """Lines of type or of a handwriting font, drawn once, 44 pixels high, 255 where there is ink.

    `finer` times as high where they are shown large; then with room for what swings above and below the line.
    """

    def __init__(
        self, fonts: FontFolder, faces: Sequence[str], texts: Sequence[str], count: int, seed: int, finer: int = 1
    ) -> None:
        random = np.random.default_rng(seed)
        self._lines: list[Pixels] = []
        em = 32 if finer == 1 else 24 * finer
        for number in range(count):
            face = fonts.face(faces[number % len(faces)], em)
            text = texts[int(random.integers(len(texts)))]
            image = Image.new("L", (int(face.getlength(text)) + 24 * finer, _LINE_HEIGHT * finer), 0)
            stroke = float(random.choice((0, 0, 0, 0.6, 1.2)))
            ImageDraw.Draw(image).text((12 * finer, 33 * finer), text, 255, face, "ls", stroke_width=stroke)
            line = np.asarray(image)
            inked = np.flatnonzero(line.any(axis=0))
            self._lines.append(line[:, inked[0] : inked[-1] + 1] if inked.size else line)

    def draw(self, random: Random, line: float) -> Pixels:
        """One line, `line` pixels high."""
        chosen = self._lines[int(random.integers(len(self._lines)))]
        scale = line / chosen.shape[0]
        size = max(2, round(chosen.shape[1] * scale)), max(3, round(line))
        return np.asarray(cv2.resize(chosen, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def stamp_on(paper: Pixels, ink: Pixels, left: int, top: int, shade: float) -> None:
    """Puts `ink` (255 where inked) on `paper` in place, cut at its edges; ink of grey level `shade`."""
    high, wide = paper.shape
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(wide, left + ink.shape[1]), min(high, top + ink.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    cover = ink[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32) / 255
    part = paper[y0:y1, x0:x1]
    part[:] = np.minimum(part, part * (1 - cover) + np.minimum(part, shade) * cover)


def sign_here_flag(paper: Pixels, random: Random, bank: LineBank, line: float) -> None:
    """A coloured flag of gummed paper, or printed, that points at the place to sign; most with words on it."""
    high, wide = paper.shape
    tall = line * random.uniform(1.0, 2.2)
    long = tall * random.uniform(1.5, 4.0)
    x, y = random.uniform(-0.3, 0.7) * wide, random.uniform(-0.2, 0.8) * high
    notch = random.uniform(0.2, 0.6) * tall
    outline = np.array([(0, 0), (long, 0), (long + notch, tall / 2), (long, tall), (0, tall)])
    if random.random() < 0.4:
        outline[:, 0] = long - outline[:, 0]
    points = np.rint(outline + np.array((x, y))).astype(np.int32).reshape(-1, 1, 2)
    ground = int(random.integers(60, 225))
    if random.random() < 0.75:
        cv2.fillPoly(paper, [points], ground, cv2.LINE_AA)
    if ground > 150 or random.random() < 0.3:
        cv2.polylines(paper, [points], True, int(random.integers(0, 110)), int(random.integers(1, 4)), cv2.LINE_AA)
    if random.random() < 0.8:
        ink = bank.draw(random, max(5.0, 0.55 * tall))[:, : max(4, int(0.9 * long))]
        stamp_on(paper, ink, int(x + 0.05 * long), int(y + 0.22 * tall), 10)


def typed_text(paper: Pixels, bank: LineBank, random: Random, line: float, shade: float) -> None:
    """Fills `paper` with lines as of a letter or list."""
    high, wide = paper.shape
    top, left = random.uniform(-line, line), random.uniform(-2, 0.3 * wide)
    pitch = line * random.uniform(1.0, 2.2)
    while top < high:
        x = left if random.random() < 0.8 else left + random.uniform(0, 0.4) * wide
        while x < wide:
            ink = bank.draw(random, line)
            stamp_on(paper, ink, int(x), int(top), shade)
            x += ink.shape[1] + line * random.uniform(0.2, 0.5)
            if random.random() < 0.35:
                break
        top += pitch


def rule_lines(paper: Pixels, random: Random, line: float) -> None:
    """Ruled lines, a frame or a table as on forms."""
    high, wide = paper.shape
    thick = max(1, round(line * random.uniform(0.03, 0.1)))
    shade = int(random.integers(0, 150))
    kind = random.random()
    if kind < 0.6:
        y = round(high * random.uniform(0.05, 0.98))
        ends = sorted(random.uniform(-0.3, 1.3, 2) * wide)
        for k in range(int(random.choice((1, 1, 1, 2, 3)))):
            level = y - round(k * line * random.uniform(1.2, 2.5))
            cv2.line(paper, (round(ends[0]), level), (round(ends[1]), level), shade, thick)
    elif kind < 0.85:
        corner = random.uniform(-0.2, 0.25, 2) * (wide, high)
        other = random.uniform(0.75, 1.2, 2) * (wide, high)
        cv2.rectangle(paper, (int(corner[0]), int(corner[1])), (int(other[0]), int(other[1])), shade, thick)
    else:
        for x in np.cumsum(random.uniform(0.15, 0.5, 4)) * wide:
            cv2.line(paper, (int(x), 0), (int(x), high), shade, thick)
        for y in np.cumsum(random.uniform(0.2, 0.6, 4)) * high:
            cv2.line(paper, (0, int(y)), (wide, int(y)), shade, thick)


def drawing(paper: Pixels, random: Random, bank: LineBank) -> None:
    """One printed thing that is no text: a logo, bars, a picture, a chart, arrows, an edge, a diagram or emblem."""
    high, wide = paper.shape
    kind = int(random.integers(10))
    if kind >= 7:
        (diagram, diagram, emblem)[kind - 7](paper, random)
    elif kind == 0:
        ink = bank.draw(random, high * random.uniform(0.5, 1.4))
        if random.random() < 0.3:
            ink = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
        stamp_on(paper, ink, int(random.uniform(-0.3, 0.5) * wide), int(random.uniform(-0.3, 0.4) * high), 20)
    elif kind == 1:
        bars = (random.random((1, max(8, wide // 3))) < 0.5).astype(np.uint8) * 255
        size = round(wide * random.uniform(0.3, 0.9)), round(high * random.uniform(0.3, 0.9))
        ink = np.asarray(cv2.resize(bars, size, interpolation=cv2.INTER_NEAREST))
        stamp_on(paper, ink, int(random.uniform(0, 0.5) * wide), int(random.uniform(0, 0.5) * high), 20)
    elif kind == 2:
        _picture(paper, random)
    elif kind in (3, 4):
        _chart(paper, random)
    elif kind == 5:
        edge = int(random.uniform(0.03, 0.25) * wide)
        ragged = np.asarray(edge * random.uniform(0.8, 1.2, high), dtype=np.int64)
        dark = np.arange(wide)[None, :] < ragged[:, None]
        paper[dark[:, ::-1] if random.random() < 0.5 else dark] = int(random.integers(0, 60))
    else:
        for _ in range(int(random.integers(1, 4))):
            ends = (random.uniform(0, 1, (2, 2)) * (wide, high)).astype(int)
            cv2.arrowedLine(paper, tuple(map(int, ends[0])), tuple(map(int, ends[1])), 30, int(random.integers(1, 4)))


def _picture(paper: Pixels, random: Random) -> None:
    high, wide = paper.shape
    coarse = random.uniform(0, 255, (int(random.integers(3, 9)), int(random.integers(3, 12)))).astype(np.float32)
    tones: NDArray[np.float64] = cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC).astype(np.float64)
    if random.random() < 0.5:
        tones = np.where(tones > random.uniform(0, 255, (high, wide)), 255.0, 0.0)
    x0, y0 = int(random.uniform(0, 0.5) * wide), int(random.uniform(0, 0.5) * high)
    x1, y1 = int(random.uniform(0.6, 1.0) * wide), int(random.uniform(0.6, 1.0) * high)
    paper[y0:y1, x0:x1] = np.clip(tones[y0:y1, x0:x1], 0, 255).astype(np.uint8)


def _chart(paper: Pixels, random: Random) -> None:
    high, wide = paper.shape
    for _ in range(int(random.integers(1, 4))):
        count = int(random.integers(3, 14))
        x, y = np.linspace(0, wide, count), high * np.clip(0.5 + np.cumsum(random.normal(0, 0.15, count)), 0.05, 0.95)
        points = np.column_stack([x, y]).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(paper, [points], False, int(random.integers(0, 90)), int(random.integers(1, 3)), cv2.LINE_AA)
        if random.random() < 0.5:
            for px, py in points[:, 0]:
                cv2.circle(paper, (int(px), int(py)), int(random.integers(2, 5)), 30, -1)
