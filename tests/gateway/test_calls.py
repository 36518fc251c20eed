"""Calls that need no broker: what is answered, refused and told, by an application of this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from served import local_gateway, local_settings

from gateway.clock import now_micros
from gateway.entries import Change, packed
from schemas.errors import ErrorCode
from schemas.progress import RequestStatus

BODY = {"location": "gs://forms/a.pdf", "use_case": "receipt"}


@pytest.fixture
def calling(store_url: str) -> Callable[..., None]:
    """Runs a check against an open gateway, with settings of its own."""

    def run(check: Callable[..., Awaitable[None]], **settings: object) -> None:
        async def work() -> None:
            async with local_gateway(local_settings(store_url, **{"access": "open"} | settings)) as (client, services):
                await check(client, services)

        asyncio.run(work())

    return run


def told(answer, code: ErrorCode, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["code"], said["status"]) == (code.value, status)
    assert said["type"] == f"/v1/errors/{code.value}"
    assert said["title"] == code.meaning.text
    return said


def test_a_request_is_kept_and_has_an_address(calling):
    async def check(client, services):
        answer = await client.post("/v1/requests", json=BODY)
        assert answer.status_code == 202
        receipt = answer.json()
        assert answer.headers["location"] == receipt["url"] == f"/v1/requests/{receipt['request_id']}"
        assert int(answer.headers["retry-after"]) >= 1
        got = await client.get(receipt["url"])
        assert got.status_code == 200
        assert int(got.headers["retry-after"]) >= 1
        said = got.json()
        assert (said["status"], said["result"], said["error"]) == ("received", None, None)
        assert said["document"]["location"] == BODY["location"]
        assert said["created_at"] == said["updated_at"] < said["deadline_at"] < said["expires_at"]

    calling(check)


def test_the_same_id_with_the_same_content_is_answered_alike_and_another_content_is_a_conflict(calling):
    async def check(client, services):
        body = BODY | {"request_id": "order-1", "sha256": "AB" * 32, "parameters": {"a": "1", "b": "2"}}
        first = await client.post("/v1/requests", json=body)
        again = await client.post("/v1/requests", json=body | {"parameters": {"b": "2", "a": "1"}})
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        for other in ({"location": "gs://forms/b.pdf"}, {"use_case": "other"}, {"parameters": {}}, {"sha256": None}):
            said = told(await client.post("/v1/requests", json=body | other), ErrorCode.REQUEST_CONFLICT, 409)
            assert said["request_id"] == "order-1"
        assert len((await client.get("/v1/requests")).json()["requests"]) == 1

    calling(check)


def test_many_who_send_one_id_at_once_make_one_request(calling):
    async def check(client, services):
        body = BODY | {"request_id": "one"}
        answers = await asyncio.gather(*(client.post("/v1/requests", json=body) for _ in range(30)))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.text for answer in answers}) == 1

    calling(check)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"request_id": "a b"}, "/request_id"),
        ({"request_id": "<script>alert(1)</script>"}, "/request_id"),
        ({"request_id": ""}, "/request_id"),
        ({"request_id": "x" * 129}, "/request_id"),
        ({"request_id": "a\n"}, "/request_id"),
        ({"request_id": 5}, "/request_id"),
        ({"use_case": "Receipt"}, "/use_case"),
        ({"use_case": None}, "/use_case"),
        ({"location": ""}, "/location"),
        ({"location": "gs://forms/" + "a" * 2048}, "/location"),
        ({"location": ["gs://forms/a.pdf"]}, "/location"),
        ({"location": "gs://forms/\ud800"}, "/location"),
        ({"sha256": "ab"}, "/sha256"),
        ({"parameters": {"a": 1}}, "/parameters/a"),
        ({"parameters": {"a" * 300: "1"}}, "/parameters/?/[key]"),
        ({"parameters": {str(n): "" for n in range(65)}}, "/parameters"),
        ({"document": "x"}, "/document"),
        ({"<script>": "x"}, "/?"),
    ],
)
def test_a_body_that_is_not_valid_is_told_which_field_and_never_quoted(calling, change, pointer):
    async def check(client, services):
        content = json.dumps(BODY | change)
        answer = await client.post("/v1/requests", content=content, headers={"content-type": "application/json"})
        said = told(answer, ErrorCode.INVALID_REQUEST, 400)
        assert said["errors"][0]["pointer"].replace("[key]", "?") == pointer.replace("[key]", "?")
        assert "script" not in answer.text

    calling(check)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"5",
        b'"text"',
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"location": NaN}',
        b"{" * 3 + b'"a":' * 9,
    ],
)
def test_what_is_no_json_object_is_an_invalid_request(calling, content):
    async def check(client, services):
        answer = await client.post("/v1/requests", content=content, headers={"content-type": "application/json"})
        told(answer, ErrorCode.INVALID_REQUEST, 400)

    calling(check)


def test_ids_of_dots_are_refused_since_addresses_lose_them(calling):
    async def check(client, services):
        for name in (".", ".."):
            told(await client.post("/v1/requests", json=BODY | {"request_id": name}), ErrorCode.INVALID_REQUEST, 400)

    calling(check)


def test_a_body_is_read_up_to_the_limit_and_no_further(calling):
    async def check(client, services):
        async def endless():
            for _ in range(200):
                yield b" " * 1000
            raise AssertionError("it was read to the end")

        told(await client.post("/v1/requests", content=b" " * 5000), ErrorCode.RECORD_TOO_LARGE, 413)
        told(await client.post("/v1/requests", content=endless()), ErrorCode.RECORD_TOO_LARGE, 413)

    calling(check, max_body_bytes=4096)


def test_unknown_ids_and_addresses_and_methods_are_problems_too(calling):
    async def check(client, services):
        for name in ("absent", "x" * 500, "%00", "%F0%9F%98%80", "a%20b", "<b>"):
            told(await client.get(f"/v1/requests/{name}"), ErrorCode.REQUEST_NOT_FOUND, 404)
        told(await client.get("/nothing"), ErrorCode.NO_SUCH_RESOURCE, 404)
        told(await client.get("/v1/requests/a/b/c/d"), ErrorCode.NO_SUCH_RESOURCE, 404)
        told(await client.delete("/v1/requests"), ErrorCode.METHOD_NOT_ALLOWED, 405)
        told(await client.request("BREW", "/v1/requests"), ErrorCode.METHOD_NOT_ALLOWED, 405)

    calling(check)


def test_an_ended_request_has_its_result_and_an_etag(calling):
    async def check(client, services):
        await client.post("/v1/requests", json=BODY | {"request_id": "a"})
        before = await client.get("/v1/requests/a")
        result = packed(b'{"request_id": "a"}')
        await services.store.move("a", "", Change(RequestStatus.READY, 3, now_micros(), result))
        after = await client.get("/v1/requests/a", headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert after.json()["result"] == {"request_id": "a"}
        assert "retry-after" not in after.headers
        for tag in (after.headers["etag"], f"W/{after.headers['etag']}", f'"x", {after.headers["etag"]}', "*"):
            same = await client.get("/v1/requests/a", headers={"If-None-Match": tag})
            assert (same.status_code, same.content) == (304, b"")
            assert same.headers["etag"] == after.headers["etag"]

    calling(check)


def test_a_waiting_call_is_answered_when_another_gateway_ends_the_request(calling, store_url):
    async def check(client, services):
        await client.post("/v1/requests", json=BODY | {"request_id": "a"})
        waiting = asyncio.create_task(client.get("/v1/requests/a", params={"wait": "20s"}, timeout=30))
        async with local_gateway(local_settings(store_url, access="open")) as (_, other):
            looking = asyncio.create_task(services.changes.look_for_ever())
            while not services.changes.waiting:
                await asyncio.sleep(0.01)
            await other.store.move("a", "", Change(RequestStatus.READY, 3, now_micros(), packed(b"{}")))
            answer = await waiting
            looking.cancel()
        assert answer.json()["status"] == "ready"

    calling(check)


def test_a_wait_ends_by_itself_with_what_is_known_and_is_bounded(calling):
    async def check(client, services):
        await client.post("/v1/requests", json=BODY | {"request_id": "a"})
        answer = await client.get("/v1/requests/a", params={"wait": "9999s"})
        assert (answer.status_code, answer.json()["status"]) == (200, "received")
        same = {"If-None-Match": answer.headers["etag"]}
        assert (await client.get("/v1/requests/a?wait=1", headers=same)).status_code == 304
        for wrong in ("-1", "1m", "10000", "1.5", "s", "1s "):
            told(await client.get("/v1/requests/a", params={"wait": wrong}), ErrorCode.INVALID_REQUEST, 400)

    calling(check, max_wait_seconds=0.2)


async def three_that_wait(client, services):
    """Calls for the request a."""
    waiting = [asyncio.create_task(client.get("/v1/requests/a?wait=20", timeout=30)) for _ in range(3)]
    while services.changes.waiting < 3:
        await asyncio.sleep(0.01)
    return waiting


def test_when_too_many_wait_one_more_is_answered_at_once_and_an_end_wakes_all(calling):
    async def check(client, services):
        await client.post("/v1/requests", json=BODY | {"request_id": "a"})
        waiting = await three_that_wait(client, services)
        assert (await client.get("/v1/requests/a?wait=20")).json()["status"] == "received"
        services.changes.stop()
        assert {(await each).json()["status"] for each in waiting} == {"received"}

    calling(check, max_waiting=3)


def test_a_client_leaves_a_quarter_of_the_waiting_places_to_others(calling):
    async def check(client, services):
        await client.post("/v1/requests", json=BODY | {"request_id": "a"})
        waiting = await three_that_wait(client, services)
        assert (await client.get("/v1/requests/a?wait=20")).json()["status"] == "received"
        assert services.changes.has_room("somebody-else")
        services.changes.stop()
        await asyncio.gather(*waiting)

    calling(check, max_waiting=4)


def test_a_request_expires_into_410_and_then_is_forgotten(calling):
    async def check(client, services):
        await client.post("/v1/requests", json=BODY | {"request_id": "a"})
        await asyncio.sleep(1.05)
        told(await client.get("/v1/requests/a"), ErrorCode.REQUEST_EXPIRED, 410)
        assert (await client.get("/v1/requests")).json() == {"requests": [], "next": None}
        await services.upkeep.once()
        told(await client.get("/v1/requests/a"), ErrorCode.REQUEST_EXPIRED, 410)
        told(await client.post("/v1/requests", json=BODY | {"request_id": "a"}), ErrorCode.REQUEST_EXPIRED, 410)
        await services.store.expire(now_micros(), now_micros())
        told(await client.get("/v1/requests/a"), ErrorCode.REQUEST_NOT_FOUND, 404)

    calling(check, retention_seconds=1)


def test_a_request_without_an_answer_fails_at_its_deadline_and_may_still_be_answered_better(calling):
    async def check(client, services):
        await client.post("/v1/requests", json=BODY | {"request_id": "a"})
        await asyncio.sleep(1.05)
        await services.upkeep.once()
        said = (await client.get("/v1/requests/a")).json()
        assert (said["status"], said["error"]["code"], said["error"]["retryable"]) == (
            "failed", "deadline_exceeded", True,
        )  # fmt: skip
        assert await services.store.unsent() == 0
        assert await services.store.move("a", "", Change(RequestStatus.READY, 3, now_micros(), packed(b"{}")))
        await services.upkeep.once()
        assert (await client.get("/v1/requests/a")).json()["status"] == "ready"

    calling(check, deadline_seconds=1)


def test_a_list_goes_by_cursors_to_the_end(calling):
    async def check(client, services):
        for number in range(7):
            await client.post("/v1/requests", json=BODY | {"request_id": f"a{number}"})
        seen, cursor = [], None
        while True:
            page = (
                await client.get("/v1/requests", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
            ).json()
            seen += [each["request_id"] for each in page["requests"]]
            if (cursor := page["next"]) is None:
                break
        assert seen == [f"a{number}" for number in reversed(range(7))]
        none = await client.get("/v1/requests", params={"status": ["ready", "failed"]})
        assert none.json() == {"requests": [], "next": None}
        assert (
            len((await client.get("/v1/requests?use_case=receipt&since=2020-01-01T00:00:00Z")).json()["requests"]) == 7
        )
        assert (await client.get("/v1/requests?until=2020-01-01T00:00:00Z")).json()["requests"] == []

    calling(check)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=x", "cursor=x", "cursor=%F0", "cursor=WzEsICJhIiwgMV0=",
        "cursor=WyJhIiwgImEiXQ==",
        "cursor=WzE4NDQ2NzQ0MDczNzA5NTUxNjE2LCAiYSJd", "cursor=W3RydWUsICJhIl0=", "cursor=bnVsbA==", "status=ended",
        "since=yesterday", "since=0.5",
        "since=2031-01-01", "since=2031-01-01T00:00:00", "since=2031-02-30T00:00:00Z",
        "since=0001-01-01T00:00:00Z", "until=9999-12-31T23:59:59-14:00", "use_case=A",
    ],
)  # fmt: skip
def test_a_list_asked_for_wrongly_is_refused(calling, query):
    async def check(client, services):
        told(await client.get(f"/v1/requests?{query}"), ErrorCode.INVALID_REQUEST, 400)

    calling(check)


def test_when_the_backlog_is_full_new_requests_come_later_and_known_ones_are_answered(calling):
    async def check(client, services):
        body = BODY | {"request_id": "a"}
        for name in ("a", "b"):
            assert (await client.post("/v1/requests", json=BODY | {"request_id": name})).status_code == 202
        answer = await client.post("/v1/requests", json=BODY)
        told(answer, ErrorCode.BACKLOG_FULL, 503)
        assert int(answer.headers["retry-after"]) > 1
        assert (await client.post("/v1/requests", json=body)).status_code == 202
        assert (await client.get("/v1/requests/a")).status_code == 200
        await services.store.move("a", "", Change.sent(now_micros()))
        await services.backlog.look()
        assert (await client.post("/v1/requests", json=BODY)).status_code == 202

    calling(check, max_backlog=2)


def test_without_its_store_a_gateway_says_so_and_is_not_ready(calling, tmp_path):
    async def check(client, services):
        (tmp_path / "gateway.sqlite").write_bytes(b"no database at all" * 100)
        for path in ("-wal", "-shm"):
            (tmp_path / f"gateway.sqlite{path}").unlink(missing_ok=True)
        answer = await client.get("/v1/requests/a")
        assert int(answer.headers["retry-after"]) >= 1
        told(answer, ErrorCode.SERVICE_UNAVAILABLE, 503)
        told(await client.get("/readyz"), ErrorCode.SERVICE_UNAVAILABLE, 503)
        assert (await client.get("/livez")).status_code == 200

    calling(check)


def test_health_version_metrics_and_the_catalogue(calling):
    async def check(client, services):
        assert (await client.get("/livez")).json() == {"status": "alive"}
        ready = (await client.get("/readyz")).json()
        assert (ready["status"], ready["store"], ready["broker"]) == ("degraded", "ok", "away")
        assert set((await client.get("/version")).json()) == {"version", "api"}
        await client.post("/v1/requests", json=BODY | {"location": "gs://secret-place/a.pdf"})
        metrics = (await client.get("/metrics")).text
        assert 'docbeam_gateway_calls_total{method="POST",route="/v1/requests",status="403"}' in metrics
        assert "secret-place" not in metrics
        catalogue = (await client.get("/v1/errors")).json()
        assert [each["code"] for each in catalogue] == [code.value for code in ErrorCode]
        one = (await client.get("/v1/errors/document_encrypted")).json()
        assert one == next(each for each in catalogue if each["code"] == "document_encrypted")
        told(await client.get("/v1/errors/none"), ErrorCode.NO_SUCH_RESOURCE, 404)
        services.changes.stop()
        told(await client.get("/readyz"), ErrorCode.SERVICE_UNAVAILABLE, 503)

    calling(check)


def test_every_answer_forbids_what_a_browser_might_run(calling):
    async def check(client, services):
        for path in ("/v1/requests", "/v1/requests/<script>", "/nothing", "/livez"):
            answer = await client.get(path)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "html" not in answer.headers["content-type"]

    calling(check)


def test_an_address_with_a_slash_more_is_another_and_never_leads_to_the_host_that_the_caller_names(calling):
    async def check(client, services):
        for address in ("/v1/requests/", "/v1/documents/", "/metrics/", "/ui/page.js/"):
            answer = await client.get(address, headers={"Host": "localhost.:80"} if address == "/metrics/" else {})
            told(answer, ErrorCode.NO_SUCH_RESOURCE, 404)
            assert "location" not in answer.headers

    calling(check)


def test_a_method_that_an_address_does_not_take_is_told_with_those_it_takes(calling):
    async def check(client, services):
        for address, methods in (
            ("/v1/requests", "GET, POST"),
            ("/v1/requests/a/review", "DELETE, PUT"),
            ("/v1/documents", "POST"),
            ("/", "GET"),
        ):
            answer = await client.request("PATCH", address)
            told(answer, ErrorCode.METHOD_NOT_ALLOWED, 405)
            assert answer.headers["allow"] == methods

    calling(check)


@pytest.mark.parametrize("left_on", ["/docbeam", "/docbeam/docbeam"])
def test_a_path_that_the_proxy_leaves_on_opens_nothing(calling, left_on):
    async def check(client, services):
        known = left_on.count("/") == 1
        for address, status in (("/v1/requests", 401), ("/v1/use-cases", 401), ("/v1/documents", 401), ("/livez", 200)):
            assert (await client.get(left_on + address)).status_code == (status if known else 404), address
            assert (await client.get(address)).status_code == status, address

    calling(check, access="keys", root_path="/docbeam")


def test_a_defect_is_a_problem_too(calling, monkeypatch):
    async def check(client, services):
        async def breaks(*_):
            raise RuntimeError("secret")

        monkeypatch.setattr(services.store, "find", breaks)
        assert "secret" not in told(await client.get("/v1/requests/a"), ErrorCode.INTERNAL_ERROR, 500)["detail"]

    calling(check)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1:8080"}, 200),
        ({"Host": "[::1]:8080"}, 200),
        ({"Host": "docbeam.localhost"}, 200),
        ({"Host": "localhost:8080", "Origin": "http://localhost:8080"}, 200),
        ({"Host": "rebinding.example:8080"}, 403),
        ({"Host": "127.0.0.1.rebinding.example"}, 403),
        ({"Host": "localhost.rebinding.example"}, 403),
        ({"Host": "10.0.0.1"}, 403),
        ({"Host": "localhost:8080", "Origin": "https://elsewhere.example"}, 403),
        ({"Host": "localhost:8080", "Origin": "http://localhost:3000"}, 403),
        ({"Host": "localhost:8080", "Origin": "null"}, 403),
    ],
)
def test_an_open_door_is_closed_to_pages_of_other_sites(calling, headers, status):
    async def check(client, services):
        answer = await client.get("/v1/requests", headers=headers)
        assert answer.status_code == status
        if status == 403:
            told(answer, ErrorCode.PERMISSION_DENIED, 403)

    calling(check)


def test_a_caller_that_hangs_up_keeps_no_place(calling):
    async def check(client, services):
        await client.post("/v1/requests", json=BODY | {"request_id": "a"})
        waiting = asyncio.create_task(client.get("/v1/requests/a?wait=20"))
        while not services.changes.waiting:
            await asyncio.sleep(0.01)
        hung_up = asyncio.Event()

        async def receive():
            await hung_up.wait()
            return {"type": "http.disconnect"}

        async def send(message): ...

        scope = {
            "type": "http", "method": "GET", "path": "/v1/requests/a", "query_string": b"wait=20", "headers": [],
        }  # fmt: skip
        bodies = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def first_a_body():
            return next(bodies, None) or await receive()

        other = asyncio.create_task(client._transport.app(scope, first_a_body, send))
        while services.changes.waiting < 2:
            await asyncio.sleep(0.01)
        hung_up.set()
        await other
        assert services.changes.waiting == 1
        services.changes.stop()
        await waiting

    calling(check)


def test_a_tag_changes_when_a_request_is_sent_again(calling):
    async def check(client, services):
        await client.post("/v1/requests", json=BODY | {"request_id": "a"})
        before = await client.get("/v1/requests/a")
        await services.store.claim_unsent(now_micros() + 10**9, now_micros() + 10**9, 10)
        after = await client.get("/v1/requests/a", headers={"If-None-Match": before.headers["etag"]})
        assert (after.status_code, after.json()["attempts"]) == (200, before.json()["attempts"] + 1)

    calling(check)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", True),
        ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", False),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", False),
        ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", False),
        ("junk", False),
        ("", False),
    ],
)
def test_a_trace_that_is_none_is_left_out_and_refuses_nothing(calling, monkeypatch, said, kept):
    async def check(client, services):
        sent = []
        monkeypatch.setattr(services.outbox, "send", lambda entry, traceparent=None: sent.append(traceparent))
        assert (await client.post("/v1/requests", json=BODY, headers={"traceparent": said})).status_code == 202
        assert sent == [said if kept else None]

    calling(check)
