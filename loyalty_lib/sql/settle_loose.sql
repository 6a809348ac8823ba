-- Rows without an order id that two files hold alike: of each such row, as often as it stands in each file.
SELECT
    rows.order_date,
    hash(
        rows.customer_id, coalesce(rows.paid, rows.amount), rows.code, rows.order_line,
        rows.product, rows.category, rows.channel, rows.country
    ) AS content,
    ages.file,
    ages.age,
    count(*) AS times
FROM settle_rows AS rows
INNER JOIN settle_ages AS ages ON rows.file = ages.file
WHERE rows.reason IS NULL AND rows.order_id IS NULL
    AND rows.order_date IN (
        SELECT order_date
        FROM settle_rows
        WHERE reason IS NULL AND order_id IS NULL
        GROUP BY order_date
        HAVING min(file) <> max(file)
    )
GROUP BY ALL
