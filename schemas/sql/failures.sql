-- One row for each error of each request's newest result, failed and partial ones alike.
SELECT
  result.request_id,
  result.client_id,
  result.use_case,
  result.status,
  result.received_at,
  result.finished_at,
  result.document.location,
  error.code,
  error.message,
  error.stage,
  error.page,
  error.retryable
FROM `$results_latest` AS result, UNNEST(result.errors) AS error
