"""People judge fields: one request at a time is theirs, what they say is kept beside the result."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from gateway.clock import moment, now_micros
from gateway.entries import MICROS, Entry, stored_result
from gateway.judging import Speaker, corrections_of
from gateway.metrics import JUDGED
from gateway.principal import Principal
from gateway.problems import Refusal, documented
from gateway.review_bodies import (
    LOOKED_AT,
    CorrectionList,
    FieldName,
    Judgements,
    NextReview,
    ReviewView,
    TakenReview,
    Token,
)
from gateway.reviews import Judged, Lock, Review, corrections_json, doubtful, newest
from gateway.routes.given import Given, Receiver, Reviewer
from gateway.routes.requests import visible
from gateway.services import Services
from gateway.stores.contract import Query as StoreQuery
from schemas.correction import Correction
from schemas.errors import DocbeamError, ErrorCode
from schemas.result import AnalysisResult

router = APIRouter(tags=["reviews"])


@router.post(
    "/v1/reviews",
    summary="Take the next request to review",
    response_model=ReviewView,
    responses={
        204: {"description": "There is nothing to review."},
        **documented(ErrorCode.REQUEST_EXPIRED, ErrorCode.RECORD_TOO_LARGE),
    },
)
async def take_next(body: NextReview, given: Given, caller: Reviewer) -> Response:
    """The oldest request with fields for a person that nobody else has."""
    now = now_micros()
    query = StoreQuery(
        client_id=caller.seen_client, use_case=body.use_case, to_review=True, free_at=now, oldest_first=True,
        limit=LOOKED_AT,
    )  # fmt: skip
    for entry in await given.store.page(query):
        if entry.request_id in body.skip or entry.expires_at <= now:
            continue
        lock = _lock(given, caller, body.reviewer, now)
        if await given.store.lock_review(entry.request_id, lock, now):
            return await _shown(await visible(entry.request_id, given, caller), lock, given)
    return Response(status_code=204)


@router.put(
    "/v1/requests/{request_id}/review",
    summary="Take a request to review, or keep it",
    response_model=ReviewView,
    responses=documented(
        ErrorCode.REQUEST_NOT_FOUND,
        ErrorCode.REQUEST_EXPIRED,
        ErrorCode.NO_SUCH_RESOURCE,
        ErrorCode.REVIEW_TAKEN,
        ErrorCode.RECORD_TOO_LARGE,
    ),
)
async def take(request_id: str, body: TakenReview, given: Given, caller: Reviewer) -> Response:
    """This request, for `gateway.review_seconds`; with `lock`, for so long again."""
    entry = await visible(request_id, given, caller)
    now = now_micros()
    lock = _lock(given, caller, body.reviewer, now, body.lock)
    if not await given.store.lock_review(entry.request_id, lock, now):
        kept = await given.store.review(entry.request_id)
        if kept is None:
            raise DocbeamError(ErrorCode.NO_SUCH_RESOURCE, "the request has not ended, so there is nothing to review")
        raise Refusal(
            ErrorCode.REVIEW_TAKEN,
            f"{kept.lock.holder or 'somebody'} has it for at most {max(0, kept.lock.until - now) // MICROS + 1} s more",
            request_id=entry.request_id,
        )
    return await _shown(entry, lock, given)


@router.delete(
    "/v1/requests/{request_id}/review",
    status_code=204,
    summary="Give a request back",
    responses=documented(ErrorCode.REQUEST_NOT_FOUND, ErrorCode.REQUEST_EXPIRED),
)
async def give_back(request_id: str, lock: Annotated[Token, Query()], given: Given, caller: Reviewer) -> Response:
    """For others to take; nothing where the lock does not have it."""
    entry = await visible(request_id, given, caller)
    await given.store.unlock_review(entry.request_id, lock)
    return Response(status_code=204)


@router.post(
    "/v1/requests/{request_id}/corrections",
    summary="Judge fields",
    response_model=CorrectionList,
    responses=documented(
        ErrorCode.REQUEST_NOT_FOUND,
        ErrorCode.REQUEST_EXPIRED,
        ErrorCode.NO_SUCH_RESOURCE,
        ErrorCode.REVIEW_LOST,
        ErrorCode.RECORD_TOO_LARGE,
    ),
)
async def judge(request_id: str, body: Judgements, given: Given, caller: Reviewer) -> Response:
    """Keep what was seen: it goes to the corrections topic and to BigQuery, and the result stays as it was."""
    entry = await visible(request_id, given, caller)
    result = stored_result(entry)
    if result is None:
        raise DocbeamError(ErrorCode.NO_SUCH_RESOURCE, "the request has no result")
    speaker = Speaker(caller.identity, body.reviewer)
    while True:
        now = now_micros()
        kept = await _held(entry.request_id, body.lock, given, now)
        known = kept.judged()
        made = corrections_of(body.judgements, entry, result, known, speaker, moment(now))
        whole = (*known, *made)
        left = _left(result, whole, given)
        judged = Judged(corrections_json(whole), len(whole), len(known), len(left), now)
        # Not taken: another call of the same person was faster, or the request is no longer theirs.
        if not made or await given.store.judge(entry.request_id, body.lock, judged):
            break
    for each in made:
        JUDGED.labels(each.judgement.value).inc()
    if made:
        given.corrections.wake()
    return _json(CorrectionList(corrections=list(whole), to_review=len(left)))


@router.get(
    "/v1/requests/{request_id}/corrections",
    summary="List what people said of a request's fields",
    response_model=CorrectionList,
    responses=documented(ErrorCode.REQUEST_NOT_FOUND, ErrorCode.REQUEST_EXPIRED),
)
async def corrections(request_id: str, given: Given, caller: Receiver) -> Response:
    """All of it; none where nobody has said anything."""
    entry = await visible(request_id, given, caller)
    kept = await given.store.review(entry.request_id)
    found = [] if kept is None else list(kept.judged())
    return _json(CorrectionList(corrections=found, to_review=0 if kept is None else kept.to_review))


async def _shown(entry: Entry, lock: Lock, given: Services) -> Response:
    kept = await given.store.review(entry.request_id)
    known = () if kept is None else kept.judged()
    left = _left(stored_result(entry), known, given)
    shown = ReviewView(
        request_id=entry.request_id, lock=lock.token, until=moment(lock.until), to_review=left, corrections=list(known)
    )
    return _json(shown)


async def _held(request_id: str, token: str, given: Services, now: int) -> Review:
    kept = await given.store.review(request_id)
    if kept is None or kept.lock.token != token or kept.lock.until <= now:
        raise _lost(request_id)
    return kept


def _left(result: AnalysisResult | None, known: tuple[Correction, ...], given: Services) -> list[FieldName]:
    judged = newest(known)
    doubted = [field.key for field in doubtful(result, given.settings.gateway.review_below)]
    return [
        FieldName(name=name, instance=instance, page=page)
        for name, instance, page in doubted
        if (name, instance, page) not in judged
    ]


def _lock(given: Services, caller: Principal, reviewer: str, now: int, token: str | None = None) -> Lock:
    until = now + given.settings.gateway.review_seconds * MICROS
    return Lock(token or secrets.token_urlsafe(24), reviewer or caller.client_id, until)


def _lost(request_id: str) -> Refusal:
    return Refusal(
        ErrorCode.REVIEW_LOST, "the time to review it is over, or somebody else has judged it", request_id=request_id
    )


def _json(shown: BaseModel) -> Response:
    return Response(shown.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})
