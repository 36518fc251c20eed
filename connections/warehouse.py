"""The BigQuery client from the settings. Imports no Beam; the command line uses it too."""

from __future__ import annotations

from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from config.settings import BigQuerySettings


def warehouse(settings: BigQuerySettings) -> bigquery.Client:
    """A client of the service, or of the emulator when an endpoint is set."""
    if settings.endpoint is None:
        return bigquery.Client(project=settings.project)
    return bigquery.Client(
        project=settings.project,
        credentials=AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=settings.endpoint),
    )


def table_name(settings: BigQuerySettings) -> str:
    """project.dataset.table of the results."""
    return f"{settings.project}.{settings.dataset}.{settings.table}"
