"""`docbeam replay`: send or store again what failed for a reason that is gone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from docbeam.invocation import Invocation, pass_invocation
from docbeam.option_types import Moment
from docbeam.output import Output, output_option, print_rows

if TYPE_CHECKING:
    from clients.replaying import Replay


@click.command()
@click.option("--dead-letters", is_flag=True, help="Records nobody could read, as they came.")
@click.option("--failed-retryable", is_flag=True, help="Requests that failed for a reason that may have passed.")
@click.option("--id", "ids", multiple=True, help="Only this request id. Repeatable.")
@click.option(
    "--since",
    type=Moment(),
    help="Only what failed after: 30m, 2h, 7d, or ISO 8601. For dead letters, also those replayed before.",
)
@click.option(
    "--max-attempts",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Leave alone what was sent again so often.",
)
@click.option("--dry-run", is_flag=True, help="Count, send nothing.")
@output_option()
@pass_invocation
def replay(
    invocation: Invocation,
    dead_letters: bool,
    failed_retryable: bool,
    ids: tuple[str, ...],
    since: datetime | None,
    max_attempts: int,
    dry_run: bool,
    output: Output,
) -> None:
    """Send dead letters, failed requests, or both to the requests topic again; print what was done.

    Dead letters of rows that BigQuery refused hold the row: it is put into the results table instead. Dead letters
    that were replayed once are not replayed by the next call, unless --since or --id asks for them. Records keep
    their key, value and headers, less the headers that tell the error; the header `docbeam.attempts` counts.
    """
    from clients.replaying import from_failed_results

    if not (dead_letters or failed_retryable):
        raise click.UsageError("say what to replay: --dead-letters, --failed-retryable, or both")
    rows = []
    if dead_letters:
        rows.append(_dead_letters(invocation, ids, since, max_attempts, dry_run))
    if failed_retryable:
        found = from_failed_results(invocation.settings, ids, since, max_attempts)
        rows.append(_done(invocation, "failed results", found, dry_run))
    print_rows(rows, output)


def _dead_letters(
    invocation: Invocation, ids: tuple[str, ...], since: datetime | None, max_attempts: int, dry_run: bool
) -> dict[str, object]:
    from clients.replaying import from_dead_letters, group_of
    from clients.topic_reader import TopicReader

    settings = invocation.settings
    chosen = bool(ids) or since is not None
    group = None if chosen else group_of(settings)
    with TopicReader(settings.kafka, settings.kafka.dead_letters_topic, since=since, group=group) as reader:
        found = from_dead_letters(reader, ids, max_attempts)
        row = _done(invocation, "dead letters", found, dry_run)
        if group is not None and not dry_run:
            reader.commit()
    return row


def _done(invocation: Invocation, source: str, found: Replay, dry_run: bool) -> dict[str, object]:
    """Send what was found, tell what was left and why; the row of counts."""
    from clients.request_records import publish

    # Rows first: a table that is not ready ends the call before any request is sent twice.
    rows = _rows(invocation, found, dry_run) if found.rows else {}
    if found.records and not dry_run:
        publish(found.records, invocation.settings)
    if found.request_gone:
        invocation.say(
            f"{len(found.request_gone)} requests are no longer on the requests topic (its retention is over); "
            f"send them anew: {', '.join(found.request_gone[:10])}"
        )
    if found.unreadable_results:
        invocation.say(
            f"{found.unreadable_results} records of the results topic could not be read and were passed over"
        )
    return {
        "source": source,
        "would_send" if dry_run else "sent": len(found.records),
        "would_store" if dry_run else "stored": rows.get("stored", 0),
        "rows_refused": rows.get("refused", 0),
        "rows_gone": rows.get("gone", 0),
        "no_value": found.without_value,
        "tried_too_often": found.tried_too_often,
        "request_gone": len(found.request_gone),
    }


def _rows(invocation: Invocation, found: Replay, dry_run: bool) -> dict[str, int]:
    """Store the rows; those refused again go back to the dead letters, so that no later call misses them."""
    from clients.replaying_rows import store_rows, with_rows_of_results
    from clients.request_records import publish

    settings = invocation.settings
    with_rows_of_results(found.rows, settings)
    if dry_run:
        gone = sum(row.row is None for row in found.rows)
        return {"stored": len(found.rows) - gone, "gone": gone}
    done = store_rows(found.rows, settings)
    if done.refused:
        publish([row.letter for row in done.refused], settings, settings.kafka.dead_letters_topic)
        invocation.say(
            f"{len(done.refused)} rows were refused again ({done.reason}) and are dead letters again: "
            f"{', '.join(row.request_id for row in done.refused[:10])}. Run `docbeam tables check`."
        )
    if done.gone:
        invocation.say(
            f"{len(done.gone)} rows are neither in their letter nor on the results topic; "
            f"send these requests anew: {', '.join(done.gone[:10])}"
        )
    return {"stored": done.stored, "refused": len(done.refused), "gone": len(done.gone)}
