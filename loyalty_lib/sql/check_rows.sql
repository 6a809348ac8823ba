-- One row a kind of mistake in read_rows: how many rows, the first three lines, the first value.
WITH mistakes AS (
    SELECT
        line,
        bad_date AS value,
        CASE WHEN bad_date = '' THEN 'no date' WHEN is_a_date THEN 'date out of range' ELSE 'not a date' END AS kind
    FROM read_rows
    WHERE bad_date IS NOT NULL AND NOT dropped
    UNION ALL
    SELECT line, bad_amount AS value, CASE WHEN bad_amount = '' THEN 'no amount' ELSE 'not an amount' END AS kind
    FROM read_rows
    WHERE bad_amount IS NOT NULL AND NOT dropped
)

SELECT kind, count(*) AS count, min(line, 3) AS lines, coalesce(arg_min(value, line), min(value)) AS value
FROM mistakes
GROUP BY kind
ORDER BY kind
