-- One row for each field of each request's newest result, as it was read and with what a person has said of it since.
SELECT
  field.* EXCEPT (state, value),
  IFNULL(said.state, field.state) AS state,
  IF(said.state IS NULL, field.value, said.value) AS value,
  field.state AS read_state,
  field.value AS read_value,
  said.judgement,
  said.corrected_by,
  said.reviewer,
  said.corrected_at
FROM `$fields_latest` AS field
LEFT JOIN `$corrections_latest` AS said
  ON said.request_id = field.request_id
  AND said.name = field.name
  AND IFNULL(said.instance, 0) = IFNULL(field.instance, 0)
  AND IFNULL(said.page, 0) = IFNULL(field.page, 0)
