-- One row for each field that a person has judged: the newest judgement.
SELECT * EXCEPT (newest_first)
FROM (
  SELECT
    correction.request_id,
    correction.client_id,
    correction.use_case,
    correction.form,
    correction.read.name,
    correction.read.instance,
    correction.read.page,
    correction.judgement,
    correction.state,
    correction.value,
    correction.read.state AS read_state,
    correction.read.value AS read_value,
    correction.read.confidence AS read_confidence,
    correction.corrected_by,
    correction.reviewer,
    correction.corrected_at,
    ROW_NUMBER() OVER (
      PARTITION BY
        correction.request_id,
        correction.read.name,
        IFNULL(correction.read.instance, 0),
        IFNULL(correction.read.page, 0)
      ORDER BY correction.corrected_at DESC, correction.inserted_at DESC
    ) AS newest_first
  FROM `$corrections` AS correction
)
WHERE newest_first = 1
