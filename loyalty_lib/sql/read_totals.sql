-- Lines of totals whose amount is neither that of all rows above them nor that of the rows since the last such line.
WITH running AS (
    SELECT
        record,
        line,
        amount,
        left_out IS NOT DISTINCT FROM 'summary row' AS summary,
        coalesce(sum(amount) FILTER (WHERE left_out IS DISTINCT FROM 'summary row') OVER (ORDER BY record), 0) AS above
    FROM read_rows
),

totals AS (
    SELECT record, line, amount, above, coalesce(lag(above) OVER (ORDER BY record), 0) AS above_last
    FROM running
    WHERE summary
)

SELECT line, CAST(amount AS VARCHAR) AS amount, CAST(above AS VARCHAR) AS above
FROM totals
WHERE amount IS NOT NULL AND abs(amount - above) > 0.005 AND abs(amount - (above - above_last)) > 0.005
ORDER BY record
LIMIT 1
