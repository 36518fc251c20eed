"""BigQuery clients from the settings. Imports no Beam; the command line uses them too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.auth.credentials import AnonymousCredentials, Credentials

from config.settings import BigQuerySettings

if TYPE_CHECKING:
    from google.cloud import bigquery

_SERVICE = "https://bigquery.googleapis.com"
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


def warehouse(settings: BigQuerySettings) -> bigquery.Client:
    """A client of the service, or of the emulator when an endpoint is set."""
    from google.api_core.client_options import ClientOptions
    from google.cloud import bigquery

    if settings.endpoint is None:
        return bigquery.Client(project=settings.project)
    return bigquery.Client(
        project=settings.project,
        credentials=AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=settings.endpoint),
    )


def credentials(settings: BigQuerySettings) -> Credentials:
    """Of this machine for the service; none for an emulator. Raises GoogleAuthError."""
    import google.auth

    if settings.endpoint is not None:
        return AnonymousCredentials()
    found, _ = google.auth.default(scopes=_SCOPES)
    return found


def table_name(settings: BigQuerySettings) -> str:
    """project.dataset.table of the results."""
    return f"{settings.project}.{settings.dataset}.{settings.table}"


def table_url(settings: BigQuerySettings) -> str:
    """The results table in the REST API."""
    root = (settings.endpoint or _SERVICE).rstrip("/")
    return f"{root}/bigquery/v2/projects/{settings.project}/datasets/{settings.dataset}/tables/{settings.table}"
