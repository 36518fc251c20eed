"""What people write into forms, made up: names, addresses, dates, amounts, telephone numbers, mail addresses."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

Random = np.random.Generator


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    """
    Anna Maria John James Robert Linda David Susan Karen Thomas Daniel Nancy Mark Paul Steven Andrew Emily
    Joshua Kevin Brian George Edward Laura Sarah Amir Wei Yuki Priya Rahul Fatima Omar Ali Noor Carlos Miguel
    Sofia Elena Ivan Olga Piotr Zofia Jan Eva Lukas Hannah Felix Ingrid Lars Bjorn Astrid Pierre Chantal
    Yvonne Quentin Xavier Zachary Abigail Victoria Gwendolyn Kwame Ama Tunde Ngozi Thabo Lindiwe Deepak Sunita
    Mei Jun Hiroshi Akiko Minh Thu Jose Guadalupe Rosa Luis Juan Ahmed Layla Yusuf Zeynep Benjamin Charlotte
    Oliver Harper Isabella Jackson Kimberly Frederick Margaret Philip Walter Douglas
    """
)
LAST = _words(
    """
    Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson
    Anderson Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson
    Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera
    Campbell Mitchell Carter Roberts Kowalski Nowak Novak Horvat Ivanov Petrov Larsen Johansson Nielsen
    Virtanen Schmidt Fischer Weber Becker Hoffmann Dubois Moreau Rossi Bianchi Silva Santos Okafor Mensah
    Diallo Khan Patel Singh Sharma Chen Wang Zhang Liu Kim Park Tanaka Suzuki Tran O'Brien McCarthy Fitzgerald
    MacDonald Van Dijk DeLuca Vazquez Quigley Zimmermann Papadopoulos
    """
)
STREETS = _words(
    """
    Maple Oak Cedar Pine Elm Washington Lincoln Park Lake Hill Church Mill River Spring Highland Sunset
    Jackson Franklin Jefferson Madison Broadway Main Market Union Forest Meadow Valley Chestnut Walnut Birch
    Willow Dogwood Magnolia Adams Monroe Prospect Grove Station Garden Orchard Harbour Victoria Queens King
    Albert York Bridge Canal Quarry Foxglove Juniper Hawthorne Kensington Wexford Bayview
    """
)
CITIES = _words(
    """
    Boston Chicago Houston Phoenix Dallas Austin Denver Seattle Portland Detroit Memphis Baltimore Tucson
    Fresno Sacramento Atlanta Omaha Oakland Tulsa Wichita Tampa Cleveland Springfield Columbus Madison Albany
    Buffalo Rochester Salem Eugene Boise Reno Topeka Lansing Jackson Raleigh Richmond Norfolk London Leeds
    Bristol Cardiff Glasgow Dublin Cork Toronto Ottawa Calgary Sydney Perth Auckland Berlin Hamburg Munich
    Vienna Zurich Geneva Paris Lyon Lille Brussels Antwerp Rotterdam Utrecht Oslo Bergen Stockholm Uppsala
    Copenhagen Aarhus Helsinki Warsaw Krakow Prague Brno Budapest Zagreb Madrid Sevilla Lisbon Porto Rome
    Milan Naples Athens Lagos Accra Nairobi Kampala Mumbai Delhi Chennai Lahore Manila
    """
)
STATES = _words(
    """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH
    OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY
    """
)
MONTHS = _words(
    """
    January February March April May June July August September October November December Jan Feb Mar Apr Jun
    Jul Aug Sept Oct Nov Dec
    """
)
WORK = _words(
    """
    Nurse Teacher Driver Carpenter Cashier Student Manager Engineer Clerk Cook Farmer Plumber Electrician
    Accountant Mechanic Waiter Retired Unemployed Salesman Secretary Lawyer Physician Dentist Painter Hospital
    School Bakery Garage University County Services Construction Insurance Transport Clinic
    """
)
ANSWERS = _words(
    """
    Yes No N/A None Same single married divorced widowed male female Mr. Mrs. Ms. self spouse son daughter
    mother father brother sister friend full-time part-time monthly weekly yearly rent own cash check English
    Spanish French German American British Swedish Polish Indian Mexican Canadian Irish see attached
    """
)
KINDS = (
    "Street",
    "St",
    "St.",
    "Avenue",
    "Ave",
    "Ave.",
    "Road",
    "Rd",
    "Lane",
    "Ln",
    "Drive",
    "Dr.",
    "Blvd",
    "Court",
    "Way",
)
MAILS = ("example.com", "example.org", "mail.example", "post.example", "work.example", "home.example")


def held_out(word: str) -> bool:
    """Whether a word of the lists is kept for measuring: one in five."""
    return zlib.crc32(word.encode()) % 5 == 0


class FormWords:
    """Draws entries, either from the words for training or from the words kept for measuring."""

    def __init__(self, *, measuring: bool = False) -> None:
        self._measuring = measuring
        self._kinds = (
            *(self._name, self._name, self._street, self._city, self._date, self._date, self._amount, self._telephone),
            *(self._postcode, self._mail, self._number, self._work, self._answer, self._code),
        )

    def draw(self, random: Random) -> str:
        """One entry, at most some 30 characters."""
        text = self._kinds[random.integers(len(self._kinds))](random)
        return text.upper() if random.random() < 0.15 else text

    def figures(self, random: Random) -> str:
        """An entry of digits and the signs between them."""
        kinds = (self._amount, self._telephone, self._postcode, self._number, self._figures_date)
        return kinds[random.integers(len(kinds))](random)

    def _of(self, words: Sequence[str], random: Random) -> str:
        chosen = [word for word in words if held_out(word) == self._measuring]
        return chosen[random.integers(len(chosen))]

    def _name(self, random: Random) -> str:
        first, last = self._of(FIRST, random), self._of(LAST, random)
        initial = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[random.integers(26)]
        forms = (
            first,
            last,
            last,
            f"{first} {last}",
            f"{first} {initial}. {last}",
            f"{last}, {first}",
            f"{initial}. {last}",
        )
        return forms[random.integers(len(forms))]

    def _street(self, random: Random) -> str:
        street, kind = self._of(STREETS, random), KINDS[random.integers(len(KINDS))]
        forms = (f"{random.integers(1, 9999)} {street} {kind}", f"{street} {kind}", f"Apt {random.integers(1, 99)}")
        return forms[random.choice(3, p=(0.6, 0.3, 0.1))]

    def _city(self, random: Random) -> str:
        city, state = self._of(CITIES, random), STATES[random.integers(len(STATES))]
        forms = (city, f"{city}, {state}", state, f"{city}, {state} {_digits(5, random)}")
        return forms[random.choice(4, p=(0.55, 0.25, 0.1, 0.1))]

    def _date(self, random: Random) -> str:
        day, year = random.integers(1, 32), random.integers(1930, 2030)
        month = MONTHS[random.integers(len(MONTHS))]
        written = (f"{month} {day}, {year}", f"{day} {month} {year}", f"{month} {year}", month)
        return written[random.integers(4)] if random.random() < 0.35 else self._figures_date(random)

    def _figures_date(self, random: Random) -> str:
        day, month, year = (int(value) for value in random.integers((1, 1, 1930), (32, 13, 2030)))
        sign = str(random.choice(list("/-. ")))
        parts = [f"{day:02}", f"{month:02}"] if random.random() < 0.6 else [str(day), str(month)]
        shown = str(year) if random.random() < 0.7 else f"{year % 100:02}"
        return sign.join([shown, *parts] if random.random() < 0.15 else [*parts, shown])

    def _amount(self, random: Random) -> str:
        value = float(10 ** random.uniform(0, 5.5))
        shown = (
            f"{value:,.2f}" if random.random() < 0.5 else f"{value:.2f}" if random.random() < 0.4 else f"{value:,.0f}"
        )
        return f"${shown}" if random.random() < 0.3 else shown

    def _telephone(self, random: Random) -> str:
        area, office, line = _digits(3, random), _digits(3, random), _digits(4, random)
        forms = (f"({area}) {office}-{line}", f"{area}-{office}-{line}", f"{area} {office} {line}", f"{office}-{line}")
        return (
            forms[random.integers(4)] if random.random() < 0.9 else f"+{random.integers(1, 99)} {area} {office}{line}"
        )

    def _postcode(self, random: Random) -> str:
        return _digits(5, random) if random.random() < 0.8 else f"{_digits(5, random)}-{_digits(4, random)}"

    def _mail(self, random: Random) -> str:
        first, last = self._of(FIRST, random).lower(), self._of(LAST, random).lower().replace("'", "")
        name = (f"{first}.{last}", f"{first[0]}{last}", f"{first}{random.integers(1, 99)}", f"{first}_{last}")
        return f"{name[random.choice(4, p=(0.4, 0.3, 0.2, 0.1))]}@{MAILS[random.integers(len(MAILS))]}"

    def _number(self, random: Random) -> str:
        if random.random() < 0.25:
            return f"{_digits(3, random)}-{_digits(2, random)}-{_digits(4, random)}"
        return _digits(int(random.integers(1, 11)), random)

    def _work(self, random: Random) -> str:
        return self._of(WORK, random)

    def _answer(self, random: Random) -> str:
        return self._of(ANSWERS, random)

    def _code(self, random: Random) -> str:
        letters = random.integers(0, 26, int(random.integers(1, 4)))
        return "".join(chr(65 + letter) for letter in letters) + _digits(int(random.integers(2, 7)), random)


def _digits(count: int, random: Random) -> str:
    return "".join(str(digit) for digit in random.integers(0, 10, count))
