"""Review in a headless Chromium: by keyboard alone, one person at a time, and what was read stays to be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from browsing import HOSTILE, LOWER, QUAD, SAMPLE, gateway_on, read, serious
from playwright.sync_api import expect
from served import until

from gateway.clock import now_micros
from gateway.entries import Change
from gateway.reviews import doubtful
from schemas.fields import FieldKind, FieldState
from schemas.result import Field

FIELDS = (
    Field("name", FieldKind.TEXT, FieldState.FILLED, "Ado", confidence=0.4, page=1, quad=QUAD, review=True),
    Field(HOSTILE, FieldKind.TEXT, FieldState.FILLED, HOSTILE, confidence=0.3, page=1, quad=LOWER, review=True),
    Field("member", FieldKind.CHECKBOX, FieldState.FILLED, "on", confidence=0.45, page=1, quad=LOWER),
    Field("signed", FieldKind.SIGNATURE, FieldState.BLANK, "", confidence=0.9, page=1, review=True),
    Field("torn", FieldKind.TEXT, FieldState.NOT_READ, page=1, quad=QUAD, review=True, rule="hidden"),
    Field("address", FieldKind.TEXT, FieldState.FILLED, "1 Road\nTown", confidence=0.2, page=1, quad=QUAD),
    Field("sure", FieldKind.TEXT, FieldState.FILLED, "42.50", confidence=0.99, page=1, quad=LOWER),
)


def answered(gateway, name, fields=FIELDS):
    """A request with a result, as the job would answer it."""
    result = replace(read(name, SAMPLE.as_uri()), fields=fields)
    marked = len(list(doubtful(result, 0.5)))
    gateway.do(gateway.send(name, SAMPLE.as_uri()))
    gateway.move(name, Change.answered(result, now_micros(), marked))


def said(gateway, name):
    return gateway.do(gateway.services.store.review(name)).judged()


@pytest.mark.parametrize("size", [{"width": 1400, "height": 900}, {"width": 390, "height": 844}], ids=["desk", "phone"])
def test_fields_are_reviewed_by_keyboard_alone(store_url, tmp_path, opened, size):
    with gateway_on(store_url, tmp_path / "uploads", access="open") as gateway:
        answered(gateway, "first")
        answered(gateway, "second", FIELDS[:1])
        page = opened(gateway.address + "#/review", viewport=size)
        expect(page.get_by_label("Your name")).to_be_focused()
        page.keyboard.type("Grace")
        page.keyboard.press("Enter")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text("name")
        expect(page.get_by_alt_text("name, as it is on page 1")).to_be_visible()
        expect(page.get_by_text("Field 1 of 6")).to_be_visible()
        expect(page.get_by_text("Read as: Ado, 40.0 % sure")).to_be_visible()
        field = page.get_by_label("What is written there")
        expect(field).to_be_focused()
        expect(field).to_have_value("Ado")
        page.keyboard.type("Ada Lovelace")
        page.keyboard.press("Enter")
        expect(heading).to_have_text(HOSTILE)
        page.keyboard.press("PageDown")
        expect(heading).to_have_text("member")
        page.keyboard.press("PageUp")
        expect(heading).to_have_text(HOSTILE)
        page.keyboard.press("Enter")
        expect(heading).to_have_text("member")
        expect(page.get_by_label("marked", exact=True)).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(heading).to_have_text("signed")
        page.keyboard.press("Enter")
        expect(heading).to_contain_text("torn")
        expect(heading).to_contain_text("hidden")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Nothing was read there")
        page.keyboard.type("?")
        page.keyboard.press("Enter")
        expect(heading).to_have_text("address")
        expect(page.get_by_label("What is written there")).to_have_value("1 Road\nTown")
        page.keyboard.press("End")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("Country")
        page.keyboard.press("Enter")
        # The next request, without a word of the mouse.
        expect(heading).to_have_text("name")
        expect(page.get_by_text("Field 1 of 1")).to_be_visible()
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        page.keyboard.press("Enter")
        expect(heading).to_have_text("Nothing left to review")
        expect(page.get_by_text("7 fields judged.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        kept = {each.read.name: (each.judgement.value, each.value) for each in said(gateway, "first")}
        assert kept == {
            "name": ("corrected", "Ada Lovelace"),
            HOSTILE: ("confirmed", HOSTILE),
            "member": ("corrected", "off"),
            "signed": ("confirmed", ""),
            "torn": ("unreadable", None),
            "address": ("corrected", "1 Road\nTown\nCountry"),
        }
        (other,) = said(gateway, "second")
        assert (other.judgement.value, other.value, other.reviewer) == ("blank", None, "Grace")

        page.goto(gateway.address + "#/requests/first")
        rows = page.get_by_role("table", name="Lowest confidence first").get_by_role("row")
        corrected = rows.filter(has=page.get_by_role("button", name="name", exact=True))
        expect(corrected).to_contain_text("Ada Lovelace")
        expect(corrected).to_contain_text("read as: Ado")
        expect(corrected).to_contain_text("Grace")
        expect(page.get_by_text("7 fields, 0 for review.")).to_be_visible()


def test_one_field_is_corrected_from_its_request(store_url, tmp_path, opened):
    with gateway_on(store_url, tmp_path / "uploads", access="open") as gateway:
        answered(gateway, "first")
        page = opened(gateway.address + "#/requests")
        page.get_by_label("Status").select_option("to review")
        page.get_by_role("button", name="Filter").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.get_by_role("link", name="6 to review")).to_be_visible()
        page.get_by_role("link", name="first").click()
        page.get_by_role("link", name="Correct sure").click()
        field = page.get_by_label("What is written there")
        expect(field).to_have_value("42.50")
        field.fill("45.50")
        page.get_by_role("button", name="Take it").click()
        page.wait_for_url("**/#/requests/first")
        expect(page.get_by_role("table", name="Lowest confidence first")).to_contain_text("read as: 42.50")
        page.get_by_role("link", name="Correct sure").click()
        expect(page.get_by_text("Said before: corrected, 45.50")).to_be_visible()
        expect(page.get_by_label("What is written there")).to_have_value("45.50")
        page.get_by_role("button", name="Unreadable").click()
        page.wait_for_url("**/#/requests/first")
        assert [each.judgement.value for each in said(gateway, "first")] == ["corrected", "unreadable"]


def test_a_request_is_one_persons_and_is_given_back(store_url, tmp_path, opened):
    with gateway_on(store_url, tmp_path / "uploads", access="open") as gateway:
        answered(gateway, "first")
        mine = opened(gateway.address + "#/review/first")
        expect(mine.get_by_label("What is written there")).to_be_visible()
        other = opened(gateway.address + "#/review/first")
        expect(other.get_by_role("alert")).to_contain_text("has it for at most")
        other.get_by_role("link", name="Review").click()
        other.get_by_role("button", name="Begin").click()
        expect(other.get_by_text("Nothing left to review")).to_be_visible()
        mine.keyboard.press("Escape")
        mine.wait_for_url("**/#/requests/first")
        other.reload()
        other.get_by_role("button", name="Begin").click()
        expect(other.get_by_label("What is written there")).to_have_value("Ado")
        # Somebody else has taken it meanwhile: what is said now is not taken, and the way on is shown.
        gateway.do(gateway.steal("first"))
        other.keyboard.press("Enter")
        expect(other.get_by_role("alert")).to_contain_text("no longer yours")
        expect(other.get_by_role("button", name="Take it again")).to_be_visible()
        assert said(gateway, "first") == ()


def test_a_key_that_is_held_down_judges_one_field(store_url, tmp_path, opened):
    with gateway_on(store_url, tmp_path / "uploads", access="open") as gateway:
        answered(gateway, "first")
        page = opened(gateway.address + "#/review/first")
        expect(page.get_by_label("What is written there")).to_have_value("Ado")
        page.keyboard.down("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
        for _ in range(5):
            page.keyboard.down("Enter")
        page.keyboard.up("Enter")
        page.keyboard.press("PageDown")
        expect(page.get_by_role("heading", level=1)).to_have_text("member")
        assert [each.read.name for each in said(gateway, "first")] == ["name"]


def test_a_page_that_is_closed_gives_its_request_back(store_url, tmp_path, opened):
    with gateway_on(store_url, tmp_path / "uploads", access="open") as gateway:
        answered(gateway, "first")
        page = opened(gateway.address + "#/review/first")
        expect(page.get_by_label("What is written there")).to_be_visible()
        page.goto("about:blank")
        until(lambda: gateway.do(gateway.services.store.review("first")).lock.token == "")


def test_nobody_is_kept_out_of_review(store_url, tmp_path, opened):
    with gateway_on(store_url, tmp_path / "uploads", access="open") as gateway:
        answered(gateway, "first")
        page = opened(gateway.address + "#/review", bypass_csp=True)
        expect(page.get_by_label("Your name")).to_be_visible()
        assert serious(page) == []
        page.get_by_role("button", name="Begin").click()
        for heading in ("name", HOSTILE, "member"):
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            assert serious(page) == []
            page.keyboard.press("PageDown")
