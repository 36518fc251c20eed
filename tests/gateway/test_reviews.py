"""People take requests, judge fields and are told what became of it; the result stays as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from served import local_gateway, local_settings, result_of

from gateway.access.api_keys import Scope, new_key
from gateway.clock import now_micros
from gateway.entries import Change
from gateway.reviews import doubtful
from schemas.errors import ErrorCode
from schemas.fields import FieldKind, FieldState
from schemas.form_reading import FormCopy
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import Field, ModelUse

BODY = {"location": "gs://forms/a.pdf", "use_case": "receipt"}
NAME = Field("name", FieldKind.TEXT, FieldState.FILLED, "Ado", "Ado", 0.4, page=1, instance=2, review=True)
FIELDS = (
    NAME,
    replace(NAME, instance=1, value="Ada", confidence=0.99, review=False),
    Field("member", FieldKind.CHECKBOX, FieldState.FILLED, "on", confidence=0.3, page=1),
    Field("signed", FieldKind.SIGNATURE, FieldState.BLANK, "", confidence=0.9, page=2, review=True),
    Field("torn", FieldKind.TEXT, FieldState.NOT_READ, page=2, review=True, rule="hidden"),
)


@pytest.fixture
def calling(store_url: str) -> Callable[..., None]:
    """Runs a check against a gateway that holds the request `a`, ended, and `b`, which is not."""

    def run(check: Callable[..., Awaitable[None]], **settings: object) -> None:
        async def work() -> None:
            async with local_gateway(local_settings(store_url, **{"access": "open"} | settings)) as (client, services):
                if settings.get("access", "open") == "open":
                    for name in ("a", "b"):
                        assert (await client.post("/v1/requests", json=BODY | {"request_id": name})).status_code == 202
                    await end(services, "a")
                await check(client, services)

        asyncio.run(work())

    return run


async def end(services, name, client_id="", fields=FIELDS):
    made = result_of(AnalysisRequest(name, DocumentReference("gs://forms/a.pdf"), "receipt", client_id=client_id))
    result = replace(
        made, fields=fields, use_case_version="1.2", copies=(FormCopy(2, "tax-form", "2024"),),
        models=(ModelUse("ocr", "1.5.0", "ab"),),
    )  # fmt: skip
    marked = len(list(doubtful(result, services.settings.gateway.review_below)))
    assert await services.store.move(name, client_id, Change.answered(result, now_micros(), marked))


def told(answer, code: ErrorCode, status: int) -> str:
    assert (answer.status_code, answer.json()["code"]) == (status, code.value), answer.text
    return answer.json()["detail"]


def names(listed):
    return [(each["name"], each["instance"]) for each in listed]


def say(name, judgement, value=None, instance=None, page=1):
    return {"name": name, "instance": instance, "page": page, "judgement": judgement, "value": value}


def test_fields_are_judged_one_after_the_other_until_none_is_left(calling):
    async def check(client, services):
        taken = (await client.post("/v1/reviews", json={"reviewer": "Grace"})).json()
        assert taken["request_id"] == "a"
        assert names(taken["to_review"]) == [("name", 2), ("member", None), ("signed", None), ("torn", None)]
        assert (await client.get("/v1/requests", params={"to_review": "true"})).json()["requests"][0]["to_review"] == 4
        before = (await client.get("/v1/requests/a")).json()

        async def judge(*judgements):
            body = {"lock": taken["lock"], "reviewer": "Grace", "judgements": list(judgements)}
            answer = await client.post("/v1/requests/a/corrections", json=body)
            assert answer.status_code == 200, answer.text
            return answer.json()

        said = await judge(say("name", "corrected", " Ada\n", instance=2), say("member", "confirmed"))
        assert said["to_review"] == 2
        first, second = said["corrections"]
        assert (first["correction_id"], second["correction_id"]) == ("a/1", "a/2")
        assert (first["value"], first["state"], first["read"]["value"]) == ("Ada", "filled", "Ado")
        assert (first["form"], first["form_version"], second["form"]) == ("tax-form", "2024", "")
        assert (first["reviewer"], first["use_case_version"], first["models"][0]["version"]) == (
            "Grace",
            "1.2",
            "1.5.0",
        )
        assert (second["value"], second["state"]) == ("on", "filled")
        assert len((await judge(say("member", "confirmed")))["corrections"]) == 2, "said again, as after a lost answer"
        changed = await judge(say("member", "corrected", "off"), say("signed", "corrected", "signed", page=2))
        assert [each["state"] for each in changed["corrections"][2:]] == ["blank", "filled"]
        last = await judge(say("torn", "unreadable", page=2))
        assert (last["to_review"], last["corrections"][-1]["value"]) == (0, None)
        assert (await client.get("/v1/requests/a")).json() == before, "the result is as it was"
        assert (await client.get("/v1/requests/a/corrections")).json() == last
        assert (await client.get("/v1/requests", params={"to_review": "true"})).json()["requests"] == []
        assert (await client.delete("/v1/requests/a/review", params={"lock": taken["lock"]})).status_code == 204
        assert (await client.post("/v1/reviews", json={})).status_code == 204

    calling(check)


def test_a_request_is_one_persons_until_it_is_given_back_or_time_is_over(calling):
    async def check(client, services):
        answers = await asyncio.gather(*(client.post("/v1/reviews", json={"reviewer": f"p{n}"}) for n in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [204] * 7
        (mine,) = [answer.json() for answer in answers if answer.status_code == 200]
        holder = next(n for n, answer in enumerate(answers) if answer.status_code == 200)
        assert f"p{holder} has it" in told(
            await client.put("/v1/requests/a/review", json={}), ErrorCode.REVIEW_TAKEN, 409
        )
        kept = await client.put("/v1/requests/a/review", json={"lock": mine["lock"]})
        assert kept.json()["until"] > mine["until"]
        others = {"lock": "another", "judgements": [say("member", "confirmed")]}
        told(await client.post("/v1/requests/a/corrections", json=others), ErrorCode.REVIEW_LOST, 409)
        assert (await client.delete("/v1/requests/a/review", params={"lock": "another"})).status_code == 204
        told(await client.put("/v1/requests/a/review", json={}), ErrorCode.REVIEW_TAKEN, 409)
        assert (await client.delete("/v1/requests/a/review", params={"lock": mine["lock"]})).status_code == 204
        told(
            await client.post("/v1/requests/a/corrections", json=others | {"lock": mine["lock"]}),
            ErrorCode.REVIEW_LOST,
            409,
        )
        assert (await client.put("/v1/requests/a/review", json={})).status_code == 200

    calling(check)


def test_the_next_is_the_oldest_that_is_wanted_and_not_left_for_later(calling):
    async def check(client, services):
        await client.post("/v1/requests", json=BODY | {"request_id": "c", "use_case": "other"})
        await end(services, "b")
        await end(services, "c")

        async def next_id(**body):
            answer = await client.post("/v1/reviews", json=body)
            if answer.status_code == 204:
                return None
            lock = answer.json()["lock"]
            await client.delete(f"/v1/requests/{answer.json()['request_id']}/review", params={"lock": lock})
            return answer.json()["request_id"]

        assert await next_id() == "a"
        assert await next_id(skip=["a"]) == "b"
        assert await next_id(use_case="other") == "c"
        assert await next_id(use_case="other", skip=["c"]) is None

    calling(check)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (say("nobody", "confirmed"), "no such field"),
        (say("name", "confirmed"), "no such field"),
        (say("name", "corrected", "  ", instance=2), "has a value"),
        (say("name", "corrected", "a\x00b", instance=2), "control characters"),
        (say("member", "corrected", "yes"), "`on` or `off`"),
        (say("signed", "corrected", "Ada", page=2), "`signed`"),
        (say("torn", "confirmed", page=2), "not read"),
        (say("name", "confirmed", "Ada", instance=2), "makes it `corrected`"),
        (say("name", "blank", "Ada", instance=2), "makes it `corrected`"),
        (say("name", "unreadable", "Ado", instance=2), "makes it `corrected`"),
        (say("member", "guessed"), "judgement"),
        (say("name", "corrected", "x" * 10_001, instance=2), "value"),
    ],
)
def test_what_is_no_judgement_is_refused_and_nothing_of_the_call_is_kept(calling, said, why):
    async def check(client, services):
        taken = (await client.post("/v1/reviews", json={})).json()
        body = {"lock": taken["lock"], "judgements": [say("member", "confirmed"), said]}
        detail = told(await client.post("/v1/requests/a/corrections", json=body), ErrorCode.INVALID_REQUEST, 400)
        assert why in detail
        assert "/judgements/1" in detail
        assert (await client.get("/v1/requests/a/corrections")).json() == {"corrections": [], "to_review": 4}

    calling(check)


def test_what_has_not_ended_has_nothing_to_review(calling):
    async def check(client, services):
        told(await client.put("/v1/requests/b/review", json={}), ErrorCode.NO_SUCH_RESOURCE, 404)
        told(await client.put("/v1/requests/absent/review", json={}), ErrorCode.REQUEST_NOT_FOUND, 404)
        body = {"lock": "t", "judgements": [say("name", "blank")]}
        told(await client.post("/v1/requests/b/corrections", json=body), ErrorCode.NO_SUCH_RESOURCE, 404)
        assert (await client.get("/v1/requests/b/corrections")).json() == {"corrections": [], "to_review": 0}

    calling(check)


def test_who_reviews_needs_the_scope_sees_its_own_requests_and_is_named_by_its_key(calling):
    async def check(client, services):
        headers = {}
        scopes = {"shop": (Scope.SEND, Scope.RECEIVE, Scope.REVIEW), "bank": (Scope.REVIEW,), "plain": (Scope.RECEIVE,)}
        for client_id, granted in scopes.items():
            key, text = new_key(client_id, granted, now_micros())
            await services.store.put_key(key)
            headers[client_id] = {"X-API-Key": text}
            if client_id == "shop":
                shop_key = key.key_id
        await client.post("/v1/requests", json=BODY | {"request_id": "a"}, headers=headers["shop"])
        await end(services, "a", "shop")
        told(await client.post("/v1/reviews", json={}, headers=headers["plain"]), ErrorCode.PERMISSION_DENIED, 403)
        assert (await client.post("/v1/reviews", json={}, headers=headers["bank"])).status_code == 204
        told(
            await client.put("/v1/requests/a/review", json={}, headers=headers["bank"]),
            ErrorCode.REQUEST_NOT_FOUND,
            404,
        )
        taken = (await client.post("/v1/reviews", json={}, headers=headers["shop"])).json()
        body = {"lock": taken["lock"], "judgements": [say("member", "confirmed")]}
        for other in ("bank", "plain"):
            refused = await client.post("/v1/requests/a/corrections", json=body, headers=headers[other])
            assert refused.status_code in (403, 404)
        said = await client.post("/v1/requests/a/corrections", json=body, headers=headers["shop"])
        assert said.json()["corrections"][0]["corrected_by"] == f"key:{shop_key}"
        assert said.json()["corrections"][0]["client_id"] == "shop"

    calling(check, access="keys")


def test_two_calls_at_once_of_one_person_are_both_kept(calling):
    async def check(client, services):
        taken = (await client.post("/v1/reviews", json={})).json()

        async def judge(*judgements):
            body = {"lock": taken["lock"], "judgements": list(judgements)}
            return await client.post("/v1/requests/a/corrections", json=body)

        answers = await asyncio.gather(*(judge(say("name", "corrected", f"n{n}", instance=2)) for n in range(10)))
        assert {answer.status_code for answer in answers} == {200}
        kept = (await client.get("/v1/requests/a/corrections")).json()["corrections"]
        assert [each["correction_id"] for each in kept] == [f"a/{n + 1}" for n in range(10)]
        assert {each["value"] for each in kept} == {f"n{n}" for n in range(10)}

    calling(check)


def test_use_cases_are_listed(calling):
    async def check(client, services):
        listed = (await client.get("/v1/use-cases")).json()
        assert "known-form" in [each["name"] for each in listed]
        assert all(each["summary"] and each["version"] for each in listed)

    calling(check)


def test_what_is_said_of_one_request_has_an_end_and_what_was_said_stays(calling, monkeypatch):
    monkeypatch.setattr("gateway.reviews.MOST_BYTES", 50_000)

    async def check(client, services):
        lock = (await client.put("/v1/requests/a/review", json={})).json()["lock"]
        kept = 0
        while True:
            said = [say("name", "corrected", f"{kept}" + "a" * 9000, instance=2)]
            answer = await client.post("/v1/requests/a/corrections", json={"lock": lock, "judgements": said})
            if answer.status_code != 200:
                break
            kept += 1
        told(answer, ErrorCode.RECORD_TOO_LARGE, 413)
        assert kept > 2
        assert len((await client.get("/v1/requests/a/corrections")).json()["corrections"]) == kept

    calling(check)
