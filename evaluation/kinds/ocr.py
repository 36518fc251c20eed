"""OCR: word F1 without order, and the character error rate where the text stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evaluation.crops import crop_metrics, crop_sample, failed_crops, is_crop
from evaluation.folder import Case
from evaluation.kinds.kind import Kind
from evaluation.pages import EvaluationPage
from evaluation.placed_text import CharacterErrors, TextItem, character_errors, truth_items
from evaluation.placed_words import text_answers, words_of
from evaluation.sample import Mark, Role, Sample, total, values
from evaluation.statistics import Measured, mean, ratio
from schemas.prediction import TextLine


class OcrKind(Kind):
    """Truth: `words` with boxes, or `lines` with quads or boxes, in pixels of the source page; `crops`; or a crop.

    A model that reads regions of a crop's kind is asked about it as a region of the page; any other reads the crop as
    a page of its own.
    """

    protocol = (
        "word_f1: multisets of lower-case alphanumeric words of a page, order ignored, pooled over pages. "
        "cer: edit distance of lower-case characters without white space, read characters going to the true line "
        "they stand on, those on none being insertions; over true characters. seconds_per_page: CPU of predict. "
        "word_auroc, line_auroc: of read words and lines, right when the true line there has the words. "
        "crop_exact: the crop's whole text, white space aside, case counting but for kinds of capitals; rejected ones "
        "by their best guess. Intervals: Wilson for crops, bootstrap over pages for the rest."
    )

    def straightens(self, case: Case) -> bool:
        """Not a row that is itself a crop."""
        return not is_crop(case)

    def samples(self, case: Case, page: EvaluationPage) -> Iterator[Sample]:
        """One sample of the page's text, where the truth has it, and one of its crops."""
        if _has_text(case):
            prediction, seconds = self.ask(page.shown)
            yield _sample(case, page.found(prediction).lines, {"seconds": seconds})
        if _has_crops(case):
            yield crop_sample(case, page, self.model)

    def failed(self, case: Case) -> Sample:
        """Every word, and every crop, missed."""
        of_crops = failed_crops(case)
        if not _has_text(case):
            return of_crops
        of_text = _sample(case, (), {})
        return replace(of_text, numbers={**of_crops.numbers, **of_text.numbers})

    def metrics(self, samples: Sequence[Sample]) -> Mapping[str, Measured]:
        """word_f1 (count: true words), cer (true characters), seconds_per_page (pages), and those of crops."""
        pages = [s.numbers for s in samples if "hits" in s.numbers]
        of_crops = crop_metrics(samples)
        if of_crops and not pages:
            return of_crops
        f1 = [(2 * n["hits"], n["read"] + n["true"]) for n in pages]
        cer = [(n["character_errors"], n["characters"]) for n in pages]
        return {
            "word_f1": ratio(f1, total(samples, "true")),
            "cer": ratio(cer, total(samples, "characters")),
            "seconds_per_page": mean(values(samples, "seconds")),
            **of_crops,
        }


def _has_text(case: Case) -> bool:
    return "lines" in case.truth or "words" in case.truth or not _has_crops(case)


def _has_crops(case: Case) -> bool:
    return is_crop(case) or bool(case.truth.get("crops"))


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
    return Sample(case, {**numbers, **timing}, 1 - f1, _marks(items, errors), remark, text_answers(items, lines))


def _marks(items: Sequence[TextItem], errors: CharacterErrors) -> list[Mark]:
    marks = [
        Mark(Role.MISSED if not read else Role.WRONG, item.quad, read)
        for item, read in zip(items, errors.read, strict=True)
        if item.text != read
    ]
    return marks + [Mark(Role.WRONG, line.quad, line.text) for line in errors.elsewhere]
