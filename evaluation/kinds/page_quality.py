"""Page quality: whether what ruins the reading is named, and clean pages are left alone."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from evaluation.folder import Case
from evaluation.kinds.kind import Kind
from evaluation.pages import EvaluationPage
from evaluation.placed_text import TextItem, truth_items
from evaluation.placed_words import words_of
from evaluation.sample import Sample, total, values
from evaluation.statistics import SEED, Measured, fraction, mean
from models.contract import Model, PageImage
from models.registry import load_model
from schemas.errors import DocbeamError
from schemas.prediction import Defect, Prediction
from synthesis.geometry import transform
from synthesis.sheet import Sheet, new_sheet
from synthesis.wear.defects import DEFECTS

READER = "ocr"
ENGINE = "light"
STRENGTHS = (0.4, 0.7, 1.0)
READ = (Defect.BLUR, Defect.LOW_CONTRAST, Defect.TOO_DARK, Defect.GLARE, Defect.NOISE, Defect.LOW_RESOLUTION)
"""Defects whose damage is decided by reading; that of a cut or a blank page is known without."""
READ_A_PAGE = 2
"""Of these, drawn for each page: reading every page with all of them takes most of a minute a page."""
LEAST_WORDS = 20
LEAST_READ = 0.4
"""Word F1 of the page as it is: what is hardly read before cannot be halved."""
HALF = 0.5


class PageQualityKind(Kind):
    """Truth: `words` or `lines` as for OCR; `defects`, if listed, are what the page has as it is.

    Without `defects` a page counts as clean. Pages without words are judged for false alarms only.
    """

    protocol = (
        "false_alarm: of pages whose truth lists no defect, those on which any is named. On pages with words "
        f"{READ_A_PAGE} drawn of {len(READ)} defects, a cut and a blank page (synthesis.wear.defects) are put on the "
        f"straightened page at strengths {', '.join(map(str, STRENGTHS))} "
        f"(seeded), and the page is read by {READER}, engine {ENGINE}, from the strongest down until its word F1 is "
        "more than half of that on the page as it is; weaker ones of the same kind count as harmless. A cut counts "
        "when half of the words are beyond it, a blank page always (once a page). defect_recall: of all damaged pages "
        "that count, those on which the defect that was put on is named; any_defect_recall: any defect; DEFECT_recall: "
        "by defect; harmless_named: of damaged pages that do not count, those on which the defect is named. "
        "ms_per_page: CPU, damaged pages included. Intervals: Wilson, several damaged pages of one page taken as "
        "independent; bootstrap for time."
    )

    def samples(self, case: Case, page: EvaluationPage) -> Iterator[Sample]:
        """The page as it is, then each damaged one."""
        yield self._as_it_is(case, page.shown)
        items = truth_items(case.truth)
        words = Counter(word for item in items for word in words_of(item.source_text))
        if words.total() < LEAST_WORDS:
            return
        placed = [replace(item, quad=page.to_shown(item.quad)) for item in items]
        usual = self._read(page.shown, words)
        for defect in _drawn(case) if usual >= LEAST_READ else ():
            yield from self._read_at_strengths(case, page.shown, defect, words, usual)
        for strength in STRENGTHS:
            damage = _damage(case, page.shown, Defect.CUT_OFF, strength)
            yield self._damaged(case, page.shown, damage, _share_beyond(placed, damage.sheet) >= HALF)
        yield self._damaged(case, page.shown, _damage(case, page.shown, Defect.BLANK, 1.0), counts=True)

    def failed(self, case: Case) -> Sample:
        """Nothing was named: no false alarm, and what the truth lists is missed."""
        return _sample(case, Prediction(), _true_defects(case), {}, "failed")

    def metrics(self, samples: Sequence[Sample]) -> Mapping[str, Measured]:
        """Count: clean pages of false_alarm, else damaged pages."""
        recalls = {
            f"{defect.value}_recall": fraction(total(samples, f"named {defect}"), total(samples, f"counts {defect}"))
            for defect in Defect
        }
        return {
            "defect_recall": fraction(total(samples, "named"), total(samples, "counts")),
            "any_defect_recall": fraction(total(samples, "any named"), total(samples, "counts")),
            "false_alarm": fraction(total(samples, "alarm"), total(samples, "clean")),
            **recalls,
            "harmless_named": fraction(total(samples, "harmless named"), total(samples, "harmless")),
            "ms_per_page": mean([1000 * seconds for seconds in values(samples, "seconds")]),
        }

    def _as_it_is(self, case: Case, page: PageImage) -> Sample:
        prediction, seconds = self.ask(page)
        return _sample(case, prediction, _true_defects(case), {"seconds": seconds}, "as it is")

    def _read_at_strengths(
        self, case: Case, page: PageImage, defect: Defect, words: Counter[str], usual: float
    ) -> Iterator[Sample]:
        counts = True
        for strength in reversed(STRENGTHS):
            damage = _damage(case, page, defect, strength)
            shown = damage.on(page)
            counts = counts and self._read(shown, words) <= HALF * usual
            yield self._damaged(case, page, damage, counts)

    def _damaged(self, case: Case, page: PageImage, damage: _Damage, counts: bool) -> Sample:
        prediction, seconds = self.ask(damage.on(page))
        named = _named(prediction)
        found = damage.defect in named
        what = f"{damage.defect} {damage.strength:g} ({damage.sheet.done[-1]}), named {_list(named)}"
        if not counts:
            return Sample(case, {"seconds": seconds, "harmless": 1, "harmless named": found}, 0.0, remark=what)
        numbers = {"counts": 1, "named": found, "any named": bool(named), "seconds": seconds}
        numbers |= {f"counts {damage.defect}": 1, f"named {damage.defect}": found}
        return Sample(case, numbers, 0.0 if found else 1.0, remark=what)

    def _read(self, page: PageImage, words: Counter[str]) -> float:
        """Word F1 of the reader on a page; a page that stops the reader is not read."""
        try:
            lines = self._reader.predict([replace(page, options={"engine": ENGINE})])[0].lines
        except DocbeamError:
            return 0.0
        read = Counter(word for line in lines for word in words_of(line.text))
        return 2 * (read & words).total() / max(1, read.total() + words.total())

    @cached_property
    def _reader(self) -> Model:
        return load_model(READER)


@dataclass(frozen=True, slots=True)
class _Damage:
    """A page with a defect put on."""

    defect: Defect
    strength: float
    sheet: Sheet
    """Its matrix leads from pixels of the page before to pixels after."""

    def on(self, page: PageImage) -> PageImage:
        """As a model gets it: nothing is known of it but its pixels."""
        dpi = None if self.defect is Defect.LOW_RESOLUTION else page.dpi
        return replace(page, pixels=self.sheet.image, dpi=dpi, earlier={})


def _drawn(case: Case) -> list[Defect]:
    random = np.random.default_rng([SEED, zlib.crc32(case.name.encode())])
    return [READ[index] for index in random.choice(len(READ), READ_A_PAGE, replace=False)]


def _damage(case: Case, page: PageImage, defect: Defect, strength: float) -> _Damage:
    """The same grain, spot or side at every strength."""
    random = np.random.default_rng([SEED, zlib.crc32(case.name.encode()), zlib.crc32(defect.encode())])
    # At 72 dots to an inch a point is a pixel.
    return _Damage(defect, strength, DEFECTS[defect](new_sheet(page.pixels, 72), strength, random))


def _share_beyond(items: Sequence[TextItem], cut: Sheet) -> float:
    """How many of the words lie outside of what is left, a line's in proportion to its length."""
    rows, columns = cut.image.shape[:2]
    lost = in_all = 0.0
    for item in items:
        corners = transform(cut.matrix, np.array(item.quad).reshape(4, 2))
        kept = np.clip(corners, 0, (columns, rows))
        size, left = np.ptp(corners, axis=0), np.ptp(kept, axis=0)
        words = len(words_of(item.source_text))
        in_all += words
        lost += words * (1 - float(left.prod() / max(1e-6, size.prod())))
    return lost / in_all if in_all else 0.0


def _sample(
    case: Case, prediction: Prediction, true: frozenset[Defect], timing: Mapping[str, float], what: str
) -> Sample:
    named = _named(prediction)
    remark = f"{what}: named {_list(named)}"
    if not true:
        return Sample(case, {"clean": 1, "alarm": bool(named), **timing}, 2.0 if named else 0.0, remark=remark)
    numbers: dict[str, float] = {"counts": len(true), "named": len(true & named), **timing}
    numbers["any named"] = len(true) if named else 0
    for defect in true:
        numbers |= {f"counts {defect}": 1, f"named {defect}": defect in named}
    return Sample(case, numbers, float(len(true - named)), remark=remark)


def _true_defects(case: Case) -> frozenset[Defect]:
    return frozenset(Defect(name) for name in case.truth.get("defects", ()))


def _named(prediction: Prediction) -> frozenset[Defect]:
    if prediction.quality is None:
        return frozenset()
    return frozenset(found.defect for found in prediction.quality.defects if found.exceeded)


def _list(named: frozenset[Defect]) -> str:
    return ", ".join(sorted(named)) or "nothing"
