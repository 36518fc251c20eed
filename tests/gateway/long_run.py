"""The memory of one gateway over very many requests: sent, answered, received, forgotten by their clients.

    python -m tests.gateway.long_run [--requests N] [--without-redis]

Eight clients send and wait for each answer in turn; a stand-in answers as the job would. Told every tenth of the way is
what the process holds (resident and unique set size). It is judged from half of the way on, when caches are full.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent))

from served import GatewayProcess, StandInJob, stop_all
from storm import api_keys, own_topics

from devstack.endpoints import Endpoints
from devstack.stack import down, up
from docbeam.client import Client

CLIENTS = 8
STEPS = 10
MAY_GROW = 1.05
"""From half of the way to its end."""


def held(endpoints: Endpoints, folder: Path, requests: int, redis: bool) -> Iterator[tuple[int, float, float]]:
    """How many have been answered, and MiB held by then: resident, and its own."""
    store = f"sqlite:///{folder}/gateway.sqlite"
    more: dict[str, object] = {"gateway.store": store, "gateway.requests_per_day": 10_000_000}
    # The stand-in commits nothing, so what it has answered counts as waiting.
    more["gateway.max_backlog"] = 2 * requests
    if redis:
        more["gateway.redis"] = endpoints.redis_url
    flags, settings = own_topics(endpoints, "long", more)
    gateway = GatewayProcess(endpoints.settings_file, flags, folder / "gateway.log")
    try:
        with StandInJob(settings):
            gateway.start()
            assert gateway.process is not None
            process = psutil.Process(gateway.process.pid)
            keys = api_keys(store, CLIENTS)
            each = requests // STEPS // CLIENTS
            for step in range(1, STEPS + 1):
                with ThreadPoolExecutor(CLIENTS) as pool:
                    for done in [pool.submit(_many, gateway.address, key, each) for key in keys]:
                        done.result()
                memory = process.memory_full_info()
                yield step * each * CLIENTS, memory.rss / 2**20, memory.uss / 2**20
    finally:
        stop_all([gateway])


def _many(address: str, key: str, requests: int) -> None:
    with Client(address, key, patience=60) as docbeam:
        for _ in range(requests):
            sent = docbeam.send("gs://forms/a.pdf", "receipt")
            state = docbeam.receive(sent.request_id, wait=20)
            if not state.status.ended:
                raise AssertionError(f"{sent.request_id} has no answer after 20 s")


def main() -> int:
    """Print what it holds as it goes; 1 if that still grows after half of the way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--without-redis", action="store_true")
    arguments = parser.parse_args()
    sizes = []
    with tempfile.TemporaryDirectory(prefix="docbeam-long-run-") as made:
        folder = Path(made)
        parts = ["kafka", "registry", *([] if arguments.without_redis else ["redis"])]
        try:
            endpoints = up(parts, folder / "dev", print)
            began = time.monotonic()
            for answered, resident, own in held(endpoints, folder, arguments.requests, not arguments.without_redis):
                seconds = time.monotonic() - began
                print(f"{answered} answered in {seconds:.0f} s: {resident:.1f} MiB, own {own:.1f}", flush=True)
                sizes.append(own)
        finally:
            down(folder / "dev", wipe=True)
    grown = sizes[-1] / sizes[len(sizes) // 2 - 1]
    print(f"from half of the way on {grown:.3f} times (may be {MAY_GROW})")
    return 0 if grown <= MAY_GROW else 1


if __name__ == "__main__":
    raise SystemExit(main())
