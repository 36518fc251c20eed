"""The gateway as a process: it listens, says where, and ends without losing what it took on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from config.settings import Settings
from gateway.application import application
from gateway.bounded_http import BoundedHttp
from gateway.services import Services

_BACKLOG = 2048


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the address once calls are answered.

    Raises OSError when the address cannot be listened on, and what opening the store raises.
    """
    gateway = settings.gateway
    listening = _listen(gateway.host, gateway.port)
    app, services = application(settings)
    configured = uvicorn.Config(
        app,
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=round(gateway.shutdown_seconds),
        backlog=_BACKLOG,
        limit_concurrency=None,
    )
    server = _Server(configured, services, lambda: ready(_address(listening)))
    with asyncio.Runner(loop_factory=configured.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listening]))
    if not server.started:
        raise SystemExit(3)


class _Server(uvicorn.Server):
    """Wakes calls that wait as soon as it is told to end: they must not keep it."""

    def __init__(self, config: uvicorn.Config, services: Services, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._services = services
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        super().handle_exit(sig, frame)
        self._services.changes.stop_soon()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.set_inheritable(True)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
