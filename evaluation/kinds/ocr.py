"""OCR: word F1 without order, and the character error rate where the text stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from evaluation.folder import Case
from evaluation.kinds.kind import Kind
from evaluation.pages import EvaluationPage
from evaluation.placed_text import CharacterErrors, TextItem, character_errors, truth_items
from evaluation.sample import Mark, Role, Sample, total, values
from evaluation.statistics import Measured, mean, ratio
from schemas.prediction import TextLine

_WORD = re.compile(r"[^\W_]+")


class OcrKind(Kind):
    """Truth: `words` with boxes, or `lines` with quads or boxes, in pixels of the source page."""

    protocol = (
        "word_f1: multisets of lower-case alphanumeric words of a page, order ignored, pooled over pages. "
        "cer: edit distance of lower-case characters without white space, read characters going to the true line "
        "they stand on, those on none being insertions; over true characters. seconds_per_page: CPU of predict. "
        "Intervals: bootstrap over pages."
    )

    def samples(self, case: Case, page: EvaluationPage) -> Iterator[Sample]:
        """One sample a page."""
        prediction, seconds = self.ask(page.shown)
        yield _sample(case, page.found(prediction).lines, {"seconds": seconds})

    def failed(self, case: Case) -> Sample:
        """Every word missed."""
        return _sample(case, (), {})

    def metrics(self, samples: Sequence[Sample]) -> Mapping[str, Measured]:
        """word_f1 (count: true words), cer (count: true characters), seconds_per_page (count: pages)."""
        f1 = [(2 * s.numbers["hits"], s.numbers["read"] + s.numbers["true"]) for s in samples]
        cer = [(s.numbers["character_errors"], s.numbers["characters"]) for s in samples]
        return {
            "word_f1": ratio(f1, total(samples, "true")),
            "cer": ratio(cer, total(samples, "characters")),
            "seconds_per_page": mean(values(samples, "seconds")),
        }


def words_of(text: str) -> list[str]:
    """The lower-case alphanumeric words of a text; everything else separates them."""
    return _WORD.findall(text.lower())


def _sample(case: Case, lines: Sequence[TextLine], timing: Mapping[str, float]) -> Sample:
    items = truth_items(case.truth)
    true = Counter(word for item in items for word in words_of(item.source_text))
    read = Counter(word for line in lines for word in words_of(line.text))
    hits = (true & read).total()
    errors = character_errors(items, lines)
    numbers = {
        "hits": hits,
        "read": read.total(),
        "true": true.total(),
        "character_errors": errors.count,
        "characters": errors.characters,
    }
    pooled = read.total() + true.total()
    f1 = 2 * hits / pooled if pooled else 1.0
    remark = f"word F1 {f1:.3f}, CER {errors.count / max(1, errors.characters):.3f}"
    return Sample(case, {**numbers, **timing}, 1 - f1, _marks(items, errors), remark)


def _marks(items: Sequence[TextItem], errors: CharacterErrors) -> list[Mark]:
    marks = [
        Mark(Role.MISSED if not read else Role.WRONG, item.quad, read)
        for item, read in zip(items, errors.read, strict=True)
        if item.text != read
    ]
    return marks + [Mark(Role.WRONG, line.quad, line.text) for line in errors.elsewhere]
