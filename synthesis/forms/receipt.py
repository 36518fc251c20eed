"""Till receipts: a narrow strip in a receipt face, with a sum that is right."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from synthesis.fonts import RECEIPT_FACE
from synthesis.forms.layout import Colour, Print, Rule, Text

STRIP_WIDTH = 226.8
"""80 mm in points, the usual thermal roll."""
_MARGIN = 16.0
_THERMAL: Colour = (52, 52, 60)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the purchase."""

    name: str
    count: int
    price: Decimal
    """Of one piece."""

    @property
    def amount(self) -> Decimal:
        """Price of all pieces."""
        return self.count * self.price


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the till knew."""

    merchant: str
    address: tuple[str, ...]
    number: str
    date: str
    time: str
    items: tuple[Item, ...]
    tax_percent: int
    """Contained in the prices."""
    paid_by: str
    farewell: str

    @property
    def total(self) -> Decimal:
        """Sum of all items."""
        return sum((item.amount for item in self.items), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """The part of the total that is tax, rounded to cents."""
        return (self.total * self.tax_percent / (100 + self.tax_percent)).quantize(Decimal("0.01"))


def lay_out_receipt(receipt: Receipt) -> tuple[list[Print], float]:
    """What to print on a strip `STRIP_WIDTH` points wide, and its length in points."""
    strip = _Strip()
    strip.centred(receipt.merchant, 17)
    for line in receipt.address:
        strip.centred(line, 10)
    strip.rule()
    strip.pair(f"Receipt {receipt.number}", f"{receipt.date} {receipt.time}")
    strip.rule()
    for item in receipt.items:
        strip.pair(item.name, f"{item.amount:.2f}")
        if item.count > 1:
            strip.pair(f"  {item.count} x {item.price:.2f}", "")
    strip.rule()
    strip.pair("TOTAL EUR", f"{receipt.total:.2f}", 15)
    strip.pair(f"incl. VAT {receipt.tax_percent}%", f"{receipt.tax:.2f}")
    strip.pair(f"Paid by {receipt.paid_by}", f"{receipt.total:.2f}")
    strip.rule()
    strip.centred(receipt.farewell, 11)
    return strip.prints, strip.y + 24


class _Strip:
    def __init__(self) -> None:
        self.prints: list[Print] = []
        self.y = 22.0

    def centred(self, text: str, size: float) -> None:
        self.y += size * 1.3
        self.prints.append(Text(text, STRIP_WIDTH / 2, self.y, size, 400, _THERMAL, "m", RECEIPT_FACE))

    def pair(self, left: str, right: str, size: float = 11) -> None:
        self.y += size * 1.4
        self.prints.append(Text(left, _MARGIN, self.y, size, 400, _THERMAL, "l", RECEIPT_FACE))
        self.prints.append(Text(right, STRIP_WIDTH - _MARGIN, self.y, size, 400, _THERMAL, "r", RECEIPT_FACE))

    def rule(self) -> None:
        self.y += 9
        step = _MARGIN
        while step < STRIP_WIDTH - _MARGIN:
            end = min(step + 4, STRIP_WIDTH - _MARGIN)
            self.prints.append(Rule((step, self.y), (end, self.y), _THERMAL, 0.8))
            step += 7


GROCER = Receipt(
    "QUAYSIDE GROCER",
    ("14 Harbour Street", "40210 Northmere", "Tel 0555 200 4417"),
    "004512",
    "2026-04-18",
    "17:42",
    (
        Item("Wholemeal bread", 1, Decimal("2.95")),
        Item("Butter 250 g", 2, Decimal("2.49")),
        Item("Apples 1 kg", 1, Decimal("3.20")),
        Item("Tomatoes 500 g", 1, Decimal("2.10")),
        Item("Mineral water 1 l", 6, Decimal("0.65")),
        Item("Ground coffee", 1, Decimal("6.79")),
    ),
    7,
    "card",
    "Thank you, see you soon",
)

HARDWARE = Receipt(
    "FOUNDRY TOOLS & PAINT",
    ("3 Foundry Street", "40233 Easthaven"),
    "77-1093",
    "2026-06-03",
    "09:15",
    (
        Item("Wood screws 4x40", 2, Decimal("5.40")),
        Item("Wall paint white 5 l", 1, Decimal("34.90")),
        Item("Roller set", 1, Decimal("12.75")),
        Item("Masking tape", 3, Decimal("2.80")),
        Item("Spirit level 60 cm", 1, Decimal("21.99")),
    ),
    19,
    "cash",
    "Goods returned within 14 days",
)
