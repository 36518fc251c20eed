"""The API's description, as it is committed in `docs/openapi.json` and served."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.problems import Problem

PLACE = "docs/openapi.json"
_SECURITY = {
    "key": {"type": "http", "scheme": "bearer", "description": "an API key, or a token of the identity provider"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_OWN_VALIDATION = ("HTTPValidationError", "ValidationError")


def described(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of the routes: failures are problems, and invalid calls are 400."""
    if app.openapi_schema is None:
        found = get_openapi(
            title="docbeam",
            version="1",
            summary="Send documents to be read, and receive what was read.",
            description="Every failure is `application/problem+json` with a code of `/v1/errors`.",
            routes=app.routes,
        )
        schemas = found["components"]["schemas"]
        for name in _OWN_VALIDATION:
            schemas.pop(name, None)
        told = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(told.pop("$defs", {}))
        schemas["Problem"] = told
        found["components"]["securitySchemes"] = _SECURITY
        for path, operations in found["paths"].items():
            for operation in operations.values():
                _tidy(path, operation)
        app.openapi_schema = found
    return app.openapi_schema


def openapi_text(app: FastAPI) -> str:
    """As it is committed."""
    return json.dumps(described(app), indent=1) + "\n"


def _tidy(path: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    own = responses.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    if own.endswith("HTTPValidationError"):
        del responses["422"]
    if path.startswith("/v1/") and not path.startswith("/v1/errors"):
        operation["security"] = [{name: []} for name in _SECURITY]
