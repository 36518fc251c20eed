"""Applicants who do not exist, and what they write into the sample form."""

from __future__ import annotations

from dataclasses import dataclass

from synthesis.forms.fill import BLACK, BLUE, Hand


@dataclass(frozen=True, slots=True)
class Applicant:
    """One filled form: what is written and by which hand."""

    values: dict[str, str]
    hand: Hand
    seed: int


def _applicant(hand: Hand, seed: int, text: dict[str, str], mark: str, marked: tuple[str, ...]) -> Applicant:
    return Applicant({**text, **dict.fromkeys(marked, mark)}, hand, seed)


MARTA = _applicant(
    Hand("patrick-hand", "herr-von-muellerhoff", BLUE, 10.5, bold=0.1),
    11,
    {
        "first_name": "Marta Helena",
        "last_name": "Lindqvist",
        "birth_date": "14 03 1986",
        "birth_place": "Uppsala",
        "nationality": "Swedish",
        "street": "27 Alder Lane",
        "postcode": "40218",
        "city": "Northmere",
        "phone": "0555 731 4402",
        "email": "marta.lindqvist@example.org",
        "employer": "Brightwell Clinic",
        "occupation": "Nurse",
        "employed_since": "01/09/2014",
        "income": "2,940",
        "housing_cost": "870",
        "dependants": "02",
        "amount": "12,500",
        "term_months": "48",
        "account_number": "4021187306",
        "signed_place": "Northmere",
        "signed_date": "12/05/2026",
        "signature": "Marta Lindqvist",
    },
    "crossed",
    (
        "marital_status.married",
        "contact_by.email",
        "employment.employed",
        "purpose.home",
        "consent_data",
        "consent_credit",
    ),
)

TOMAS = _applicant(
    Hand("kalam", "mr-de-haviland", BLACK, 10.0, pen=1.1),
    12,
    {
        "first_name": "Tomas",
        "last_name": "Okafor",
        "birth_date": "02 11 1979",
        "birth_place": "Leeds",
        "nationality": "British",
        "street": "3 Foundry Street",
        "postcode": "40233",
        "city": "Easthaven",
        "phone": "0555 218 0967",
        "email": "t.okafor@example.com",
        "employer": "Okafor Joinery",
        "occupation": "Carpenter",
        "employed_since": "15/02/2011",
        "income": "3,410",
        "housing_cost": "1,020",
        "dependants": "03",
        "amount": "18,000",
        "term_months": "60",
        "account_number": "7730095512",
        "signed_place": "Easthaven",
        "signed_date": "03/06/2026",
        "signature": "T. Okafor",
    },
    "ticked",
    (
        "marital_status.single",
        "contact_by.letter",
        "contact_by.text",
        "employment.self_employed",
        "purpose.car",
        "consent_data",
        "consent_credit",
        "consent_news",
    ),
)

IRENE = _applicant(
    Hand("architects-daughter", "monsieur-la-doulaise", BLUE, 9.4, bold=0.2, spacing=1.1),
    13,
    {
        "first_name": "IRENE",
        "last_name": "CASTELLANO",
        "birth_date": "29 07 1958",
        "birth_place": "GENOA",
        "nationality": "ITALIAN",
        "street": "110 HARBOUR VIEW",
        "postcode": "40210",
        "city": "NORTHMERE",
        "phone": "0555 640 1183",
        "income": "1,780",
        "housing_cost": "540",
        "dependants": "00",
        "amount": "4,200",
        "term_months": "24",
        "account_number": "1180264479",
        "signed_place": "NORTHMERE",
        "signed_date": "20/01/2026",
        "signature": "Irene Castellano",
    },
    "ticked",
    (
        "marital_status.widowed",
        "contact_by.letter",
        "employment.retired",
        "purpose.refinance",
        "consent_data",
        "consent_credit",
    ),
)

JONAS = _applicant(
    Hand("caveat", "reenie-beanie", BLACK, 11.5, pen=1.2, bold=0.2),
    14,
    {
        "first_name": "Jonas",
        "last_name": "Petersen",
        "birth_date": "21 12 2001",
        "birth_place": "Aarhus",
        "nationality": "Danish",
        "street": "8b College Road",
        "postcode": "40241",
        "city": "Saltby",
        "phone": "0555 903 7715",
        "email": "jonas.p@example.net",
        "income": "980",
        "housing_cost": "410",
        "dependants": "00",
        "amount": "2,500",
        "term_months": "36",
        "account_number": "5546018823",
        "signed_place": "Saltby",
        "signed_date": "08/09/2026",
        "signature": "Jonas Petersen",
    },
    "crossed",
    (
        "marital_status.single",
        "contact_by.email",
        "contact_by.text",
        "employment.student",
        "purpose.education",
        "consent_data",
    ),
)

AISHA = _applicant(
    Hand("indie-flower", "homemade-apple", BLACK, 9.6, pen=1.1, bold=0.2),
    15,
    {
        "first_name": "Aisha",
        "last_name": "Rahman",
        "birth_date": "05 06 1992",
        "birth_place": "Bradford",
        "nationality": "British",
        "street": "61 Mill Terrace",
        "postcode": "40225",
        "city": "Westerby",
        "phone": "0555 377 2890",
        "email": "aisha.rahman@example.org",
        "employer": "Tidewater Logistics",
        "occupation": "Planner",
        "employed_since": "01/04/2019",
        "income": "3,150",
        "housing_cost": "940",
        "dependants": "01",
        "amount": "9,000",
        "term_months": "36",
        "account_number": "3092771846",
        "signed_place": "Westerby",
        "signed_date": "17/02/2026",
        "signature": "Aisha Rahman",
    },
    "filled",
    (
        "marital_status.divorced",
        "contact_by.email",
        "employment.employed",
        "purpose.car",
        "consent_data",
        "consent_credit",
    ),
)

HENRY = _applicant(
    Hand("nanum-pen-script", "herr-von-muellerhoff", BLUE, 10.5, bold=0.15),
    16,
    {
        "first_name": "Henry James",
        "last_name": "Whitcombe",
        "birth_date": "30 09 1968",
        "birth_place": "Northmere",
        "nationality": "British",
        "street": "5 Orchard Close",
        "postcode": "40219",
        "city": "Northmere",
        "phone": "0555 114 6038",
        "email": "hj.whitcombe@example.com",
        "employer": "Northmere City Council",
        "occupation": "Surveyor",
        "employed_since": "11/10/1996",
        "income": "4,060",
        "housing_cost": "1,150",
        "dependants": "02",
        "amount": "22,000",
        "term_months": "72",
        "account_number": "8805137264",
        "signed_place": "Northmere",
        "signed_date": "26/03/2026",
        "signature": "Henry Whitcombe",
    },
    "crossed",
    (
        "marital_status.married",
        "contact_by.letter",
        "employment.employed",
        "purpose.home",
        "purpose.other",
        "consent_data",
        "consent_credit",
        "consent_news",
    ),
)

LUCIA = _applicant(
    Hand("patrick-hand", "mr-de-haviland", BLUE, 10.0, pen=1.1, bold=0.1),
    17,
    {
        "first_name": "Lucia",
        "last_name": "Moreau",
        "birth_date": "17 01 1995",
        "birth_place": "Lyon",
        "nationality": "French",
        "street": "42 Station Parade",
        "postcode": "40237",
        "city": "Easthaven",
        "phone": "0555 486 5521",
        "email": "lucia.moreau@example.net",
        "employer": "Cafe Meridian",
        "occupation": "Manager",
        "employed_since": "05/05/2021",
        "income": "2,480",
        "housing_cost": "760",
        "dependants": "00",
        "amount": "6,800",
        "term_months": "30",
        "account_number": "2267540918",
        "signed_place": "Easthaven",
        "signed_date": "09/04/2026",
    },
    "ticked",
    (
        "marital_status.single",
        "contact_by.text",
        "employment.employed",
        "purpose.other",
        "consent_data",
        "consent_credit",
    ),
)
"""Forgot to sign."""
