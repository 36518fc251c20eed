"""The job and the gateway of the demonstration: they stay with the parts, and end with them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from config.settings import Settings
from devstack.part import Command
from devstack.process import Running, recorded, start, stop
from devstack.state import StateFolder
from docbeam.demonstration.sample_form import USE_CASE

_NAMES = ("gateway", "job")
_STOP_SECONDS = 30
_PROGRAM = (sys.executable, "-m", "docbeam.main")


class Services:
    """Recorded beside the parts, so that `docbeam dev down` ends them first."""

    def __init__(self, state_dir: Path, config: Path, environment: Mapping[str, str]) -> None:
        self._folder = StateFolder.at(state_dir)
        self._config = config
        self._environment = environment

    def start(self, name: str, arguments: Sequence[str]) -> Running:
        """Start a command of docbeam that goes on by itself."""
        self.log(name).write_bytes(b"")
        command = Command((*_PROGRAM, "--config", str(self._config.resolve()), *arguments), self._environment)
        return start(name, command, folder=Path.cwd(), log=self.log(name), pid_file=self._folder.pid_file(name))

    def log(self, name: str) -> Path:
        """Where its output goes."""
        return self._folder.log(name)


def end_services(state_dir: Path) -> None:
    """End those of an earlier run: two jobs would do everything twice, and the gateway's port is wanted again."""
    for name in _NAMES:
        running = recorded(StateFolder.at(state_dir).pid_file(name))
        if running is not None:
            stop(running, _STOP_SECONDS)


def gateway_lines(services: Services, gateway: Running, settings: Settings, ids: Collection[str], *, down: bool) -> str:
    """Where the gateway is, and what to try there."""
    if gateway.process() is None:
        return f"the gateway has ended; its log: {services.log('gateway')}\n"
    if down:
        return ""
    address = f"http://{settings.gateway.host}:{settings.gateway.port}"
    return (
        f"the page:                {address}  send docbeam/samples/application-skewed.jpg as {USE_CASE}, review it\n"
        f"the gateway:             {address}/v1  (docs/gateway.md)\n"
        f"                         curl -s {address}/v1/requests/{next(iter(ids))}\n"
        f"job, gateway, parts:     run on; `docbeam dev status` tells of the parts, `make stop` ends all\n"
    )
