"""Two people of each client judge the same fields at once, in the storm; and what must be kept and told of it."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from clients.corrections import _CORRECTIONS
from clients.request_records import read_record
from clients.topic_reader import TopicReader
from config.settings import Settings
from schemas.correction import Correction

PEOPLE = ("Ada", "Grace")
_PATIENCE_SECONDS = 240


@dataclass
class Reviews:
    """What was answered with 200, by request."""

    accepted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Values."""
    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """As the gateway tells them in the end."""

    def problems(self, settings: Settings) -> list[str]:
        """What must not have happened; waits until everything has been told to the topic."""
        lost = [name for name, said in self.accepted.items() if not said <= _values(self.kept[name])]
        invented = [name for name, kept in self.kept.items() if not _values(kept) <= _possible(name)]
        numbered = [
            name
            for name, kept in self.kept.items()
            if [each["correction_id"] for each in kept] != [f"{name}/{number + 1}" for number in range(len(kept))]
        ]
        expected = {each["correction_id"]: each["value"] for kept in self.kept.values() for each in kept}
        told = _told(settings, set(expected))
        untold = [each for each in expected if not told.get(each)]
        otherwise = [
            each for each, said in told.items() if len(set(map(repr, said))) > 1 or said[0].value != expected[each]
        ]
        found = {"judgements lost": lost, "with what nobody said": invented, "numbered wrongly": numbered,
                 "not told": untold, "told otherwise": otherwise}  # fmt: skip
        return [f"{len(names)} {what}: {names[:3]}" for what, names in found.items() if names]


def judged_by_two(name: str, address: Callable[[], str], key: str, found: Reviews) -> None:
    """Both take the request in turn, whoever comes first, and say that its field is something else."""
    people = [threading.Thread(target=_judge, args=(name, person, address, key, found)) for person in PEOPLE]
    for each in people:
        each.start()
    for each in people:
        each.join()


def look(name: str, address: str, key: str, found: Reviews) -> None:
    """What is kept of the request."""
    answer = httpx.get(f"{address}/v1/requests/{name}/corrections", headers={"X-API-Key": key}, timeout=20)
    found.kept[name] = answer.raise_for_status().json()["corrections"]


def _judge(name: str, person: str, address: Callable[[], str], key: str, found: Reviews) -> None:
    lock = ""
    said = {"name": "name", "page": 1, "judgement": "corrected", "value": f"{name} as {person} reads it"}
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with httpx.Client(headers={"X-API-Key": key}, timeout=20) as http:
        while time.monotonic() < deadline:
            place = f"{address()}/v1/requests/{name}"
            try:
                if not lock:
                    taken = http.put(f"{place}/review", json={"reviewer": person})
                    lock = taken.json()["lock"] if taken.status_code == 200 else ""
                if lock:
                    body = {"lock": lock, "reviewer": person, "judgements": [said]}
                    answer = http.post(f"{place}/corrections", json=body)
                    if answer.status_code == 200:
                        found.accepted[name].add(said["value"])
                        http.delete(f"{place}/review", params={"lock": lock})
                        return
                    # Lost: the answer to a judgement may have been lost as well, and it is said again.
                    lock = "" if answer.status_code == 409 else lock
            except httpx.HTTPError:
                if name in found.accepted and said["value"] in found.accepted[name]:
                    return
            time.sleep(random.uniform(0.1, 0.5))
    raise AssertionError(f"{person} never came to judge {name}")


def _values(kept: list[dict[str, Any]]) -> set[str]:
    return {each["value"] for each in kept}


def _possible(name: str) -> set[str]:
    return {f"{name} as {person} reads it" for person in PEOPLE}


def _told(settings: Settings, wanted: set[str]) -> dict[str, list[Correction]]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        told: dict[str, list[Correction]] = defaultdict(list)
        with TopicReader(settings.kafka, settings.kafka.corrections_topic) as reader:
            for record in reader.to_end():
                correction = read_record(record, _CORRECTIONS, "correction", settings.registry)
                told[correction.correction_id].append(correction)
        if wanted <= told.keys() or time.monotonic() > deadline:
            return told
        time.sleep(1)
