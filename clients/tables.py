"""The dataset, the results table and the views in BigQuery."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from config.settings import BigQuerySettings
from schemas.bigquery import CLUSTER_COLUMNS, PARTITION_COLUMN, table_schema
from schemas.table_difference import Difference, difference

if TYPE_CHECKING:
    from google.cloud import bigquery

VIEWS = ("results_latest", "fields_latest", "failures")
"""In the order in which they build upon one another."""
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class TableState:
    """One thing in the dataset, and what is or was done about it."""

    name: str
    kind: str
    """dataset, table or view."""
    state: str
    """ok, created, changed, warn or fail."""
    remark: str = ""


def create_tables(client: bigquery.Client, settings: BigQuerySettings) -> list[TableState]:
    """Create what is missing, bring the views up to date; never changes the table. Idempotent."""
    from google.cloud import bigquery

    dataset_name = f"{settings.project}.{settings.dataset}"
    states = []
    if _dataset(client, settings) is None:
        client.create_dataset(bigquery.Dataset(dataset_name), exists_ok=True, retry=None, timeout=_SECONDS)
        states.append(TableState(dataset_name, "dataset", "created"))
    else:
        states.append(TableState(dataset_name, "dataset", "ok"))
    live = _table(client, settings, settings.table)
    if live is None:
        client.create_table(_new_table(settings), exists_ok=True, retry=None, timeout=_SECONDS)
        states.append(TableState(settings.table, "table", "created"))
    else:
        states.append(_judged(settings, live))
    return states + [_put_view(client, settings, view) for view in VIEWS]


def check_tables(client: bigquery.Client, settings: BigQuerySettings) -> list[TableState]:
    """Compare dataset, table and views with what they should be; changes nothing."""
    dataset_name = f"{settings.project}.{settings.dataset}"
    if _dataset(client, settings) is None:
        return [TableState(dataset_name, "dataset", "fail", "is not there; run `docbeam tables create`")]
    states = [TableState(dataset_name, "dataset", "ok")]
    live = _table(client, settings, settings.table)
    if live is None:
        states.append(TableState(settings.table, "table", "fail", "is not there; run `docbeam tables create`"))
    else:
        states.append(_judged(settings, live))
    for view in VIEWS:
        found = _table(client, settings, view)
        if found is None:
            states.append(TableState(view, "view", "fail", "is not there; run `docbeam tables create`"))
        elif not _is(found, view_query(settings, view)):
            states.append(TableState(view, "view", "warn", "is another query; run `docbeam tables migrate`"))
        else:
            states.append(TableState(view, "view", "ok"))
    return states


def migrate_tables(client: bigquery.Client, settings: BigQuerySettings, *, dry_run: bool = False) -> list[TableState]:
    """Add the columns that are missing, then bring the views up to date. Idempotent.

    When anything stands in the way that cannot be changed in place, nothing is changed and the state is `fail`.
    """
    live = _table(client, settings, settings.table)
    if live is None:
        return [TableState(settings.table, "table", "fail", "is not there; run `docbeam tables create`")]
    found = table_difference(live)
    if found.refused:
        return [_refusal(settings, found)]
    states = [TableState(settings.table, "table", "ok")]
    if not found.is_none:
        states = [TableState(settings.table, "table", "would change" if dry_run else "changed", _additions(found))]
        if not dry_run:
            from google.cloud import bigquery

            live.schema = [bigquery.SchemaField.from_api_repr(column) for column in found.columns]
            client.update_table(live, ["schema"], retry=None, timeout=_SECONDS)
    # A view's columns are those of the table at the time it was made: a new column needs the view made again.
    return states if dry_run else states + [_put_view(client, settings, view, again=True) for view in VIEWS]


def table_difference(live: bigquery.Table) -> Difference:
    """What stands between a live table and the schema, the partitioning included."""
    found = difference([column.to_api_repr() for column in live.schema], table_schema())
    partition = live.time_partitioning.field if live.time_partitioning else None
    if partition != PARTITION_COLUMN:
        found.refused.append(f"it is partitioned by {partition or 'nothing'}, not by {PARTITION_COLUMN}")
    return found


def view_query(settings: BigQuerySettings, view: str) -> str:
    """The SQL of a view."""
    prefix = f"{settings.project}.{settings.dataset}"
    text = files("schemas.sql").joinpath(f"{view}.sql").read_text(encoding="utf-8")
    return (
        Template(text)
        .substitute(results=f"{prefix}.{settings.table}", results_latest=f"{prefix}.results_latest")
        .strip()
    )


def _new_table(settings: BigQuerySettings) -> bigquery.Table:
    from google.cloud import bigquery

    table = bigquery.Table(
        f"{settings.project}.{settings.dataset}.{settings.table}",
        schema=[bigquery.SchemaField.from_api_repr(dict(column)) for column in table_schema()],
    )
    table.time_partitioning = bigquery.TimePartitioning(type_="DAY", field=PARTITION_COLUMN)
    table.clustering_fields = list(CLUSTER_COLUMNS)
    return table


def _put_view(client: bigquery.Client, settings: BigQuerySettings, view: str, *, again: bool = False) -> TableState:
    from google.cloud import bigquery

    query = view_query(settings, view)
    found = _table(client, settings, view)
    if found is None:
        table = bigquery.Table(f"{settings.project}.{settings.dataset}.{view}")
        table.view_query = query
        client.create_table(table, exists_ok=True, retry=None, timeout=_SECONDS)
        return TableState(view, "view", "created")
    changed = not _is(found, query)
    if not (again or changed):
        return TableState(view, "view", "ok")
    found.view_query = query
    client.update_table(found, ["view_query"], retry=None, timeout=_SECONDS)
    return TableState(view, "view", "changed" if changed else "ok")


def _judged(settings: BigQuerySettings, live: bigquery.Table) -> TableState:
    found = table_difference(live)
    if found.refused:
        return _refusal(settings, found)
    if not found.is_none:
        return TableState(settings.table, "table", "fail", f"{_additions(found)}; run `docbeam tables migrate`")
    if tuple(live.clustering_fields or ()) != CLUSTER_COLUMNS:
        return TableState(
            settings.table, "table", "warn", f"is not clustered by {', '.join(CLUSTER_COLUMNS)}: queries cost more"
        )
    return TableState(settings.table, "table", "ok")


def _refusal(settings: BigQuerySettings, found: Difference) -> TableState:
    return TableState(
        settings.table,
        "table",
        "fail",
        f"{'; '.join(found.refused)}. This cannot be changed in place: set bigquery.table to a new name, run "
        "`docbeam tables create`, and copy the old rows over with a query of your own",
    )


def _additions(found: Difference) -> str:
    told = [f"add {', '.join(found.added)}"] if found.added else []
    return "; ".join([*told, *([f"make nullable {', '.join(found.relaxed)}"] if found.relaxed else [])])


def _dataset(client: bigquery.Client, settings: BigQuerySettings) -> bigquery.Dataset | None:
    from google.api_core.exceptions import NotFound

    try:
        return client.get_dataset(f"{settings.project}.{settings.dataset}", retry=None, timeout=_SECONDS)
    except NotFound:
        return None


def _table(client: bigquery.Client, settings: BigQuerySettings, name: str) -> bigquery.Table | None:
    from google.api_core.exceptions import NotFound

    try:
        return client.get_table(f"{settings.project}.{settings.dataset}.{name}", retry=None, timeout=_SECONDS)
    except NotFound:
        return None


def _is(view: bigquery.Table, query: str) -> bool:
    """Whether the view has that query, as far as the server tells: emulators keep it to themselves."""
    return view.view_query is None or view.view_query.split() == query.split()
