"""Uploads, pictures of pages, and events."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import sys
import threading
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from PIL import Image
from served import local_gateway, local_settings, result_of

from config.settings import Settings
from devstack.endpoints import Endpoints
from docbeam.samples import sample_folder
from documents.cache import DocumentCache
from documents.fetch import fetch
from gateway.access.api_keys import Scope, new_key
from gateway.clock import now_micros
from gateway.entries import Change
from gateway.uploads import Uploads
from schemas.document import DocumentFacts
from schemas.errors import DocbeamError
from schemas.request import AnalysisRequest, DocumentReference, now
from schemas.result import PageResult

BODY = {"location": "gs://forms/a.pdf", "use_case": "receipt"}
SAMPLE = sample_folder() / "receipt-grocer.png"


def settings_for(
    store_url: str, prefix: str, documents: dict[str, object] | None = None, **gateway: object
) -> Settings:
    found = local_settings(store_url, upload_prefix=prefix, **gateway)
    changed = {"allow": (prefix,)} | (documents or {})
    return found.model_copy(update={"documents": found.documents.model_copy(update=changed)})


async def key_of(services, client: str, *scopes: Scope) -> dict[str, str]:
    key, text = new_key(client, scopes or (Scope.SEND, Scope.RECEIVE, Scope.UPLOAD), now_micros())
    await services.store.put_key(key)
    return {"X-API-Key": text}


def test_an_upload_is_kept_told_by_its_content_and_sent_by_its_owner_only(store_url, tmp_path):
    async def work() -> None:
        settings = settings_for(store_url, f"file://{tmp_path}/uploads/")
        async with local_gateway(settings) as (client, services):
            shop, bank = await key_of(services, "shop"), await key_of(services, "bank")
            answer = await client.post("/v1/documents", content=SAMPLE.read_bytes(), headers=shop)
            assert answer.status_code == 201, answer.text
            said = answer.json()
            assert (said["media_type"], said["size_bytes"]) == ("image/png", SAMPLE.stat().st_size)
            assert said["sha256"] == hashlib.sha256(SAMPLE.read_bytes()).hexdigest()
            fetched = fetch(DocumentReference(said["location"], sha256=said["sha256"]), settings.documents,
                            DocumentCache(tmp_path / "cache", 10_000_000))  # fmt: skip
            assert fetched.path.read_bytes() == SAMPLE.read_bytes()
            body = BODY | {"location": said["location"]}
            assert (await client.post("/v1/requests", json=body, headers=shop)).status_code == 202
            folder = said["location"].split("/")[-2]
            spellings = [
                said["location"],
                said["location"].replace("/uploads/", "//uploads//"),
                said["location"].replace(folder, "%" + f"{ord(folder[0]):02x}" + folder[1:]),
            ]
            for spelling in spellings:
                refused = await client.post("/v1/requests", json=body | {"location": spelling}, headers=bank)
                assert (refused.status_code, refused.json()["code"]) == (403, "location_forbidden")
            link = tmp_path / "uploads" / "link.png"
            link.symlink_to(said["location"].removeprefix("file://"))
            refused = await client.post("/v1/requests", json=body | {"location": link.as_uri()}, headers=bank)
            assert refused.status_code == 403

    asyncio.run(work())
    assert not [path for path in tmp_path.rglob("*") if "docbeam-upload" in path.name or path.suffix == ".partial"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "document_empty"),
        (b"MZ\x90 a program", 422, "unsupported_media_type"),
        (b"<svg onload=alert(1)>", 422, "unsupported_media_type"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 6000, 413, "document_too_large"),
    ],
)
def test_what_is_no_document_is_not_kept(store_url, tmp_path, content, status, code):
    async def work() -> None:
        settings = settings_for(store_url, f"file://{tmp_path}/uploads/", {"max_bytes": 5000})
        async with local_gateway(settings) as (client, services):
            answer = await client.post("/v1/documents", content=content, headers=await key_of(services, "shop"))
            assert (answer.status_code, answer.json()["code"]) == (status, code)

    asyncio.run(work())
    assert not (tmp_path / "uploads").exists()


@pytest.mark.parametrize(
    ("exits", "status", "code"),
    [
        (0, 201, None),
        (1, 422, "document_infected"),
        (2, 503, "service_unavailable"),
        (None, 503, "service_unavailable"),
    ],
)
def test_a_scanner_decides(store_url, tmp_path, exits, status, code):
    script = tmp_path / "scan.py"
    wait = "time.sleep(30)" if exits is None else ""
    script.write_text(
        f"import sys, time\nassert open(sys.argv[1], 'rb').read(4) == b'\\x89PNG'\n{wait}\nsys.exit({exits})"
    )

    async def work() -> None:
        settings = settings_for(
            store_url, f"file://{tmp_path}/uploads/", scan_command=f"{sys.executable},{script}", scan_seconds=1
        )
        async with local_gateway(settings) as (client, services):
            headers = await key_of(services, "shop")
            answer = await client.post("/v1/documents", content=SAMPLE.read_bytes(), headers=headers)
            assert (answer.status_code, answer.json().get("code")) == (status, code)

    asyncio.run(work())
    assert (tmp_path / "uploads").exists() == (status == 201)


def test_uploads_need_their_scope_and_a_place(store_url, tmp_path):
    async def work() -> None:
        async with local_gateway(settings_for(store_url, f"file://{tmp_path}/u/")) as (client, services):
            headers = await key_of(services, "shop", Scope.SEND)
            assert (await client.post("/v1/documents", content=b"x", headers=headers)).status_code == 403
            assert (await client.post("/v1/documents", content=b"x")).status_code == 401
        async with local_gateway(local_settings(store_url)) as (client, services):
            headers = await key_of(services, "shop")
            assert (await client.post("/v1/documents", content=b"x", headers=headers)).status_code == 404

    asyncio.run(work())


@pytest.mark.stack
@pytest.mark.parametrize("kind", ["gs", "s3"])
def test_uploads_go_into_a_bucket_and_are_fetched_from_there(stack: Endpoints, store_url, tmp_path, kind, monkeypatch):
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    bucket = f"uploads-{uuid.uuid4().hex[:8]}"
    if kind == "gs":
        options = {"api_endpoint": stack.gcs_endpoint}
        storage.Client("docbeam", AnonymousCredentials(), client_options=options).create_bucket(bucket)
        endpoint: dict[str, object] = {"gcs_endpoint": stack.gcs_endpoint}
    else:
        boto3.client("s3", endpoint_url=stack.s3_endpoint, region_name="us-east-1").create_bucket(Bucket=bucket)
        endpoint = {"s3_endpoint": stack.s3_endpoint}
    settings = settings_for(store_url, f"{kind}://{bucket}/in", endpoint)

    async def work() -> str:
        async with local_gateway(settings) as (client, services):
            headers = await key_of(services, "shop")
            answer = await client.post("/v1/documents", content=SAMPLE.read_bytes(), headers=headers)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["location"])

    location = asyncio.run(work())
    assert location.startswith(f"{kind}://{bucket}/in/")
    cache = DocumentCache(tmp_path / "cache", 10_000_000)
    assert fetch(DocumentReference(location), settings.documents, cache).path.read_bytes() == SAMPLE.read_bytes()
    uploads = Uploads(settings)
    assert asyncio.run(uploads.forget(now() - timedelta(minutes=10))) == 0
    assert asyncio.run(uploads.forget(now() + timedelta(minutes=10))) == 1
    with pytest.raises(DocbeamError):
        fetch(DocumentReference(location), settings.documents, DocumentCache(tmp_path / "other", 10_000_000))


def test_old_uploads_are_deleted_and_nothing_else(store_url, tmp_path):
    root = tmp_path / "uploads"
    settings = settings_for(store_url, f"file://{root}/", upload_days=2)

    async def work() -> None:
        async with local_gateway(settings) as (client, services):
            headers = await key_of(services, "shop")
            kept = []
            for _ in range(2):
                answer = await client.post("/v1/documents", content=SAMPLE.read_bytes(), headers=headers)
                kept.append(Path(answer.json()["location"].removeprefix("file://")))
            old, fresh = kept
            others = [root / "inbox.png", old.parent / "note.txt", root / "deep" / old.name]
            for each in others:
                each.parent.mkdir(exist_ok=True)
                each.write_bytes(b"not ours")
            days_ago = time.time() - 3 * 86_400
            for each in (old, *others):
                os.utime(each, (days_ago, days_ago))
            task = asyncio.create_task(services.upkeep.forget_for_ever())
            while old.exists():
                await asyncio.sleep(0.05)
            task.cancel()
            assert fresh.exists()
            assert all(each.exists() for each in others)

    asyncio.run(work())


def test_pages_are_drawn_with_and_without_what_was_found(store_url):
    request = AnalysisRequest("a", DocumentReference(SAMPLE.as_uri()), "receipt")
    with Image.open(SAMPLE) as picture:
        width, height = picture.size
    facts = DocumentFacts(
        SAMPLE.as_uri(), "image/png", SAMPLE.stat().st_size, hashlib.sha256(SAMPLE.read_bytes()).hexdigest(), 1
    )
    result = replace(result_of(request), document=facts, pages=(PageResult(1, width, height),))

    async def work() -> None:
        found = local_settings(store_url, access="open")
        documents = found.documents.model_copy(update={"allow": (f"file://{sample_folder()}/",)})
        async with local_gateway(found.model_copy(update={"documents": documents})) as (client, services):
            await client.post("/v1/requests", json=BODY | {"request_id": "a", "location": SAMPLE.as_uri()})
            assert (await client.get("/v1/requests/a/pages/1.png")).json()["code"] == "no_such_resource"
            await services.store.move("a", "", Change.answered(result, now_micros()))
            drawn = await client.get("/v1/requests/a/pages/1.png")
            assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/png")
            assert Image.open(io.BytesIO(drawn.content)).width > width
            plain = await client.get("/v1/requests/a/pages/1.png?overlay=false")
            assert plain.status_code == 200, plain.text
            assert Image.open(io.BytesIO(plain.content)).size == (width, height)
            tag = {"If-None-Match": plain.headers["etag"]}
            assert (await client.get("/v1/requests/a/pages/1.png", headers=tag)).status_code == 304
            for number, status in ((2, 404), (0, 400), ("x", 400), (10**9, 400)):
                assert (await client.get(f"/v1/requests/a/pages/{number}.png")).status_code == status
            assert (await client.get("/v1/requests/b/pages/1.png")).status_code == 404
            await services.pages.close()

    asyncio.run(work())


def test_a_request_is_followed_to_its_end(store_url):
    async def work() -> None:
        async with local_gateway(local_settings(store_url, access="open")) as (client, services):
            await client.post("/v1/requests", json=BODY | {"request_id": "a", "parameters": {"x": "\n\nevent: forged"}})

            async def end() -> None:
                while not services.changes.waiting:
                    await asyncio.sleep(0.01)
                await services.store.move("a", "", Change.sent(now_micros()))
                services.changes.announce("a")
                await asyncio.sleep(0.1)
                request = AnalysisRequest("a", DocumentReference("gs://forms/a.pdf"), "receipt")
                await services.store.move("a", "", Change.answered(result_of(request), now_micros()))
                services.changes.announce("a")

            ending = asyncio.create_task(end())
            answer = await client.get("/v1/requests/a/events")
            await ending
            assert answer.headers["content-type"].startswith("text/event-stream")
            events = [event.splitlines() for event in answer.text.strip().split("\n\n")]
            told = [json.loads(event[2].removeprefix("data: ")) for event in events]
            assert [each["status"] for each in told] == ["received", "processing", "ready"]
            assert {event[0] for event in events} == {"event: status"}
            assert "result" not in told[-1]
            again = await client.get("/v1/requests/a/events")
            assert again.text.count("event: status") == 1
            assert (await client.get("/v1/requests/b/events")).status_code == 404

    asyncio.run(work())


def test_an_upload_that_trickles_is_ended_and_no_client_has_all_places(store_url, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.uploads._CHUNK_SECONDS", 0.2)
    held = asyncio.Event()

    async def trickling():
        while True:
            yield b"%"
            await asyncio.sleep(0.01)

    async def holding():
        yield SAMPLE.read_bytes()
        await held.wait()

    async def work() -> None:
        settings = settings_for(store_url, f"file://{tmp_path}/uploads/", concurrent_uploads=4)
        async with local_gateway(settings) as (client, services):
            shop, bank = await key_of(services, "shop"), await key_of(services, "bank")
            slow = await client.post("/v1/documents", content=trickling(), headers=shop)
            assert (slow.status_code, slow.json()["code"]) == (400, "invalid_request")
            assert "bytes a second" in slow.json()["detail"]
            monkeypatch.setattr("gateway.uploads._CHUNK_SECONDS", 60)
            others = [asyncio.create_task(client.post("/v1/documents", content=holding(), headers=shop)) for _ in "123"]
            while services.uploads.places.held_by("shop") < 3:
                await asyncio.sleep(0.01)
            refused = await client.post("/v1/documents", content=SAMPLE.read_bytes(), headers=shop)
            assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
            assert refused.headers["retry-after"] == "5"
            taken = await client.post("/v1/documents", content=SAMPLE.read_bytes(), headers=bank)
            assert taken.status_code == 201
            held.set()
            assert [(await each).status_code for each in others] == [201] * 3

    asyncio.run(work())


def test_a_page_that_does_not_exist_yet_is_not_the_same_as_before(store_url):
    async def work() -> None:
        async with local_gateway(local_settings(store_url, access="open")) as (client, _):
            await client.post("/v1/requests", json=BODY | {"request_id": "a"})
            answer = await client.get("/v1/requests/a/pages/1.png", headers={"If-None-Match": "*"})
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_resource")

    asyncio.run(work())


def test_while_the_disk_takes_nothing_uploads_come_later(store_url, tmp_path, monkeypatch):
    async def work() -> None:
        async with local_gateway(settings_for(store_url, f"file://{tmp_path}/uploads/")) as (client, services):
            shop = await key_of(services, "shop")
            monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
            answer = await client.post("/v1/documents", content=SAMPLE.read_bytes(), headers=shop)
            assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
            monkeypatch.undo()
            assert (await client.post("/v1/documents", content=SAMPLE.read_bytes(), headers=shop)).status_code == 201

    asyncio.run(work())


def test_pages_of_one_client_leave_places_for_others(store_url, monkeypatch):
    drawn = threading.Event()

    async def work() -> None:
        async with local_gateway(local_settings(store_url)) as (client, services):
            shop, bank = await key_of(services, "shop"), await key_of(services, "bank")
            for key in (shop, bank):
                await client.post("/v1/requests", json=BODY | {"request_id": key["X-API-Key"][8:20]}, headers=key)
            monkeypatch.setattr(services.pages, "_draw", lambda *_: (drawn.wait(), b"PNG")[1])

            def page(key):
                return client.get(f"/v1/requests/{key['X-API-Key'][8:20]}/pages/1.png", headers=key)

            many = [asyncio.create_task(page(shop)) for _ in range(30)]
            await asyncio.wait(many, return_when=asyncio.FIRST_COMPLETED)
            other = asyncio.create_task(page(bank))
            refused = [each for each in many if each.done()]
            assert {(each.result().status_code, each.result().json()["code"]) for each in refused} == {
                (429, "rate_limited")
            }
            drawn.set()
            assert (await other).status_code == 200
            answers = [(await each).status_code for each in many]
            assert (answers.count(200), answers.count(429)) == (24, 6)

    asyncio.run(work())
