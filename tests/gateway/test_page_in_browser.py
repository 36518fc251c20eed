"""The page in a headless Chromium, on a gateway that listens; the test plays the job's part."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from served import local_settings, result_of, until

from devstack.browser import headless_browser
from docbeam.samples import sample_folder
from gateway.access.api_keys import Scope, new_key
from gateway.application import application
from gateway.clock import now_micros
from gateway.entries import Change
from gateway.services import Services
from schemas.document import DocumentFacts
from schemas.fields import FieldKind, FieldState
from schemas.prediction import Checkbox, CheckboxState, Prediction, TextLine, Word
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import AnalysisResult, Field, Outcome, OutcomeState, PageResult, ResultStatus

SAMPLE = sample_folder() / "receipt-grocer.png"
HOSTILE = "<img src=x onerror=window.ran=1><script>window.ran=1</script>"
QUAD = (0.1, 0.1, 0.5, 0.1, 0.5, 0.15, 0.1, 0.15)
LOWER = (0.1, 0.3, 0.5, 0.3, 0.5, 0.35, 0.1, 0.35)
CORNER = "shape => { const {x, y} = shape.points[0].matrixTransform(shape.getScreenCTM()); return [x, y]; }"
"""Of a shape, as it lies in the window; its box would have the stroke in it."""


@dataclass
class Served:
    """A gateway in a thread of its own."""

    address: str
    services: Services
    loop: asyncio.AbstractEventLoop

    def do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def move(self, request_id: str, change: Change) -> None:
        async def work() -> None:
            await self.services.store.move(request_id, "", change)
            self.services.changes.announce(request_id)

        self.do(work())


@contextlib.contextmanager
def gateway_on(store_url: str, uploads: Path, **settings: object) -> Iterator[Served]:
    found = local_settings(store_url, upload_prefix=f"file://{uploads}/", **settings)
    allow = (f"file://{sample_folder()}/", f"file://{uploads}/", "gs://forms/")
    found = found.model_copy(update={"documents": found.documents.model_copy(update={"allow": allow})})
    door, services = application(found)
    server = uvicorn.Server(uvicorn.Config(door, lifespan="off", log_config=None, access_log=False))
    ready: list[Served] = []
    listening = socket.create_server(("127.0.0.1", 0))

    async def serve() -> None:
        await services.store.open()
        looking = asyncio.create_task(services.changes.look_for_ever())
        ready.append(Served(f"http://127.0.0.1:{listening.getsockname()[1]}/", services, asyncio.get_running_loop()))
        await server.serve(sockets=[listening])
        looking.cancel()
        await services.outbox.close(0)
        await services.pages.close()
        await services.store.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        yield until(lambda: ready and server.started and ready[0])
    finally:
        services.changes.stop_soon()
        server.should_exit = True
        thread.join(60)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = headless_browser(lambda line: None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.program,
            env=dict(found.environment),
            args=["--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Pages in contexts of their own; what they ask of other hosts, run or report as broken fails the test."""
    contexts, wrong = [], []

    def open_page(address: str, **options: Any) -> Page:
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda each: each.url.startswith((address, "blob:")) or wrong.append(each.url))
        page.on("pageerror", lambda each: wrong.append(str(each)))
        # An answer that refuses is told in the console, and is nothing wrong.
        page.on("console", lambda each: "Failed to load resource" in each.text or wrong.append(each.text))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:
            assert page.evaluate("window.ran") is None
        context.close()
    assert wrong == []


def read(request_id: str, location: str) -> AnalysisResult:
    """A result with a finding of each kind, and script wherever a document could bring some."""
    with Image.open(SAMPLE) as picture:
        width, height = picture.size
    facts = DocumentFacts(
        location, "image/png", SAMPLE.stat().st_size, hashlib.sha256(SAMPLE.read_bytes()).hexdigest(), 1
    )
    line = TextLine(HOSTILE, QUAD, 0.8, (Word(HOSTILE, QUAD, 0.8),))
    ocr = Outcome("ocr", OutcomeState.FOUND, "1.2.3", duration_ms=400, prediction=Prediction(lines=(line,)))
    box = Checkbox(CheckboxState.TICKED, LOWER, 0.99, 0.98)
    boxes = Outcome("checkbox", OutcomeState.FOUND, "3.0.0", duration_ms=90, prediction=Prediction(checkboxes=(box,)))
    fields = (
        Field("sure", FieldKind.TEXT, FieldState.FILLED, "42.50", confidence=0.99, page=1, quad=LOWER),
        Field(HOSTILE, FieldKind.TEXT, FieldState.FILLED, HOSTILE, confidence=0.4, page=1, quad=QUAD, review=True),
        Field("empty", FieldKind.TEXT, FieldState.BLANK, confidence=0.7, page=1),
    )
    made = result_of(AnalysisRequest(request_id, DocumentReference(location), "receipt"))
    page = PageResult(1, width, height, outcomes=(ocr, boxes))
    return replace(made, document=facts, pages=(page,), fields=fields)


def id_of(page: Page) -> str:
    page.wait_for_url("**/#/requests/*")
    return page.url.rpartition("/")[2]


def serious(page: Page) -> list[str]:
    """What axe finds that keeps people out."""
    page.evaluate(headless_browser(lambda line: None).axe.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


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
