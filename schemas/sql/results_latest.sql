-- One row for each request: the newest of its deliveries and replays, the whole row before one that stood in for it.
SELECT * EXCEPT (stands_in, newest_first)
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY request_id ORDER BY finished_at DESC, stands_in, inserted_at DESC
    ) AS newest_first
  FROM (
    SELECT *, EXISTS(SELECT 1 FROM UNNEST(errors) AS problem WHERE problem.code = 'row_refused') AS stands_in
    FROM `$results`
  )
)
WHERE newest_first = 1
