"""Letters with two accents, which the recogniser lacks and takes for others: what they look like to it.

Vietnamese words are drawn in faces that have them. A letter read for one that is not in the recogniser's alphabet is an
example; letters read rightly, in Vietnamese and in other languages, and all that are read on pages of the training PDFs
and by hand, are the opposite.
"""

from __future__ import annotations

import difflib
import sys
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.line_kinds import may_have_accents
from models.catalog.ocr.page.recognition import LineRecogniser, ReadLine
from training.ocr.read_pages import ReadAndTrue
from training.ocr.script_lines import ScriptFaces, scanned
from training.ocr.scripts_drawn import ACCENTED_HELD_OUT, ACCENTED_LEARNED, faker_words

SUBSETS = ("latin", "vietnamese", "latin-ext")
LOCALES = {"vietnamese": ("vi_VN",), "others": ("en_US", "de_DE", "fr_FR", "es_ES", "cs_CZ", "pl_PL")}
Floats = npt.NDArray[np.float64]
_RIDGE, _NEWTON = 30.0, 10


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it was seen, and whether the recogniser lacks it."""

    source: str
    learned: bool
    lacking: bool
    traits: npt.NDArray[np.float16]


def drawn_letters(reader: LineRecogniser, faces: ScriptFaces, alphabet: frozenset[str], count: int) -> Iterator[Letter]:
    """Of `count` lines of either kind to learn from, and of half as many in other faces."""
    for source, locales in LOCALES.items():
        words = [unicodedata.normalize("NFC", word) for locale in locales for word in faker_words(locale, 5)]
        words = [
            word for word in words if word and all(unicodedata.name(sign, "").startswith("LATIN") for sign in word)
        ]
        for learned, own in ((True, ACCENTED_LEARNED), (False, ACCENTED_HELD_OUT)):
            random = np.random.default_rng([zlib.crc32(source.encode()), int(learned)])
            for number in range(count if learned else count // 2):
                picked = [words[int(at)] for at in random.integers(len(words), size=int(random.integers(1, 5)))]
                text = " ".join(picked).upper() if random.random() < 0.15 else " ".join(picked)
                ink = faces.mixed(text, own[number % len(own)], SUBSETS)
                if ink is not None:
                    crop = np.asarray(cv2.cvtColor(scanned(ink, random), cv2.COLOR_GRAY2BGR), dtype=np.uint8)
                    yield from _letters(reader.read(crop), text, alphabet, source, learned=learned)


def page_letters(lines: Iterable[ReadAndTrue], most: int) -> Iterator[Letter]:
    """Of lines of pages without such letters, one in five to measure on."""
    left = most
    for number, one in enumerate(lines):
        line = one.reading.line
        places = [at for at, sign in enumerate(line.text) if may_have_accents(sign)]
        if places and line.features is not None and left > 0:
            left -= len(places)
            for row in line.letter_traits(places).astype(np.float16):
                yield Letter("pages", number % 5 != 0, False, row)


def fit_letters(letters: Sequence[Letter]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], Floats]:
    """Middle, spread, and weights (LETTER_COUNT + 1,) of a logistic regression."""
    traits = np.stack([one.traits for one in letters]).astype(np.float32)
    middle, spread = traits.mean(axis=0), traits.std(axis=0) + 1e-2
    middle, spread = (part.astype(np.float16).astype(np.float32) for part in (middle, spread))
    rows, wanted = _rows(traits, middle, spread), np.array([float(one.lacking) for one in letters])
    weights = np.zeros(rows.shape[1])
    for _ in range(_NEWTON):
        share = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        bend = (rows * (share * (1 - share))[:, None]).T @ rows + _RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(bend, rows.T @ (wanted - share) - _RIDGE * weights)
    return middle, spread, weights


def report_letters(
    letters: Sequence[Letter], middle: npt.NDArray[np.float32], spread: npt.NDArray[np.float32], weights: Floats
) -> None:
    """What of unseen faces and pages is said to lack, by share."""
    held = [one for one in letters if not one.learned]
    odds = _rows(np.stack([one.traits for one in held]).astype(np.float32), middle, spread) @ weights
    shares = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    groups = np.array([f"{one.source}, {'lacking' if one.lacking else 'not'}" for one in held])
    for group in dict.fromkeys(groups):
        said = ", ".join(f"{least}: {(shares[groups == group] >= least).sum()}" for least in (0.3, 0.5, 0.7, 0.9, 0.97))
        sys.stdout.write(f"letters of {group}: {(groups == group).sum()}, said to be lacking from {said}\n")


def _letters(line: ReadLine, text: str, alphabet: frozenset[str], source: str, *, learned: bool) -> Iterator[Letter]:
    places = [at for at, sign in enumerate(line.text) if not sign.isspace()]
    read, true = [line.text[at] for at in places], list(text.replace(" ", ""))
    found: list[tuple[int, bool]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, read, true, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and b - a == d - c):
            found += [
                (places[a + k], tag == "replace") for k in range(b - a) if tag == "equal" or true[c + k] not in alphabet
            ]
    found = [(at, lacking) for at, lacking in found if may_have_accents(line.text[at])]
    if found:
        traits = line.letter_traits([at for at, _ in found]).astype(np.float16)
        yield from (Letter(source, learned, lacking, row) for (_, lacking), row in zip(found, traits, strict=True))


def _rows(traits: npt.NDArray[np.float32], middle: npt.NDArray[np.float32], spread: npt.NDArray[np.float32]) -> Floats:
    rows = np.clip((traits - middle) / spread, -4, 4).astype(np.float64)
    return np.hstack([rows, np.ones((len(rows), 1))])
