"""Draws the sample documents anew: `python -m synthesis.draw_samples --fonts DIR --out docbeam/samples`."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from pypdf import PdfReader, PdfWriter

from schemas.result import ResultStatus
from synthesis.fonts import FontFolder, FontsMissingError
from synthesis.forms import people
from synthesis.forms.manifest import manifest_text
from synthesis.forms.sample_set import FEDERAL, SampleFile, SampleMaker
from synthesis.picture_sheet import picture_sheet

_FEDERAL_FILE = "wrong-type-w9.pdf"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the samples, their manifest and, where asked, the picture for the docs; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m synthesis.draw_samples", description=__doc__)
    parser.add_argument("--fonts", type=Path, required=True, help="folder in which npm installed the @fontsource faces")
    parser.add_argument("--out", type=Path, required=True, help="folder for the samples")
    parser.add_argument("--w9", type=Path, help="IRS Form W-9 as PDF; without it the one already in --out is kept")
    parser.add_argument("--picture", type=Path, help="also draw the picture sheet of all recipes to this PNG")
    options = parser.parse_args(arguments)
    try:
        maker = SampleMaker(FontFolder(options.fonts))
        _draw(maker, options.out, options.w9)
        if options.picture:
            _draw_picture(maker, FontFolder(options.fonts), options.picture)
    except (FontsMissingError, _NoFederalFormError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


class _NoFederalFormError(Exception):
    pass


def _draw(maker: SampleMaker, folder: Path, w9: Path | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    federal = _federal_form(folder / _FEDERAL_FILE, w9)
    image, document = maker.blank()
    (folder / "application-form-blank.png").write_bytes(image)
    (folder / "application-form-blank.pdf").write_bytes(document)
    samples = [*maker.all(), federal]
    for sample in samples:
        (folder / sample.file).write_bytes(sample.data)
    (folder / "manifest.toml").write_text(manifest_text(samples), encoding="utf-8")


def _federal_form(kept: Path, w9: Path | None) -> SampleFile:
    if w9 is not None:
        writer = PdfWriter()
        writer.append(PdfReader(w9), pages=(0, 1))
        out = io.BytesIO()
        writer.write(out)
        data = out.getvalue()
    elif kept.is_file():
        data = kept.read_bytes()
    else:
        raise _NoFederalFormError(f"there is no {kept}; fetch IRS Form W-9 from irs.gov and name it with --w9")
    return SampleFile(kept.name, data, "application-form", ResultStatus.REJECTED, provenance=FEDERAL)


def _draw_picture(maker: SampleMaker, fonts: FontFolder, file: Path) -> None:
    picture = picture_sheet(maker.filled(people.TOMAS), fonts)
    few_colours = picture.quantize(200, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few_colours.save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
