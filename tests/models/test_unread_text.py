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


@pytest.fixture
def stamp():
    """A round stamp with a word across, and with the letters of a text around it, or none."""

    def drawn(text, rings=(150, 105), colour=(150, 40, 40)):
        pixels = np.full((700, 1100, 3), 255, np.uint8)
        cv2.putText(pixels, "Application for a loan", (40, 80), (0, 0, 0), cv2.FontFace("uni"), 30)
        for radius in rings:
            cv2.circle(pixels, (500, 400), radius, colour, 3, cv2.LINE_AA)
        cv2.putText(pixels, "RECEIVED", (435, 410), colour, cv2.FontFace("uni"), 26)
        for number, letter in enumerate(text):
            turn = 360 * number / len(text)
            sign = np.full_like(pixels, 255)
            cv2.putText(sign, letter, (490, 282), colour, cv2.FontFace("uni"), 30)
            around = cv2.getRotationMatrix2D((500, 400), -turn, 1.0)
            pixels = np.minimum(pixels, cv2.warpAffine(sign, around, (1100, 700), borderValue=(255, 255, 255)))
        return pixels

    return drawn


@pytest.mark.parametrize("rings", [(150, 105), (150,), (100,)])
def test_writing_around_a_stamp_is_there_and_unread(ocr, stamp, rings):
    lines = read(ocr, stamp("MUNICIPAL OFFICE OF PARKING * ", rings))
    places = [bounds(line.quad) for line in lines if line.state is TextState.UNREAD]
    assert any(left < 420 < 580 < right and top < 320 < 480 < bottom for left, top, right, bottom in places)


@pytest.mark.parametrize("rings", [(150, 105), (150, 140, 105)])
def test_a_stamp_without_writing_around_it_has_none(ocr, stamp, rings):
    lines = read(ocr, stamp("", rings))
    assert [line.text for line in lines] == ["Application for a loan", "RECEIVED"]
    assert {line.state for line in lines} == {TextState.READ}


@pytest.mark.parametrize("size", [24, 30, 36])
def test_letters_with_a_dot_below_leave_a_trace(ocr, size):
    names = ["Trịnh", "Lịch", "Tịnh Biên", "Chị Mịn", "Phú Lị", "Ụwa"]
    found = read(ocr, page(names, size))
    assert len(found) == len(names)
    for line, name in zip(found, names, strict=True):
        assert line.state is not TextState.READ, name
        assert line.confidence == 0


@pytest.mark.parametrize("size", [24, 30, 36])
def test_dots_that_belong_to_no_letter_leave_words_as_they_are(ocr, size):
    texts = [
        "Is it so? Yes! Wait...",
        "Name: ....................",
        "i.e. 12:30; No. 7, p. 4.",
        "Is it you? Oh! Hi: it is I!",
    ]
    pixels = page([*texts, "Application filed"], size)
    for x in range(40, 500, size // 3):
        cv2.circle(pixels, (x, round(size * (3 * len(texts) + 2.25))), max(1, size // 14), (0, 0, 0), -1)
    assert all("\ufffd" not in line.text for line in read(ocr, pixels))


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


def test_words_of_letters_that_latin_has_too_are_doubted_beside_lines_in_their_script(ocr):
    lines = ["Прошу предоставить", "\u0412\u041e\u0421\u0422\u041e\u041a", "Номер счёта", "Сумма в рублях"]
    found = read(ocr, page(lines, 30))
    assert len(found) == 4
    assert all(line.state is not TextState.READ and line.confidence == 0 for line in found)
    alone = read(ocr, page(["KATE BOOTH", "Application for a loan", "MAX"], 30))
    assert [line.state for line in alone] == [TextState.READ] * 3
