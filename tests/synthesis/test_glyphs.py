"""Characters to write: only what a face draws."""

from __future__ import annotations

import numpy as np

from synthesis.ink.glyphs import FontGlyphs
from synthesis.ink.pen_strokes import Part


def test_a_sign_that_a_face_leaves_out_is_taken_from_another(fonts):
    random = np.random.default_rng(3)
    glyphs = FontGlyphs(fonts, Part.TRAIN)
    # One face has a per cent sign without ink.
    for _ in range(200):
        assert glyphs.pick("%", random).draw(24.0, 2.0, random).any()
