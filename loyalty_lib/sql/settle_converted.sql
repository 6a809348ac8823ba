-- The rows that count in each currency other than the client's.
SELECT code, count(*) AS count, sum(coalesce(paid, amount))::DOUBLE AS amount
FROM settle_rows
WHERE reason IS NULL AND code IS NOT NULL
GROUP BY code
ORDER BY code
