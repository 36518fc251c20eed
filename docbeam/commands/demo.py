"""`docbeam demo`: the sample documents through the real path, start to finish."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from docbeam.exit_codes import Failed, NotReady
from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, print_rows

if TYPE_CHECKING:
    from config.settings import Settings
    from devstack.endpoints import Endpoints
    from docbeam.demonstration.sample_store import Planned
    from docbeam.demonstration.services import Services
    from schemas.result import AnalysisResult

_COLUMNS = ("document", "use_case", "status", "expected", "pages", "lines", "boxes", "signatures", "errors")


@click.command()
@click.option(
    "--work-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".docbeam"),
    show_default=True,
    help="For logs, settings and pictures.",
)
@click.option(
    "--timeout", type=float, default=1200, show_default=True, help="Longest wait for the results, in seconds."
)
@click.option("--down", is_flag=True, help="Stop everything at the end instead of leaving it for a look around.")
@pass_invocation
def demo(invocation: Invocation, work_dir: Path, timeout: float, down: bool) -> None:
    """Start broker, registry, stores, BigQuery emulator, the streaming job and a gateway; send the sample documents.

    Prints the results as read back from BigQuery, and writes a picture for each page. Ends with 1 if a request
    got no result.
    """
    from devstack import stack
    from devstack.failure import StackError

    started = time.monotonic()
    state_dir = work_dir / "dev"
    try:
        endpoints = stack.up(state_dir=state_dir, progress=invocation.say)
    except StackError as error:
        raise NotReady(error.message) from None
    try:
        lost = _demonstrate(invocation, endpoints, work_dir, timeout, started, down)
    finally:
        if down:
            stack.down(state_dir)
    if lost:
        raise Failed(f"{lost} requests got no result or no row; the job's log: {state_dir / 'logs' / 'job.log'}")


def _demonstrate(
    invocation: Invocation, endpoints: Endpoints, work_dir: Path, timeout: float, started: float, down: bool
) -> int:
    from analysis.worker import close_workers
    from config.load import load_settings
    from docbeam.demonstration.read_back import results_of, rows_of, wait_for_no_lag
    from docbeam.demonstration.sample_form import make_sample_form
    from docbeam.demonstration.sample_store import upload
    from docbeam.demonstration.services import Services, end_services, gateway_lines

    folder = work_dir / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    environment = os.environ | endpoints.environment()
    os.environ.update(endpoints.environment())
    end_services(work_dir / "dev")
    config = _write_settings(endpoints, make_sample_form(folder / "forms"), folder)
    settings = load_settings(file=config).settings
    for arguments in (["topics", "create"], ["schemas", "register"], ["tables", "create"]):
        _docbeam(arguments, config, environment)
    planned = upload(endpoints)
    prefix = f"demo-{int(time.time())}"
    ids = {f"{prefix}-{place:02d}": each for place, each in enumerate(planned, 1)}
    services = Services(work_dir / "dev", config, environment)
    job = services.start("job", ["run", "--runner", "local", "--state-dir", str(folder.resolve())])
    gateway = services.start("gateway", ["gateway"])
    _send(ids, settings)
    invocation.say(f"sent {len(ids)} requests; the job's log: {services.log('job')}")
    progress = _Progress(invocation, ids)
    results = results_of(ids, settings, timeout, lambda: job.process() is not None, progress.arrived)
    left = wait_for_no_lag(settings, 60) if len(results) == len(ids) else -1
    rows = {row["request_id"]: row for row in rows_of(prefix, settings)}
    click.echo("\nRead back from BigQuery:\n")
    print_rows([_row(ids[each], rows.get(each)) for each in ids], Output.TABLE, _COLUMNS)
    _print_fields(ids, prefix, settings)
    _draw(invocation, results, ids, folder / "overlays", settings)
    close_workers()
    _tell(results, rows, left, config, services)
    click.echo(gateway_lines(services, gateway, settings, ids, down=down))
    lost = len(ids) - min(len(results), len(rows))
    statuses = Counter(result.status.value for result in results.values())
    counts = ", ".join(f"{statuses[name]} {name}" for name in ("complete", "partial", "rejected", "failed"))
    click.echo(
        f"docbeam: {len(ids)} requests, {len(results)} results ({counts}), {lost} lost, "
        f"{time.monotonic() - started:.0f} seconds"
    )
    return lost


class _Progress:
    """A line for each result as it comes."""

    def __init__(self, invocation: Invocation, ids: Mapping[str, Planned]) -> None:
        self._invocation = invocation
        self._ids = ids
        self._count = 0
        self._started = time.monotonic()

    def arrived(self, result: AnalysisResult) -> None:
        self._count += 1
        seconds = time.monotonic() - self._started
        self._invocation.say(
            f"[{self._count}/{len(self._ids)}, {seconds:4.0f} s] {result.status.value:9} "
            f"{self._ids[result.request_id].what}"
        )


_PROGRAM = [sys.executable, "-m", "docbeam.main"]


def _docbeam(arguments: Sequence[str], config: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        [*_PROGRAM, "--config", str(config), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise NotReady(f"docbeam {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")


def _send(ids: Mapping[str, Planned], settings: Settings) -> None:
    from clients.sending import send_requests
    from schemas.request import AnalysisRequest, DocumentReference, now

    requests = [
        AnalysisRequest(request_id, DocumentReference(each.location), each.use_case, submitted_at=now())
        for request_id, each in ids.items()
    ]
    send_requests(requests, settings)


def _write_settings(endpoints: Endpoints, forms: Path, folder: Path) -> Path:
    from devstack.endpoints import as_toml
    from devstack.ports import free_port
    from docbeam.demonstration.sample_store import ALLOW, UPLOADS

    settings = endpoints.settings()
    settings.setdefault("analysis", {})["forms"] = str(forms)
    gateway = settings.setdefault("gateway", {})
    gateway["access"] = "open"
    gateway["store"] = f"sqlite:///{folder.resolve() / 'gateway.sqlite'}"
    gateway["port"] = str(free_port(8080))
    gateway["upload_prefix"] = UPLOADS
    settings["client"] = {"url": f"http://127.0.0.1:{gateway['port']}"}
    allow = settings.pop("documents", {})
    listed = ", ".join(f'"{prefix}"' for prefix in ALLOW)
    keys = "\n".join(f'{name} = "{value}"' for name, value in allow.items())
    config = folder / "docbeam.toml"
    config.write_text(f"{as_toml(settings)}\n[documents]\nallow = [{listed}]\n{keys}\n", encoding="utf-8")
    return config


def _row(planned: Planned, row: Mapping[str, object] | None) -> dict[str, object]:
    if row is None:
        return {"document": planned.what, "use_case": planned.use_case, "status": "(no row)"}
    return {
        "document": planned.what,
        "use_case": planned.use_case,
        "status": row["status"],
        "expected": "yes" if row["status"] == planned.expected.value else f"no, {planned.expected.value}",
        "pages": row["pages"],
        "lines": row["lines"],
        "boxes": f"{row['marked']} of {row['boxes']} marked" if row["boxes"] else "",
        "signatures": row["signatures"] or "",
        "errors": row["errors"] or "",
    }


def _print_fields(ids: Mapping[str, Planned], prefix: str, settings: Settings) -> None:
    from docbeam.demonstration.read_back import fields_of
    from docbeam.demonstration.sample_form import (
        FIELD_COLUMNS,
        FIELDS_COLUMNS,
        READ_OUT,
        USE_CASE,
        field_row,
        fields_row,
    )
    from docbeam.samples import sample_requests

    samples = {sample.file: sample for sample in sample_requests()}
    found = fields_of(prefix, USE_CASE, settings)
    asked = {request_id: each.what for request_id, each in ids.items() if each.use_case == USE_CASE}
    click.echo("\nThe fields of the sample form, from its blank alone, read back from BigQuery:\n")
    for request_id, what in asked.items():
        if what == READ_OUT:
            click.echo(f"{what}:")
            print_rows([field_row(field) for field in found.get(request_id, [])], Output.TABLE, FIELD_COLUMNS)
    click.echo("")
    rows = [fields_row(what, samples[what], found.get(request_id, [])) for request_id, what in asked.items()]
    print_rows(rows, Output.TABLE, FIELDS_COLUMNS)


def _draw(
    invocation: Invocation,
    results: Mapping[str, AnalysisResult],
    ids: Mapping[str, Planned],
    folder: Path,
    settings: Settings,
) -> None:
    from analysis.draw_overlays import draw_overlays
    from analysis.worker import worker
    from schemas.errors import DocbeamError

    here = worker(settings.documents, settings.analysis)
    for request_id, result in results.items():
        try:
            name = f"{Path(ids[request_id].what).stem}-{ids[request_id].use_case}"
            list(draw_overlays(result, folder, name, here))
        except DocbeamError as error:
            invocation.say(f"no picture of {ids[request_id].what}: {error.message}")


def _tell(
    results: Mapping[str, AnalysisResult],
    rows: Mapping[str, Mapping[str, object]],
    left: int,
    config: Path,
    services: Services,
) -> None:
    missing = len(results) - len(rows)
    click.echo(
        f"\nunfinished work (consumer lag): {left if left >= 0 else 'unknown'}; "
        f"rows missing in BigQuery: {max(0, missing)}\n"
        f"pictures of every page:  {config.parent / 'overlays'}\n"
        f"the job's log:           {services.log('job')}\n"
        f"settings of this run:    {config}  (docbeam --config {config} doctor)"
    )
