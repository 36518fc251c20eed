"""The sample documents: what each one is, how it came in, and what must come out."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image

from schemas.errors import ErrorCode
from schemas.prediction import CheckboxState, SignatureKind
from schemas.result import ResultStatus
from synthesis.fonts import FontFolder
from synthesis.forms import people
from synthesis.forms.application_form import APPLICATION_FORM
from synthesis.forms.fill import fill_form
from synthesis.forms.form import FieldKind
from synthesis.forms.layout import Layout, lay_out
from synthesis.forms.letter import INCOME_STATEMENT
from synthesis.forms.pdf import encrypted, pages_to_pdf, with_fields
from synthesis.forms.people import Applicant
from synthesis.forms.printing import print_page
from synthesis.forms.receipt import GROCER, HARDWARE, STRIP_WIDTH, Receipt, lay_out_receipt
from synthesis.geometry import scaling
from synthesis.sheet import Pixels, Sheet
from synthesis.wear import degrade, moving, wearing

OWN = "Drawn by docbeam's own generator; people and companies are invented. Licence as docbeam."
FEDERAL = "IRS Form W-9, page 1: work of the United States government, public domain (17 U.S.C. 105)."
PASSWORD = "northmere"
_DPI = 200


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One file with its truth, as the manifest records it."""

    file: str
    data: bytes
    use_case: str
    status: ResultStatus = ResultStatus.COMPLETE
    code: ErrorCode | None = None
    truth: dict[str, str] = field(default_factory=dict)
    """Field to text (empty: blank), of a box its `CheckboxState`, of a signature its `SignatureKind`."""
    done: tuple[str, ...] = ()
    """What was done to page 1 since it was printed."""
    place: tuple[float, ...] = ()
    """Row-major 3x3: points of the blank form to fractions (0..1) of page 1 as shown; empty where it is no form."""
    provenance: str = OWN


class SampleMaker:
    """Draws every sample that needs the fonts."""

    def __init__(self, fonts: FontFolder) -> None:
        self.layout: Layout = lay_out(APPLICATION_FORM)
        self._fonts = fonts
        self._printed = print_page(self.layout.prints, fonts, _DPI)

    def blank(self) -> tuple[bytes, bytes]:
        """The blank form as PNG of 120 dpi, for registration, and as a fillable PDF."""
        small = wearing.grey(print_page(self.layout.prints, self._fonts, 120)).image
        page = wearing.grey(self._printed).image
        return png(small, 120), with_fields(pages_to_pdf([page], _DPI, 60), self.layout)

    def filled(self, applicant: Applicant) -> Sheet:
        """The form as the applicant handed it in."""
        return fill_form(self._printed, self.layout, applicant.values, applicant.hand, self._fonts, applicant.seed)

    def receipt(self, receipt: Receipt) -> Sheet:
        """The strip as it left the till."""
        prints, length = lay_out_receipt(receipt)
        return print_page(prints, self._fonts, _DPI, (STRIP_WIDTH, length))

    def all(self) -> list[SampleFile]:
        """Every sample but the federal form, in the order in which a demonstration sends them."""
        return [*self._forms(), *self._receipts(), *self._refused()]

    def _forms(self) -> list[SampleFile]:
        clean = degrade.scan(self.filled(people.MARTA), 101)
        skewed = degrade.scan(self.filled(people.TOMAS), 102, degrees=4.3)
        sideways = moving.quarter_turn(degrade.scan(self.filled(people.JONAS), 103), 1)
        copied = moving.quarter_turn(degrade.photocopy(self.filled(people.IRENE), 104), 2)
        faxed = degrade.fax(self.filled(people.LUCIA), 105)
        first = degrade.scan(self.filled(people.HENRY), 106)
        letter = degrade.scan(print_page(INCOME_STATEMENT, self._fonts, _DPI), 107)
        photo = degrade.photograph(self.filled(people.AISHA), 108)
        pages = pages_to_pdf([first.image, letter.image], _DPI, 55)
        return [
            self._form("application-clean-scan.pdf", pages_to_pdf([clean.image], _DPI, 60), people.MARTA, clean),
            self._form("application-skewed.jpg", jpeg(skewed.image, _DPI, 60), people.TOMAS, skewed),
            self._form("application-sideways.jpg", jpeg(sideways.image, _DPI, 60), people.JONAS, sideways),
            self._form("application-upside-down-copy.tiff", bilevel_tiff(copied.image, _DPI), people.IRENE, copied),
            self._form("application-fax.png", png(few_tones(faxed.image), 150), people.LUCIA, faxed),
            self._form("application-with-attachment.pdf", pages, people.HENRY, first),
            self._form("application-photo.jpg", jpeg(photo.image, _DPI, 66), people.AISHA, photo),
        ]

    def _form(self, file: str, data: bytes, applicant: Applicant, sheet: Sheet) -> SampleFile:
        height, width = sheet.image.shape[:2]
        place = scaling(1 / width, 1 / height) @ sheet.matrix
        return SampleFile(
            file,
            data,
            "application-form",
            truth=form_truth(self.layout, applicant),
            done=sheet.done,
            place=tuple(round(float(value), 9) for value in place.ravel()),
        )

    def _receipts(self) -> list[SampleFile]:
        straight = degrade.scan(self.receipt(GROCER), 109, degrees=0.0)
        skewed = degrade.photograph(self.receipt(HARDWARE), 110, degrees=-5.2, strength=0.01)
        return [
            _receipt("receipt-grocer.png", png(straight.image, _DPI), GROCER, straight),
            _receipt("receipt-hardware-skewed.jpg", jpeg(skewed.image, _DPI, 70), HARDWARE, skewed),
        ]

    def _refused(self) -> list[SampleFile]:
        page = moving.resample(degrade.scan(self.filled(people.MARTA), 111), 100).image
        locked = encrypted(pages_to_pdf([page], 100, 50), PASSWORD)
        whole = jpeg(page, 100, 60)
        form, failed = "application-form", ResultStatus.FAILED
        return [
            SampleFile("refused-encrypted.pdf", locked, form, failed, ErrorCode.DOCUMENT_ENCRYPTED),
            SampleFile("refused-truncated.jpg", whole[: len(whole) // 3], form, failed, ErrorCode.PAGE_UNREADABLE),
        ]


def form_truth(layout: Layout, applicant: Applicant) -> dict[str, str]:
    """What is on the paper, for every field of the form; blank text is the empty string."""
    truth: dict[str, str] = {}
    for name, placed in layout.fields.items():
        value = applicant.values.get(name, "")
        if placed.kind in (FieldKind.CHECKBOX, FieldKind.RADIO):
            value = value or CheckboxState.EMPTY
        elif placed.kind is FieldKind.SIGNATURE:
            value = SignatureKind.SIGNATURE if value else SignatureKind.EMPTY
        truth[name] = str(value)
    return truth


def _receipt(file: str, data: bytes, receipt: Receipt, sheet: Sheet) -> SampleFile:
    truth = {
        "merchant": receipt.merchant,
        "number": receipt.number,
        "date": receipt.date,
        "total": f"{receipt.total:.2f}",
        "tax": f"{receipt.tax:.2f}",
    }
    return SampleFile(file, data, "receipt", truth=truth, done=sheet.done)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _picture(image: Pixels) -> Image.Image:
    return Image.fromarray(image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def png(image: Pixels, dpi: int) -> bytes:
    """As PNG."""
    return _saved(_picture(image), "PNG", optimize=True, dpi=(dpi, dpi))


def jpeg(image: Pixels, dpi: int, quality: int) -> bytes:
    """As JPEG."""
    return _saved(_picture(image), "JPEG", quality=quality, dpi=(dpi, dpi))


def bilevel_tiff(image: Pixels, dpi: int) -> bytes:
    """As 1-bit TIFF, CCITT group 4."""
    one_bit = _picture(image).convert("1", dither=Image.Dither.NONE)
    return _saved(one_bit, "TIFF", compression="group4", dpi=(dpi, dpi))


def few_tones(image: Pixels, tones: int = 8) -> Pixels:
    """Rounded to `tones` levels, so that noisy PNGs stay small."""
    step = 255 / (tones - 1)
    return np.rint(np.rint(image / step) * step).astype(np.uint8)
