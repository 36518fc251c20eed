"""The page's files, and the calls it lives by."""

from __future__ import annotations

import asyncio
import re
from importlib import resources
from urllib.parse import quote

import pytest
from served import local_gateway, local_settings

FILES = sorted(each.name for each in resources.files("gateway.page").iterdir() if not each.name.startswith("__"))
MEDIA_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
SVG = "http://www.w3.org/2000/svg"
"""The name of SVG, which is asked of nobody."""


def got(store_url: str, *paths: str, **settings: object) -> list:
    """Answers to calls without a key."""

    async def work() -> list:
        async with local_gateway(local_settings(store_url, **settings)) as (client, _):
            return [await client.get(path) for path in paths]

    return asyncio.run(work())


def address(name: str) -> str:
    return "/" if name == "index.html" else f"/ui/{name}"


def text_of(name: str) -> str:
    return resources.files("gateway.page").joinpath(name).read_text(encoding="utf-8")


def test_every_file_is_served_to_anybody_under_a_policy_that_runs_the_page_s_own_script_only(store_url):
    answers = got(store_url, *map(address, FILES))
    assert len(answers) >= 10
    for name, answer in zip(FILES, answers, strict=True):
        assert answer.status_code == 200, name
        assert answer.text == text_of(name)
        assert answer.headers["content-type"].split(";")[0] == MEDIA_TYPES[name.rpartition(".")[2]]
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = dict(each.strip().split(" ", 1) for each in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["img-src"] == "'self' blob:"
        assert policy["require-trusted-types-for"] == "'script'"
        assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_loaded_from_another_host_and_nothing_becomes_markup(name):
    text = text_of(name)
    assert set(re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}[^\"'\s]*", text)) <= {SVG}
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTML|DOMParser|createContextualFragment"
        r"|\beval\b|new Function|srcdoc|javascript:|@import|localStorage|document\.cookie",
        text,
    )
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", text)


def test_every_part_that_a_part_names_is_there():
    named = set(re.findall(r'(?:href|src)="ui/([^"]+)"', text_of("index.html")))
    for name in FILES:
        named |= set(re.findall(r'from "\./([^"]+)"', text_of(name)))
    assert named | {"index.html"} == set(FILES)


def test_what_is_no_part_of_the_page_is_not_served(store_url):
    wrong = ["__init__.py", "../application.py", "..%2fapplication.py", "page.css%2fx", "<script>", "\0"]
    for answer in got(store_url, *(f"/ui/{quote(each, safe='/%')}" for each in wrong)):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert "script" not in answer.text


def test_a_browser_that_has_a_file_is_not_sent_it_again(store_url):
    async def work() -> None:
        async with local_gateway(local_settings(store_url)) as (client, _):
            for path in ("/", "/ui/page.js"):
                first = await client.get(path)
                again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
                assert (again.status_code, again.content) == (304, b"")
                assert again.headers["content-security-policy"] == first.headers["content-security-policy"]

    asyncio.run(work())


def test_the_page_needs_no_key_and_what_it_shows_does(store_url):
    page, listed = got(store_url, "/", "/v1/requests?limit=25")
    assert (page.status_code, listed.status_code) == (200, 401)
    page, listed = got(store_url, "/", "/v1/requests?limit=25", access="open")
    assert (page.status_code, listed.status_code) == (200, 200)


def test_an_empty_upload_tells_whether_uploads_are_taken(store_url, tmp_path):
    """By this the page knows whether to offer a file."""

    async def code(**settings: object) -> str:
        async with local_gateway(local_settings(store_url, access="open", **settings)) as (client, _):
            return str((await client.post("/v1/documents", content=b"")).json()["code"])

    assert asyncio.run(code()) == "no_such_resource"
    assert asyncio.run(code(upload_prefix=f"file://{tmp_path}/uploads/")) == "document_empty"
