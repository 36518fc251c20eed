"""Counts how people spell in forms, for the reader of handwriting: a prior over characters, and known words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from models.catalog.ocr.language.character_prior import CharacterPrior
from models.catalog.ocr.language.expectations import Spelling
from models.catalog.ocr.language.lexicon import Lexicon
from synthesis.fonts import FontFolder
from synthesis.forms.form_words import FormWords
from synthesis.ink.pen_strokes import Part
from training.ocr.dictionary import english_words
from training.ocr.options import TrainOptions
from training.ocr.vocabulary import vocabulary
from training.ocr.word_samples import WordSamples
from training.onnx_export import Exported, written

ARTIFACT = "spelling.json"
SEED = 13
MADE_ENTRIES = 15_000
CAPITALS_EACH = 6
"""One text in so many is counted in capitals too."""
RAREST = 2
"""Of the longest n-grams of the prior, those seen less often are forgotten."""


def train(options: TrainOptions) -> Exported:
    """Writes `spelling.json`. Raises OSError; ValueError without --dictionary."""
    if options.dictionary is None:
        raise ValueError("the lexicon holds English words: --dictionary DIR")
    texts = WordSamples(options.data, FontFolder(options.fonts), Part.TRAIN).texts
    made = made_entries()
    known = vocabulary(chain(texts, made, english_words(options.dictionary)), options.data)
    content = Spelling(prior_of(texts, made), Lexicon(known)).packed().encode()
    return written(options.out / ARTIFACT, content)


def made_entries() -> list[str]:
    """Made-up entries of forms."""
    entries = FormWords()
    return [entries.draw(np.random.default_rng([SEED, number])) for number in range(MADE_ENTRIES)]


def prior_of(texts: Sequence[str], made: Sequence[str]) -> CharacterPrior:
    """From what the training writers wrote, some of it in capitals, and from made-up entries."""
    return CharacterPrior.of([*texts, *(text.upper() for text in texts[::CAPITALS_EACH]), *made], RAREST)
