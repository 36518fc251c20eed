"""The gateway does what its OpenAPI says, whatever is sent; drawn by schemathesis from the description itself."""

from __future__ import annotations

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from served import GatewayProcess, StandInJob

from gateway.application import routed
from gateway.openapi import PLACE, openapi_text
from schemas.generated_files import ROOT

pytestmark = pytest.mark.stack


schema = schemathesis.openapi.from_dict(json.loads(openapi_text(routed())))


@schema.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_call_is_answered_but_as_described(case, served: GatewayProcess, keys, job: StandInJob) -> None:
    # Waiting is what the others are for.
    case.query = {name: value for name, value in (case.query or {}).items() if name != "wait"}
    headers = {"Authorization": f"Bearer {keys['shop']}"}
    answer = case.call(base_url=served.address, headers=headers, timeout=30)
    # A text may be a location to a schema, and none to whoever fetches it; so with cursors and years.
    excluded = [positive_data_acceptance]
    if answer.status_code == 413:
        # Refused as well, before anybody looks for what else is wrong.
        excluded.append(negative_data_rejection)
    case.validate_response(
        answer, excluded_checks=excluded, headers=headers, transport_kwargs={"base_url": served.address, "timeout": 30}
    )


def test_the_description_is_as_committed() -> None:
    assert (ROOT / PLACE).read_text(encoding="utf-8") == openapi_text(routed()), "run `docbeam schemas generate`"
