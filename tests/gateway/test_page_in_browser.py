"""The page in a headless Chromium, on a gateway that listens; the test plays the job's part."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from browsing import HOSTILE, QUAD, SAMPLE, gateway_on, id_of, read, serious
from PIL import Image
from playwright.sync_api import expect

from gateway.access.api_keys import Scope, new_key
from gateway.clock import now_micros
from gateway.entries import Change
from schemas.fields import FieldKind, FieldState
from schemas.result import Field, ResultStatus

CORNER = "shape => { const {x, y} = shape.points[0].matrixTransform(shape.getScreenCTM()); return [x, y]; }"
"""Of a shape, as it lies in the window; its box would have the stroke in it."""


@pytest.mark.parametrize("size", [{"width": 1400, "height": 900}, {"width": 390, "height": 844}], ids=["desk", "phone"])
def test_a_document_is_sent_watched_and_looked_at(store_url, tmp_path, opened, size):
    with gateway_on(store_url, tmp_path / "uploads", access="open") as gateway:
        page = opened(gateway.address, viewport=size)
        page.get_by_label("Use case").fill("receipt")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("alert")).to_contain_text("location or a file")
        page.get_by_label("or a file").set_input_files(SAMPLE)
        page.get_by_role("button", name="Send").click()
        name = id_of(page)
        expect(page.get_by_role("status")).to_have_text("received")
        gateway.move(name, Change.sent(now_micros()))
        expect(page.get_by_role("status")).to_have_text("processing")
        entry = gateway.do(gateway.services.store.find(name))
        location = json.loads(entry.request)["document"]["location"]
        gateway.move(name, Change.answered(read(name, location), now_micros()))
        expect(page.get_by_role("status")).to_have_text("ready")

        rows = page.get_by_role("table", name="Lowest confidence first").get_by_role("row")
        expect(rows).to_have_count(4)
        assert HOSTILE in rows.nth(1).inner_text()
        assert "review" in rows.nth(1).inner_text()
        assert [rows.nth(n).get_by_role("cell").first.inner_text() for n in (2, 3)] == ["empty", "sure"]
        rows.nth(3).scroll_into_view_if_needed()
        expect(page.get_by_alt_text("sure, as it is on page 1")).to_be_visible()

        sheet = page.get_by_alt_text("Page 1 of the document")
        expect(sheet).to_be_visible()
        assert sheet.evaluate("image => image.naturalWidth") == Image.open(SAMPLE).width
        page.get_by_role("button", name="sure").click()
        about = page.locator(".about")
        expect(about).to_contain_text("sure 42.50")
        expect(about).to_contain_text("99.0 %")
        left, top = page.locator("polygon.chosen").evaluate(CORNER)
        whole = sheet.bounding_box()
        assert left - whole["x"] == pytest.approx(0.1 * whole["width"], abs=2)
        assert top - whole["y"] == pytest.approx(0.3 * whole["height"], abs=2)
        expect(page.locator("g.lines")).to_be_hidden()
        page.get_by_label("Lines (1)").check()
        page.get_by_label("Fields (2)").uncheck()
        page.locator("g.lines polygon").dispatch_event("pointerenter")
        expect(about).to_contain_text(HOSTILE)
        expect(about).to_contain_text("ocr 1.2.3, confidence 80.0 %")
        page.get_by_role("region", name="Page").press("+")
        assert sheet.bounding_box()["width"] == pytest.approx(1.5 * whole["width"], rel=0.1)

        expect(page.get_by_role("table", name="Models, slowest first").get_by_role("row").nth(1)).to_contain_text(
            "400 ms"
        )
        page.get_by_text("JSON of").click()
        expect(page.get_by_label("JSON")).to_contain_text('"duration_ms": 400')
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_requests_are_listed_and_filtered_page_by_page_and_script_stays_text(store_url, tmp_path, opened):
    with gateway_on(store_url, tmp_path / "uploads", access="open") as gateway:
        page = opened(gateway.address)
        page.get_by_label("Location").fill(f"gs://forms/{HOSTILE}.pdf")
        page.get_by_label("Use case").fill("receipt")
        page.get_by_role("button", name="Send").click()
        name = id_of(page)
        expect(page.locator("dd").first).to_have_text(f"gs://forms/{HOSTILE}.pdf")
        failed = replace(read(name, "gs://forms/a.pdf"), status=ResultStatus.FAILED, pages=(), fields=(), document=None)
        gateway.move(name, Change.answered(failed, now_micros()))
        expect(page.get_by_role("status")).to_have_text("failed")
        page.evaluate(
            """async () => { for (let n = 0; n < 30; n++) await fetch("v1/requests", {method: "POST", headers:
            {"Content-Type": "application/json"}, body: JSON.stringify({request_id: "more:" + n, location:
            "gs://forms/a.pdf", use_case: "other"})}) }"""
        )
        page.get_by_role("link", name="Requests").click()
        rows = page.locator("tbody tr")
        expect(rows).to_have_count(25)
        page.get_by_role("link", name="Older").click()
        expect(rows).to_have_count(6)
        assert f"gs://forms/{HOSTILE}.pdf" in page.locator("tbody").inner_text()
        page.get_by_label("Status").select_option("failed")
        page.get_by_role("button", name="Filter").click()
        expect(rows).to_have_count(1)
        page.reload()
        expect(rows).to_have_count(1)
        page.get_by_label("Use case").fill("other")
        page.get_by_role("button", name="Filter").click()
        expect(page.get_by_text("No request is like that.")).to_be_visible()
        page.go_back()
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        page.goto(gateway.address + "#/requests/" + "%3Cimg%20src=x%20onerror=window.ran=1%3E")
        expect(page.get_by_role("alert")).to_contain_text("no request of this id")


def test_the_key_is_asked_for_kept_in_the_tab_and_forgotten(store_url, tmp_path, opened):
    with gateway_on(store_url, tmp_path / "uploads") as gateway:
        key, text = new_key("shop", (Scope.SEND, Scope.RECEIVE), now_micros())
        gateway.do(gateway.services.store.put_key(key))
        page = opened(gateway.address)
        field = page.get_by_label("API key or token")
        field.fill("docbeam_wrong")
        field.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("not known")
        page.get_by_label("API key or token").fill(text)
        page.keyboard.press("Enter")
        expect(page.get_by_label("Location")).to_be_visible()
        expect(page.get_by_label("or a file")).to_have_count(0)
        assert page.context.cookies() == []
        assert page.evaluate("localStorage.length") == 0
        page.reload()
        expect(page.get_by_label("Location")).to_be_visible()
        page.get_by_role("button", name="Forget the key").click()
        expect(page.get_by_label("API key or token")).to_be_visible()
        assert page.evaluate("sessionStorage.length") == 0


def test_nobody_is_kept_out_by_how_the_page_is_made(store_url, tmp_path, opened):
    with gateway_on(store_url, tmp_path / "uploads", access="open") as gateway:
        # axe is no part of the page, so its script needs the policy out of the way.
        page = opened(gateway.address, bypass_csp=True)
        expect(page.get_by_label("Location")).to_be_visible()
        assert serious(page) == []
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.get_by_label("Location").fill(SAMPLE.as_uri())
        page.get_by_label("Use case").fill("receipt")
        page.keyboard.press("Enter")
        name = id_of(page)
        gateway.move(name, Change.answered(read(name, SAMPLE.as_uri()), now_micros()))
        expect(page.get_by_alt_text("Page 1 of the document")).to_be_visible()
        assert serious(page) == []
        page.get_by_role("link", name="Requests").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        assert serious(page) == []


def test_a_page_that_cannot_be_drawn_is_told_and_the_others_stay(store_url, tmp_path, opened):
    with gateway_on(store_url, tmp_path / "uploads", access="open") as gateway:
        page = opened(gateway.address)
        page.get_by_label("Location").fill(SAMPLE.as_uri())
        page.get_by_label("Use case").fill("receipt")
        page.keyboard.press("Enter")
        name = id_of(page)
        result = read(name, SAMPLE.as_uri())
        second = Field("second", FieldKind.TEXT, FieldState.FILLED, "on page 2", confidence=0.5, page=2, quad=QUAD)
        # The document has one page: whatever draws the second one has to say so.
        pages = (result.pages[0], replace(result.pages[0], number=2, outcomes=()))
        result = replace(result, pages=pages, fields=(*result.fields, second))
        gateway.move(name, Change.answered(result, now_micros()))
        expect(page.get_by_alt_text("Page 1 of the document")).to_be_visible()
        page.get_by_role("button", name="second").click()
        expect(page.get_by_label("Page (of 2)")).to_have_value("2")
        expect(page.locator(".about")).to_contain_text("second on page 2")
        expect(page.locator(".viewer").get_by_role("alert")).to_be_visible()
        page.get_by_role("button", name="sure").click()
        expect(page.get_by_alt_text("Page 1 of the document")).to_be_visible()
        expect(page.locator(".viewer").get_by_role("alert")).to_have_count(0)
        expect(page.locator(".about")).to_contain_text("sure 42.50")
