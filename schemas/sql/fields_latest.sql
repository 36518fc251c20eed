-- One row for each field of each request's newest result.
SELECT
  result.request_id,
  result.client_id,
  result.use_case,
  result.use_case_version,
  result.status,
  result.received_at,
  result.finished_at,
  field.name,
  field.kind,
  field.state,
  field.value,
  field.raw_text,
  field.confidence,
  field.page,
  field.instance,
  field.review,
  field.origin,
  field.rule
FROM `$results_latest` AS result, UNNEST(result.fields) AS field
