"""The views over the results table, as BigQuery SQL; `$results` and `$results_latest` are filled in."""
