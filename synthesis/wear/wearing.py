"""Effects that change tones and leave every pixel where it is."""

from __future__ import annotations

import cv2
import numpy as np

from synthesis.sheet import Sheet, levels

Random = np.random.Generator


def grey(sheet: Sheet) -> Sheet:
    """Drops the colours."""
    if sheet.image.ndim == 2:
        return sheet
    return sheet.after("made grey", np.asarray(cv2.cvtColor(sheet.image, cv2.COLOR_BGR2GRAY), dtype=np.uint8))


def blur(sheet: Sheet, sigma: float) -> Sheet:
    """Out of focus by `sigma` pixels."""
    image = cv2.GaussianBlur(sheet.image, (0, 0), sigma)
    return sheet.after(f"blurred by {sigma:.2f} px", np.asarray(image, dtype=np.uint8))


def noise(sheet: Sheet, sigma: float, random: Random) -> Sheet:
    """Grain of the sensor, `sigma` grey levels strong."""
    grain = random.standard_normal(sheet.image.shape, dtype=np.float32) * sigma
    return sheet.after(f"noise of {sigma:.1f} levels", levels(sheet.image + grain))


def contrast(sheet: Sheet, black: float, white: float) -> Sheet:
    """Squeezes (or, outside of 0..255, stretches) the tones so that 0 becomes `black` and 255 `white`."""
    image = black + sheet.image.astype(np.float32) * ((white - black) / 255)
    return sheet.after(f"tones moved to {black:.0f}..{white:.0f}", levels(image))


def threshold(sheet: Sheet, level: float, softness: float, random: Random) -> Sheet:
    """Black and white only.

    `level` lies between ink (0) and paper (1) as found on this very page, so no page goes blank; `softness` in grey
    levels makes edges ragged, as toner and fax heads do.
    """
    source = grey(sheet)
    values = source.image.astype(np.float32)
    ink, paper = np.percentile(values, (0.5, 75))
    cut = ink + level * (paper - ink)
    ragged = values + random.standard_normal(values.shape, dtype=np.float32) * softness
    return source.after(f"black and white at {level:.2f}", np.where(ragged > cut, 255, 0).astype(np.uint8))


def specks(sheet: Sheet, share: float, random: Random) -> Sheet:
    """Dirt: dark dots, and light ones in the ink, on `share` of the pixels."""
    image = sheet.image.copy()
    height, width = image.shape[:2]
    for tone, count in ((30, share * 0.7), (245, share * 0.3)):
        for _ in range(int(count * height * width / 4)):
            place = int(random.integers(width)), int(random.integers(height))
            cv2.circle(image, place, int(random.integers(0, 2)), (tone,) * 3, -1)
    return sheet.after(f"specks on {share:.2%}", image)


def streaks(sheet: Sheet, count: int, random: Random, *, across: bool = False) -> Sheet:
    """Faint lines along the path of the paper (or across it) from dust on the glass or a worn head."""
    image = sheet.image.astype(np.float32)
    for _ in range(count):
        extent = image.shape[0] if across else image.shape[1]
        start, width = int(random.integers(extent)), int(random.integers(1, 3))
        tone = random.uniform(-70, 50)
        if across:
            image[start : start + width] += tone
        else:
            image[:, start : start + width] += tone
    return sheet.after(f"{count} streaks", levels(image))


def dark_edges(sheet: Sheet, width: float, random: Random) -> Sheet:
    """The black border that an open copier lid leaves on two sides, up to `width` of the page wide."""
    image = sheet.image.copy()
    rows, columns = image.shape[:2]
    steps = np.linspace(0, 1, 40)
    for side in (0, 1):
        depth = cv2.resize(
            random.uniform(0.2, 1.0, (1, 6)).astype(np.float32), (len(steps), 1), interpolation=cv2.INTER_CUBIC
        )
        reach = np.clip(depth[0], 0.1, 1.0) * width * min(rows, columns)
        along = steps * (rows if side else columns)
        edge = np.column_stack([reach, along] if side else [along, reach])
        corners = [(0.0, float(rows)), (0.0, 0.0)] if side else [(float(columns), 0.0), (0.0, 0.0)]
        outline = np.vstack([edge, corners]).round().astype(np.int32)
        cv2.fillPoly(image, [outline.reshape(-1, 1, 2)], (24, 24, 24))
    return sheet.after(f"dark edges up to {width:.1%}", image)


def shadow(sheet: Sheet, strength: float, random: Random) -> Sheet:
    """Uneven light: a slow gradient and a soft band of shade that takes up to `strength` of the light."""
    rows, columns = sheet.image.shape[:2]
    angle = random.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    along = (x / columns - 0.5) * np.cos(angle) + (y / rows - 0.5) * np.sin(angle)
    edge = random.uniform(-0.15, 0.35)
    light = 1 - strength * (0.45 * (along + 0.5) + 0.55 / (1 + np.exp(-(along - edge) / 0.045)))
    shaded = sheet.image * (light if sheet.image.ndim == 2 else light[:, :, None])
    return sheet.after(f"shadow of {strength:.0%}", levels(shaded))


def tint(sheet: Sheet, blue: float, green: float, red: float) -> Sheet:
    """Multiplies the colour channels: lamp light, paper that is not white."""
    factors = np.array([blue, green, red], dtype=np.float32)
    return sheet.after("tinted", levels(sheet.image.astype(np.float32) * factors))


def jpeg(sheet: Sheet, quality: int) -> Sheet:
    """Through a JPEG of `quality` 1..100 and back."""
    _, packed = cv2.imencode(".jpg", sheet.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    flag = cv2.IMREAD_GRAYSCALE if sheet.image.ndim == 2 else cv2.IMREAD_COLOR
    return sheet.after(f"JPEG of quality {quality}", np.asarray(cv2.imdecode(packed, flag), dtype=np.uint8))
