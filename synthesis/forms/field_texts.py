"""What people write into fields, made up anew: for measuring, so no trainer draws from here."""

from __future__ import annotations

import numpy as np

Random = np.random.Generator

NAMES = (
    *("Marta", "Oskar", "Ines", "Ruben", "Salma", "Tobias", "Farah", "Leon", "Bianca", "Hugo", "Petra", "Dario"),
    *(
        "Nadia",
        "Felipe",
        "Greta",
        "Samuel",
        "Ivy",
        "Marcus",
        "Joanna",
        "Vikram",
        "Estelle",
        "Anton",
        "Clara",
        "Youssef",
    ),
    *("Kessler", "Navarro", "Lindqvist", "Abbott", "Farrell", "Moreno", "Haddad", "Brooks", "Vogel", "Castillo"),
    *("Jensen", "Pruitt", "Okoye", "Delgado", "Whitman", "Sorensen", "Marino", "Hayes", "Zimmer", "Quinn"),
)
PLACES = (
    *("Oak Street", "Mill Road", "River Avenue", "Hilltop Lane", "Station Road", "Cedar Court", "King Street"),
    *("Portland", "Fairview", "Georgetown", "Madison", "Clinton", "Salem", "Bristol", "Dover", "Auburn", "Ashland"),
)
WORDS = (
    *("employed", "self", "married", "single", "driver", "nurse", "teacher", "retired", "monthly", "weekly", "rent"),
    *("vehicle", "damage", "front", "repair", "account", "balance", "transfer", "school", "hospital", "garden"),
)


def free_text(random: Random) -> str:
    """A name, an address or a word."""
    kind = random.integers(4)
    if kind == 0:
        return f"{_one(NAMES[:24], random)} {_one(NAMES[24:], random)}"
    if kind == 1:
        return f"{random.integers(1, 980)} {_one(PLACES[:7], random)}"
    return _one((NAMES, PLACES, WORDS)[random.integers(3)], random)


def capitals(random: Random) -> str:
    """A name or place in capitals."""
    return _one(NAMES + PLACES[7:], random).upper()


def figures(random: Random) -> str:
    """A number of 3 to 9 digits."""
    return "".join(str(digit) for digit in random.integers(0, 10, random.integers(3, 10)))


def date(random: Random) -> str:
    """In one of three ways."""
    day, month, year = random.integers(1, 29), random.integers(1, 13), random.integers(1940, 2030)
    return (f"{month:02}/{day:02}/{year}", f"{day:02}.{month:02}.{year}", f"{month}-{day}-{year % 100:02}")[
        int(random.integers(3))
    ]


def amount(random: Random) -> str:
    """In one of the usual ways, three in four with cents; with or without a dollar sign."""
    sign, value = "$" if random.random() < 0.3 else "", 10 ** random.uniform(0.5, 5)
    written = (f"{value:,.2f}", f"{value:.2f}", f"{value:,.0f}", f"{value:.0f}")
    return sign + str(random.choice(written, p=(0.55, 0.2, 0.15, 0.1)))


def _one(texts: tuple[str, ...], random: Random) -> str:
    return texts[int(random.integers(len(texts)))]
