"""Crops of form fields with handwritten words and short lines, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from synthesis.crops.fields import FieldPainter
from synthesis.fonts import TRAINING_HANDS, FontFolder
from synthesis.forms.form_words import FormWords
from synthesis.ink.crop_ink import bounds
from synthesis.ink.one_hand import WIDEST, Hands, side_by_side
from synthesis.ink.pen import Points
from synthesis.ink.pen_strokes import Part, PenStrokes
from synthesis.ink.stroke_variety import varied
from synthesis.sheet import Pixels

Random = np.random.Generator

ALPHABET = "".join(chr(code) for code in range(32, 127) if chr(code) not in "`~^|\\")
"""What can be read: ASCII without signs that nobody writes on forms."""
LONGEST = 42
"""Characters of a line that is trained on."""
SHARES = {"word": 0.5, "words": 0.11, "line": 0.13, "font": 0.13, "figures": 0.08, "capitals": 0.05}
_MARKS = set(".,;:'\"-!?()[]{}<>=*#%&$+/@_ ")


@dataclass(frozen=True, slots=True)
class Written:
    """A crop and its text."""

    crop: Pixels
    text: str


class WordSamples:
    """Draws samples from the writers of one part; fonts and made-up entries are those for training."""

    def __init__(self, folder: Path, fonts: FontFolder, part: Part) -> None:
        """Reads the pen strokes of `folder` (the training folder); those that are trained on are varied.

        Raises OSError.
        """
        ink = folder / "handwriting"
        self._words, self._lines = PenStrokes(ink / "unipen_words.npz"), PenStrokes(ink / "unipen_text.npz")
        self._word_choice = _usable(self._words, part, 1)
        self._line_choice = _usable(self._lines, part, 4)
        self._by_writer = _groups(self._words, self._word_choice)
        characters = PenStrokes(ink / "unipen_chars.npz")
        self._figures = Hands(characters, part, digits, besides="/-.,()$+", widest=WIDEST)
        self._capitals = Hands(characters, part, "AEIORSTLN", besides=f"{ascii_uppercase}-.,'/&", widest=WIDEST)
        self._painter = FieldPainter(fonts)
        self._entries = FormWords()
        self._learns = part is Part.TRAIN

    @property
    def texts(self) -> Sequence[str]:
        """What the words and lines say, for a prior over characters."""
        words = [self._words.texts[index] for index in self._word_choice]
        return [*words, *(self._lines.texts[index] for index in self._line_choice)]

    @property
    def words(self) -> int:
        """How many words there are."""
        return len(self._word_choice)

    def draw(self, random: Random) -> Written:
        """One sample of any kind."""
        kind = random.choice(list(SHARES), p=list(SHARES.values()))
        if kind == "word":
            return self.word(int(random.integers(self.words)), random)
        draws = {
            "words": self._several,
            "line": self._line,
            "font": self._font,
            "figures": self._made_figures,
            "capitals": self._made_capitals,
        }
        return draws[kind](random)

    def word(self, number: int, random: Random) -> Written:
        """The word `number` of `words`."""
        index = int(self._word_choice[number])
        return self._drawn(self._words.strokes(index), self._words.texts[index], random)

    def _line(self, random: Random) -> Written:
        index = int(self._line_choice[random.integers(len(self._line_choice))])
        return self._drawn(self._lines.strokes(index), self._lines.texts[index].strip(), random)

    def _several(self, random: Random) -> Written:
        """Two or three words of one writer in a row."""
        index = int(self._word_choice[random.integers(self.words)])
        group = self._by_writer[int(self._words.writers[index])]
        chosen = group[random.integers(len(group), size=int(random.integers(2, 4)))]
        parts = [(self._words.strokes(int(one)), self._words.texts[one]) for one in chosen]
        return self._drawn(
            side_by_side([strokes for strokes, _ in parts], 0.5, random), " ".join(t for _, t in parts), random
        )

    def _made_figures(self, random: Random) -> Written:
        """Figures put together from single characters of one writer."""
        hand = self._figures.pick(random)
        text = hand.known(self._entries.figures(random)) or "0"
        return self._drawn(hand.write(text, random), text, random)

    def _made_capitals(self, random: Random) -> Written:
        """One word in capitals put together from single ones of one writer."""
        words = self._entries.draw(random).upper().split()
        hand = self._capitals.pick(random)
        text = hand.known(words[int(random.integers(len(words)))]) or "A"
        return self._drawn(hand.write(text, random), text, random)

    def _font(self, random: Random) -> Written:
        text = self._entries.draw(random)
        hand = TRAINING_HANDS[random.integers(len(TRAINING_HANDS))]
        return Written(self._painter.text(text, hand, random), text)

    def _drawn(self, strokes: Sequence[Points], text: str, random: Random) -> Written:
        shown = varied(strokes, random) if self._learns else strokes
        return Written(self._painter.strokes(shown, random), text)


def _usable(ink: PenStrokes, part: Part, least: int) -> NDArray[np.int64]:
    """Segments whose label can be read from their ink: UNIPEN's labels are wrong in a few percent."""
    return np.array([index for index in ink.of(part) if _plausible(ink, int(index), least)], dtype=np.int64)


def _plausible(ink: PenStrokes, index: int, least: int) -> bool:
    text = ink.texts[index].strip()
    if not least <= len(text) <= LONGEST or not set(text) <= set(ALPHABET) or set(text) <= _MARKS:
        return False
    strokes = ink.strokes(index)
    if not strokes:
        return False
    left, top, right, bottom = bounds(strokes)
    # Width of a character in heights of the word: beyond, words are missing or strokes are stray.
    each = (right - left) / max(bottom - top, 0.3) / len(text)
    return 0.03 < each < 2.5


def _groups(ink: PenStrokes, chosen: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    writers = ink.writers[chosen]
    return {int(writer): chosen[writers == writer] for writer in np.unique(writers)}
