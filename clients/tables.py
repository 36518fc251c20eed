"""The dataset, its tables of results and corrections, and the views in BigQuery."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from config.settings import BigQuerySettings
from schemas.bigquery import CORRECTIONS, RESULTS, TableLayout, table_schema
from schemas.table_difference import Difference, difference

if TYPE_CHECKING:
    from google.cloud import bigquery

VIEWS = ("results_latest", "fields_latest", "failures", "corrections_latest", "fields_reviewed")
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
    """Create what is missing, bring the views up to date; never changes a table. Idempotent."""
    from google.cloud import bigquery

    dataset_name = f"{settings.project}.{settings.dataset}"
    states = []
    if _dataset(client, settings) is None:
        client.create_dataset(bigquery.Dataset(dataset_name), exists_ok=True, retry=None, timeout=_SECONDS)
        states.append(TableState(dataset_name, "dataset", "created"))
    else:
        states.append(TableState(dataset_name, "dataset", "ok"))
    for name, layout in tables(settings):
        live = _table(client, settings, name)
        if live is None:
            client.create_table(_new_table(settings, name, layout), exists_ok=True, retry=None, timeout=_SECONDS)
            states.append(TableState(name, "table", "created"))
        else:
            states.append(_judged(live, name, layout))
    return states + [_put_view(client, settings, view) for view in VIEWS]


def check_tables(client: bigquery.Client, settings: BigQuerySettings) -> list[TableState]:
    """Compare dataset, table and views with what they should be; changes nothing."""
    dataset_name = f"{settings.project}.{settings.dataset}"
    if _dataset(client, settings) is None:
        return [TableState(dataset_name, "dataset", "fail", "is not there; run `docbeam tables create`")]
    states = [TableState(dataset_name, "dataset", "ok")]
    for name, layout in tables(settings):
        live = _table(client, settings, name)
        states.append(_missing(name) if live is None else _judged(live, name, layout))
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
    found: dict[str, tuple[bigquery.Table, Difference]] = {}
    states = []
    for name, layout in tables(settings):
        live = _table(client, settings, name)
        if live is None:
            states.append(_missing(name))
            continue
        differs = table_difference(live, layout)
        if differs.refused:
            states.append(_refusal(name, differs))
        elif differs.is_none:
            states.append(TableState(name, "table", "ok"))
        else:
            found[name] = live, differs
            states.append(TableState(name, "table", "would change" if dry_run else "changed", _additions(differs)))
    if dry_run or any(state.state == "fail" for state in states):
        return [state for state in states if state.state != "changed"]
    from google.cloud import bigquery

    for live, differs in found.values():
        live.schema = [bigquery.SchemaField.from_api_repr(column) for column in differs.columns]
        client.update_table(live, ["schema"], retry=None, timeout=_SECONDS)
    # A view's columns are those of the table at the time it was made: a new column needs the view made again.
    return states + [_put_view(client, settings, view, again=True) for view in VIEWS]


def tables(settings: BigQuerySettings) -> tuple[tuple[str, TableLayout], ...]:
    """Names of the tables, and what they hold."""
    return (settings.table, RESULTS), (settings.corrections_table, CORRECTIONS)


def table_difference(live: bigquery.Table, layout: TableLayout) -> Difference:
    """What stands between a live table and the schema, the partitioning included."""
    found = difference([column.to_api_repr() for column in live.schema], table_schema(layout))
    partition = live.time_partitioning.field if live.time_partitioning else None
    if partition != layout.partition:
        found.refused.append(f"it is partitioned by {partition or 'nothing'}, not by {layout.partition}")
    return found


def view_query(settings: BigQuerySettings, view: str) -> str:
    """The SQL of a view."""
    prefix = f"{settings.project}.{settings.dataset}"
    text = files("schemas.sql").joinpath(f"{view}.sql").read_text(encoding="utf-8")
    names = {name: f"{prefix}.{name}" for name in VIEWS}
    tables = {"results": f"{prefix}.{settings.table}", "corrections": f"{prefix}.{settings.corrections_table}"}
    return Template(text).substitute(names | tables).strip()


def _new_table(settings: BigQuerySettings, name: str, layout: TableLayout) -> bigquery.Table:
    from google.cloud import bigquery

    table = bigquery.Table(
        f"{settings.project}.{settings.dataset}.{name}",
        schema=[bigquery.SchemaField.from_api_repr(dict(column)) for column in table_schema(layout)],
    )
    table.time_partitioning = bigquery.TimePartitioning(type_="DAY", field=layout.partition)
    table.clustering_fields = list(layout.cluster)
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


def _judged(live: bigquery.Table, name: str, layout: TableLayout) -> TableState:
    found = table_difference(live, layout)
    if found.refused:
        return _refusal(name, found)
    if not found.is_none:
        return TableState(name, "table", "fail", f"{_additions(found)}; run `docbeam tables migrate`")
    if tuple(live.clustering_fields or ()) != layout.cluster:
        return TableState(name, "table", "warn", f"is not clustered by {', '.join(layout.cluster)}: queries cost more")
    return TableState(name, "table", "ok")


def _missing(name: str) -> TableState:
    return TableState(name, "table", "fail", "is not there; run `docbeam tables create`")


def _refusal(name: str, found: Difference) -> TableState:
    return TableState(
        name,
        "table",
        "fail",
        f"{'; '.join(found.refused)}. This cannot be changed in place: set bigquery.table or corrections_table to a "
        "new name, run `docbeam tables create`, and copy the old rows over with a query of your own",
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
