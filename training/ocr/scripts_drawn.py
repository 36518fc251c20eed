"""Scripts, the open faces that have them, and words in them: what lines in scripts that OCR cannot read are drawn of.

Faces are split: a script is learned from some and measured on others. Words are names and texts of Faker; of scripts
for which it has none, syllables put together by chance, which look right and say nothing.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from dataclasses import dataclass

import numpy as np

Random = np.random.Generator

BY_PARTS = "#"
"""Subset of faces with so many characters that they come in numbered files."""


@dataclass(frozen=True, slots=True)
class Script:
    """One script."""

    subset: str
    """Of @fontsource's files, or BY_PARTS."""
    learned: tuple[str, ...]
    held_out: tuple[str, ...]
    locales: tuple[str, ...] = ()
    """Of Faker."""
    letters: tuple[int, int] | None = None
    """First and last code point of letters that syllables are made of."""
    signs: str = ""
    """Vowel signs and marks that follow letters."""


def _faces(learned: str, held_out: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(learned.split()), tuple(held_out.split())


SCRIPTS = {
    "latin": Script(
        "latin",
        *_faces(
            "noto-sans noto-serif roboto open-sans tinos arimo courier-prime lora ibm-plex-mono lobster "
            "playfair-display abril-fatface caveat kalam patrick-hand dancing-script great-vibes kaushan-script cookie",
            "fira-sans ubuntu commissioner pacifico gloria-hallelujah limelight tangerine coming-soon",
        ),
        locales=("en_US", "de_DE", "fr_FR", "pl_PL", "es_ES", "cs_CZ"),
    ),
    "cyrillic": Script(
        "cyrillic",
        *_faces(
            "noto-sans noto-serif roboto open-sans tinos arimo cousine lora lobster caveat marck-script bad-script "
            "pt-serif neucha",
            "fira-sans ubuntu comfortaa pacifico amatic-sc rubik playfair-display",
        ),
        locales=("ru_RU", "uk_UA", "bg_BG", "mk_MK"),
    ),
    "greek": Script(
        "greek",
        *_faces(
            "noto-sans noto-serif roboto open-sans tinos arimo cousine cardo mynerve",
            "fira-sans ubuntu commissioner comfortaa gfs-didot",
        ),
        locales=("el_GR",),
    ),
    "arabic": Script(
        "arabic",
        *_faces(
            "noto-sans-arabic amiri cairo lateef reem-kufi noto-nastaliq-urdu",
            "tajawal noto-naskh-arabic aref-ruqaa markazi-text",
        ),
        locales=("ar_AA", "fa_IR"),
    ),
    "hebrew": Script(
        "hebrew",
        *_faces(
            "noto-sans-hebrew frank-ruhl-libre heebo tinos arimo gveret-levin cousine",
            "rubik david-libre alef assistant playpen-sans-hebrew",
        ),
        locales=("he_IL",),
    ),
    "devanagari": Script(
        "devanagari",
        *_faces(
            "noto-sans-devanagari hind mukta tiro-devanagari-hindi kalam",
            "poppins noto-serif-devanagari rozha-one dekko",
        ),
        locales=("hi_IN", "ne_NP", "mr_IN"),
        letters=(0x915, 0x939),
        signs="ािीुेों्",
    ),
    "thai": Script(
        "thai",
        *_faces("noto-sans-thai sarabun prompt charm mali", "kanit noto-serif-thai itim sriracha"),
        locales=("th_TH",),
    ),
    "hangul": Script(
        BY_PARTS,
        *_faces("nanum-gothic nanum-pen-script hi-melody", "nanum-myeongjo gaegu gowun-batang gamja-flower"),
        locales=("ko_KR",),
        letters=(0xAC00, 0xD7A3),
    ),
    "han": Script(
        BY_PARTS,
        *_faces("zcool-xiaowei long-cang kosugi klee-one", "ma-shan-zheng liu-jian-mao-cao sawarabi-mincho"),
        locales=("zh_CN", "zh_TW"),
    ),
    "hiragana": Script(BY_PARTS, *_faces("kosugi klee-one", "sawarabi-mincho yomogi"), letters=(0x3042, 0x3093)),
    "katakana": Script(BY_PARTS, *_faces("kosugi klee-one", "sawarabi-mincho yomogi"), letters=(0x30A2, 0x30F3)),
    "armenian": Script("armenian", *_faces("noto-sans-armenian", "noto-serif-armenian"), locales=("hy_AM",)),
    "georgian": Script("georgian", *_faces("noto-sans-georgian", "noto-serif-georgian"), locales=("ka_GE",)),
    "bengali": Script(
        "bengali",
        *_faces("noto-sans-bengali hind-siliguri galada", "noto-serif-bengali tiro-bangla"),
        locales=("bn_BD",),
    ),
    "tamil": Script(
        "tamil",
        *_faces("noto-sans-tamil hind-madurai kavivanar", "noto-serif-tamil catamaran"),
        locales=("ta_IN",),
        letters=(0xB95, 0xBB9),
        signs="ாிீுெை்",
    ),
    "gujarati": Script(
        "gujarati",
        *_faces("noto-sans-gujarati hind-vadodara", "noto-serif-gujarati"),
        locales=("gu_IN",),
        letters=(0xA95, 0xAB9),
        signs="ાિીુેોં",
    ),
    "gurmukhi": Script(
        "gurmukhi",
        *_faces("noto-sans-gurmukhi tiro-gurmukhi", "mukta-mahee"),
        letters=(0xA15, 0xA39),
        signs="ਾਿੀੁੂੇੈੋੌਂੰ",
    ),
    "telugu": Script(
        "telugu",
        *_faces("noto-sans-telugu mandali", "noto-serif-telugu tiro-telugu"),
        letters=(0xC15, 0xC39),
        signs="ాిీుూెేొం్",
    ),
    "kannada": Script("kannada", *_faces("noto-sans-kannada", "baloo-tamma-2"), letters=(0xC95, 0xCB9), signs="ಾಿೀುೆೇೊಂ್"),
    "malayalam": Script(
        "malayalam",
        *_faces("noto-sans-malayalam chilanka", "noto-serif-malayalam manjari"),
        letters=(0xD15, 0xD39),
        signs="ാിീുെേൊം്",
    ),
    "sinhala": Script(
        "sinhala",
        *_faces("noto-sans-sinhala", "noto-serif-sinhala abhaya-libre"),
        locales=("si_LK",),
        letters=(0xD9A, 0xDC6),
        signs="ාිුේ",
    ),
    "khmer": Script(
        "khmer",
        *_faces("noto-sans-khmer battambang", "noto-serif-khmer hanuman"),
        letters=(0x1780, 0x17A2),
        signs="ាិីុេោំ",
    ),
    "myanmar": Script(
        "myanmar",
        *_faces("noto-sans-myanmar", "noto-serif-myanmar padauk"),
        letters=(0x1000, 0x1021),
        signs="ါာိုေဲ့း်",
    ),
    "lao": Script("lao", *_faces("noto-sans-lao", "noto-serif-lao"), letters=(0xE94, 0xE9F), signs="ະາິີຸ"),
    "ethiopic": Script("ethiopic", *_faces("noto-sans-ethiopic", "abyssinica-sil"), letters=(0x1200, 0x1357)),
}
ACCENTED_LEARNED = (
    *("noto-sans", "noto-serif", "roboto", "open-sans", "tinos", "arimo", "be-vietnam-pro", "lora", "playfair-display"),
    *("sriracha", "itim"),
)
ACCENTED_HELD_OUT = ("sarabun", "kanit", "mali", "cousine", "lobster", "ibm-plex-mono")
"""Faces with letters of two accents."""
_NAMES = {"han": ("CJK",)}
_DRAWS, _SYLLABLES = 600, 400


def packages() -> list[str]:
    """The npm packages with all faces; they are 250 MB, and only this training needs them."""
    faces = {face for one in SCRIPTS.values() for face in (*one.learned, *one.held_out)}
    return sorted({f"@fontsource/{face}" for face in (*faces, *ACCENTED_LEARNED, *ACCENTED_HELD_OUT)})


def words_of(name: str, seed: int = 7) -> list[str]:
    """Different words in a script, of its letters and marks alone."""
    script, random = SCRIPTS[name], np.random.default_rng(seed)
    names = _NAMES.get(name, (name.upper(),))
    found = [word for locale in script.locales for word in faker_words(locale, seed)]
    words = [word for word in found if word and all(_is_in(sign, names) for sign in word)]
    if script.letters is not None:
        letters = [chr(code) for code in range(script.letters[0], script.letters[1] + 1)]
        letters = [letter for letter in letters if unicodedata.category(letter) == "Lo"]
        words += [_syllables(letters, script.signs, random) for _ in range(_SYLLABLES)]
    return list(dict.fromkeys(words))


def faker_words(locale: str, seed: int) -> list[str]:
    """Words of names and texts of a locale of Faker."""
    faker = importlib.import_module("faker").Faker(locale)
    faker.seed_instance(seed)
    texts = [f"{faker.name()} {faker.text(60)}" for _ in range(_DRAWS)]
    return [word.strip(".,;:!?()।-\"'") for text in texts for word in re.split(r"\s+", text)]


def _is_in(sign: str, names: tuple[str, ...]) -> bool:
    return unicodedata.name(sign, "").partition(" ")[0] in names or unicodedata.category(sign).startswith("M")


def _syllables(letters: list[str], signs: str, random: Random) -> str:
    word = ""
    for _ in range(int(random.integers(2, 6))):
        word += letters[int(random.integers(len(letters)))]
        if signs and random.random() < 0.6:
            word += signs[int(random.integers(len(signs)))]
    return word
