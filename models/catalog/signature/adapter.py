"""The signature model: finds signatures on a page and tells what a given region holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.catalog.signature.cues import asks_for_other, cue_quads, is_near, sure_lines, windows_at_labels
from models.catalog.signature.cut_out import margin_around, on_a_sheet
from models.catalog.signature.drawn_shapes import DrawnShapes
from models.catalog.signature.ink_box import ink_box, overlap
from models.catalog.signature.no_signature import is_printed, is_solid
from models.catalog.signature.region_network import KINDS, SIGNED, RegionNetwork, Shares, share
from models.catalog.signature.written_part import Part, written_part
from models.contract import PageImage, RegionReader
from models.ink import grey_of
from models.regions import NOT_ON_PAGE, check_regions, is_on_page
from schemas.fields import FieldState
from schemas.prediction import Prediction, Quad, Signature, SignatureKind, box_quad
from schemas.reading import Reading, Region

PAGE_THRESHOLD = 0.9
"""Share of signature (or initials), mean of two looks, from which a place on an unknown page is reported. Best for the
evaluation pages of three of four sources and drawn pages without a signature, whichever source is left out."""
INITIALS_THRESHOLD = 0.95
"""The same of initials where no word near by speaks of signing: little is as short as they are and still tells."""
DOUBT_THRESHOLD = 0.85
"""The same from which a place is reported as unsure, with a confidence below one half, whatever words stand near by."""
REGION_THRESHOLD = 0.3
"""Signed share from which a given region is said to be signed; chosen on evaluation pages."""
_SURELY_INITIALS = 3.0
"""Initials are said only where their share is so many times the signature's: short signatures look like them."""
_SHORT = (0.06, 0.03)
"""Width and height, of the page's longer side: what is smaller both ways is initials. Of 164 signatures found on the
evaluation pages none is."""
_CUE_BONUS = 1.6
"""Added to the log-odds where words near the place speak of signing."""
_WINDOW = (0.218, 0.073)
"""Width and height of a window of the network, of the page's longer side."""
_LARGE = 1.5
"""How much wider than a window strokes are that it does not show."""
_LEGIBLE = 0.5
"""What handwriting counts there: a signature that can be read is no other than writing by its looks."""
_HEAD, _IN_HEAD = 0.22, 0.3
"""Part of the page that is its head, and what a score counts there: letterheads, not signatures, stand there."""
_LETTER = 0.008
"""Height of a letter as a share of the page's longer side."""
_SAME_STROKES = 0.35
"""Overlap of two boxes, as a share of the smaller, from which on they are the same signature seen twice."""
_SAME_THING = 0.7
"""The same of what was seen to be drawn, and is no signature then however else it is looked at."""
_MUCH_OF = 1 / 3
"""Of a place's area, what an arrow or hair in it fills at least if the place is that and print beside it."""
_MOST_REPORTED = 8
_SMALLEST, _LEAST_CONTRAST = 24, 20

Grey = npt.NDArray[np.uint8]


class SignatureFinder(RegionReader):
    """Signatures and initials, surest first."""

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Read the network."""
        self._network = RegionNetwork(artifacts["region"])

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page; only signatures and initials, at most eight; below 0.5 it may be none.

        A quad is the upright box around its large strokes; a stroke apart from the others may be left out.
        """
        return [Prediction(signatures=tuple(self._find(page))) for page in pages]

    def read(self, page: PageImage, regions: Sequence[Region]) -> Sequence[Reading]:
        """Which `SignatureKind` each region holds; how far it is signed is the sum of the scores of `SIGNED`."""
        check_regions(self.card, regions)
        shares = self._shares(page, [region.quad for region in regions])
        return [
            _judged(row) if is_on_page(region.quad, page.pixels) else NOT_ON_PAGE
            for row, region in zip(shares, regions, strict=True)
        ]

    def _shares(self, page: PageImage, quads: Sequence[Quad]) -> Shares:
        grey = grey_of(page.pixels)
        return self._network.shares([crop(grey, quad) for quad in quads])

    def _find(self, page: PageImage) -> list[Signature]:
        grey = grey_of(page.pixels)
        if min(grey.shape) < _SMALLEST or int(grey.max()) - int(grey.min()) < _LEAST_CONTRAST:
            return []
        margin = margin_around(grey, page.earlier)
        if margin > 0:
            sheet, back = on_a_sheet(grey, margin)
            seen = self._find_on(replace(page, pixels=sheet, earlier={}))
            return [replace(one, quad=back(one.quad)) for one in seen]
        return self._find_on(page)

    def _looks(self, page: PageImage, part: Part, shapes: DrawnShapes) -> tuple[list[Quad], list[Quad], int]:
        """Windows, the strokes in each, and how many of them the network has chosen: those at labels come last."""
        grey = grey_of(page.pixels)
        left, top, right, bottom = part
        windows = [moved(window, left, top) for window in self._network.windows(grey[top:bottom, left:right])]
        if (bottom - top, right - left) != grey.shape:
            windows += self._network.windows(grey)
        places, chosen = [ink_box(grey, window) for window in windows], len(windows)
        for window, place in _at_labels(page, shapes, max(bottom - top, right - left)):
            windows.append(window)
            places.append(place)
        return windows, places, chosen

    def _find_on(self, page: PageImage) -> list[Signature]:
        grey = grey_of(page.pixels)
        shapes, written = DrawnShapes(grey), written_part(page.earlier, grey.shape)
        left, top, right, bottom = written
        shape = (bottom - top, right - left)
        windows, places, chosen = self._looks(page, written, shapes)
        # Looked at twice: in its surroundings, which show a stamp's ring or a note going on, and by itself.
        seen = zip(windows, places, self._shares(page, windows), self._shares(page, places), strict=True)
        cues, letter = cue_quads(page.earlier), _LETTER * max(shape)
        found: list[Signature] = []
        drawn: list[Quad] = []
        few: list[Quad] = []
        for number, (window, place, around, alone) in enumerate(seen):
            # Of what is much larger than a window, that shows a piece only.
            large = place[2] - place[0] > _LARGE * (window[2] - window[0])
            row = alone if large else np.asarray((around + alone) / 2, dtype=np.float32)
            score = float(signed(row[None])[0])
            kind = SignatureKind.INITIALS if _is_short(place, shape) else _signed_kind(around)
            cued = is_near(window, cues, letter)
            may_be = score >= DOUBT_THRESHOLD and kind is SignatureKind.SIGNATURE
            if cued:
                by_hand = float(row[KINDS.index(SignatureKind.HANDWRITTEN_TEXT)])
                score = raised(score + _LEGIBLE * by_hand, _CUE_BONUS)
            if _is_head(moved(window, -left, -top), shape):
                score, may_be = score * _IN_HEAD, False
            least = PAGE_THRESHOLD if cued or kind is SignatureKind.SIGNATURE else INITIALS_THRESHOLD
            if score < least and not may_be:
                continue
            if is_printed(place, page.earlier, cued) or asks_for_other(place, page.earlier, letter):
                continue
            # A window further off shows the same strokes: what they stand beside counts, not what it does.
            asked = cued or is_near(place, cues, letter)
            if is_solid(grey, place) or shapes.is_none_of_a_pen(place, asked):
                none = drawn
            elif shapes.hardly_turn(place, asked or kind is SignatureKind.INITIALS):
                none = few
            else:
                sure = score >= least
                found.append(
                    Signature(kind, place, _confidence(score, PAGE_THRESHOLD) if sure else _doubt(score, least))
                )
                continue
            # At a label a piece may be cut off: that says nothing of what was seen as a whole.
            if score >= least and number < chosen:
                none.append(place)
        # Another look at the same thing sees it with what stands beside it, or a part of it.
        pens = [one for one in found if all(overlap(one.quad, other) < _SAME_THING for other in drawn)]
        pens = [one for one in pens if not any(_is_much_of(one.quad, other) for other in few)]
        return _each_once(pens)[:_MOST_REPORTED]


def _at_labels(page: PageImage, shapes: DrawnShapes, side: int) -> Iterator[tuple[Quad, Quad]]:
    """Windows where words ask for a signature, and the strokes in them."""
    wide, high = _WINDOW[0] * side, _WINDOW[1] * side
    read = sure_lines(page.earlier)
    for window in windows_at_labels(page.earlier, wide, high):
        place = shapes.strokes_in(window, read)
        if place is not None:
            x, y = (place[0] + place[4]) / 2, (place[1] + place[5]) / 2
            yield box_quad(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2), place


def moved(quad: Quad, across: float, down: float) -> Quad:
    """The upright box `quad` elsewhere on the page."""
    left, top, _, _, right, bottom, _, _ = quad
    return box_quad(left + across, top + down, right + across, bottom + down)


def signed(shares: Shares) -> npt.NDArray[np.float32]:
    """How far each region is signed."""
    return np.asarray(sum(share(shares, kind) for kind in SIGNED), dtype=np.float32)


def raised(score: float, by: float) -> float:
    """The score with `by` added to its log-odds."""
    odds = np.log(max(score, 1e-6) / max(1 - score, 1e-6)) + by
    return float(1 / (1 + np.exp(-odds)))


def crop(grey: Grey, quad: Quad) -> Grey:
    """What of the page is inside the upright box around `quad`; may be of no size."""
    height, width = grey.shape
    left, right = np.clip([min(quad[0::2]), np.ceil(max(quad[0::2]))], 0, width).astype(int)
    top, bottom = np.clip([min(quad[1::2]), np.ceil(max(quad[1::2]))], 0, height).astype(int)
    return grey[top:bottom, left:right]


def _each_once(found: Sequence[Signature]) -> list[Signature]:
    """Surest first; of those that share strokes, the surest."""
    kept: list[Signature] = []
    for one in sorted(found, key=lambda signature: -signature.confidence):
        if all(overlap(one.quad, other.quad) < _SAME_STROKES for other in kept):
            kept.append(one)
    return kept


def _is_much_of(whole: Quad, part: Quad) -> bool:
    """Of two upright boxes, whether one is in the other and no small part of it."""
    areas = [(quad[4] - quad[0]) * (quad[5] - quad[1]) for quad in (part, whole)]
    return areas[0] >= _MUCH_OF * areas[1] and overlap(whole, part) >= _SAME_THING


def _is_head(quad: Quad, shape: Sequence[int]) -> bool:
    return shape[0] > 0.7 * shape[1] and quad[5] < _HEAD * shape[0]


def _is_short(quad: Quad, shape: Sequence[int]) -> bool:
    side = max(shape)
    return quad[4] - quad[0] < _SHORT[0] * side and quad[5] - quad[1] < _SHORT[1] * side


def _judged(row: npt.NDArray[np.float32]) -> Reading:
    score = float(signed(row[None])[0])
    scores = {kind.value: float(value) for kind, value in zip(KINDS, row, strict=True)}
    if score >= REGION_THRESHOLD:
        kind = _signed_kind(row)
    else:
        kind = max((each for each in KINDS if each not in SIGNED), key=lambda each: scores[each])
    state = FieldState.BLANK if kind is SignatureKind.EMPTY else FieldState.FILLED
    return Reading(state, kind.value, _confidence(score, REGION_THRESHOLD), scores=scores)


def _confidence(score: float, threshold: float) -> float:
    """One half at the threshold, rising to both sides."""
    side = (score - threshold) / (1 - threshold) if score >= threshold else (threshold - score) / threshold
    return round(float(np.clip(0.5 + 0.5 * side, 0.5, 0.999)), 4)


def _doubt(score: float, threshold: float) -> float:
    """Below one half: it may be signed there, a person should look."""
    return round(float(np.clip(0.5 * score / threshold, 0.0, 0.499)), 4)


def _signed_kind(row: npt.NDArray[np.float32]) -> SignatureKind:
    signature, initials = (float(row[KINDS.index(kind)]) for kind in (SignatureKind.SIGNATURE, SignatureKind.INITIALS))
    return SignatureKind.INITIALS if initials > _SURELY_INITIALS * signature else SignatureKind.SIGNATURE
