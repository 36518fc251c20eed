"""The sample form: a one-page membership and loan application of a credit union that does not exist."""

from __future__ import annotations

from synthesis.forms.form import Choice, Consent, Entries, Entry, FieldKind, Form, Option, Paragraph, Section

_ABOUT_YOU = Section(
    "About you",
    (
        Entries((Entry("first_name", "First name(s)", 6), Entry("last_name", "Last name", 6))),
        Entries(
            (
                Entry("birth_date", "Date of birth", 5, FieldKind.COMB, pattern="DD MM YYYY"),
                Entry("birth_place", "Place of birth", 4),
                Entry("nationality", "Nationality", 3),
            )
        ),
        Choice(
            "marital_status",
            "Marital status",
            (
                Option("single", "Single", 2),
                Option("married", "Married", 2),
                Option("divorced", "Divorced", 2),
                Option("widowed", "Widowed", 2),
            ),
            FieldKind.RADIO,
        ),
    ),
    note="as shown in your identity document",
)

_CONTACT = Section(
    "How we reach you",
    (
        Entries(
            (
                Entry("street", "Street and house number", 5),
                Entry("postcode", "Postcode", 3, FieldKind.COMB, pattern="#####"),
                Entry("city", "Town or city", 4),
            )
        ),
        Entries((Entry("phone", "Telephone", 4), Entry("email", "Email", 8))),
        Choice(
            "contact_by",
            "Write to me by",
            (Option("email", "Email", 2), Option("letter", "Letter", 2), Option("text", "Text message", 3)),
        ),
    ),
)

_WORK = Section(
    "Work and income",
    (
        Choice(
            "employment",
            "Employment",
            (
                Option("employed", "Employed", 2),
                Option("self_employed", "Self-employed", 2),
                Option("student", "Student", 2),
                Option("retired", "Retired", 2),
                Option("none", "None of these", 2),
            ),
        ),
        Entries(
            (
                Entry("employer", "Employer or own business", 5),
                Entry("occupation", "Occupation", 4),
                Entry("employed_since", "Since (date)", 3, FieldKind.DATE),
            )
        ),
        Entries(
            (
                Entry("income", "Monthly income after tax", 5, unit="EUR"),
                Entry("housing_cost", "Monthly rent or mortgage", 5, unit="EUR"),
                Entry("dependants", "Dependants", 2, FieldKind.COMB, pattern="##"),
            )
        ),
    ),
    note="tick one box, then fill in what applies",
)

_LOAN = Section(
    "The loan you apply for",
    (
        Entries(
            (
                Entry("amount", "Amount", 4, unit="EUR"),
                Entry("term_months", "Term in months", 3, FieldKind.COMB, pattern="##"),
                Entry("account_number", "Pay out to account number", 5, FieldKind.COMB, pattern="##########"),
            )
        ),
        Choice(
            "purpose",
            "Purpose",
            (
                Option("car", "Vehicle", 2),
                Option("home", "Home", 2),
                Option("education", "Education", 2),
                Option("refinance", "Refinance", 2),
                Option("other", "Other", 2),
            ),
        ),
    ),
)

_DECLARATION = Section(
    "Declaration and consent",
    (
        Paragraph(
            (
                "I apply for membership of Northmere Mutual and for the loan described above. I declare that what I"
                " have stated is complete",
                "and true to the best of my knowledge, that I am not insolvent, and that I will report any change of my"
                " circumstances without",
                "delay until a decision is made. False statements can lead to the termination of the loan agreement.",
            )
        ),
        Consent(
            "consent_data", ("I agree that Northmere Mutual processes my data in order to decide on this application.",)
        ),
        Consent(
            "consent_credit", ("I agree that Northmere Mutual obtains information about me from a credit agency.",)
        ),
        Consent("consent_news", ("I would like to receive news and offers. I can withdraw this at any time.",)),
        Entries(
            (
                Entry("signed_place", "Place", 3),
                Entry("signed_date", "Date", 3, FieldKind.DATE),
                Entry("signature", "Signature of the applicant", 6, FieldKind.SIGNATURE),
            ),
            height=62.0,
        ),
    ),
)

APPLICATION_FORM = Form(
    name="application-form",
    organisation="Northmere Mutual",
    strapline="Credit union \u00b7 owned by its members",
    title="Membership and Loan Application",
    subtitle="For personal loans from 500 to 25,000 EUR",
    instructions="Please write in block letters with a dark pen, keep inside the boxes and mark your choice with a"
    " cross or a tick. Sign in section 5.",
    office_use="Received (office use)",
    sections=(_ABOUT_YOU, _CONTACT, _WORK, _LOAN, _DECLARATION),
    footer_left="Northmere Mutual, 14 Quayside Row, 40210 Northmere. A company invented for this sample.",
    footer_right="Form NM-114 \u00b7 edition 01/2026 \u00b7 page 1 of 1",
)
"""Registered as the document type `application-form`; its layout is frozen by a test."""
