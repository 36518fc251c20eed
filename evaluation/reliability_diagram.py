"""Confidence against the share that is right, as a picture (DeGroot and Fienberg, 1983)."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from evaluation.reliability import Bin, Reliability

_SIDE, _LEFT, _TOP = 460, 70, 90
_COUNTS = 110
"""Height of the bars that tell how many answers a bin has."""
_WIDTH, _HEIGHT = _LEFT + _SIDE + 40, _TOP + _SIDE + _COUNTS + 80
_COLOURS = {
    "fits": (20, 150, 60),
    "too sure": (220, 40, 40),
    "too modest": (40, 90, 220),
    "too few": (150, 150, 150),
}
_GRID = (225, 225, 225)


def reliability_diagram(question: str, found: Reliability) -> Image.Image:
    """Each bin at its mean confidence with the share right and its 95 % interval; below, how many answers it has.

    Green: the interval holds the mean confidence; red: too sure; blue: too modest; grey: too few answers to tell.
    """
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    small = ImageFont.load_default(13)
    area = found.auroc
    sorting = f"AUROC {area.value:.3f}" if area.value is not None else f"AUROC not measured: {area.remark}"
    error = found.calibration_error.value
    pen.text((12, 8), f"{question}: {found.share_right.count} answers", fill="black", font=ImageFont.load_default(18))
    pen.text((12, 32), f"{sorting}, calibration error {error:.3f}", fill="black", font=small)
    pen.text((12, 50), "about 0.9: " + found.sentence.replace("given with 0.85 to 0.95 ", ""), fill="black", font=small)
    _axes(pen)
    pen.line([_point(0, 0), _point(1, 1)], fill=(120, 120, 120))
    most = max(part.count for part in found.bins)
    for part in found.bins:
        _draw(pen, part, most)
    for index, (verdict, colour) in enumerate(_COLOURS.items()):
        pen.text((_LEFT + 110 * index, _HEIGHT - 22), verdict, fill=colour, font=small)
    return picture


def _point(confidence: float, share: float) -> tuple[float, float]:
    return _LEFT + confidence * _SIDE, _TOP + (1 - share) * _SIDE


def _axes(pen: ImageDraw.ImageDraw) -> None:
    small = ImageFont.load_default(13)
    for tenth in range(11):
        value = tenth / 10
        pen.line([_point(value, 0), _point(value, 1)], fill=_GRID)
        pen.line([_point(0, value), _point(1, value)], fill=_GRID)
        x, y = _point(value, value)
        pen.text((_LEFT - 30, y - 7), f"{value:.1f}", fill="black", font=small)
        pen.text((x - 9, _TOP + _SIDE + 4), f"{value:.1f}", fill="black", font=small)
    pen.text((6, _TOP - 20), "share right", fill="black", font=small)
    pen.text((_LEFT + _SIDE - 70, _TOP + _SIDE + 20), "confidence", fill="black", font=small)


def _draw(pen: ImageDraw.ImageDraw, part: Bin, most: int) -> None:
    colour = _COLOURS[part.verdict]
    x, y = _point(part.mean_confidence, part.share_right.value or 0.0)
    low, high = _point(0, part.share_right.low or 0.0)[1], _point(0, part.share_right.high or 0.0)[1]
    pen.line([(x, low), (x, high)], fill=colour, width=2)
    pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
    floor = _TOP + _SIDE + 45 + _COUNTS
    left, right = _point(part.low, 0)[0] + 1, max(_point(part.high, 0)[0] - 1, _point(part.low, 0)[0] + 4)
    top = floor - max(1.0, (_COUNTS - 16) * part.count / most)
    pen.rectangle((left, top, right, floor), fill=colour)
    pen.text((left, top - 15), str(part.count), fill="black", font=ImageFont.load_default(11))
