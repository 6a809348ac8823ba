-- Rows that repeat another row of their file in every column: how many, beyond the first of each.
SELECT coalesce(sum(times - 1), 0)::BIGINT AS duplicates
FROM (
    SELECT count(*) AS times
    FROM settle_rows
    WHERE row_hash IS NOT NULL AND reason IS DISTINCT FROM 'summary row'
    GROUP BY file, row_hash
    HAVING count(*) > 1
)
