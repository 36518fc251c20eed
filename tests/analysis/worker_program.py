"""A worker process that answers requests, four at a time, until it is done or dies: `worker_program.py FOLDER`.

FOLDER holds `order.json` (requests by id: use case and parameters), `page.png`, and gets a line in `answers` for each
request that is answered. Like a runner, it takes up again what has no answer yet.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis.apply_step import apply_step
from analysis.assemble import assemble
from analysis.attempts import decoding, forget_mine
from analysis.open_document import open_document
from analysis.worker import close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from schemas.errors import DocbeamError
from schemas.part import Delivery, ReceivedRecord, ReceivedRequest
from schemas.request import AnalysisRequest, DocumentReference
from use_cases.registry import all_use_cases

FOLDER = Path(sys.argv[1])
DOCUMENTS = DocumentSettings(allow=(FOLDER.as_uri() + "/",), cache_dir=FOLDER / "cache")
ANALYSIS = AnalysisSettings(children=2, memory_mb=700, attempts_dir=FOLDER / "attempts")
writing = threading.Lock()


def answer(place: int, name: str, asked: dict[str, Any]) -> None:
    delivery = Delivery("t", 0, place, place, datetime.now(UTC))
    request = AnalysisRequest(
        name, DocumentReference((FOLDER / "page.png").as_uri()), asked["use_case"], asked["parameters"]
    )
    try:
        with decoding(ReceivedRecord(delivery, None, name.encode()), DOCUMENTS, ANALYSIS):
            if asked["parameters"].get("fault") == "decode":
                os.kill(os.getpid(), signal.SIGKILL)
    except DocbeamError as error:
        told = [name, "dead letter", [error.code.value], 0]
    else:
        here = worker(DOCUMENTS, ANALYSIS)
        (part,) = open_document(ReceivedRequest(delivery, request), here)
        for step in all_use_cases()[request.use_case].use_case.steps:
            part = apply_step(part, step, here)
        result = assemble([part], here)
        told = [name, result.status.value, [error.code.value for error in result.errors], len(result.pages)]
    with writing, (FOLDER / "answers").open("a", encoding="utf-8") as file:
        file.write(json.dumps(told) + "\n")


def stop(*_: object) -> None:
    """As the job stops: in order, with work in progress."""
    forget_mine()
    close_workers()
    # An answer that is none would be written now.
    time.sleep(0.5)
    os._exit(0)


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    order = json.loads((FOLDER / "order.json").read_text(encoding="utf-8"))
    answers = FOLDER / "answers"
    done = (
        {json.loads(line)[0] for line in answers.read_text(encoding="utf-8").splitlines()} if answers.exists() else ()
    )
    with ThreadPoolExecutor(4) as pool:
        waiting = [
            pool.submit(answer, place, name, asked)
            for place, (name, asked) in enumerate(order.items())
            if name not in done
        ]
        for each in waiting:
            each.result()
    close_workers()


if __name__ == "__main__":
    main()
