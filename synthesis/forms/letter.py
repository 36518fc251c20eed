"""A typed letter: the page that people attach to an application."""

from __future__ import annotations

from synthesis.forms.layout import INK, LABEL, Print, Rule, Text

_LEFT, _RIGHT = 72.0, 523.0


def lay_out_letter(
    sender: tuple[str, ...], date: str, subject: str, paragraphs: tuple[tuple[str, ...], ...]
) -> list[Print]:
    """A4 page: sender top right, subject, then paragraphs that are broken into lines already."""
    prints: list[Print] = [Text(sender[0], _RIGHT, 84, 15, 700, INK, "r")]
    y = 84.0
    for line in sender[1:]:
        y += 14
        prints.append(Text(line, _RIGHT, y, 9.5, 400, LABEL, "r"))
    prints.append(Rule((_LEFT, y + 16), (_RIGHT, y + 16), LABEL, 0.8))
    y += 70
    prints.append(Text(date, _LEFT, y, 11))
    y += 40
    prints.append(Text(subject, _LEFT, y, 13, 600))
    y += 12
    for paragraph in paragraphs:
        y += 12
        for line in paragraph:
            y += 16.5
            prints.append(Text(line, _LEFT, y, 11.2))
    return prints


INCOME_STATEMENT = lay_out_letter(
    ("Northmere City Council", "Human Resources", "1 Guildhall Square, 40210 Northmere", "Tel 0555 100 2000"),
    "24 March 2026",
    "Confirmation of employment and income",
    (
        ("To whom it may concern,",),
        (
            "We confirm that Henry James Whitcombe has been employed by Northmere City Council",
            "as a surveyor since 11 October 1996. His contract is permanent and not under notice.",
        ),
        (
            "His monthly salary is 5,430.00 EUR before tax and 4,060.00 EUR after tax. It is paid",
            "in twelve equal instalments on the last working day of each month.",
        ),
        ("This statement is issued at the request of the employee for use with a credit institution.",),
        ("Yours faithfully,",),
        ("", "", "P. Abernathy", "Payroll office"),
    ),
)
