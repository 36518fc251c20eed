"""A gateway that listens in a thread, and pages of it in a headless Chromium."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
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
from gateway.acceptance import entry_of
from gateway.application import application
from gateway.clock import now_micros
from gateway.entries import MICROS, Change
from gateway.reviews import Lock
from gateway.services import Services
from schemas.document import DocumentFacts
from schemas.fields import FieldKind, FieldState
from schemas.prediction import Checkbox, CheckboxState, Prediction, TextLine, Word
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import AnalysisResult, Field, Outcome, OutcomeState, PageResult

# A busy machine draws pages slowly; what never comes fails all the same.
expect.set_options(timeout=60_000)
SAMPLE = sample_folder() / "receipt-grocer.png"
HOSTILE = "<img src=x onerror=window.ran=1><script>window.ran=1</script>"
QUAD = (0.1, 0.1, 0.5, 0.1, 0.5, 0.15, 0.1, 0.15)
LOWER = (0.1, 0.3, 0.5, 0.3, 0.5, 0.35, 0.1, 0.35)


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

    async def send(self, request_id: str, location: str) -> None:
        request = AnalysisRequest(request_id, DocumentReference(location), "receipt")
        entry = entry_of(request, self.services.settings.gateway, now_micros(), None)
        assert await self.services.store.add(entry) is None

    async def steal(self, request_id: str) -> None:
        """Somebody else has the request from now on."""
        review = await self.services.store.review(request_id)
        assert review is not None
        assert await self.services.store.unlock_review(request_id, review.lock.token)
        now = now_micros()
        assert await self.services.store.lock_review(request_id, Lock("other", "other", now + 60 * MICROS), now)


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
        own = address.partition("#")[0]
        page.on("request", lambda each: each.url.startswith((own, "blob:", "about:")) or wrong.append(each.url))
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
