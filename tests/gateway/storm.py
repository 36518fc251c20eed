"""A thousand requests in flight from 50 clients through two gateways, while everything they stand on is killed.

    python -m tests.gateway.storm [--requests N] [--store sqlite|mongo|postgres]

Of every third, two people judge the field that was read, at the same time. Killed with SIGKILL, in turn: a gateway,
Redis, the store's server, the other gateway (each reads the results too). What was killed is started again, as a
supervisor would. In the end every request must have ended, as one answer, seen by its client and by nobody else; and
every judgement that was taken is kept once and told. Takes minutes.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parent))

from served import GatewayProcess, StandInJob, set_flags, stop_all
from storm_reviews import Reviews, judged_by_two, look

from clients.reaching import open_admin
from clients.topics import create_topics
from config.load import load_settings
from config.settings import Settings
from devstack.endpoints import Endpoints
from devstack.process import recorded
from devstack.stack import down, up
from devstack.state import StateFolder
from docbeam.client import Client, ClientError

CLIENTS = 50
JUDGED_OF = 3
"""Every so many are judged."""
_KILL_EVERY_SECONDS = 3.0


@dataclass
class Storm:
    """What happened to the requests."""

    sent: dict[str, int] = field(default_factory=dict)
    """By id the client that sent it."""
    answers: dict[str, set[str]] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    reviews: Reviews = field(default_factory=Reviews)
    told: list[str] = field(default_factory=list)
    """What is wrong with the judgements."""

    def problems(self) -> list[str]:
        """What must not have happened."""
        unanswered = [name for name in self.sent if not self.answers.get(name)]
        different = [name for name, found in self.answers.items() if len(found) > 1]
        wrong = [name for name, found in self.answers.items() if found != {f"ready read of {name}"}]
        said = {"without an answer": unanswered, "answered differently": different, "answered wrongly": wrong,
                "seen by another client": self.foreign}  # fmt: skip
        return [*(f"{len(names)} {what}: {names[:3]}" for what, names in said.items() if names), *self.told]


def storm(endpoints: Endpoints, folder: Path, store: str, requests: int, kill: tuple[str, ...]) -> Storm:
    """Send so many requests while what `kill` names is killed: `gateway`, or parts of the stack."""
    more = {"gateway.review_seconds": 10, "gateway.redis": endpoints.redis_url, "gateway.resend_seconds": 2}
    flags, settings = own_topics(endpoints, "storm", {"gateway.store": store, **more})
    gateways = [GatewayProcess(endpoints.settings_file, flags, folder / f"gateway{n}.log") for n in range(2)]
    over = threading.Event()
    found = Storm()
    try:
        with StandInJob(settings):
            gateways[0].start()
            gateways[1].start()
            keys = api_keys(store, CLIENTS)
            killer = threading.Thread(target=_kill, args=(endpoints, gateways, kill, over, found))
            killer.start()
            with ThreadPoolExecutor(CLIENTS) as pool:
                list(pool.map(lambda n: _one(n, gateways, keys, found), range(requests)))
            over.set()
            killer.join()
            _look_at_others(gateways, keys, found)
            found.told = found.reviews.problems(settings)
    finally:
        over.set()
        stop_all(gateways)
    return found


def own_topics(endpoints: Endpoints, kind: str, more: dict[str, object]) -> tuple[tuple[str, ...], Settings]:
    """Flags and settings of a gateway with topics of its own, which are made, and with no limit of calls."""
    name = f"{kind}{uuid.uuid4().hex[:8]}"
    flags = set_flags(
        {
            "kafka.requests_topic": f"{name}.requests", "kafka.results_topic": f"{name}.results",
            "kafka.dead_letters_topic": f"{name}.dead-letters", "kafka.corrections_topic": f"{name}.corrections",
            "kafka.group": name, "kafka.partitions": 4, "bigquery.enabled": False, "documents.allow": "gs://forms/",
            "gateway.group": f"{name}.gateway", "gateway.requests_per_minute": 1_000_000, **more,
        }
    )  # fmt: skip
    settings = load_settings(flags, file=endpoints.settings_file, environment={}).settings
    admin = open_admin(settings.kafka)
    create_topics(admin, settings.kafka)
    admin.close()
    return flags, settings


def api_keys(store: str, clients: int) -> list[str]:
    """One for each client; made in one go, since the command takes a second for each."""
    import asyncio

    from gateway.access.api_keys import Scope, new_key
    from gateway.clock import now_micros
    from gateway.stores.opening import store_at

    async def make() -> list[str]:
        opened = store_at(store)
        await opened.open()
        texts = []
        for number in range(clients):
            key, text = new_key(f"client-{number}", (Scope.SEND, Scope.RECEIVE, Scope.REVIEW), now_micros())
            await opened.put_key(key)
            texts.append(text)
        await opened.close()
        return texts

    return asyncio.run(make())


def _one(number: int, gateways: list[GatewayProcess], keys: list[str], found: Storm) -> None:
    """As a client with patience: it sends the same again until it is taken, and asks until there is an answer."""
    client = number % CLIENTS
    name = f"storm-{number}-{uuid.uuid4().hex[:8]}"
    found.sent[name] = client
    deadline = time.monotonic() + 240
    told: set[str] = set()
    sent = False
    while time.monotonic() < deadline and len(told) < 1:
        address = random.choice(gateways).address
        try:
            with Client(address, keys[client], patience=0) as docbeam:
                if not sent:
                    docbeam.send("gs://forms/a.pdf", "receipt", request_id=name)
                    sent = True
                state = docbeam.receive(name, wait=5)
        except ClientError:
            time.sleep(random.uniform(0.1, 0.5))
            continue
        if state.status.ended and state.result is not None:
            told.add(f"{state.status.value} {state.result.fields[0].value}")
    found.answers[name] = told
    if told and number % JUDGED_OF == 0:
        judged_by_two(name, lambda: random.choice(gateways).address, keys[client], found.reviews)


def _look_at_others(gateways: list[GatewayProcess], keys: list[str], found: Storm) -> None:
    """Each answer once more, by the other gateway; and a sample of them by another client."""
    for number, (name, client) in enumerate(found.sent.items()):
        gateway = gateways[number % 2]
        for attempt in range(60):
            try:
                said = httpx.get(
                    f"{gateway.address}/v1/requests/{name}", headers={"X-API-Key": keys[client]}, timeout=20
                ).json()
                found.answers[name].add(f"{said['status']} {said['result']['fields'][0]['value']}")
                break
            except (httpx.HTTPError, KeyError, TypeError):
                time.sleep(0.5 if attempt else 0.1)
        else:
            found.answers[name].add("invisible")
        if name in found.reviews.accepted:
            look(name, gateway.address, keys[client], found.reviews)
        if number % 10 == 0:
            other = {"X-API-Key": keys[(client + 1) % CLIENTS]}
            if httpx.get(f"{gateway.address}/v1/requests/{name}", headers=other, timeout=20).status_code != 404:
                found.foreign.append(name)


def _kill(
    endpoints: Endpoints, gateways: list[GatewayProcess], kill: tuple[str, ...], over: threading.Event, found: Storm
) -> None:
    folder = StateFolder.at(endpoints.state_dir)
    for turn, what in enumerate(kill):
        if over.wait(_KILL_EVERY_SECONDS):
            return
        found.killed.append(what)
        if what == "gateway":
            gateways[turn % 2].kill()
            over.wait(1)
            gateways[turn % 2].start()
            continue
        running = recorded(folder.pid_file(what))
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        over.wait(1)
        up([what], endpoints.state_dir)


def main() -> int:
    """Print what was killed and what went wrong; 1 if anything did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--store", choices=("sqlite", "mongo", "postgres"), default="mongo")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="docbeam-storm-") as made:
        folder = Path(made)
        try:
            endpoints = up(["kafka", "registry", "redis", "mongo", "postgres"], folder / "dev", print)
            stores = {
                "sqlite": f"sqlite:///{folder}/gateway.sqlite",
                "mongo": f"{endpoints.mongo_url}/storm",
                "postgres": endpoints.postgres_url,
            }
            server = () if arguments.store == "sqlite" else (arguments.store,)
            kill = ("gateway", "redis", *server, "gateway", *server, "redis", "gateway", "gateway")
            began = time.monotonic()
            found = storm(endpoints, folder, stores[arguments.store], arguments.requests, kill)
        finally:
            down(folder / "dev", wipe=True)
    print(f"{len(found.reviews.kept)} judged by two, {sum(map(len, found.reviews.kept.values()))} judgements")
    print(f"{len(found.sent)} requests in {time.monotonic() - began:.0f} s; killed: {dict(Counter(found.killed))}")
    for problem in found.problems():
        print(problem)
    return 1 if found.problems() else 0


if __name__ == "__main__":
    raise SystemExit(main())
