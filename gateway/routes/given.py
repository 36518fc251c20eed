"""What every route is given: the services of this process, and who calls."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from gateway.access.api_keys import Scope
from gateway.principal import Principal
from gateway.services import Services


def services(request: Request) -> Services:
    """Of the application."""
    found: Services = request.app.state.services
    return found


def principal(request: Request) -> Principal:
    """Whom the door let in."""
    found: Principal = request.state.principal
    return found


class May:
    """Lets in who has a scope."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def __call__(self, request: Request) -> Principal:
        """The caller. Raises DocbeamError(PERMISSION_DENIED)."""
        return permitted(request, self._scope)


def permitted(request: Request, scope: Scope) -> Principal:
    """The caller. Raises DocbeamError(PERMISSION_DENIED) without the scope."""
    caller = principal(request)
    caller.check(scope)
    return caller


async def _services(request: Request) -> Services:
    return services(request)


Given = Annotated[Services, Depends(_services)]
Sender = Annotated[Principal, Depends(May(Scope.SEND))]
Receiver = Annotated[Principal, Depends(May(Scope.RECEIVE))]
Reviewer = Annotated[Principal, Depends(May(Scope.REVIEW))]
Uploader = Annotated[Principal, Depends(May(Scope.UPLOAD))]
