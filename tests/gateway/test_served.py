"""A gateway as people start it, on a real broker and registry; the job's part is played by one that answers at once."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import psutil
import pytest
from served import PROGRAM, GatewayProcess, result_of, stop_all, until

from clients.group import group_progress
from config.settings import Settings
from schemas.errors import ErrorCode, ErrorItem
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import ResultStatus

pytestmark = pytest.mark.stack
BODY = {"location": "gs://forms/a.pdf", "use_case": "receipt"}


def fresh(name: str = "r") -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}"


def sent(client: httpx.Client, request_id: str, **more: object) -> httpx.Response:
    answer = client.post("/v1/requests", json=BODY | {"request_id": request_id} | more)
    assert answer.status_code == 202, answer.text
    return answer


def ended(client: httpx.Client, request_id: str) -> dict:
    answer = client.get(f"/v1/requests/{request_id}", params={"wait": "30s"})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("answer", "status"),
    [("complete", "ready"), ("partial", "partial"), ("rejected", "rejected"), ("failed", "failed"), ("twice", "ready")],
)
def test_what_is_sent_is_answered(shop, answer, status):
    name = fresh()
    sent(shop, name, parameters={"answer": answer})
    said = ended(shop, name)
    assert said["status"] == status
    assert said["result"]["fields"][0]["value"] == f"read of {name}"
    assert said["result"]["client_id"] == said["client_id"] == "shop"
    assert said["result"]["pipeline_version"] == ""


def test_a_client_sees_its_own_requests_only(shop, bank, served):
    name = fresh()
    sent(shop, name)
    ended(shop, name)
    assert bank.get(f"/v1/requests/{name}").status_code == 404
    assert name not in bank.get("/v1/requests").text
    assert name in shop.get("/v1/requests").text
    assert bank.post("/v1/requests", json=BODY | {"request_id": name}).status_code == 409
    operator = served.docbeam(
        "gateway", "key", "create", "--client", "operator", "--scope", "receive", "--scope", "all"
    )
    with httpx.Client(base_url=served.address, headers={"X-API-Key": operator}) as client:
        assert client.get(f"/v1/requests/{name}").json()["client_id"] == "shop"
        assert client.post("/v1/requests", json=BODY).json()["code"] == "permission_denied"


def test_requests_of_other_doors_are_looked_up_here(shop, bank, job):
    name = fresh("kafka")
    request = AnalysisRequest(name, DocumentReference("gs://forms/a.pdf"), "receipt", client_id="shop")
    job.request(request)
    until(lambda: shop.get(f"/v1/requests/{name}").status_code == 200)
    said = ended(shop, name)
    assert (said["status"], said["origin"], said["document"]["location"]) == ("ready", "kafka", "gs://forms/a.pdf")
    assert bank.get(f"/v1/requests/{name}").status_code == 404
    assert shop.post("/v1/requests", json=BODY | {"request_id": name}).status_code == 202
    assert job.seen.count(name) == 1


def test_a_result_of_another_client_s_request_of_the_same_id_answers_nobody(shop, bank, job):
    name = fresh()
    sent(shop, name, parameters={"answer": "never"})
    job.publish(result_of(AnalysisRequest(name, DocumentReference("gs://forms/b.pdf"), "receipt", client_id="bank")))
    witness = fresh()
    sent(shop, witness)
    ended(shop, witness)
    assert shop.get(f"/v1/requests/{name}").json()["status"] == "processing"
    assert bank.get(f"/v1/requests/{name}").status_code == 404


def test_a_failure_that_may_pass_is_replaced_by_a_better_answer_and_a_good_one_by_nothing(shop, job):
    name = fresh()
    sent(shop, name, parameters={"answer": "never"})
    request = AnalysisRequest(name, DocumentReference("gs://forms/a.pdf"), "receipt", client_id="shop")
    away = ErrorItem(ErrorCode.FETCH_FAILED, "the store was away", "open documents", retryable=True)
    job.publish(result_of(request, ResultStatus.FAILED, errors=(away,)))
    assert ended(shop, name)["error"]["code"] == "fetch_failed"
    etag = shop.get(f"/v1/requests/{name}").headers["etag"]
    job.publish(result_of(request))
    answer = shop.get(f"/v1/requests/{name}", params={"wait": "30s"}, headers={"If-None-Match": etag})
    assert (answer.json()["status"], answer.json()["error"]) == ("ready", None)
    job.publish(result_of(request, ResultStatus.FAILED, errors=(away,)))
    witness = fresh()
    sent(shop, witness)
    ended(shop, witness)
    assert ended(shop, name)["status"] == "ready"


def test_records_that_nobody_can_read_stop_nothing(shop, job, gateway_settings):
    kafka = gateway_settings.kafka
    for topic in (kafka.results_topic, kafka.requests_topic):
        for value in (b"", b"\0", b"\0\0\0\0\x01junk", b"{}", None, b"\0\xff\xff\xff\xff" + b"x" * 50):
            job._producer.send(topic, key=b"k", value=value).get(30)
    name = fresh()
    job.request(AnalysisRequest(name, DocumentReference("not a location"), "a\0b", client_id="shop\0"))
    name = fresh()
    sent(shop, name)
    assert ended(shop, name)["status"] == "ready"


def test_a_key_is_rotated_and_revoked(served, shop):
    first = served.docbeam("gateway", "key", "create", "--client", "rotating")
    second = served.docbeam("gateway", "key", "rotate", first.split("_")[1], "--overlap-hours", "1")
    listed = json.loads(served.docbeam("gateway", "key", "list", "--output", "json"))
    rows = {row["key_id"]: row for row in listed if row["client_id"] == "rotating"}
    assert [row["state"] for row in rows.values()] == ["ok", "ok"]
    assert rows[first.split("_")[1]]["expires_at"] is not None
    assert first.split("_", 2)[2] not in json.dumps(listed)

    def status(key: str) -> int:
        return httpx.get(f"{served.address}/v1/requests", headers={"X-API-Key": key}).status_code

    assert (status(first), status(second)) == (200, 200)
    served.docbeam("gateway", "key", "revoke", first.split("_")[1])
    until(lambda: status(first) == 401, 15)
    assert status(second) == 200
    forged = f"{second[:-1]}{'A' if second[-1] != 'A' else 'B'}"
    for wrong in (forged, second.upper(), "x", second + " x", f"docbeam_{'0' * 12}_{'a' * 43}"):
        assert status(wrong) == 401
    answer = httpx.get(f"{served.address}/v1/requests", headers={"Authorization": f"Basic {second}"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert httpx.get(f"{served.address}/v1/requests").json()["code"] == "unauthenticated"


@pytest.mark.parametrize(("more", "days"), [((), 90), (("--days", "7"), 7)])
def test_a_key_that_ends_is_followed_by_one_that_ends(served, more, days):
    first = served.docbeam("gateway", "key", "create", "--client", "ending", "--days", "90")
    second = served.docbeam("gateway", "key", "rotate", first.split("_")[1], *more)
    listed = json.loads(served.docbeam("gateway", "key", "list", "--output", "json"))
    row = next(row for row in listed if row["key_id"] == second.split("_")[1])
    assert datetime.fromisoformat(row["expires_at"]) - datetime.fromisoformat(row["created_at"]) == timedelta(days=days)


def test_a_gateway_killed_between_write_and_produce_loses_nothing(served, shop, job, tmp_path, stack):
    """The dead one's broker is a port nobody listens on, so it wrote and could not produce."""
    cut_off = served.another(tmp_path / "cut.log", "kafka.bootstrap=127.0.0.1:9", "gateway.resend_seconds=1")
    names = [fresh("cut") for _ in range(5)]
    try:
        cut_off.start()
        with httpx.Client(base_url=cut_off.address, headers=shop.headers) as client:
            for name in names:
                sent(client, name)
        assert shop.get(f"/v1/requests/{names[0]}").json()["status"] == "received"
        cut_off.kill()
    finally:
        stop_all([cut_off])
    assert [ended(shop, name)["status"] for name in names] == ["ready"] * len(names)


def test_two_gateways_are_as_one_and_one_may_be_killed(served, shop, job, tmp_path):
    """50 clients through both, in turn; one of the gateways dies in the middle."""
    other = served.another(tmp_path / "other.log").start()
    addresses = [served.address, other.address]
    died = threading.Event()

    def call(number: int, method: str, path: str, **more: object) -> httpx.Response:
        for attempt in range(200):
            address = addresses[(number + attempt) % 2]
            try:
                return httpx.request(method, address + path, headers=shop.headers, timeout=40, **more)
            except httpx.TransportError:
                assert died.is_set()
        raise AssertionError("no gateway answered")

    def one(number: int) -> str:
        name = fresh("pair")
        assert call(number, "POST", "/v1/requests", json=BODY | {"request_id": name}).status_code == 202
        if number == 60:
            died.set()
            other.kill()
        said = call(number + 1, "GET", f"/v1/requests/{name}?wait=30s").json()
        while said["status"] in ("received", "processing"):
            said = call(number, "GET", f"/v1/requests/{name}?wait=30s").json()
        return f"{said['status']} {said['result']['fields'][0]['value'] == f'read of {name}'}"

    try:
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(one, range(150)))
    finally:
        stop_all([other])
    assert answers == ["ready True"] * 150


def test_a_gateway_that_is_told_to_end_answers_who_waits_and_loses_nothing(served, shop, job, tmp_path):
    ending = served.another(tmp_path / "ending.log").start()
    names = [fresh("end") for _ in range(20)]
    with httpx.Client(base_url=ending.address, headers=shop.headers, timeout=40) as client:
        sent(client, "waits" + names[0], parameters={"answer": "never"})
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(client.get, f"/v1/requests/waits{names[0]}?wait=30s")
            for name in names:
                sent(client, name)
            assert ending.stop() in (0, -15)
            assert waiting.result().json()["status"] in ("received", "processing")
    assert [ended(shop, name)["status"] for name in names] == ["ready"] * len(names)
    assert [line for line in ending.lines() if line["severity"] in ("ERROR", "CRITICAL")] == []


def test_the_backlog_is_the_job_s_lag(served, shop, gateway_settings: Settings):
    """Nobody commits for the group here, so every request counts."""
    lag = sum(each.lag for each in group_progress(gateway_settings.kafka))
    assert lag > 0
    until(lambda: httpx.get(f"{served.address}/readyz").json()["backlog"] >= lag)


def test_logs_are_json_and_hold_no_location_and_no_key(served, shop, keys):
    name = fresh()
    sent(shop, name, location="gs://forms/very-secret-name.pdf")
    ended(shop, name)
    shop.post("/v1/requests", json=BODY | {"location": "gs://elsewhere/very-secret-name.pdf"})
    # Read once, up to the last whole line: it is written meanwhile.
    text = Path(served.log).read_text().rpartition("\n")[0]
    lines = [json.loads(line) for line in text.splitlines()]
    calls = [line for line in lines if line["message"] == "call"]
    assert {"POST", "GET"} <= {line["method"] for line in calls}
    assert {"timestamp", "severity", "logger"} <= set(lines[0])
    assert "very-secret-name" not in text
    assert not any(key.split("_", 2)[2] in text for key in keys.values())


def test_a_head_that_does_not_end_is_cut_off_before_it_fills_the_memory(served):
    host, port = served.address.removeprefix("http://").split(":")
    process = psutil.Process(served.process.pid)
    before = process.memory_info().rss
    with socket.create_connection((host, int(port)), timeout=30) as caller:
        caller.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ")
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):
                caller.sendall(b"a" * 100_000)
        with contextlib.suppress(ConnectionError):
            assert caller.recv(100).startswith(b"HTTP/1.1 431")
    assert process.memory_info().rss - before < 30_000_000
    assert httpx.get(f"{served.address}/livez").status_code == 200


def test_a_port_that_is_taken_and_an_open_door_to_the_world_are_refused(served, tmp_path):
    port = served.address.rpartition(":")[2]
    program = [*_program(served), "gateway", "--port", port]
    taken = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (taken.returncode, "cannot listen" in taken.stderr) == (3, True)
    program = [
        *_program(served),
        "--set",
        "gateway.store=postgresql://u:secret@127.0.0.1:9/d",
        "gateway",
        "--port",
        "0",
    ]
    away = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (away.returncode, "Check gateway.store" in away.stderr, "secret" in away.stderr) == (3, True, False)
    program = [*_program(served), "--set", "gateway.access=open", "gateway", "--host", "0.0.0.0"]
    refused = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (refused.returncode, "loopback" in refused.stderr) == (2, True)


def _program(served: GatewayProcess) -> list[str]:
    return [*PROGRAM, "--config", str(served.config), *served._chosen()]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 400_000, 431),
    ],
)
def test_what_is_no_http_is_a_problem_too(served, said, status):
    answer = spoken(served, said)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"content-type: application/problem+json" in head
    told = json.loads(body)
    assert (told["status"], told["code"]) == (status, "invalid_request")


@pytest.mark.parametrize("pieces", [1, 2, 50])
def test_a_body_is_read_although_its_call_offers_another_protocol(served, keys, pieces):
    body = json.dumps(BODY).encode()
    head = (
        f"POST /v1/requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {keys['shop']}\r\n"
        "Content-Type: application/json\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        f"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    after = b"GET /livez HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: close, upgrade\r\n\r\n"
    answer = spoken(served, head + body + after, pieces)
    assert answer.startswith(b"HTTP/1.1 202 ")
    assert answer.endswith(b'{"status":"alive"}')


def spoken(served, said: bytes, pieces: int = 1) -> bytes:
    """All that is answered to bytes, sent in so many pieces, until the connection is closed."""
    host, port = served.address.removeprefix("http://").split(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=30) as caller, contextlib.suppress(ConnectionError):
        size = -(-len(said) // pieces)
        for start in range(0, len(said), size):
            caller.sendall(said[start : start + size])
            time.sleep(0.005 if pieces > 1 else 0)
        while part := caller.recv(65_536):
            answer += part
    return answer
