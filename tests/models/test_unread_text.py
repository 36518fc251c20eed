"""Writing that the OCR model cannot read is reported as unread, with its place; print that it can is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.contract import PageImage
from models.registry import load_model
from schemas.prediction import TextState, bounds

OTHER_SCRIPTS = {
    "cyrillic": ("Фамилия Иванова", "Дата рождения", "Прошу предоставить адрес"),
    "hangul": ("성명 생년월일 주소", "서울특별시 전화번호"),
    "hebrew": ("שם משפחה כתובת", "תאריך לידה טלפון"),
    "greek": ("Διεύθυνση Θεσσαλονίκη", "Τηλέφωνο Υπηκοότητα"),
}
READ = ("Application for a loan", "Name: Müller, François", "Amount 25,000 EUR", "姓名 地址 电话", "氏名 住所 電話番号")
ACCENTED = (("Nguyễn", "Trần Đức"), ("Hường Nguyễn", "Phạm"))


@pytest.fixture(scope="module")
def ocr():
    return load_model("ocr")


def page(lines, size=30, noise=0):
    """A line of print every three sizes, in faces that OpenCV brings along, and the rows in which each stands."""
    pixels = np.full((size * (3 * len(lines) + 2), 1100, 3), 255, np.uint8)
    for number, line in enumerate(lines):
        cv2.putText(pixels, line, (40, size * (3 * number + 2)), (0, 0, 0), cv2.FontFace("uni"), size)
    grain = np.random.default_rng(size).normal(0, noise, pixels.shape)
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def read(ocr, pixels, **options):
    return ocr.predict([PageImage(1, pixels, 200.0, options)])[0].lines


@pytest.mark.parametrize("size", [22, 32])
@pytest.mark.parametrize("script", OTHER_SCRIPTS)
def test_every_line_in_another_script_is_there_and_not_called_read(ocr, script, size):
    lines = OTHER_SCRIPTS[script]
    found = read(ocr, page(lines, size, noise=3))
    assert len(found) == len(lines)
    for number, line in enumerate(found):
        assert line.state is not TextState.READ
        assert line.confidence < 0.2
        left, top, right, bottom = bounds(line.quad)
        assert top < size * (3 * number + 1.6) < bottom
        assert left < 60 < 120 < right


@pytest.mark.parametrize("script", ["cyrillic", "hangul"])
def test_an_unread_line_names_its_script(ocr, script):
    found = read(ocr, page(OTHER_SCRIPTS[script], 34, noise=3))
    assert {line.state for line in found} == {TextState.UNREAD}
    assert {line.script for line in found} <= {script, "unknown"}
    assert [line.script for line in found].count(script) >= len(found) - 1


def test_letters_that_look_like_latin_ones_are_not_read_as_those(ocr):
    found = read(ocr, page(["Страна Гватемала", "Номер счёта", "Сумма в рублях"], 30))
    assert [(line.text, line.state, line.script) for line in found] == [("", TextState.UNREAD, "cyrillic")] * 3


def test_strokes_that_are_no_writing_have_no_script(ocr):
    pixels = np.full((500, 1100, 3), 255, np.uint8)
    for number in range(5):
        steps = np.linspace(0, 1, 40 + number)
        points = np.column_stack([100 + 700 * steps, 60 + 80 * number + 18 * np.sin(37 * steps * (number + 1))])
        cv2.polylines(pixels, [np.rint(points).astype(np.int32).reshape(-1, 1, 2)], False, (0, 0, 0), 3)
    assert {line.script for line in read(ocr, pixels) if line.state is TextState.UNREAD} <= {"unknown"}


def test_what_is_unread_says_nothing_rather_than_something_wrong(ocr):
    found = read(ocr, page(OTHER_SCRIPTS["cyrillic"]))
    assert [(line.text, line.words, line.state) for line in found] == [("", (), TextState.UNREAD)] * 3


@pytest.mark.parametrize("size", [20, 30, 40])
def test_print_that_is_read_is_called_read(ocr, size):
    found = read(ocr, page(READ, size, noise=4))
    assert [line.state for line in found] == [TextState.READ] * len(READ)
    assert [line.script for line in found] == ["latin"] * 3 + ["han"] * 2


@pytest.mark.parametrize("size", [22, 30, 38])
def test_letters_with_two_accents_leave_a_trace_in_their_words(ocr, size):
    for words in ACCENTED:
        (line,) = read(ocr, page([" ".join(words)], size))
        assert line.state is TextState.PARTLY_READ
        assert "\ufffd" in line.text
        assert line.confidence == 0
        assert all(word.confidence == 0 for word in line.words if "\ufffd" in word.text)


@pytest.mark.parametrize("size", [26, 34])
def test_letters_with_two_accents_are_not_read_as_others(ocr, size):
    names = ["Phạm Thị Mỹ Hạnh", "Đặng Quỳnh Hương", "Huỳnh Tấn Phát", "Hoàng Phủ Ngọc Tường"]
    for line in read(ocr, page(names, size)):
        assert line.state is TextState.PARTLY_READ
        assert "\ufffd" in line.text
        assert line.confidence == 0


@pytest.mark.parametrize("size", [24, 32])
def test_letters_that_are_passed_over_inside_of_names_leave_a_trace(ocr, size):
    names = ["Văn Tiến", "Thị Hiền", "Quốc Việt", "Diễm Khiết", "Thế Kiệt"]
    found = read(ocr, page(names, size))
    assert len(found) == len(names)
    for line in found:
        assert line.state is TextState.PARTLY_READ
        assert line.confidence == 0
        assert "\ufffd" in line.words[-1].text
        assert max(word.confidence for word in line.words) < 0.75


def test_languages_whose_letters_are_known_keep_them(ocr):
    texts = ["Žluťoučký kůň úpěl", "Größe und Maß", "Où êtes-vous né", "Łódź, Gdańsk, Kraków", "São João, Açores"]
    texts += ["Erdély Győr Fűzfő", "Dvořák Čížek", "Ruiz Peña Núñez"]
    for line, text in zip(read(ocr, page(texts, 34)), texts, strict=True):
        assert "\ufffd" not in line.text
        assert line.state is TextState.READ, text


def test_rules_boxes_specks_and_pictures_are_no_unread_writing(ocr):
    pixels = page(["Please recycle", "Mark what holds", "Signed at"], 30)
    cv2.rectangle(pixels, (6, 36), (30, 60), (0, 0, 0), 2)
    cv2.line(pixels, (400, 150), (1000, 150), (0, 0, 0), 2)
    cv2.circle(pixels, (900, 220), 70, (90, 90, 90), -1)
    pixels[np.random.default_rng(3).random(pixels.shape[:2]) < 0.001] = 0
    found = read(ocr, pixels)
    assert [line.state for line in found] == [TextState.READ] * 3


def test_an_alphabet_leaves_the_rest_out_on_purpose(ocr):
    found = read(ocr, page(["Фамилия Иванова", "Sum 1508"]), alphabet="digits")
    assert [line.state for line in found] == [TextState.READ] * len(found)
