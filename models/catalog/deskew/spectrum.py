"""The fine angle from the page's Fourier spectrum, looked at twice.

Method of Pham et al., "Adaptive radial projection on Fourier magnitude spectrum for document image skew
estimation" (ICIP 2022): the direction in which the magnitudes sum highest, then once more near it without the
low frequencies, where shapes larger than text lines lie.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.deskew.profile import RANGE_DEGREES, Estimate, peak
from models.ink import Ink

_SIZE = 1024
_STEP = 0.1
_NEAR = 1.0


def spectrum_angle(ink: Ink, reach: float = RANGE_DEGREES) -> Estimate:
    """The angle within +-`reach` degrees towards which the spectrum of `ink` leans."""
    magnitude = _magnitude(ink)
    angles = np.arange(-reach - 1, reach + 1 + _STEP / 2, _STEP)
    radii = np.arange(4, _SIZE // 2 - 2, dtype=np.float32)
    rays = _rays(magnitude, angles, radii)
    whole = _smooth(rays.sum(axis=1))
    first = int(np.argmax(whole))
    contrast = float(whole[first] / max(float(np.median(whole)), 1e-9))
    high = _smooth(rays[:, len(radii) // 8 :].sum(axis=1))
    near = np.abs(angles - angles[first]) <= _NEAR
    return Estimate(peak(angles[near], high[near]), contrast)


def _magnitude(ink: Ink) -> npt.NDArray[np.float32]:
    """Magnitudes of the windowed page's spectrum, zero frequency in the middle, compressed to their square root."""
    height, width = ink.shape
    scale = _SIZE / max(height, width)
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = (max(1, min(_SIZE, round(width * scale))), max(1, min(_SIZE, round(height * scale))))
    page = cv2.resize(ink, size, interpolation=kind)
    # The window removes the cross that the page's own edges draw through the spectrum.
    page = page * np.outer(_window(size[1]), _window(size[0]))
    square = np.zeros((_SIZE, _SIZE), np.float32)
    square[: size[1], : size[0]] = page
    spectrum = cv2.dft(square, flags=cv2.DFT_COMPLEX_OUTPUT)
    magnitude = np.sqrt(cv2.magnitude(spectrum[..., 0], spectrum[..., 1]))
    return np.asarray(np.fft.fftshift(magnitude), dtype=np.float32)


def _rays(
    magnitude: npt.NDArray[np.float32], angles: npt.NDArray[np.float64], radii: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """(angles, radii): magnitudes along the normals of text lines at each angle."""
    turn = np.radians(angles)[:, None]
    centre = _SIZE // 2
    x = (centre - np.sin(turn) * radii).astype(np.float32)
    y = (centre - np.cos(turn) * radii).astype(np.float32)
    return np.asarray(cv2.remap(magnitude, x, y, cv2.INTER_LINEAR), dtype=np.float32)


def _smooth(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return np.convolve(np.pad(scores.astype(np.float64), 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")


def _window(length: int) -> npt.NDArray[np.float32]:
    """Flat in the middle, falling to 0 over the outer tenth at both ends."""
    edge = max(1, length // 10)
    ramp = np.minimum(np.arange(length), np.arange(length)[::-1]) / edge
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.minimum(ramp, 1)), dtype=np.float32)
