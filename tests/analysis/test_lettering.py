"""Whatever readers answer has a shape in the pictures of results."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.lettering import line_mask


def shape(text):
    return np.asarray(line_mask(text, 24))


@pytest.mark.parametrize("sign", "aß\u00d7÷€Łőư中の한Иθ①✓☑½Å℃Ⅴǎ\ufffd⏩\u018d")
def test_every_sign_is_drawn_and_none_as_a_question_mark(sign):
    assert shape(sign).any()
    assert not np.array_equal(shape(sign), shape("?"))


def test_a_line_is_as_wide_as_its_text_and_as_high_as_its_letters():
    assert shape("Application form").shape[1] > 4 * shape("form").shape[1] / 2
    assert 24 < shape("form").shape[0] < 40
    assert shape("").shape[0] > 0
