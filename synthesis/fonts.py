"""Finds the open fonts that documents are drawn with; nothing at run time needs them."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from PIL import ImageFont

VERSION, OLDER = "5.3.0", {"qwigley": "5.2.8", "league-script": "5.2.8"}
PRINT_FACE = "source-sans-3"
RECEIPT_FACE = "share-tech-mono"
BLOCK_HANDS = ("patrick-hand", "kalam", "architects-daughter", "indie-flower", "caveat", "nanum-pen-script")
"""Hands whose letters stand alone, as people fill forms."""
SIGNATURE_HANDS = ("herr-von-muellerhoff", "mr-de-haviland", "monsieur-la-doulaise", "homemade-apple", "reenie-beanie")
TRAINING_HANDS = (
    *("annie-use-your-telescope", "architects-daughter", "caveat", "caveat-brush", "covered-by-your-grace", "gaegu"),
    *("gochi-hand", "indie-flower", "nanum-pen-script", "neucha", "patrick-hand", "permanent-marker", "rock-salt"),
    *("schoolbell", "shadows-into-light", "short-stack", "sue-ellen-francisco", "swanky-and-moo-moo", "zeyada"),
    *("bad-script", "courgette", "damion", "dancing-script", "delius", "homemade-apple", "la-belle-aurore"),
    *("marck-script", "over-the-rainbow", "reenie-beanie", "waiting-for-the-sunrise"),
)
"""Hands that models train on."""
TEST_HANDS = (
    *("cedarville-cursive", "gloria-hallelujah", "handlee", "kalam", "nothing-you-could-do", "the-girl-next-door"),
)
"""Hands that no model trains on: a score on a hand seen in training says nothing."""
TRAINING_SIGNATURE_HANDS = (
    *("allura", "alex-brush", "corinthia", "dawning-of-a-new-day", "ephesis", "great-vibes", "italianno", "kristi"),
    *("meddon", "mr-dafoe", "mrs-saint-delafield", "parisienne", "qwigley", "ruthie", "sacramento", "whisper"),
    *("yellowtail", "stalemate"),
)
TEST_SIGNATURE_HANDS = ("herr-von-muellerhoff", "monsieur-la-doulaise", "mr-de-haviland", "pinyon-script")
TRAINING_PRINTS = (
    *("source-sans-3", "roboto", "open-sans", "tinos", "arimo", "cousine", "courier-prime", "lora", "noto-serif"),
    *("ibm-plex-mono", "share-tech-mono"),
)
"""Faces of print on forms."""

UNSIGNED_DISPLAY = (
    *("lobster", "abril-fatface", "oleo-script", "berkshire-swash", "righteous", "kaushan-script", "satisfy", "cookie"),
    *("niconne", "cinzel-decorative", "fredericka-the-great", "league-script", "pacifico", "playfair-display"),
    *("limelight", "grand-hotel", "yesteryear", "rochester", "tangerine", "arizonia", "petit-formal-script", "ewert"),
    *("leckerli-one", "monoton"),
)
TRAINING_DISPLAY = tuple(face for number, face in enumerate(UNSIGNED_DISPLAY) if number % 4)
"""Of these the faces of printed type that the network of signatures trains on; the rest are for choices alone."""
UNSIGNED_HANDS = (
    *("amatic-sc", "just-another-hand", "loved-by-the-king", "sriracha", "just-me-again-down-here", "rancho", "dekko"),
    *("licorice", "beth-ellen"),
)
"""Headlines and hands of pages that nobody signed: choices may be made on them."""
UNSIGNED_DISPLAY_ASIDE = ("aguafina-script", "vibur", "rye", "faster-one", "bilbo")
UNSIGNED_HANDS_ASIDE = (
    *("coming-soon", "mali", "give-you-glory", "sedgwick-ave", "fuzzy-bubbles", "gamja-flower", "hi-melody", "mynerve"),
)
"""The same for measuring: no choice is made on them."""
UNSIGNED_SCRIPTS_ASIDE = ("rouge-script", "norican", "clicker-script", "merienda")
"""Script type for measuring alone, too."""

ALL = (
    *(PRINT_FACE, RECEIPT_FACE, *BLOCK_HANDS, *SIGNATURE_HANDS),
    *(*TRAINING_HANDS, *TEST_HANDS, *TRAINING_SIGNATURE_HANDS, *TEST_SIGNATURE_HANDS, *TRAINING_PRINTS),
    *(*UNSIGNED_DISPLAY, *UNSIGNED_HANDS, *UNSIGNED_DISPLAY_ASIDE, *UNSIGNED_HANDS_ASIDE),
    *UNSIGNED_SCRIPTS_ASIDE,
)
_HOW_TO = (
    "`docbeam dev fonts` fetches the open fonts (needed only to draw) and prints their folder; name it with --fonts"
)


def packages() -> list[str]:
    """The npm packages with all faces, pinned, each once; `devstack/locks/fonts` locks them."""
    return [f"@fontsource/{name}@{OLDER.get(name, VERSION)}" for name in dict.fromkeys(ALL)]


class FontsMissingError(FileNotFoundError):
    """A face is not in the font folder; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class FontFolder:
    """A folder in which npm installed @fontsource packages."""

    path: Path
    _loaded: dict[tuple[str, int, float], ImageFont.FreeTypeFont] = field(default_factory=dict, repr=False)

    def face(self, name: str, size: float, weight: int = 400) -> ImageFont.FreeTypeFont:
        """The face at `size` pixels an em. Raises FontsMissingError."""
        key = (name, weight, round(size, 2))
        if key not in self._loaded:
            file = self.path / "node_modules" / "@fontsource" / name / "files" / f"{name}-latin-{weight}-normal.woff2"
            if not file.is_file():
                raise FontsMissingError(f"no face {name!r} of weight {weight} under {self.path}; {_HOW_TO}")
            self._loaded[key] = ImageFont.truetype(file, key[2], layout_engine=ImageFont.Layout.BASIC)
        return self._loaded[key]


if __name__ == "__main__":
    sys.stdout.write(" ".join(packages()) + "\n")
