-- One row for each request: the newest of its deliveries and replays.
SELECT * EXCEPT (newest_first)
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY request_id ORDER BY finished_at DESC, inserted_at DESC) AS newest_first
  FROM `$results`
)
WHERE newest_first = 1
