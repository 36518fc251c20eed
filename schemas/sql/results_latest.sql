-- One row for each request: the newest of its deliveries and replays, the whole row before one that stood in for it.
SELECT * EXCEPT (newest_first)
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY request_id
      ORDER BY
        finished_at DESC,
        (SELECT COUNTIF(error.code = 'row_refused') FROM UNNEST(errors) AS error),
        inserted_at DESC
    ) AS newest_first
  FROM `$results`
)
WHERE newest_first = 1
