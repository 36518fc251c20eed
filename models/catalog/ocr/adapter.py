"""The OCR model: chooses the engine each page asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from models.catalog.ocr.field.blank_fields import BlankFields
from models.catalog.ocr.field.characters import CharacterReader
from models.catalog.ocr.field.crop_confidence import CropConfidence
from models.catalog.ocr.field.crop_reader import CropReader
from models.catalog.ocr.field.handwriting import HandwritingReader
from models.catalog.ocr.language.expectations import Spelling
from models.catalog.ocr.page.accurate import AccurateReader
from models.catalog.ocr.page.alphabet import ALL, alphabet_of
from models.catalog.ocr.page.alphabet import OPTION as ALPHABET_OPTION
from models.catalog.ocr.page.light import LightReader
from models.catalog.ocr.page.line_confidence import LineConfidence
from models.catalog.ocr.page.line_kinds import LineKinds
from models.contract import InvalidOption, PageImage, RegionReader
from models.reading_order import in_reading_order
from models.regions import NOT_ON_PAGE, check_regions, cut, is_on_page
from schemas.prediction import Prediction
from schemas.reading import Reading, Region

ENGINE_OPTION = "engine"
ACCURATE = "accurate"
LIGHT = "light"


class Ocr(RegionReader):
    """Text lines of a page, top to bottom and left to right within a row; and what fields of given kinds say.

    Page option `engine`: `accurate` (default) or `light`. Option `alphabet`, for the accurate engine: `all` (default),
    `latin`, `digits`, or `only:` and the characters. Each line is read by itself, so its text does not depend on
    what else is on the page or on the pages beside it; only whether it is believed does (`page/look_alikes.py`).
    The light engine is opened when the first page asks for it.
    """

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Open the accurate engine; remember where the light one's language is."""
        confidence = LineConfidence(artifacts["confidence"])
        self._accurate = AccurateReader(
            artifacts["detector"], artifacts["recogniser"], LineKinds(artifacts["line_kinds"]), confidence
        )
        self._light_language = artifacts["light_language"]
        self._light: LightReader | None = None
        self._artifacts = artifacts
        self._crops: CropReader | None = None

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page; no lines on a blank one.

        Raises ValueError for an unknown engine or alphabet.
        """
        return [self._lines(page) for page in pages]

    def read(self, page: PageImage, regions: Sequence[Region]) -> Sequence[Reading]:
        """What each field says, by the kinds of docs/read-fields.md. The first call opens the readers of fields."""
        check_regions(self.card, regions)
        return [self._field(page, region) for region in regions]

    def _field(self, page: PageImage, region: Region) -> Reading:
        if not is_on_page(region.quad, page.pixels):
            return NOT_ON_PAGE
        reader = self._opened_crops()
        if isinstance(region.cells, tuple):
            return reader.read_cells([cut(page.pixels, quad) for quad in region.cells], region.kind)
        return reader.read(cut(page.pixels, region.quad), region.kind, region.cells)

    def _opened_crops(self) -> CropReader:
        if self._crops is None:
            network = self._artifacts.get("handwriting")
            spelling = Spelling.of(self._artifacts["spelling"])
            self._crops = CropReader(
                self._accurate.recogniser,
                BlankFields(self._artifacts["blank_fields"]),
                CharacterReader(self._artifacts["characters"]),
                CropConfidence.of(self._artifacts["crops"]),
                spelling,
                HandwritingReader(self._artifacts["recogniser"], network, spelling) if network else None,
            )
        return self._crops

    def _lines(self, page: PageImage) -> Prediction:
        engine = page.options.get(ENGINE_OPTION, ACCURATE)
        if engine == ACCURATE:
            alphabet = alphabet_of(page.options.get(ALPHABET_OPTION, ALL))
            lines = self._accurate.read(page.pixels, alphabet, page.share)
        elif engine == LIGHT:
            # Tesseract looks for columns and paragraphs on the whole page.
            lines = self._opened_light().read(page.pixels, page.dpi) if page.share.number == 0 else []
        else:
            raise InvalidOption(ENGINE_OPTION, (ACCURATE, LIGHT))
        return Prediction(lines=in_reading_order(lines))

    def _opened_light(self) -> LightReader:
        if self._light is None:
            self._light = LightReader(self._light_language)
        return self._light
