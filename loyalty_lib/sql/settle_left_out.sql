-- The rows left out, by reason, by what they said, and by currency where that is not the client's.
SELECT
    reason,
    coalesce(detail, '') AS detail,
    CASE WHEN paid IS NULL THEN code END AS code,
    count(row_hash) AS rows,
    coalesce(sum(amount), 0)::DOUBLE AS amount
FROM settle_rows
WHERE reason IS NOT NULL
GROUP BY ALL
ORDER BY ALL
