"""Fits what the looks of a line tell: `python -m training.ocr.line_kinds --data DIR --fonts DIR --scripts DIR`.

Logistic regressions over what the recogniser sees (`models.catalog.ocr.page.line_traits`). Scripts are learned from
drawn lines of some faces and measured on lines of others; what is no writing, from drawings, stamps and smears. Letters
with two accents, which the recogniser lacks: `lacking_letters`. Hands are learned from the pages that confidences are
fitted on; each source of handwriting, and each fifth of the PDFs, is left out in turn to say how well the unseen is
told. Needs Faker, no torch. Writes line_kinds.npz.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.artifacts import locate
from models.catalog.ocr.page.line_kinds import NO_WRITING
from models.catalog.ocr.page.line_traits import COUNT, Traits
from models.catalog.ocr.page.recognition import LineRecogniser
from models.registry import find_model
from schemas.prediction import SignatureKind
from synthesis.crops.signature_regions import RegionDrawer
from synthesis.fonts import FontFolder
from synthesis.ink.pen_strokes import Part
from synthesis.sheet import Pixels
from training.ocr.lacking_letters import Fitted, drawn_letters, fit_letters, page_letters, report_letters
from training.ocr.read_pages import OWN, ReadAndTrue, all_pages, read_lines
from training.ocr.script_lines import ScriptFaces, scanned
from training.ocr.scripts_drawn import SCRIPTS, words_of

ARTIFACT = "line_kinds.npz"
LEAST = 0.85
"""Share from which a script is said."""
LATIN = "latin"
_TESTS = 0.25
"""Of the lines of held-out faces, as a share of those learned from."""
_OTHERS = {
    SignatureKind.STAMP: NO_WRITING,
    SignatureKind.STRAY_LINE: NO_WRITING,
    SignatureKind.SIGNATURE: NO_WRITING,
    SignatureKind.HANDWRITTEN_TEXT: LATIN,
    SignatureKind.PRINTED_TEXT: LATIN,
}
_RIDGE, _STEPS, _RATE = 1e-3, 500, 0.02
_HAND_RIDGE, _NEWTON = 30.0, 12
LETTER_LINES = 900
"""Lines in Vietnamese, and in other languages, that are learned from."""
LETTER_PAGES = 16, 6
"""Pages of PDFs, and of each source of handwriting, that are enough where letters alone are fitted."""
_LEAST_SIDE, _FOLDS = 8, 5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """A drawn line as the recogniser sees it."""

    script: str
    learned: bool
    traits: Traits


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws, reads, fits, tests, writes; answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/train"))
    parser.add_argument("--fonts", type=Path, required=True, help="folder in which npm installed the @fontsource faces")
    parser.add_argument("--scripts", type=Path, required=True, help="the same for the faces of other scripts")
    parser.add_argument("--count", type=int, default=360, help="lines of each script")
    parser.add_argument("--pages", type=Path, default=Path(".cache/signature-pages"), help="cache of rendered pages")
    parser.add_argument("--out", type=Path, default=find_model("ocr").folder)
    parser.add_argument("--letters", action="store_true", help="fit the lacking letters alone, and keep all else")
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    fonts, reader = FontFolder(given.fonts), recogniser()
    if given.letters:
        letters_alone(reader, ScriptFaces((given.scripts, given.fonts)), given.data, fonts, given.out / ARTIFACT)
        return 0
    seen = [*other_lines(reader, given.data, fonts, given.pages, given.count)]
    seen += drawn_lines(reader, ScriptFaces((given.scripts, given.fonts)), given.count)
    middle, spread = middle_and_spread(np.stack([one.traits for one in seen if one.learned]))
    names, scripts = fit_scripts(seen, middle, spread)
    report_scripts(seen, names, scripts, middle, spread)
    lines = [*read_lines(all_pages(given.data, fonts))]
    report_hands(lines, middle, spread)
    hands = fit_hands(*_of_lines(lines), middle, spread)
    faces = ScriptFaces((given.scripts, given.fonts))
    letters = fitted_letters(reader, faces, lines)
    stored(names, scripts, hands, (middle, spread), letters, given.out / ARTIFACT)
    return 0


def fitted_letters(reader: LineRecogniser, faces: ScriptFaces, lines: Sequence[ReadAndTrue]) -> Fitted:
    """What letters look like that the recogniser lacks, and a report of it."""
    letters = [*drawn_letters(reader, faces, reader.alphabet, LETTER_LINES), *page_letters(lines)]
    fitted = fit_letters(letters)
    report_letters(letters, fitted)
    return fitted


def drawn_lines(reader: LineRecogniser, faces: ScriptFaces, count: int) -> Iterator[Seen]:
    """`count` lines of each script to learn from, and some of other faces."""
    for name, script in SCRIPTS.items():
        words = words_of(name)
        for learned, own, wanted in ((True, script.learned, count), (False, script.held_out, round(_TESTS * count))):
            random = np.random.default_rng([zlib.crc32(name.encode()), int(learned)])
            for number in range(wanted):
                ink = faces.line(words, own[number % len(own)], script.subset, random)
                if ink is not None:
                    yield Seen(name, learned, _traits(reader, scanned(ink, random)))


def other_lines(reader: LineRecogniser, data: Path, fonts: FontFolder, cache: Path, count: int) -> Iterator[Seen]:
    """`count` of each of what is no writing, and of Latin writing of other makes; of other writers besides."""
    for learned, part in ((True, Part.TRAIN), (False, Part.VALIDATION)):
        drawer = RegionDrawer(data, fonts, cache, part)
        for number, (kind, name) in enumerate(_OTHERS.items()):
            random = np.random.default_rng([number, int(learned)])
            for _ in range(count if learned else round(_TESTS * count)):
                region = drawer.draw(kind, random)
                if region.kind is kind and min(region.pixels.shape) >= _LEAST_SIDE:
                    yield Seen(name, learned, _traits(reader, region.pixels))


def fit_scripts(seen: Sequence[Seen], middle: Traits, spread: Traits) -> tuple[list[str], Floats]:
    """Names, and weights (COUNT + 1, names) of a multinomial logistic regression, by Adam from nothing."""
    learned = [one for one in seen if one.learned]
    names = sorted({one.script for one in learned})
    rows = as_rows(np.stack([one.traits for one in learned]), middle, spread)
    wanted = np.array([names.index(one.script) for one in learned])
    # Each script counts alike, however many lines of it were drawn.
    worth = 1 / np.bincount(wanted, minlength=len(names))[wanted] / len(names)
    weights, mean, square = (np.zeros((rows.shape[1], len(names))) for _ in range(3))
    for step in range(1, _STEPS + 1):
        shares = _softmax(rows @ weights)
        shares[np.arange(len(wanted)), wanted] -= 1
        slope = rows.T @ (shares * worth[:, None]) + _RIDGE * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope * slope
        weights -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return names, weights


def fit_hands(
    traits: npt.NDArray[np.float32], by_hand: npt.NDArray[np.bool_], middle: Traits, spread: Traits
) -> Floats:
    """Weights, (COUNT + 1,), of a logistic regression by Newton's method; both kinds count alike."""
    rows, wanted = as_rows(traits, middle, spread), by_hand.astype(np.float64)
    worth = np.where(by_hand, 0.5 / max(1, by_hand.sum()), 0.5 / max(1, (~by_hand).sum())) * len(wanted)
    weights = np.zeros(rows.shape[1])
    for _ in range(_NEWTON):
        share = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (worth * (wanted - share)) - _HAND_RIDGE * weights
        bend = (rows * (worth * share * (1 - share))[:, None]).T @ rows + _HAND_RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(bend, slope)
    return weights


def as_rows(traits: npt.NDArray[np.float32], middle: Traits, spread: Traits) -> Floats:
    """What `LineKinds` multiplies with its weights, for many lines."""
    rows = np.clip((traits - middle) / spread, -4, 4).astype(np.float64)
    return np.hstack([rows, np.ones((len(rows), 1))])


def report_scripts(seen: Sequence[Seen], names: Sequence[str], weights: Floats, middle: Traits, spread: Traits) -> None:
    """What held-out faces come to: right, told, right of told; by script."""
    held = [one for one in seen if not one.learned]
    shares = _softmax(as_rows(np.stack([one.traits for one in held]), middle, spread) @ weights)
    best, sure = shares.argmax(axis=1), shares.max(axis=1)
    for name in dict.fromkeys(one.script for one in held):
        own = [number for number, one in enumerate(held) if one.script == name]
        told = [number for number in own if sure[number] >= LEAST]
        right = [number for number in told if names[best[number]] == name]
        wrong = Counter(names[best[number]] for number in told if names[best[number]] != name)
        sys.stdout.write(
            f"{name:12s} {len(own):4d} lines of unseen faces, told {len(told)}, right {len(right)}; "
            f"wrong {dict(wrong.most_common(3))}\n"
        )


def report_hands(lines: Sequence[ReadAndTrue], middle: Traits, spread: Traits) -> None:
    """How each source is told from print, or print from hands, by weights that were fitted without it."""
    groups = np.array([one.source if one.source in OWN else "PDFs" for one in lines])
    folds = np.array([zlib.crc32(one.source.encode()) % _FOLDS for one in lines])
    traits, by_hand = _of_lines(lines)
    rows = as_rows(traits, middle, spread)
    for group in dict.fromkeys(groups):
        own = groups == group
        held = [own & (folds == fold) for fold in range(_FOLDS)] if group == "PDFs" else [own]
        told = sum(float((rows[k] @ fit_hands(traits[~k], by_hand[~k], middle, spread) > 0).sum()) for k in held)
        sys.stdout.write(f"{group}: {told:.0f} of {own.sum()} lines said to be by hand\n")


def _of_lines(lines: Sequence[ReadAndTrue]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    traits = np.stack([one.reading.line.traits for one in lines])
    return traits, np.array([one.by_hand for one in lines])


def letters_alone(reader: LineRecogniser, faces: ScriptFaces, data: Path, fonts: FontFolder, file: Path) -> None:
    """Fits the lacking letters again and writes them beside what the file has."""
    fitted = fitted_letters(reader, faces, [*read_lines(all_pages(data, fonts, *LETTER_PAGES))])
    with np.load(file, allow_pickle=False) as kept:
        arrays = {name: kept[name] for name in kept.files}
    arrays["letter_middle"], arrays["letter_spread"], arrays["of_letters"] = (
        fitted[0].astype(np.float16),
        fitted[1].astype(np.float16),
        fitted[2].astype(np.float16),
    )
    np.savez_compressed(file, **arrays)


def stored(
    names: Sequence[str],
    scripts: Floats,
    hands: Floats,
    of_lines: tuple[Traits, Traits],
    letters: Fitted,
    file: Path,
) -> None:
    """Writes the artifact, in half precision; `of_lines` are middle and spread."""
    of_scripts, of_hands = scripts.astype(np.float16), hands.astype(np.float16)
    np.savez_compressed(
        file,
        scripts=np.array(names),
        least=np.array(LEAST),
        of_scripts=of_scripts,
        of_hands=of_hands,
        middle=of_lines[0].astype(np.float16),
        spread=of_lines[1].astype(np.float16),
        letter_middle=letters[0].astype(np.float16),
        letter_spread=letters[1].astype(np.float16),
        of_letters=letters[2].astype(np.float16),
    )


def middle_and_spread(traits: npt.NDArray[np.float32]) -> tuple[Traits, Traits]:
    """Of each trait, as they are stored."""
    middle, spread = traits.mean(axis=0), traits.std(axis=0) + 1e-3
    return middle.astype(np.float16).astype(np.float32), spread.astype(np.float16).astype(np.float32)


def recogniser() -> LineRecogniser:
    """That of the card."""
    registered = find_model("ocr")
    artifact = next(artifact for artifact in registered.card.artifacts if artifact.name == "recogniser")
    path = locate(artifact, registered.folder)
    assert path is not None
    return LineRecogniser(path)


def _traits(reader: LineRecogniser, line: Pixels) -> Traits:
    traits = reader.read(np.asarray(cv2.cvtColor(line, cv2.COLOR_GRAY2BGR), dtype=np.uint8)).traits
    assert traits.shape == (COUNT,)
    return traits


def _softmax(odds: Floats) -> Floats:
    powers = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


if __name__ == "__main__":
    sys.exit(main())
