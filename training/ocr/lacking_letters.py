"""Letters with two accents, which the recogniser lacks and takes for others or passes over: what they look like to it.

Vietnamese words are drawn in faces that have them. Columns in the middle of a letter that is not in the recogniser's
alphabet are examples; the opposite are columns of all else: letters read rightly, in Vietnamese and in other languages,
gaps, and what is read on pages of the training PDFs and by hand.
"""

from __future__ import annotations

import difflib
import sys
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.line_kinds import SELDOM_READ
from models.catalog.ocr.page.line_traits import column_traits
from models.catalog.ocr.page.recognition import LineRecogniser, ReadLine
from training.ocr.read_pages import ReadAndTrue
from training.ocr.script_lines import ScriptFaces, scanned
from training.ocr.scripts_drawn import ACCENTED_HELD_OUT, ACCENTED_LEARNED, faker_words

SUBSETS = ("latin", "vietnamese", "latin-ext")
_OTHERS = "en_US de_DE fr_FR es_ES cs_CZ pl_PL pt_PT pt_BR hu_HU ro_RO tr_TR sv_SE it_IT"
LOCALES = {"vi": ("vi_VN",), "others": tuple(_OTHERS.split())}
Floats = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]
Fitted = tuple[Single, Single, Floats]
"""Middle and spread of the traits, and weights (COLUMN_COUNT + 1,) of a logistic regression."""
_RIDGE, _NEWTON = 30.0, 9
_AT, _BESIDE = 1.01, 3.5
"""Columns from the middle of a lacking letter within which it is seen, and from which on it surely is not."""
_A_LINE, _HARD = 10, 0.15
"""Columns of each line that are no such letter, and the share from which on a first fit takes others for one: all these
are learned from as well.
"""
_KNOWN = 0.5
"""Of a line's letters, as many were read, or the places of the others cannot be told."""


@dataclass(frozen=True, slots=True)
class LineOfLetters:
    """A line as it was seen, and where in it letters are that the recogniser lacks."""

    source: str
    learned: bool
    features: npt.NDArray[np.float16]
    lacking: tuple[float, ...] = ()
    """Columns."""


def drawn_letters(
    reader: LineRecogniser, faces: ScriptFaces, alphabet: frozenset[str], count: int
) -> Iterator[LineOfLetters]:
    """`count` lines of either kind to learn from, and half as many in other faces."""
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
                if ink is None:
                    continue
                crop = np.asarray(cv2.cvtColor(scanned(ink, random), cv2.COLOR_GRAY2BGR), dtype=np.uint8)
                line = reader.read(crop)
                places = _places(line, text)
                if places is not None:
                    lacking = tuple(
                        place
                        for place, sign in zip(places, text.replace(" ", ""), strict=True)
                        if sign not in alphabet or sign in SELDOM_READ
                    )
                    yield LineOfLetters(source, learned, _features(line), lacking)


def page_letters(lines: Iterable[ReadAndTrue]) -> Iterator[LineOfLetters]:
    """Lines of pages without such letters, one in five to measure on."""
    for number, one in enumerate(lines):
        if one.reading.line.features is not None:
            yield LineOfLetters("pages", number % 5 != 0, _features(one.reading.line))


def fit_letters(lines: Sequence[LineOfLetters]) -> Fitted:
    """Fitted to some columns of the lines, and again with those that this took for such letters and that are none."""
    learned = [line for line in lines if line.learned]
    return _fit(*_examples(learned, _fit(*_examples(learned))))


def report_letters(lines: Sequence[LineOfLetters], fitted: Fitted) -> None:
    """What in unseen faces and on pages is said to be lacking, by share."""
    letters: dict[str, list[float]] = {}
    for line in (line for line in lines if not line.learned):
        shares = _shares(column_traits(line.features.astype(np.float32)), fitted)
        for place in line.lacking:
            at = int(np.clip(place, 0, len(shares) - 1))
            near = float(shares[max(0, at - 1) : at + 2].max())
            letters.setdefault(f"letters of {line.source} that are lacking", []).append(near)
        if not line.lacking:
            letters.setdefault(f"lines of {line.source} that lack none", []).append(float(shares.max()))
    for group, found in letters.items():
        said = ", ".join(f"{least}: {sum(share >= least for share in found)}" for least in (0.2, 0.4, 0.7, 0.9))
        sys.stdout.write(f"{group}: {len(found)}, said to be lacking from {said}\n")


def _features(line: ReadLine) -> npt.NDArray[np.float16]:
    assert line.features is not None
    return line.features[:, :, : max(1, int(np.ceil(line.features.shape[2] / line.stretch)))].astype(np.float16)


def _places(line: ReadLine, text: str) -> list[float] | None:
    """The column of each letter of the text; of those that were passed over, between their neighbours."""
    assert line.features is not None
    columns = line.features.shape[2] / line.stretch
    seen = [at for at, sign in enumerate(line.text) if not sign.isspace()]
    read, true = [line.text[at] for at in seen], list(text.replace(" ", ""))
    known: dict[int, float] = {}
    for tag, a, b, c, d in difflib.SequenceMatcher(None, read, true, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and b - a == d - c):
            known |= {c + k: line.centres[seen[a + k]] * columns for k in range(b - a)}
    if len(known) < max(2, _KNOWN * len(true)):
        return None
    steps = [(known[right] - known[left]) / (right - left) for left, right in pairwise(sorted(known))]
    first, last = min(known), max(known)
    known |= {at: known[first] - float(np.median(steps)) * (first - at) for at in range(first)}
    known |= {at: known[last] + float(np.median(steps)) * (at - last) for at in range(last + 1, len(true))}
    return [float(place) for place in np.interp(range(len(true)), sorted(known), [known[at] for at in sorted(known)])]


def _examples(lines: Sequence[LineOfLetters], first: Fitted | None = None) -> tuple[Single, Floats]:
    """Traits of columns, and 1 for a lacking letter."""
    random, traits, wanted = np.random.default_rng(1), [], []
    for line in lines:
        columns = column_traits(line.features.astype(np.float32))
        middles = np.arange(len(columns)) + 0.5
        away = np.min([np.abs(middles - place) for place in line.lacking] or [np.full(len(columns), np.inf)], axis=0)
        none = np.flatnonzero(away > _BESIDE)
        chosen = random.permutation(none)[:_A_LINE]
        if first is not None:
            chosen = np.union1d(chosen, none[_shares(columns[none], first) > _HARD])
        for some, value in ((np.flatnonzero(away < _AT), 1.0), (chosen, 0.0)):
            traits.append(columns[some])
            wanted += [value] * len(some)
    return np.vstack(traits), np.array(wanted)


def _fit(traits: Single, wanted: Floats) -> Fitted:
    middle, spread = (
        part.astype(np.float16).astype(np.float32) for part in (traits.mean(axis=0), traits.std(axis=0) + 1e-2)
    )
    rows, weights = _rows(traits, middle, spread), np.zeros(traits.shape[1] + 1)
    for _ in range(_NEWTON):
        share = _logistic(rows @ weights.astype(np.float32))
        bend = (rows * (share * (1 - share))[:, None]).T @ rows + _RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(bend, rows.T @ (wanted - share) - _RIDGE * weights)
    return middle, spread, weights


def _shares(traits: Single, fitted: Fitted) -> Single:
    return _logistic(_rows(traits, *fitted[:2]) @ fitted[2].astype(np.float32))


def _logistic(odds: Single) -> Single:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))), dtype=np.float32)


def _rows(traits: Single, middle: Single, spread: Single) -> Single:
    return np.hstack([np.clip((traits - middle) / spread, -4, 4), np.ones((len(traits), 1), np.float32)])
