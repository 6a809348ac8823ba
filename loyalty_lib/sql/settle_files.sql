-- The last day of each file.
SELECT file, max(order_date) AS last_day
FROM settle_rows
WHERE reason IS DISTINCT FROM 'summary row'
GROUP BY file
ORDER BY file
